from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

_NURSES_TOO = (
    *(
        f"{action}_{model}"
        for action in ("view", "add", "change")
        for model in ("eventseries", "clinicevent")
    ),
    "delete_eventseries",  # only one without events: the others are protected
    "view_seriesdate",
    "view_attendance",
    "change_attendance",
    "view_visit",
    "add_visit",
    "change_visit",
)

_MANAGERS = ("view_programme", "add_programme", "change_programme")


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Clinic events")

    def ready(self) -> None:
        """Imported by name, since models can't be imported before the apps are ready."""
        import_module("events.next_dates")
        import_module("events.receivers")
        import_module("events.visits.history")
        groups = import_module("home.groups")
        groups.permit(*(f"events.{codename}" for codename in _NURSES_TOO))
        groups.permit(*(f"events.{codename}" for codename in _MANAGERS), groups=(groups.MANAGERS,))
