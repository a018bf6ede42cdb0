"""The time zones of the world as a person looks for them: their own country first, then by city."""

from collections import defaultdict
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.timezones import timezone_names

NEAR = (
    "Africa/Johannesburg",
    "Africa/Windhoek",
    "Africa/Gaborone",
    "Africa/Maseru",
    "Africa/Mbabane",
    "Africa/Maputo",
    "Africa/Harare",
    "Africa/Lusaka",
    "Africa/Blantyre",
    "Africa/Luanda",
    "Africa/Nairobi",
    "Africa/Lagos",
    "Europe/London",
)
REGIONS = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("America"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic Ocean"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific Ocean"),
}


def choices(chosen: str = "") -> list[tuple[Any, Any]]:
    """For a select, in groups; `chosen` is added when it is in none of them, as old names of zones are.

    One that is no zone isn't offered again.
    """
    groups = [(_("Nearby"), [(name, _city(name)) for name in NEAR]), *_world()]
    if chosen in timezone_names() and not any(
        chosen == name for _group, zones in groups for name, _label in zones
    ):
        groups.insert(0, (_("Your choice"), [(chosen, chosen)]))
    return groups


@cache
def _world() -> list[tuple[Any, list[tuple[str, str]]]]:
    by_region = defaultdict(list)
    for name in timezone_names() - set(NEAR):
        region = name.partition("/")[0]
        if region in REGIONS:
            by_region[region].append((name, _city(name)))
    return [(label, sorted(by_region[name], key=lambda zone: zone[1])) for name, label in REGIONS.items()]


def _city(name: str) -> str:
    """The city first, because typing in a select finds what begins with it."""
    *places, city = name.replace("_", " ").split("/")[1:]
    return f"{city} ({', '.join(places)})" if places else city
