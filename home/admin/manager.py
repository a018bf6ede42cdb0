"""The manager's page: a month of a clinic, a district or all of them in figures, beside another where one is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from home.admin.manager_files import month_csv, month_fhir
from home.dashboard.columns import HEIGHT, WIDTH, columns
from home.dashboard.month import (
    Line,
    Month,
    MonthFigure,
    MonthShown,
    Part,
    month_figures,
    month_of_clinics,
)
from home.dashboard.small_cells import without_small_cells
from home.models import Clinic, User
from home.selectors import clinics_followed_by, clinics_of_staff
from notifications.admin.menu import ORDER
from notifications.texts.formats import number, rand

PERMISSION = "home.view_cliniccount"
MONTHS = 13
"""To choose from: the same month of a year ago is among them."""
PARTS = {
    Part.CARE: gettext_lazy("Patients and their care"),
    Part.REMINDING: gettext_lazy("What reminding changes"),
    Part.STOCK: gettext_lazy("The shelf"),
    Part.MESSAGES: gettext_lazy("Messages"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose figures are shown: a clinic, a district, or all clinics. `key` names it in an address, empty for all."""

    key: str
    name: str
    clinic_ids: frozenset[int]

    @property
    def is_many(self) -> bool:
        return len(self.clinic_ids) > 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure of one place as the template draws it."""

    place: Place
    lines: Sequence[dict[str, Any]]
    days: dict[str, Any] | None
    note: str


class ManagerPage:
    """What the page and its files share: who may see which places, and which of them, and which month, is asked for."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.staff = cast(User, request.user)
        if not (self.staff.has_perm(PERMISSION) and self.clinics):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer

    @cached_property
    def clinics(self) -> list[Clinic]:
        return list(clinics_followed_by(self.staff).select_related("region").order_by("name"))

    @cached_property
    def places(self) -> dict[str, Place]:
        """All clinics, or the only one; the districts; and each clinic."""
        own = [Place(str(each.pk), each.name, frozenset([each.pk])) for each in self.clinics]
        every = Place("", _("All clinics"), frozenset(each.pk for each in self.clinics))
        if len(own) == 1:
            every = replace(own[0], key="")
        regions: dict[str, Place] = {}
        for clinic in self.clinics:
            if clinic.region:
                key = f"r{clinic.region.pk}"
                before = regions.get(key, Place(key, clinic.region.name, frozenset()))
                regions[key] = replace(before, clinic_ids=before.clinic_ids | {clinic.pk})
        in_order = sorted(regions.values(), key=lambda region: region.name)
        return {place.key: place for place in (every, *in_order, *own)}

    @cached_property
    def place(self) -> Place:
        return self._asked("place")

    @cached_property
    def beside(self) -> Place | None:
        """What it is compared with; None for nothing else."""
        other = self._asked("with") if self.request.GET.get("with") else self.place
        return None if other == self.place else other

    def _asked(self, name: str) -> Place:
        try:
            return self.places[self.request.GET.get(name, "")]
        except KeyError:
            raise Http404 from None

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def today(self) -> date:
        """The latest that it is at any of the clinics."""
        return max(self.now.astimezone(ZoneInfo(each.zone)).date() for each in self.clinics)

    @cached_property
    def months(self) -> list[date]:
        """The first days of the months to choose from, the newest first."""
        found = [self.today.replace(day=1)]
        while len(found) < MONTHS:
            found.append(_month_before(found[-1]))
        return found

    @cached_property
    def first(self) -> date:
        """The first day of the month that is asked for, or of the one that is running."""
        asked = self.request.GET.get("month", "")
        if not asked:
            return self.months[0]
        found = next((each for each in self.months if f"{each:%Y-%m}" == asked), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def month(self) -> Month:
        """Of all places that are shown. Two queries."""
        ids = self.place.clinic_ids | (self.beside.clinic_ids if self.beside else frozenset())
        return month_of_clinics(ids, self.first, today=self.today)

    def shown(self, figure: MonthFigure, place: Place) -> MonthShown | None:
        return figure.show(self.month.of(place.clinic_ids))

    def of_many(self, figure: MonthFigure, place: Place) -> list[Line]:
        """The lines of a figure without those that say something of few people; empty where there are none."""
        found = self.shown(figure, place)
        if found is None:
            return []
        each = [self.shown(figure, clinic) for clinic in self.clinics_of(place)] if place.is_many else []
        return without_small_cells(found.lines, [shown.lines for shown in each if shown])

    def clinics_of(self, place: Place) -> list[Place]:
        """Its clinics, by themselves."""
        return [
            Place(str(clinic.pk), clinic.name, frozenset([clinic.pk]))
            for clinic in self.clinics
            if clinic.pk in place.clinic_ids
        ]

    @cached_property
    def sees_patients(self) -> bool:
        """Whether this person sees the patients of all these clinics, so that no number says too much. One query."""
        seen = set(
            clinics_of_staff(self.staff).filter(pk__in=self.month.clinic_ids).values_list("pk", flat=True)
        )
        return self.month.clinic_ids <= seen


class ManagerView(ManagerPage, WagtailAdminTemplateMixin, TemplateView):
    """For managers their own clinics, for district managers those of their districts, for head office all."""

    page_title = gettext_lazy("Figures of the month")
    header_icon = "chart"
    http_method_names = ["get", "head"]
    template_name = "home/admin/manager.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": str(self.page_title)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        places = [self.place, *([self.beside] if self.beside else [])]
        parts: dict[Part, list[dict[str, Any]]] = {}
        for figure in month_figures():
            shown = [(place, self.shown(figure, place)) for place in places]
            if any(found for _place, found in shown):
                parts.setdefault(figure.part, []).append(
                    {"figure": figure, "shown": [self._drawn(figure, *each) for each in shown]}
                )
        return super().get_context_data(
            parts=[(PARTS[part], figures) for part, figures in parts.items()],
            places=list(self.places.values()) if len(self.clinics) > 1 else [],
            place=self.place,
            beside=self.beside,
            months=[(f"{each:%Y-%m}", month_words(each)) for each in self.months],
            month=self.month,
            sees_patients=self.sees_patients,
            month_key=f"{self.first:%Y-%m}",
            month_words=month_words(self.first),
            by_clinic=self._by_clinic() if self.place.is_many and not self.beside else None,
            files=[
                (_("Download as CSV"), self._file("manager_csv")),
                (_("Download as FHIR (JSON)"), self._file("manager_fhir")),
            ],
            width=WIDTH,
            height=HEIGHT,
            **kwargs,
        )

    def _drawn(self, figure: MonthFigure, place: Place, found: MonthShown | None) -> Shown:
        if found is None:
            return Shown(place, [], None, "")
        lines = found.lines if self.sees_patients else self.of_many(figure, place)
        days = None
        if found.by_day:
            days = {
                "heading": found.by_day.heading,
                "done": found.by_day.done,
                "other": found.by_day.other,
                "days": list(zip(found.by_day.days, columns(found.by_day.days), strict=True)),
                "first": found.by_day.days[0].day,
                "last": found.by_day.days[-1].day,
            }
        return Shown(place, [_in_words(each) for each in lines], days, found.note)

    def _by_clinic(self) -> dict[str, Any]:
        """The first line of each figure that has a share or costs, for each clinic of the place."""
        together = [(figure, self.shown(figure, self.place)) for figure in month_figures()]
        compared = [
            (figure, found.lines[0])
            for figure, found in together
            if found and (found.lines[0].whole or isinstance(found.lines[0].number, Decimal))
        ]
        return {
            "headings": [(figure.heading, line.label) for figure, line in compared],
            "rows": [
                {
                    "name": clinic.name,
                    "url": self._url(place=clinic.key),
                    "cells": [
                        _in_words(found.lines[0]) if found else None
                        for found in (self.shown(figure, clinic) for figure, _line in compared)
                    ],
                }
                for clinic in self.clinics_of(self.place)
            ],
        }

    def _url(self, **more: str) -> str:
        return f"{self.request.path}?{urlencode({'place': self.place.key, 'month': f'{self.first:%Y-%m}'} | more)}"

    def _file(self, name: str) -> str:
        return f"{reverse(name)}?{urlencode({'place': self.place.key, 'month': f'{self.first:%Y-%m}'})}"


class MonthCsvView(ManagerPage, TemplateView):
    """The place, and each of its clinics. What leaves the house says nothing of few people, whoever takes it out."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        places = [self.place, *(self.clinics_of(self.place) if self.place.is_many else [])]
        return month_csv(self.place.name, self.month, [(each.name, self.lines(each)) for each in places])

    def lines(self, place: Place) -> list[tuple[MonthFigure, list[Line]]]:
        return [(figure, self.of_many(figure, place)) for figure in month_figures()]


class MonthFhirView(MonthCsvView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        made_at = self.now.astimezone(ZoneInfo(self.clinics[0].zone))
        return month_fhir(self.place.name, self.month, self.lines(self.place), made_at=made_at)


@login_required
def figures(request: HttpRequest) -> HttpResponse:
    """From a message, whose links lead to pages in the reader's language, to the page of staff."""
    if not cast(User, request.user).has_perm(PERMISSION):
        raise PermissionDenied
    return redirect(f"{reverse('manager')}?{request.GET.urlencode()}")


class ManagerItem(MenuItem):
    """Shown to who follows a clinic's figures."""

    def is_shown(self, request: HttpRequest) -> bool:
        return cast(User, request.user).has_perm(PERMISSION)


def manager_item() -> MenuItem:
    return ManagerItem(
        gettext_lazy("Figures"), reverse("manager"), name="manager", icon_name="chart", order=ORDER["manager"]
    )


def month_words(first: date) -> str:
    return date_format(first, "F Y")


def _month_before(first: date) -> date:
    return (
        first.replace(year=first.year - 1, month=12)
        if first.month == 1
        else first.replace(month=first.month - 1)
    )


def _in_words(line: Line) -> dict[str, Any]:
    """The numbers as people read them; `bar` is how long its bar is, of 100."""
    return {
        "label": line.label,
        "amount": _amount(line.number),
        "of": number(line.whole) if line.whole is not None else "",
        "percent": line.percent,
        "hidden": line.number is None,
        "bar": f"{line.number * 100 / line.whole:.1f}" if line.whole and line.number is not None else "",
    }


def _amount(value: int | Decimal | None) -> str:
    if value is None:
        return ""
    return number(value) if isinstance(value, int) else rand(value)
