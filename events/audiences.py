"""What chooses some of an announcement's people by where their patients come: a club or another event, a visit."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Attendance, ClinicEvent, EventSeries, Visit
from home.audiences import patients_within
from home.models import CareRole, Relation
from notifications.audiences import Filter, register_filter

LATELY = timedelta(days=92)
"""Who was on a club's list within this time is one of its people, and a visit missed within it is one to speak of."""
_ON_THE_LIST = (Attendance.State.JOINED, Attendance.State.WAITING, Attendance.State.ATTENDED)


def _events(within: Mapping[str, Any], now: datetime) -> QuerySet[ClinicEvent]:
    events = ClinicEvent.objects.filter(starts_at__gte=now - LATELY, state=ClinicEvent.State.PLANNED)
    return events.filter(clinic_id=within["clinic"]) if "clinic" in within else events


def _choices(within: Mapping[str, Any], now: datetime) -> Sequence[tuple[str, Any]]:
    """The clubs, then what is once and isn't over."""
    events = _events(within, now).order_by()
    clubs = EventSeries.objects.filter(pk__in=events.filter(series__isnull=False).values("series_id"))
    once = events.filter(series__isnull=True, ends_at__gt=now).order_by("starts_at", "pk")
    return [
        *((f"series:{each.pk}", each.title) for each in clubs.order_by("title", "pk")),
        *(
            (f"event:{each.pk}", f"{each.title}, {timezone.localtime(each.starts_at):%Y-%m-%d}")
            for each in once
        ),
    ]


def _people(values: Sequence[str], within: Mapping[str, Any], now: datetime) -> Iterable[int]:
    """The patients on the lists, and those whose own account is. Two queries."""
    ids: dict[str, list[int]] = {"series": [], "event": []}
    for kind, _colon, id_ in (value.partition(":") for value in values):
        ids[kind].append(int(id_))
    events = _events(within, now).filter(Q(series_id__in=ids["series"]) | Q(pk__in=ids["event"]))
    on_the_list = Attendance.objects.filter(event__in=events.order_by(), state__in=_ON_THE_LIST).order_by()
    own = CareRole.objects.filter(relation=Relation.SELF, user__in=on_the_list.values("user_id"))
    patients = on_the_list.filter(patient__isnull=False).values_list("patient_id", flat=True)
    return {*patients, *own.values_list("patient_id", flat=True)}


def _who_missed(values: Sequence[str], within: Mapping[str, Any], now: datetime) -> Iterable[int]:
    """Those who missed a visit lately and neither came since nor are to come."""
    today = timezone.localdate(now)
    since = Visit.objects.filter(
        patient_id=OuterRef("patient_id"),
        day__gte=OuterRef("day"),
        state__in=[Visit.State.ATTENDED, Visit.State.PLANNED],
    )
    missed = Visit.objects.filter(
        ~Exists(since),
        patient__in=patients_within(within),
        state=Visit.State.MISSED,
        day__gte=today - LATELY,
    )
    return missed.order_by().values_list("patient_id", flat=True)


register_filter(Filter("event", _("Comes to this club or event"), _choices, subject_ids=_people))
register_filter(
    Filter("visit", _("Visit"), lambda within, now: [("missed", _("missed"))], subject_ids=_who_missed)
)
