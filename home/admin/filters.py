"""What lists of staff are filtered by: the clinic, for who has several; and what is looked up for their rows."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from home.models import Clinic
from home.selectors import clinics_of_staff


def _clinics(request: HttpRequest | None) -> QuerySet[Clinic]:
    return clinics_of_staff(request.user) if request is not None else Clinic.objects.none()


def clinic_filter(lookup: str = "clinic") -> django_filters.ModelChoiceFilter:
    """By the clinic, which stands at this path from the row. A clinic of others is no choice."""
    return django_filters.ModelChoiceFilter(field_name=lookup, label=_("Clinic"), queryset=_clinics)


class ClinicFilters(WagtailFilterSet):
    """Its `clinic` is offered to who has more than one."""

    clinic = clinic_filter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is None or len(_clinics(self.request)[:2]) < 2:
            self.filters.pop("clinic", None)


class OfPatientFilters(ClinicFilters):
    clinic = clinic_filter("patient__clinic")


def there_is(rows: QuerySet[Any]) -> Q:
    """Whether there is one, looked up for the rows of a page alone: of an EXISTS the database would first find all in
    the country for which it holds.
    """
    return Q(IsNull(Subquery(rows.values("pk")[:1]), False))
