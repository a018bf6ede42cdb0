"""The list of patients: found by part of a name or by a number, filtered, with how each is reached."""

from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Case, CharField, OuterRef, Q, QuerySet, Value, When
from django.forms import RadioSelect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import IndexView

from home.admin.birth_dates import born
from home.admin.filters import there_is
from home.ages import age_words
from home.models import CareRole, Clinic, Patient, Sex, is_here
from home.patient_search import said_of_patient
from home.reach.rows import confirmed, reached
from home.selectors import clinics_of_staff

ADULT = 18
SMS, OTHERWISE, UNCONFIRMED, NONE = "sms", "otherwise", "unconfirmed", "none"
REACHED = {
    SMS: _("SMS"),
    OTHERWISE: _("e-mail or notifications, no SMS"),
    UNCONFIRMED: _("number not confirmed"),
    NONE: _("no messages"),
}
MOVED, LOST, DIED, EVERYBODY = "moved", "lost", "died", "all"


def with_reached(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Each with `reached`: by what messages come to the patient or to whoever cares for them; where none do, whether
    a number only has to be confirmed.
    """
    people = CareRole.objects.filter(patient=OuterRef("pk"))
    in_use = people.filter(user__is_active=True)
    has_number = Q(phone__isnull=False) | there_is(in_use.filter(user__phone__isnull=False))
    found: QuerySet[Patient] = patients.annotate(
        reached=Case(
            When(there_is(reached(people, "sms")), then=Value(SMS)),
            When(there_is(reached(people)), then=Value(OTHERWISE)),
            When(has_number & ~there_is(in_use.filter(confirmed("sms"))), then=Value(UNCONFIRMED)),
            default=Value(NONE),
            output_field=CharField(),
        )
    )
    return found


class PatientFilterSet(WagtailFilterSet):
    """Who died, moved away or was lost is shown where they are asked for, or searched for."""

    clinic = django_filters.ModelChoiceFilter(
        label=_("Clinic"), queryset=lambda request: clinics_of_staff(request.user), empty_label=_("all")
    )
    reached = django_filters.ChoiceFilter(
        label=_("Reached by"), choices=list(REACHED.items()), empty_label=_("all"), widget=RadioSelect
    )
    ages = django_filters.ChoiceFilter(
        label=_("Age"),
        method="of_age",
        choices=[("child", _("children under 18")), ("adult", _("adults"))],
        empty_label=_("all"),
        widget=RadioSelect,
    )
    sex = django_filters.ChoiceFilter(
        label=_("Sex"), choices=Sex.choices, empty_label=_("all"), widget=RadioSelect
    )
    here = django_filters.ChoiceFilter(
        label=_("Who is here"),
        method="who_is_here",
        choices=[
            (MOVED, _("moved away")),
            (LOST, _("lost to follow-up")),
            (DIED, _("deceased")),
            (EVERYBODY, _("everybody")),
        ],
        empty_label=_("patients of today"),
        widget=RadioSelect,
    )

    class Meta:
        model = Patient
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if clinics_of_staff(self.request.user)[:2].count() < 2:
            del self.filters["clinic"]

    def filter_queryset(self, queryset: QuerySet[Patient]) -> QuerySet[Patient]:
        found: QuerySet[Patient] = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("here") or self.request.GET.get("q", "").strip():
            return found
        return found.filter(is_here())

    def of_age(self, rows: QuerySet[Patient], name: str, value: str) -> QuerySet[Patient]:
        today = timezone.localdate()
        grown = _years_before(today, ADULT)
        return (
            rows.filter(date_of_birth__gt=grown)
            if value == "child"
            else rows.filter(date_of_birth__lte=grown)
        )

    def who_is_here(self, rows: QuerySet[Patient], name: str, value: str) -> QuerySet[Patient]:
        if value == DIED:
            return rows.filter(deceased_on__isnull=False)
        if value in (MOVED, LOST):
            return rows.filter(left_why=value, deceased_on__isnull=True)
        return rows


class PatientIndexView(IndexView):
    """`visible_to` and `list_select_related` are the view set's."""

    page_title = _("Patients")
    filterset_class = PatientFilterSet

    def search_queryset(self, queryset: QuerySet[Patient]) -> QuerySet[Patient]:
        """By nothing else: a number is then looked up by its index alone."""
        return queryset.filter(said_of_patient(self.search_query)) if self.is_searching else queryset

    @cached_property
    def header_buttons(self) -> list[Any]:
        """None: registering and the search are at the top of each page."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        # What is searched for stays while the list is filtered.
        context["search_form"].fields["q"].widget = forms.HiddenInput()
        return context

    @cached_property
    def columns(self) -> list[Column]:
        today = timezone.localdate()
        name = self._get_title_column_class(TitleColumn)(
            "name",
            label=_("Name"),
            accessor=_name,
            sort_key="last_name",
            get_url=lambda patient: reverse("patients:record", args=[patient.pk]),
        )
        columns = [
            name,
            Column(
                "born", label=_("Born"), accessor=lambda each: _born(each, today), sort_key="date_of_birth"
            ),
            Column("folder", label=_("Folder number"), accessor=lambda each: each.folder_number or "–"),
            Column("phone", label=_("Phone number"), accessor=_phone),
            Column("reached", label=_("Reached by"), accessor=lambda each: REACHED[each.reached]),
        ]
        if Clinic.objects.filter(pk__in=clinics_of_staff(self.request.user))[:2].count() > 1:
            columns.insert(
                4, Column("clinic", label=_("Clinic"), accessor="clinic.name", sort_key="clinic__name")
            )
        return columns


def _name(patient: Patient) -> str:
    why = _("deceased") if patient.deceased_on else patient.get_left_why_display() if patient.left_on else ""
    return f"{patient} ({why})" if why else str(patient)


def _born(patient: Patient, today: date) -> str:
    if not patient.date_of_birth:
        return "–"
    age = age_words(patient.date_of_birth, patient.deceased_on or today)
    if patient.born_about:
        return str(_("about %(age)s") % {"age": age})
    return f"{born(patient)}, {age}" if age else born(patient)


def _phone(patient: Patient) -> str:
    number = patient.phone
    return number.as_national if number and number.is_valid() else "–"


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
