"""Bringing patients in from another system."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from home.api.rows import lines_of
from home.api.serializers import ImportAskSerializer, ImportSerializer
from home.imports.acts import digest_of, import_check, import_take
from home.imports.importable import Importable, importable
from home.imports.verdicts import said_of
from home.models import Import, ImportRow
from home.privacy.access_log import Kind, note
from home.selectors import clinics_of_staff
from notifications.api.access import lacks_second_step
from notifications.api.idempotency import HEADER, MAX_LENGTH, PRINTABLE, REPLAYED, idempotency_key
from notifications.api.openapi import documented
from notifications.api.views.base import Call
from notifications.exceptions import KeyUsedError
from notifications.languages.listed import active
from notifications.web.numbers import whole_number

TAG = "Imports"
PERMISSION = "home.import_by_program"
ON_A_PAGE = 500
_EXAMPLE = {
    "id": 7,
    "kind": "patients",
    "clinic": 1,
    "state": "checked",
    "uploaded_at": "2026-11-24T06:00:00Z",
    "total": 2,
    "counts": {"new": 1, "refused": 1},
    "rows": [
        {"number": 1, "state": "new", "patient_id": None, "problems": [], "notes": []},
        {
            "number": 2,
            "state": "refused",
            "patient_id": None,
            "problems": [{"column": "phone", "message": "Enter a phone number, for example 082 123 4567."}],
            "notes": [],
        },
    ],
    "next_after": None,
}


class ImportCall(Call):
    """For programs with a permission of their own, at the clinics of the account that they sign in with."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not request.user.has_perm(PERMISSION) or lacks_second_step(request.user):
            raise PermissionDenied(_("You may not import."))


class Imports(ImportCall):
    throttle_scope = "import"

    @documented(
        "import_create",
        "Import rows",
        ImportSerializer,
        status=201,
        example=_EXAMPLE | {"state": "checking", "counts": {"read": 2}, "rows": []},
        asks=ImportAskSerializer,
        asks_example={
            "kind": "patients",
            "clinic": 1,
            "rows": [{"first_name": "Fatima", "last_name": "Jacobs", "date_of_birth": "1992-05-27"}],
            "carry_out": False,
        },
        problems=(403, 404, 422),
        tag=TAG,
        parameters=(
            OpenApiParameter(
                HEADER,
                {"type": "string", "pattern": f"^{PRINTABLE}$", "maxLength": MAX_LENGTH},
                location=OpenApiParameter.HEADER,
                description="A name of your own for this request. Sent again, it gives the same import; the answer "
                f"has `{REPLAYED}: true` then. With another body it is refused.",
            ),
        ),
    )
    def post(self, request: Request) -> Response:
        """All rows are tried, and carried out if you say so. Nothing is sent to anybody: staff start that on the
        import's page, where it can also be undone for a day.
        """
        key = idempotency_key(request)
        body = ImportAskSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        kind, clinic = self._kind(asked["kind"]), self._clinic(asked["clinic"])
        digest = digest_of(json.dumps(request.data, sort_keys=True))
        own = sha256(key.encode()).hexdigest() if key else ""
        if known := self._known(own, digest):
            return self._answer(known, is_new=False)
        lines = lines_of(kind, asked["rows"])
        now = timezone.now()
        try:
            run = import_take(
                kind=kind,
                clinic=clinic,
                by=request.user,
                lines=lines,
                digest=digest,
                name=_("By a program"),
                language=active(),
                now=now,
                key=own,
                carries_out=asked["carry_out"],
            )
        except Invalid as error:
            # Somebody with the same key may have been quicker.
            if known := self._known(own, digest):
                return self._answer(known, is_new=False)
            raise ValidationError({"rows": error.messages}) from error
        return self._answer(run, is_new=True)

    def _kind(self, name: str) -> Importable:
        found = importable(name)
        if found is None:
            raise ValidationError({"kind": [_("There is no such kind.")]})
        if not self.request.user.has_perm(found.permission):
            raise PermissionDenied(_("You may not import."))
        return found

    def _clinic(self, clinic_id: int) -> Any:
        return get_object_or_404(clinics_of_staff(self.request.user), pk=clinic_id)

    def _known(self, key: str, digest: str) -> Import | None:
        mine = Import.objects.filter(by=self.request.user).exclude(state=Import.State.READING)
        found = mine.filter(key=key).first() if key else None
        if found and found.digest != digest:
            raise KeyUsedError(_("This key was used for another request. Take a new key for a new request."))
        return found

    def _answer(self, run: Import, *, is_new: bool) -> Response:
        if run.state == Import.State.MATCHING:
            # Also where whoever took it died before it came to this.
            import_check(import_id=run.pk, matched=run.matched, now=timezone.now())
            run.refresh_from_db()
        headers = {} if is_new else {REPLAYED: "true"}
        return Response(ImportSerializer(_said(run, [])).data, status=201, headers=headers)


class OneImport(ImportCall):
    @documented(
        "import_status",
        "Look an import up",
        ImportSerializer,
        example=_EXAMPLE,
        problems=(403, 404),
        tag=TAG,
        parameters=(
            OpenApiParameter(
                "after", {"type": "integer", "minimum": 0}, description="Rows after the one of this number."
            ),
        ),
    )
    def get(self, request: Request, import_id: int) -> Response:
        """How far it is, and what was said of each row, 500 at a time."""
        run = Import.objects.filter(pk=import_id, clinic__in=clinics_of_staff(request.user)).first()
        if run is None:
            raise Http404
        after = whole_number(request.query_params.get("after", "")) or 0
        rows = list(run.rows.filter(number__gt=after).order_by("number")[:ON_A_PAGE])
        note(request._request, {row.patient_id for row in rows if row.patient_id}, Kind.LISTED)
        return Response(ImportSerializer(_said(run, rows)).data)


def _said(run: Import, rows: Sequence[ImportRow]) -> dict[str, Any]:
    counts = dict(run.rows.order_by().values_list("state").annotate(Count("pk")))
    return {
        "id": run.pk,
        "kind": run.kind,
        "clinic": run.clinic_id,
        "state": run.state,
        "uploaded_at": run.uploaded_at,
        "total": sum(counts.values()),
        "counts": counts,
        "rows": [_row(row) for row in rows],
        "next_after": rows[-1].number if len(rows) == ON_A_PAGE else None,
    }


def _row(row: ImportRow) -> dict[str, Any]:
    verdict = said_of(row)
    return {
        "number": row.number,
        "state": row.state,
        "patient_id": row.patient_id,
        "problems": [{"column": each.column, "message": each.words} for each in verdict.problems],
        "notes": verdict.notes,
    }
