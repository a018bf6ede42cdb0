"""The admin pages of districts and of who follows their figures, for head office."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList

from home.admin.person_field import PersonField
from home.admin.person_fields import NameField
from home.admin.scope import RowDeleteView
from home.models import Region, RegionRole
from notifications.admin.export import ExportingViewSet


class RegionForm(WagtailAdminModelForm):
    name = NameField(label=_("Name"), max_length=120)


class RegionViewSet(ExportingViewSet):
    """Which clinics belong to a district is said at each clinic."""

    model = Region
    add_words = _("Add a district")
    icon = "globe"
    menu_order = 40
    add_to_settings_menu = True
    copy_view_enabled = False
    inspect_view_enabled = False
    delete_view_class = RowDeleteView
    list_display = ["name"]
    search_fields = ["name"]
    search_backend_name = None
    edit_handler = ObjectList([FieldPanel("name")], base_form_class=RegionForm)


class RegionRoleForm(WagtailAdminModelForm):
    user = PersonField()


class RegionRoleViewSet(ExportingViewSet):
    model = RegionRole
    add_words = _("Let somebody follow a district")
    icon = "user"
    menu_order = 50
    add_to_settings_menu = True
    copy_view_enabled = False
    inspect_view_enabled = False
    delete_view_class = RowDeleteView
    list_display = ["user", "region"]
    search_fields = ["user__first_name", "user__last_name"]
    search_backend_name = None
    edit_handler = ObjectList([FieldPanel("user"), FieldPanel("region")], base_form_class=RegionRoleForm)
