from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

_NURSES_TOO = (
    *(
        f"{action}_{model}"
        for action in ("view", "add", "change")
        for model in ("eventseries", "clinicevent")
    ),
    "delete_eventseries",  # one without events, made by mistake: any other is protected
    "view_attendance",
    "change_attendance",
)


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Clinic events")

    def ready(self) -> None:
        """Models can't be imported before the apps are ready, so by name."""
        groups = import_module("home.groups")
        groups.permit(*(f"events.{codename}" for codename in _NURSES_TOO))
