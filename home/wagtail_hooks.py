"""Registers this app's pages in the admin."""

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.module_loading import autodiscover_modules
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import ModelLogEntry

from home.admin import side_bar
from home.admin.access_log import AccessLogViewSet
from home.admin.clinics import ClinicViewSet
from home.admin.consents import ConsentViewSet
from home.admin.conversations import ConversationViewSet
from home.admin.danger_words import DangerWordsView
from home.admin.deleting import refuse_deleting_people, refuse_deleting_people_in_bulk
from home.admin.erasures import ErasureViewSet
from home.admin.first_steps import FirstStepsPanel, FirstStepsView
from home.admin.help import HelpView, RuleView
from home.admin.imports import ImportViewSet
from home.admin.invitations import InvitationViewSet
from home.admin.language import choose_language
from home.admin.languages import LanguagesView, languages_item
from home.admin.manager import ManagerView, MonthCsvView, MonthFhirView, manager_item
from home.admin.menus import put_together_once
from home.admin.patient_chooser import PatientChooserViewSet
from home.admin.patients import PatientViewSet
from home.admin.regions import RegionRoleViewSet, RegionViewSet
from home.admin.staff import StaffRoleViewSet
from home.admin.staff_invitations import StaffInvitationViewSet
from home.admin.today import ClinicsPanel, TodayPanel
from home.admin.transfers import TransferViewSet
from home.admin.users import deactivated_in_bulk
from home.admin.wishes import WishesView
from home.admin.worklist import VIEW, WorklistPanel, WorklistViewSet
from home.clinic_languages import ACTION as LANGUAGE_SWITCHED
from home.privacy.pages import register_page
from home.record.log_entries import DEPARTURE, TRANSFER, words_of
from home.record.wishes import ACTION, entry_words
from home.staff.invitations import SENT_AGAIN, WITHDRAWN
from notifications.admin.menu import ORDER, SETTINGS, PlaceGroup
from notifications.languages.listed import label as language_label

register_page("worklist", _("the list of whom to call"))
register_page("conversations", _("what was written to the clinic"))
put_together_once()
# Only staff's pages show these, so they are found with them.
autodiscover_modules("record_sections", "month_figures")


class HeadOfficeMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)


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
        TransferViewSet("transfers"),
        ImportViewSet("imports"),
        StaffRoleViewSet("staff"),
        ClinicViewSet("clinics"),
    )


@hooks.register("register_admin_viewset")
def clinic_group() -> ClinicGroup:
    return ClinicGroup()


@hooks.register("register_admin_viewset")
def staff_invitations() -> StaffInvitationViewSet:
    return StaffInvitationViewSet("staff_invitations")


@hooks.register("register_admin_viewset")
def districts() -> list[Any]:
    return [RegionViewSet("districts"), RegionRoleViewSet("district_managers")]


@hooks.register("register_admin_viewset")
def access_log() -> AccessLogViewSet:
    return AccessLogViewSet()


@hooks.register("register_admin_viewset")
def conversations() -> ConversationViewSet:
    return ConversationViewSet()


@hooks.register("register_admin_viewset")
def patient_chooser() -> PatientChooserViewSet:
    return PatientChooserViewSet("patient_chooser")


@hooks.register("register_log_actions")
def patient_log_actions(actions: LogActionRegistry) -> None:
    """What is logged of patients beside Wagtail's own actions."""

    class InWords(LogFormatter):
        def format_message(self, log_entry: ModelLogEntry) -> str:
            return words_of(log_entry)

    for action, label in ((DEPARTURE, _("Died, left or is back")), (TRANSFER, _("Transfer"))):
        formatter = type("Formatter", (InWords,), {"label": label})
        actions.register_action(action)(formatter)


@hooks.register("register_admin_viewset")
def worklist() -> WorklistViewSet:
    return WorklistViewSet()


@hooks.register("construct_homepage_panels")
def who_needs_a_call(request: HttpRequest, panels: list[Any]) -> None:
    """The first on the list of whom to call, for staff who may see it."""
    if request.user.has_perm(VIEW):
        panels.append(WorklistPanel())


@hooks.register("register_admin_urls")
def pages_of_patients() -> list[URLPattern]:
    return [path("patients/<int:patient_id>/wishes/", WishesView.as_view(), name="patient_wishes")]


@hooks.register("register_admin_urls")
def pages_of_head_office() -> list[URLPattern]:
    return [
        path("first-steps/", FirstStepsView.as_view(), name="first_steps"),
        path("danger-words/", DangerWordsView.as_view(), name="danger_words"),
    ]


@hooks.register("register_admin_urls")
def pages_of_managers() -> list[URLPattern]:
    return [
        path("languages/", LanguagesView.as_view(), name="clinic_languages"),
        path("manager/", ManagerView.as_view(), name="manager"),
        path("manager/month.csv", MonthCsvView.as_view(), name="manager_csv"),
        path("manager/month.json", MonthFhirView.as_view(), name="manager_fhir"),
    ]


@hooks.register("construct_homepage_panels")
def first_steps_panel(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(FirstStepsPanel())


@hooks.register("register_settings_menu_item")
def first_steps_item() -> MenuItem:
    return HeadOfficeMenuItem(_("First steps"), reverse("first_steps"), icon_name="list-ul", order=10)


@hooks.register("register_settings_menu_item")
def danger_words_item() -> MenuItem:
    return HeadOfficeMenuItem(
        _("Words that mean danger"), reverse("danger_words"), icon_name="warning", order=60
    )


hooks.register("register_settings_menu_item", languages_item)


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    """The actions in the history of a patient beside Wagtail's own."""

    @actions.register_action(ACTION)
    class WishesFormatter(LogFormatter):
        label = _("How they are reached")

        def format_message(self, log_entry: Any) -> str:
            return entry_words(log_entry.data)

    for action, said in (
        (SENT_AGAIN, _("Invitation sent again")),
        (WITHDRAWN, _("Invitation withdrawn")),
    ):
        actions.register_action(action, said, said)

    @actions.register_action(LANGUAGE_SWITCHED)
    class LanguageFormatter(LogFormatter):
        label = _("Languages of messages")

        def format_message(self, log_entry: Any) -> str:
            said = (
                _("%(language)s switched on") if log_entry.data["is_on"] else _("%(language)s switched off")
            )
            return str(said) % {"language": language_label(log_entry.data["language"])}


hooks.register("before_delete_user", refuse_deleting_people)
hooks.register("before_bulk_action", refuse_deleting_people_in_bulk)
hooks.register("after_bulk_action", deactivated_in_bulk)


def _as_it_is(item: MenuItem) -> MenuItem:
    return item


hooks.register("register_admin_menu_item", side_bar.today_item)
hooks.register("register_admin_menu_item", manager_item)
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
        path("help/<slug:rule>/", RuleView.as_view(), name="staff_rule"),
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
