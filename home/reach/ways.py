"""How the people of a patient are reached: by which addresses, whether those may be used, and in which language.

This is the rule; `home.reach.rows` asks the same of the database, for lists.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.carers import may_be_told
from home.models import CareRole, Relation
from notifications import gate
from notifications.channels import registry as channels
from notifications.preferences.opt_outs import stopped_at_providers
from notifications.rules.routing import strongest, ways_to
from notifications.selectors.people import Person, people
from notifications.types import Detail, Reason

_HINDERED = {
    Reason.UNVERIFIED: gettext_lazy("not confirmed yet"),
    Reason.NO_CONSENT: gettext_lazy("not agreed to"),
    Reason.NO_CONSENT_TREATMENT: gettext_lazy("not agreed to reminders of treatment"),
    Reason.BOUNCED: gettext_lazy("comes back"),
    Reason.COMPLAINED: gettext_lazy("marked as unwanted"),
    Reason.CHANNEL_OFF: gettext_lazy("turned off"),
    Reason.NOT_ON_WHATSAPP: gettext_lazy("this number is not on WhatsApp"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """An address of somebody who cares for a patient; or, with an empty `channel`, that they have none.

    `relation` is "self", "guardian" or "carer", `language` that of their messages, where it is on. `is_told`: the
    patient lets this carer be told; `hears_of_misses`: they chose to be told of missed doses. `is_confirmed`: the
    channel doesn't hold the address back as unconfirmed, whatever else keeps messages from it. `hindered` is why
    nothing about treatment goes there, None where it does; `alone`: it is the only way that works, so that what else
    would not come by it does. `stopped_at_provider`: it is off since the person told the provider itself to stop.
    """

    user_id: int
    name: str
    relation: str
    is_told: bool
    hears_of_misses: bool
    language: str
    detail: Detail
    channel: str = ""
    label: Any = ""
    address: str = ""
    is_confirmed: bool = False
    hindered: Reason | None = None
    alone: bool = False
    stopped_at_provider: bool = False

    @property
    def works(self) -> bool:
        return bool(self.channel) and self.hindered is None and self.is_told

    @property
    def is_self(self) -> bool:
        return self.relation == Relation.SELF

    @property
    def relation_label(self) -> str:
        return str(Relation(self.relation).label)

    @property
    def words(self) -> str:
        """In a few words whether it works, in the active language."""
        if not self.channel:
            return _("no address or number")
        if self.hindered is Reason.CHANNEL_OFF and self.stopped_at_provider:
            return _("stopped by them with the provider: only they can start it again")
        if self.hindered is not None:
            return str(_HINDERED[self.hindered])
        if not self.is_told:
            return _("the patient has not agreed that carers are told")
        return _("the only way, so reminders come by it") if self.alone else _("confirmed and agreed to")


def reached(patient_ids: Collection[int]) -> dict[int, list[Way]]:
    """The ways to everybody with an account in use who cares for each of these patients, themselves first; an empty
    list where there is nobody. A constant number of queries.
    """
    found: dict[int, list[Way]] = {id_: [] for id_ in patient_ids}
    told = ExpressionWrapper(may_be_told(), output_field=BooleanField())
    roles = CareRole.objects.filter(patient_id__in=found, user__is_active=True).annotate(is_told=told)
    rows = sorted(
        roles.select_related("user").order_by("id"), key=lambda role: role.relation != Relation.SELF
    )
    ways = _Ways({role.user_id for role in rows})
    for role in rows:
        name = role.user.get_full_name() or _("somebody without a name")
        found[role.patient_id] += ways.of(role, name)
    return found


def by_person(ways: Iterable[Way]) -> list[list[Way]]:
    """The ways to each person together, in their order."""
    people: dict[int, list[Way]] = {}
    for way in ways:
        people.setdefault(way.user_id, []).append(way)
    return list(people.values())


class _Ways:
    def __init__(self, user_ids: Collection[int]) -> None:
        self._people = people(user_ids)
        outside = channels.outside()
        self._addresses = {name: channel.addresses(user_ids) for name, channel in outside.items()}
        self._not_agreed = gate.barred(self._addresses)
        self._obstacles = {name: channel.obstacles(user_ids) for name, channel in outside.items()}
        self._stopped = stopped_at_providers(user_ids)

    def of(self, role: Any, name: str) -> list[Way]:
        """`role` is a care role that `is_told` or not."""
        user_id = role.user_id
        person = self._people[user_id]
        about: dict[str, Any] = {
            "user_id": user_id,
            "name": name,
            "relation": role.relation,
            "is_told": role.is_told,
            "hears_of_misses": role.alert_missed,
            "language": person.wanted or person.language,
            "detail": person.wishes.detail,
        }
        reachable = {channel: each[user_id] for channel, each in self._addresses.items() if user_id in each}
        hindered = {channel: self._hindered(user_id, person, channel) for channel in reachable}
        works = ways_to(reachable, {name: reason for name, reason in hindered.items() if reason}, ())
        return [
            Way(
                **about,
                channel=channel,
                label=channels.outside()[channel].label,
                address=channels.outside()[channel].address_words(address),
                is_confirmed=self._obstacles[channel].get(user_id) is not Reason.UNVERIFIED,
                hindered=hindered[channel],
                alone=works == {channel},
                stopped_at_provider=(user_id, channel) in self._stopped,
            )
            for channel, address in reachable.items()
        ] or [Way(**about)]

    def _hindered(self, user_id: int, person: Person, channel: str) -> Reason | None:
        if channel in person.wishes.muted:
            return Reason.CHANNEL_OFF
        obstacles: Mapping[int, Reason] = strongest(
            _only(self._not_agreed.get(channel, {}), user_id), _only(self._obstacles[channel], user_id)
        )
        return obstacles.get(user_id)


def _only(obstacles: Mapping[int, Reason], user_id: int) -> Mapping[int, Reason]:
    return {user_id: obstacles[user_id]} if user_id in obstacles else {}
