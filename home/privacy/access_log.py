"""Who among staff looked at which patient's record.

A view that shows a patient's record notes so (`note`); all that one request noted is written with one statement, once
its answer is made (home/middleware.py). A page that is asked for again within `AccessRecord.TOGETHER` stays one row.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from home.models import AccessRecord, Patient

logger = logging.getLogger(__name__)

Kind = AccessRecord.Kind
_NOTED = "_patients_shown"
_WRITES = ("PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class _Noted:
    patient_id: int
    kind: AccessRecord.Kind


def note(
    request: HttpRequest, patient_ids: Iterable[int], kind: AccessRecord.Kind = AccessRecord.Kind.LOOKED
) -> None:
    """Remember that this answer shows these patients' records to the person signed in."""
    noted = request.__dict__.setdefault(_NOTED, {})
    noted.update(dict.fromkeys(_Noted(patient_id, kind) for patient_id in patient_ids))


def write_down(request: HttpRequest, response: HttpResponseBase, *, now: datetime) -> None:
    """Write what this request noted, if its answer shows it. A form that was saved is a change.

    An answer is given also when this fails: care doesn't wait for a log. The failure is logged as an error, so that
    whoever runs the site is told (docs/decisions/0080).
    """
    noted: dict[_Noted, None] = request.__dict__.get(_NOTED, {})
    if not noted or _is_refused(response):
        return
    saved = request.method in _WRITES or (request.method == "POST" and 300 <= response.status_code < 400)
    if saved:
        noted = dict.fromkeys(
            _Noted(each.patient_id, Kind.CHANGED if each.kind == Kind.LOOKED else each.kind) for each in noted
        )
    match = request.resolver_match
    page = (match.namespace or match.url_name or "") if match else ""
    rows = [
        AccessRecord(
            user_id=request.user.pk,
            patient_id=each.patient_id,
            kind=each.kind,
            page=page[:60],
            path=request.path[:200],
            request_id=request.META.get("REQUEST_ID", "")[:64],
            slot=_slot(now),
            at=now,
            last_at=now,
        )
        for each in noted
    ]
    try:
        try:
            _write(rows)
        except IntegrityError:
            # An import that is undone takes its patients away, whoever looks at them meanwhile.
            there = Patient.objects.filter(pk__in={row.patient_id for row in rows})
            left = set(there.values_list("pk", flat=True))
            _write([row for row in rows if row.patient_id in left])
    except DatabaseError:
        logger.exception("A look at %(count)d patients' records can't be written down.", {"count": len(rows)})


def _write(rows: list[AccessRecord]) -> None:
    with transaction.atomic():
        AccessRecord.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["patient", "slot", "user", "kind", "path"],
            update_fields=["last_at"],
        )


def _is_refused(response: HttpResponseBase) -> bool:
    """Also where Wagtail sends whoever may not back to its first page, to be told so there."""
    return response.status_code >= 400 or response.headers.get("Location") == reverse("wagtailadmin_home")


def _slot(now: datetime) -> datetime:
    """The beginning of the time in which looks at the same page are one."""
    seconds = AccessRecord.TOGETHER.total_seconds()
    return now - timedelta(seconds=now.timestamp() % seconds)
