"""What chooses some of an announcement's people by the treatment of their patients: a medicine, a vaccination."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home.audiences import patients_within
from medications.models import Medicine, Prescription
from medications.selectors.overdue import overdue_patients
from notifications.audiences import Filter, SeriesStart, Started, register_filter, register_start


def _taken(within: Mapping[str, Any], now: datetime) -> QuerySet[Prescription]:
    """What is prescribed today to the patients within this limit."""
    today = timezone.localdate(now)
    return Prescription.objects.filter(
        Q(end_date__isnull=True) | Q(end_date__gte=today),
        patient__in=patients_within(within),
        ended_at__isnull=True,
        start_date__lte=today,
    ).order_by()


def _medicines(within: Mapping[str, Any], now: datetime) -> Sequence[tuple[str, Any]]:
    prescribed = Medicine.objects.filter(pk__in=_taken(within, now).values("medicine_id"))
    return [(str(medicine.pk), str(medicine)) for medicine in prescribed.order_by("name", "strength", "pk")]


def _takers(values: Sequence[str], within: Mapping[str, Any], now: datetime) -> Iterable[int]:
    ids = [int(value) for value in values]
    return _taken(within, now).filter(medicine_id__any_of=ids).values_list("patient_id", flat=True)


def _names(values: Sequence[str]) -> Iterable[str]:
    medicines = Medicine.objects.filter(pk__any_of=[int(value) for value in values])
    return [name for names in medicines.values_list("name_en", "name_af") for name in names if name]


def _overdue(values: Sequence[str], within: Mapping[str, Any], now: datetime) -> Iterable[int]:
    return overdue_patients(patients_within(within), now=now)


register_filter(Filter("medicine", _("Takes this medicine"), _medicines, subject_ids=_takers, secrets=_names))
register_filter(
    Filter(
        "vaccination",
        _("Vaccination"),
        lambda within, now: [("overdue", _("still outstanding"))],
        subject_ids=_overdue,
    )
)


def _begun(values: Sequence[str], within: Mapping[str, Any], days: Collection[date]) -> Iterable[Started]:
    """Those whose first prescription of one of these medicines began on one of these days, and for whom staff have not
    stopped all of them since.
    """
    ids = [int(value) for value in values]
    return _first_on(Prescription.objects.filter(medicine_id__any_of=ids), within, days)


def _first_of_all(
    values: Sequence[str], within: Mapping[str, Any], days: Collection[date]
) -> Iterable[Started]:
    """Those whose first prescription here began on one of these days, and for whom staff have not stopped everything
    since.
    """
    return _first_on(Prescription.objects.all(), within, days)


def _first_on(
    prescriptions: QuerySet[Prescription], within: Mapping[str, Any], days: Collection[date]
) -> Iterable[Started]:
    theirs = prescriptions.filter(patient__in=patients_within(within)).order_by()
    # What came in from a file tells nobody anything until staff say so, and may be what came first.
    spoken_of = Min("start_date", filter=Q(is_silent=False))
    going_on = Count("pk", filter=Q(ended_at__isnull=True))
    begun = theirs.values("patient_id", "patient__clinic_id").annotate(
        first=Min("start_date"), of_those=spoken_of, going_on=going_on
    )
    first = begun.filter(first__in=days, of_those=F("first"), going_on__gt=0)
    rows = first.values_list("patient_id", "first", "patient__clinic_id")
    return [Started(id_, day, clinic_id) for id_, day, clinic_id in rows]


register_start(
    SeriesStart(
        "prescription", _("the first prescription of one of these medicines"), _begun, choices=_medicines
    )
)
register_start(SeriesStart("first_prescription", _("the first prescription of all"), _first_of_all))
