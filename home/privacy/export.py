"""Downloads: asked for by a person, put together by a worker, ready as a message in their inbox."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from home.models import CareRole, DataExport, Patient, Relation, User
from home.privacy.export_file import export_file
from notifications.privacy import Person
from notifications.rules.retries import RetryPolicy
from notifications.selectors.people import timezone_of
from notifications.services import NotificationService
from notifications.texts.formats import day
from notifications.work.leases import Claim, claim
from notifications.work.wakeups import wake_on_commit

logger = logging.getLogger(__name__)

MAKE_EXPORTS = "make_data_exports"
PAGE = "/my-data/"
_RETRIES = RetryPolicy((timedelta(minutes=1), timedelta(minutes=10)), jitter=0)


def own_records(user_id: int) -> list[Patient]:
    """The patient records that are this person's own; usually one. One query."""
    roles = CareRole.objects.filter(user_id=user_id, relation=Relation.SELF)
    return list(Patient.objects.filter(care_roles__in=roles).select_related("clinic").order_by("id"))


def wards(user_id: int) -> list[Patient]:
    """The patients for whom this person, as their guardian, may ask for everything. One query."""
    roles = CareRole.objects.filter(user_id=user_id, relation=Relation.GUARDIAN)
    rows = Patient.objects.filter(care_roles__in=roles, deceased_on__isnull=True)
    return list(rows.select_related("clinic").order_by("first_name", "id"))


def export_ask(*, user: User, patient: Patient | None, language: str, now: datetime) -> DataExport:
    """Ask for everything about this person, or about a patient of whom they are the guardian (the caller checks that).

    Raises ValidationError while another one is being made. A worker is woken after the commit.
    """
    try:
        with transaction.atomic():
            export = DataExport.objects.create(
                user=user,
                patient=patient,
                language=language,
                asked_at=now,
                due_at=now,
                expires_at=now + DataExport.LIFE,
            )
            DataExport.objects.filter(user=user, patient=patient).exclude(pk=export.pk).delete()
            wake_on_commit(MAKE_EXPORTS)
    except IntegrityError:
        raise ValidationError(
            _("Another download is being put together. Please wait until it is ready."), code="one_at_a_time"
        ) from None
    return export


def exports_of(user_id: int, *, now: datetime) -> Sequence[DataExport]:
    """This person's downloads that are there or being made, without their files. One query."""
    rows = DataExport.objects.filter(user_id=user_id, expires_at__gt=now).defer("encrypted")
    return list(rows.order_by("-asked_at", "-id"))


def export_for(user_id: int, export_id: int, *, now: datetime) -> DataExport | None:
    """A download of this person's own that is ready and hasn't expired."""
    rows = DataExport.objects.filter(user_id=user_id, state=DataExport.State.READY, expires_at__gt=now)
    return rows.filter(pk=export_id).first()


def make_next_export(*, now: datetime) -> bool:
    """Put the next download together; False when none waits. One that fails is tried three times."""
    taken = claim(DataExport, now=now, limit=1)
    if not taken:
        return False
    export = DataExport.objects.select_related("user", "patient").get(pk=taken.ids[0])
    try:
        with taken.kept():
            content = _content(export, taken)
    except Exception as error:
        logger.exception("Download %(export)s could not be put together.", {"export": export.pk})
        taken.fail(error, _RETRIES, failures=export.failures)
    else:
        _hand_over(export, content, taken)
    return True


def person_of(export: DataExport) -> Person:
    """Whose data the download has."""
    if export.patient_id is not None:
        return Person(patient_ids=(export.patient_id,))
    return Person(export.user_id, tuple(each.pk for each in own_records(export.user_id)))


def _content(export: DataExport, taken: Claim) -> bytes:
    name = (export.patient or export.user).get_full_name()
    zone = ZoneInfo(timezone_of(export.user_id))
    with translation.override(export.language), timezone.override(zone):
        return export_file(person_of(export), name=name, now=taken.clock())


def _hand_over(export: DataExport, content: bytes, taken: Claim) -> None:
    """Keep the file and tell its reader, together: neither is there without the other, and neither twice."""
    expires_at = taken.clock() + DataExport.LIFE
    with transaction.atomic(), translation.override(export.language):
        if not taken.finish(
            state=DataExport.State.READY, expires_at=expires_at, error="", **DataExport.sealed(content)
        ):
            return
        until = day(expires_at.astimezone(ZoneInfo(timezone_of(export.user_id))).date())
        NotificationService.send(
            users=[export.user],
            title=_("Your download is ready"),
            message=_(
                "Everything that you asked for is in one file. Sign in to download it until %(day)s; then it is "
                "deleted here. If you did not ask for it, tell your clinic at once."
            )
            % {"day": until},
            path=PAGE,
        )
