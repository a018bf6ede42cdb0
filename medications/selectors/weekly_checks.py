"""Reads about the weekly question: who is asked, and who needs a call because of it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from home.models import Clinic, Patient, is_here
from home.selectors import patients_here
from home.worklist.reasons import Finding
from medications.models import Dose, WeeklyCheck
from medications.rules.weekly_question import SILENT_AFTER
from notifications import registry
from notifications.preferences.only_way import stood_in_for
from notifications.timezones import known_zone

TYPE = "medication.weekly_check"
_WEEK = timedelta(days=7)


def weekly_clinics() -> set[int]:
    """The clinics that ask once a week instead of sending an SMS for each dose. None where nobody can answer by SMS.

    One query at most.
    """
    if not settings.SMS_REPLIES:
        return set()
    return set(Clinic.objects.filter(dose_sms=Clinic.DoseSms.WEEKLY).values_list("pk", flat=True))


def with_weekly_question(*, now: datetime) -> QuerySet[Patient]:
    """The patients of those clinics who had a dose to be reminded of in the last week."""
    doses = Dose.objects.filter(
        patient_id=OuterRef("pk"),
        due_at__gt=now - _WEEK,
        due_at__lte=now,
        prescription__ended_at__isnull=True,
        prescription__reminders_enabled=True,
    )
    living = patients_here(weekly_clinics())
    return living.filter(Exists(doses)).select_related("clinic")


def asked_by_sms(user_ids: Collection[int], *, now: datetime) -> set[int]:
    """Those of these people who get reminders of doses by SMS because nothing else reaches them."""
    return stood_in_for(registry.get(TYPE), "sms", user_ids, now=now)


def needs_call(clinic_ids: Collection[int], now: datetime) -> Iterator[Finding]:
    """Whoever asked for a call, or didn't answer, in the last week; the latest question counts. One query."""
    silent = Q(answer="", asked_at__lte=now - SILENT_AFTER)
    later = WeeklyCheck.objects.filter(patient_id=OuterRef("patient_id"), asked_at__gt=OuterRef("asked_at"))
    rows = WeeklyCheck.objects.filter(
        silent | Q(answer=WeeklyCheck.Answer.CALL),
        ~Exists(later),
        is_here("patient"),
        patient__clinic_id__in=clinic_ids,
        asked_at__gt=now - _WEEK,
    )
    columns = ("patient_id", "answer", "asked_at", "answered_at", "patient__clinic__timezone")
    for patient_id, answer, asked_at, answered_at, zone in rows.values_list(*columns):
        since = (answered_at or asked_at).astimezone(ZoneInfo(known_zone(zone))).date()
        yield Finding(patient_id, since, {"answer": answer})


def call_words(facts: Mapping[str, Any]) -> str:
    """Why, in a few words."""
    if facts["answer"] == WeeklyCheck.Answer.CALL:
        return _("Asks to be called")
    return _("No answer to the weekly question")
