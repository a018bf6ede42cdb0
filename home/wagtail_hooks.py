"""Registers this app's pages in the admin."""

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from home.admin import side_bar
from home.admin.access_log import AccessLogViewSet
from home.admin.clinics import ClinicViewSet, StaffRoleViewSet
from home.admin.consents import ConsentViewSet
from home.admin.deleting import refuse_deleting_people, refuse_deleting_people_in_bulk
from home.admin.erasures import ErasureViewSet
from home.admin.help import HelpView
from home.admin.invitations import InvitationViewSet
from home.admin.language import choose_language
from home.admin.patient_chooser import PatientChooserViewSet
from home.admin.patients import PatientViewSet
from home.admin.today import ClinicsPanel, TodayPanel
from home.admin.users import deactivated_in_bulk
from notifications.admin.menu import ORDER, SETTINGS, PlaceGroup


class ClinicGroup(PlaceGroup):
    menu_label = _("Patients")
    menu_name = "patients"
    menu_icon = "group"
    menu_order = ORDER["patients"]
    submenu_hook = "register_patients_menu_item"
    items = (
        PatientViewSet("patients"),
        InvitationViewSet("invitations"),
        ConsentViewSet("consents"),
        ErasureViewSet("erasures"),
        StaffRoleViewSet("staff"),
        ClinicViewSet("clinics"),
    )


@hooks.register("register_admin_viewset")
def clinic_group() -> ClinicGroup:
    return ClinicGroup()


@hooks.register("register_admin_viewset")
def access_log() -> AccessLogViewSet:
    return AccessLogViewSet()


@hooks.register("register_admin_viewset")
def patient_chooser() -> PatientChooserViewSet:
    return PatientChooserViewSet("patient_chooser")


hooks.register("before_delete_user", refuse_deleting_people)
hooks.register("before_bulk_action", refuse_deleting_people_in_bulk)
hooks.register("after_bulk_action", deactivated_in_bulk)


def _as_it_is(item: MenuItem) -> MenuItem:
    return item


hooks.register("register_admin_menu_item", side_bar.today_item)
hooks.register("register_admin_menu_item", side_bar.help_item)
hooks.register("register_admin_menu_item", side_bar.language_item)
hooks.register(SETTINGS, side_bar.account_item)
for _item in side_bar.site_items():
    hooks.register(SETTINGS, partial(_as_it_is, _item))
hooks.register("construct_main_menu", side_bar.arrange_main)
hooks.register("construct_settings_menu", side_bar.arrange_inside)
hooks.register("construct_reports_menu", side_bar.arrange_inside)


@hooks.register("register_admin_urls")
def pages_of_the_frame() -> list[URLPattern]:
    return [
        path("help/", HelpView.as_view(), name="staff_help"),
        path("language/<slug:language>/", choose_language, name="staff_language"),
    ]


@hooks.register("construct_homepage_panels", order=-10)
def todays_panels(request: HttpRequest, panels: list[Any]) -> None:
    """Instead of Wagtail's own, which are of pages and their editors."""
    panels[:] = [TodayPanel(), ClinicsPanel()]


@hooks.register("register_icons")
def icons(icons: list[str]) -> list[str]:
    return [*icons, "home/icons/pill.svg", "home/icons/chart.svg"]


@hooks.register("insert_global_admin_css", order=-10)
def looks_like_medguard() -> SafeString:
    sheets = [(static(f"css/{name}.css"),) for name in ("tokens", "desk")]
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', sheets)
