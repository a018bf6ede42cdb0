"""The app of people and places, and Wagtail's user administration fitted to our users."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig

from notifications.gate import register_gate
from notifications.timezones import register_usual_zones
from notifications.waiting_numbers import register_waiting_numbers


class HomeConfig(AppConfig):
    default = True
    name = "home"
    verbose_name = _("People and places")

    def ready(self) -> None:
        """Connect the receivers. They import models, which is possible only once the apps are ready."""
        import_module("home.receivers")
        import_module("home.search_keys")
        import_module("home.scope")
        import_module("home.sign_in.lockout")
        import_module("home.sign_in.receivers")
        import_module("home.sign_in.second_factor_keys")
        import_module("home.privacy.export_keys")
        import_module("home.contact_verification.receivers")
        import_module("home.privacy.receivers")
        register_gate(import_module("home.privacy.gate").ConsentGate())
        register_waiting_numbers(import_module("home.invitation.waiting_numbers").DeskNumbers())
        register_usual_zones(import_module("home.selectors").clinic_zones)
        import_module("home.record.own_history")
        autodiscover_modules("record_sections", "worklist_reasons", "dashboard_figures")
        groups = import_module("home.groups")
        post_migrate.connect(groups.give_permissions, dispatch_uid="home.groups")
        site = import_module("home.site_record")
        post_migrate.connect(site.follow_base_url, sender=self, dispatch_uid="home.site_record")


class StaffUsersConfig(WagtailUsersAppConfig):
    """Wagtail's own user administration, with people who have a phone number and no e-mail address."""

    user_viewset = "home.admin.users.UserViewSet"
