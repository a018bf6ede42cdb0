"""What else is kept for a time: sign-ins, sessions, Wagtail's log and earlier versions, downloads."""

from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from wagtail.models import ModelLogEntry, PageLogEntry, Revision, TaskState

from home.models import (
    AccessRecord,
    Conversation,
    DataExport,
    FollowUp,
    Import,
    Invitation,
    StaffInvitation,
    Transfer,
)
from notifications.privacy import Retention

_A_QUARTER = timedelta(days=90)
_THREE_YEARS = timedelta(days=3 * 365)
_FIVE_YEARS = timedelta(days=5 * 365)


def _earlier_versions(until: datetime) -> QuerySet[Any]:
    """Neither the latest of anything, nor what is live, nor what will go live or waits for somebody's yes."""
    later = Revision.objects.filter(
        base_content_type=OuterRef("base_content_type"),
        object_id=OuterRef("object_id"),
        created_at__gt=OuterRef("created_at"),
    )
    waits = TaskState.objects.filter(revision=OuterRef("pk"))
    rows: QuerySet[Any] = Revision.objects.filter(
        Exists(later), ~Exists(waits), created_at__lte=until, approved_go_live_at__isnull=True
    )
    for model in apps.get_models():
        if any(field.name == "live_revision" for field in model._meta.local_fields):
            live = model._default_manager.filter(live_revision__isnull=False)
            rows = rows.exclude(pk__in=live.values("live_revision"))
    return rows


RETENTIONS = (
    Retention("sessions", lambda until: Session.objects.filter(expire_date__lte=until), by="expire_date"),
    Retention(
        "sign_in_attempts",
        lambda until: AccessAttempt.objects.filter(attempt_time__lte=until),
        kept=_A_QUARTER,
    ),
    Retention(
        "failed_sign_ins",
        lambda until: AccessFailureLog.objects.filter(attempt_time__lte=until),
        kept=_A_QUARTER,
    ),
    Retention("sign_ins", lambda until: AccessLog.objects.filter(attempt_time__lte=until), kept=_A_QUARTER),
    Retention(
        "changes",
        lambda until: ModelLogEntry.objects.filter(timestamp__lte=until),
        kept=_FIVE_YEARS,
        by="timestamp",
    ),
    Retention(
        "page_changes",
        lambda until: PageLogEntry.objects.filter(timestamp__lte=until),
        kept=_FIVE_YEARS,
        by="timestamp",
    ),
    Retention("earlier_versions", _earlier_versions, kept=timedelta(days=365), by="created_at"),
    # The others stay: they say who was given access, and by whom.
    Retention(
        "invitations",
        lambda until: Invitation.objects.filter(accepted_at__isnull=True, expires_at__lte=until),
        kept=timedelta(days=30),
    ),
    Retention(
        "staff_invitations",
        lambda until: StaffInvitation.objects.filter(accepted_at__isnull=True, expires_at__lte=until),
        kept=timedelta(days=30),
    ),
    Retention(
        "accepted_staff_invitations",
        lambda until: StaffInvitation.objects.filter(accepted_at__lte=until),
        kept=_FIVE_YEARS,
    ),
    Retention("transfers", lambda until: Transfer.objects.filter(decided_at__lte=until), kept=_FIVE_YEARS),
    Retention(
        "access_log", lambda until: AccessRecord.objects.filter(at__lte=until), kept=_FIVE_YEARS, by="at"
    ),
    Retention(
        "conversations",
        lambda until: Conversation.objects.filter(state=Conversation.State.CLOSED, closed_at__lte=until),
        kept=timedelta(days=365),
        by="closed_at",
    ),
    Retention(
        "imports",
        lambda until: Import.objects.filter(uploaded_at__lte=until),
        kept=Import.KEPT,
        by="uploaded_at",
    ),
    Retention("calls", lambda until: FollowUp.objects.filter(at__lte=until), kept=_THREE_YEARS, by="at"),
    Retention(
        "downloads",
        lambda until: DataExport.objects.filter(expires_at__lte=until),
        by="expires_at",
        hourly=True,
    ),
)
