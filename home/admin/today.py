"""The clinic's page: a greeting, the figures of the day, and for who has several clinics what they are like."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import pgettext
from wagtail.admin.ui.components import Component

from home.dashboard.figures import shown_figures
from home.models import Clinic, Patient, StaffRole, is_here
from home.selectors import clinics_of_staff

MORNING, AFTERNOON, EVENING = 4, 12, 17
"""From which hour on one says so."""
MOST_CLINICS = 50


class TodayPanel(Component):
    """First on the page. The greeting goes by the clock of the clinic; of somebody with several, by their own."""

    name = "today"
    template_name = "home/admin/today.html"
    order = 10

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user, now = parent_context["request"].user, timezone.now()
        clinics = list(clinics_of_staff(user).order_by("name"))
        zone = ZoneInfo(clinics[0].zone) if len(clinics) == 1 else timezone.get_current_timezone()
        local = now.astimezone(zone)
        return {
            "greeting": greeting(local.hour),
            "first_name": user.first_name,
            "today": local.date(),
            "clinic": clinics[0] if len(clinics) == 1 else None,
            "figures": shown_figures(clinics, user, now),
        }


def greeting(hour: int) -> str:
    if MORNING <= hour < AFTERNOON:
        return pgettext("greeting", "Good morning")
    if AFTERNOON <= hour < EVENING:
        return pgettext("greeting", "Good afternoon")
    return pgettext("greeting", "Good evening")


class ClinicsPanel(Component):
    """For who has several clinics: how many patients and staff each has. Three queries."""

    name = "clinics"
    template_name = "home/admin/today_clinics.html"
    order = 400

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        clinics = clinics_of_staff(parent_context["request"].user).order_by("name", "pk")
        found = list(clinics[: MOST_CLINICS + 1])
        return {
            "clinics": _counted(found[:MOST_CLINICS]) if len(found) > 1 else [],
            "more": len(found) > MOST_CLINICS,
        }


def _counted(clinics: list[Clinic]) -> list[dict[str, Any]]:
    here = Patient.objects.filter(is_here(), clinic__in=clinics).order_by()
    patients = dict(here.values_list("clinic_id").annotate(Count("pk")))
    roles = StaffRole.objects.filter(clinic__in=clinics, user__is_active=True).order_by()
    staff = dict(roles.values_list("clinic_id").annotate(Count("user_id", distinct=True)))
    return [
        {"clinic": each, "patients": patients.get(each.pk, 0), "staff": staff.get(each.pk, 0)}
        for each in clinics
    ]
