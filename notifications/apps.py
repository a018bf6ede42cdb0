from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Find what the domains declare, as Django finds their admin modules."""
        import_module("notifications.checks")
        import_module("notifications.admin.date_fields").register_date_fields()
        import_module("notifications.preferences.opt_outs")
        for module in ("channels.email.preview", "channels.sms.preview", "channels.voice.outcome"):
            import_module(f"notifications.{module}")
        import_module("notifications.rules.keywords").teach(
            import_module("notifications.languages.files").words()
        )
        make_workflow = import_module("notifications.announcements.workflow").workflow_make
        post_migrate.connect(make_workflow, dispatch_uid="notifications.announcements.workflow")
        autodiscover_modules(
            "event_types",
            "audiences",
            "recurrence",
            "quick_replies",
            "periodic_tasks",
            "personal_data",
            "tasks",
        )
