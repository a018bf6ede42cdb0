"""The app of people and places, and those of Wagtail's that start without what nobody here uses.

Wagtail builds its REST interface (v3) at each start, whether an address leads to it or not. With pydantic, and with all
pages of the admin, it takes a third of the time of any command. The rest of Wagtail's own `ready` is done here as it is
done there; tests/home/test_apps.py compares them.
"""

from importlib import import_module

from django.apps import AppConfig
from django.db.models import ForeignKey
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _
from wagtail.documents.apps import WagtailDocsAppConfig
from wagtail.images.apps import WagtailImagesAppConfig
from wagtail.snippets.apps import WagtailSnippetsAppConfig
from wagtail.users.apps import WagtailUsersAppConfig

from notifications.free_text import register_listener
from notifications.gate import register_gate
from notifications.timezones import register_scope_zones, register_usual_zones
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
        import_module("home.budgets")
        import_module("home.clinic_languages")
        import_module("home.sign_in.lockout")
        import_module("home.sign_in.receivers")
        import_module("home.sign_in.second_factor_keys")
        import_module("home.privacy.export_keys")
        import_module("home.contact_verification.receivers")
        import_module("home.privacy.receivers")
        import_module("home.staff.receivers")
        register_gate(import_module("home.privacy.gate").ConsentGate())
        register_waiting_numbers(import_module("home.invitation.waiting_numbers").DeskNumbers())
        register_listener(import_module("home.conversations.listening").heard)
        register_usual_zones(import_module("home.selectors").clinic_zones)
        register_scope_zones(import_module("home.selectors").zones_of_clinics)
        import_module("home.record.own_history")
        autodiscover_modules("worklist_reasons", "dashboard_figures")
        groups = import_module("home.groups")
        post_migrate.connect(groups.migrated, dispatch_uid="home.groups")
        site = import_module("home.site_record")
        post_migrate.connect(site.follow_base_url, sender=self, dispatch_uid="home.site_record")


class StaffUsersConfig(WagtailUsersAppConfig):
    """Wagtail's own user administration, with people who have a phone number and no e-mail address."""

    user_viewset = "home.admin.users.UserViewSet"


class SnippetsConfig(WagtailSnippetsAppConfig):
    def ready(self) -> None:
        from wagtail.snippets.models import create_extra_permissions, register_deferred_snippets

        register_deferred_snippets()
        post_migrate.connect(create_extra_permissions, sender=self)


class ImagesConfig(WagtailImagesAppConfig):
    def ready(self) -> None:
        from wagtail.admin.compare import register_comparison_class
        from wagtail.admin.forms.models import register_form_field_override
        from wagtail.admin.ui.fields import register_display_class
        from wagtail.images import get_image_model, get_permission_policy
        from wagtail.images.components import ImageDisplay
        from wagtail.images.edit_handlers import ImageFieldComparison
        from wagtail.images.signal_handlers import register_signal_handlers
        from wagtail.images.widgets import AdminImageChooser
        from wagtail.models.reference_index import ReferenceIndex
        from wagtail.permissions import register_permission_policy

        Image = get_image_model()
        register_permission_policy(Image, get_permission_policy())
        register_signal_handlers()
        register_form_field_override(ForeignKey, to=Image, override={"widget": AdminImageChooser})
        register_comparison_class(ForeignKey, to=Image, comparison_class=ImageFieldComparison)
        register_display_class(ForeignKey, to=Image, display_class=ImageDisplay)
        ReferenceIndex.register_model(Image)


class DocumentsConfig(WagtailDocsAppConfig):
    def ready(self) -> None:
        from wagtail.admin.ui.fields import register_display_class
        from wagtail.documents import get_document_model, get_permission_policy
        from wagtail.documents.components import DocumentDisplay
        from wagtail.documents.signal_handlers import register_signal_handlers
        from wagtail.models.reference_index import ReferenceIndex
        from wagtail.permissions import register_permission_policy

        Document = get_document_model()
        register_permission_policy(Document, get_permission_policy())
        register_signal_handlers()
        register_display_class(ForeignKey, to=Document, display_class=DocumentDisplay)
        ReferenceIndex.register_model(Document)
