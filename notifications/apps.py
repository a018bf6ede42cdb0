from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Find what the domains declare, as Django finds their admin modules."""
        import_module("notifications.checks")
        autodiscover_modules("event_types", "audiences", "answers_outside", "tasks")
