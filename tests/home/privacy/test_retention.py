"""Nothing is kept for ever without somebody having decided so, and docs/privacy.md says for how long."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.utils import timezone
from knox.models import AuthToken
from wagtail.models import ModelLogEntry, Page, PageLogEntry, Revision

from home.models import AccessRecord, DataExport, HomePage, Patient, StaffInvitation, User
from notifications import privacy
from notifications.pipeline.retention import clean_up, wipe_texts
from tests.factories import ClinicFactory, PatientFactory, UserFactory
from tests.home.privacy.conftest import NOW

DOCUMENT = Path(settings.BASE_DIR) / "docs/privacy.md"
STAYS = {
    # As long as the patient's record or the account, and then as docs/privacy.md says of an erasure:
    *("home.Patient", "home.CareRole", "home.User", "home.StaffRole", "home.Erasure"),
    "home.RegionRole",
    *("home.Consent", "home.PatientNote", "home.SearchKey", "home.ClockChange"),
    *("medications.Prescription", "medications.DoseSchedule", "medications.Dose", "medications.DoseAnswer"),
    "medications.WeeklyCheck",
    *("medications.StockBatch", "medications.StockMovement"),
    *("medications.VaccinationRecord", "medications.VaccinationReminder"),
    *("events.Attendance", "events.CalendarFeed", "events.Visit", "events.CollectionPlan"),
    *("notifications.NotificationPreferences", "notifications.ChannelChoice"),
    *("notifications.PushSubscription", "notifications.ProviderOptOut"),
    *("account.EmailAddress", "mfa.Authenticator"),
    # With the message, the publication, the attempt, the session, the conversation or the file that it belongs to:
    *("notifications.QuickReply", "notifications.ListenerCall", "account.EmailConfirmation"),
    *("axes.AccessAttemptExpiration", "home.UserSession", "home.ConversationAnswer", "home.ImportRow"),
    # Until the reason to call doesn't hold any more:
    "home.WorklistEntry",
    # About nobody:
    *("home.Clinic", "home.HomePage", "home.InformationPage", "events.EventSeries", "events.ClinicEvent"),
    "events.Programme",
    *("medications.Medicine", "medications.Vaccine"),
    *("notifications.PeriodicTask", "notifications.SmsProvider", "notifications.NotificationTemplate"),
    *("notifications.MessageSeries", "notifications.SeriesLeaver", "notifications.SecondPersonTask"),
    *("notifications.RoutingPlan", "notifications.WhatsAppTemplate", "notifications.VoiceClip"),
    *("notifications.MessagePrice", "notifications.Spending", "notifications.SpendingMonth"),
    *("home.ClinicCount", "home.DangerWords", "home.ClinicLanguage", "home.Region"),
    "home.WorklistRefresh",
}
"""What has no end of its own. Whoever adds a table puts it here, or declares a Retention for it."""
LOOKED_AT = {"home", "medications", "events", "notifications", "account", "mfa", "axes", "knox", "sessions"}


def in_words(kept: timedelta) -> str:
    if not kept:
        return "–"
    if kept < timedelta(days=7):
        return f"{kept // timedelta(hours=1)} hours"
    years = kept.days / 365
    if years >= 1 and years.is_integer():
        return "1 year" if years == 1 else f"{years:.0f} years"
    return f"{kept.days} days"


def test_the_document_says_of_each_for_how_long() -> None:
    section = DOCUMENT.read_text().split("\n## How long it is kept\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in row.split("|")] for row in re.findall(r"^\| `(.*) \|$", section, re.M)]
    assert [(name.strip("`"), kept) for name, _what, kept, *_rest in rows] == [
        (each.name, in_words(each.kept)) for each in sorted(privacy.retentions(), key=lambda each: each.name)
    ]


def test_each_table_with_people_in_it_has_an_end_or_stays_for_a_reason() -> None:
    ends = {each.rows(NOW).model._meta.label for each in privacy.retentions()}
    models = [model._meta for model in apps.get_models() if not model._meta.proxy]
    tables = {meta.label for meta in models if meta.app_label in LOOKED_AT}
    assert tables - ends == STAYS
    assert not ends & STAYS


@pytest.fixture
def person(db: None) -> User:
    user: User = UserFactory()
    return user


def attempt(model: type) -> Callable[[User, datetime], Any]:
    def make(person: User, ends: datetime) -> Any:
        more = {"failures_since_start": 1} if model is AccessAttempt else {}
        row = model.objects.create(username=person.email, ip_address="192.0.2.1", path_info="/", **more)  # type: ignore[attr-defined]
        model.objects.filter(pk=row.pk).update(attempt_time=ends)  # type: ignore[attr-defined]
        return row

    return make


def page() -> Any:
    return HomePage.objects.get()


def logged(person: User, ends: datetime) -> Any:
    kind = ContentType.objects.get_for_model(Patient)
    return ModelLogEntry.objects.create(
        content_type=kind, object_id="1", label="Nomvula", action="wagtail.edit", timestamp=ends
    )


def logged_of_a_page(person: User, ends: datetime) -> Any:
    kind = ContentType.objects.get_for_model(Page)
    return PageLogEntry.objects.create(
        content_type=kind, page=page(), label="Home", action="wagtail.edit", timestamp=ends
    )


def earlier_version(person: User, ends: datetime) -> Any:
    """With a later one, which stays."""
    old = page().save_revision()
    Revision.objects.filter(pk=old.pk).update(created_at=ends)
    later = page().save_revision()
    Revision.objects.filter(pk=later.pk).update(created_at=ends + timedelta(seconds=1))
    return old


def download(person: User, ends: datetime) -> Any:
    return DataExport.objects.create(user=person, asked_at=ends, due_at=ends, expires_at=ends)


def token(person: User, ends: datetime) -> Any:
    row, _token = AuthToken.objects.create(person, expiry=timedelta(0))
    AuthToken.objects.filter(pk=row.pk).update(expiry=ends)
    return row


def to_work(**ends: datetime) -> StaffInvitation:
    """An invitation that ended so."""
    moment = next(iter(ends.values()))
    return StaffInvitation.objects.create(
        clinic=ClinicFactory(),
        role="nurse",
        email="lerato@example.org",
        digest="d",
        **{"created_at": moment, "expires_at": moment, **ends},
    )


ROWS: dict[str, Callable[[User, datetime], Any]] = {
    "sessions": lambda person, ends: Session.objects.create(
        session_key="s", session_data="", expire_date=ends
    ),
    "sign_in_attempts": attempt(AccessAttempt),
    "failed_sign_ins": attempt(AccessFailureLog),
    "sign_ins": attempt(AccessLog),
    "changes": logged,
    "page_changes": logged_of_a_page,
    "earlier_versions": earlier_version,
    "downloads": download,
    "access_log": lambda person, ends: AccessRecord.objects.create(
        user=person,
        patient=PatientFactory(),
        kind="looked",
        page="",
        path="/",
        slot=ends,
        at=ends,
        last_at=ends,
    ),
    "tokens": token,
    "staff_invitations": lambda person, ends: to_work(expires_at=ends),
    "accepted_staff_invitations": lambda person, ends: to_work(accepted_at=ends),
}


@pytest.mark.parametrize("name", ROWS)
def test_it_goes_when_its_time_is_over_and_not_before(name: str, person: User) -> None:
    [kind] = [each for each in privacy.retentions() if each.name == name]
    row = ROWS[name](person, NOW)
    rows = type(row)._base_manager.filter(pk=row.pk)
    for moment, there in ((NOW + kind.kept - timedelta(seconds=1), True), (NOW + kind.kept, False)):
        clean_up(now=moment)
        wipe_texts(now=moment)
        assert rows.exists() == there


def test_the_latest_and_the_live_version_of_a_page_stay(person: User) -> None:
    live, latest = page().save_revision(), page().save_revision()
    Page.objects.filter(pk=page().pk).update(live_revision=live, latest_revision=latest)
    Revision.objects.update(created_at=NOW - timedelta(days=1000))
    Revision.objects.filter(pk=latest.pk).update(created_at=NOW - timedelta(days=999))
    clean_up(now=NOW)
    assert set(Revision.objects.filter(pk__in=[live.pk, latest.pk])) == {live, latest}


def test_the_operator_may_say_otherwise(person: User, settings: Any) -> None:
    settings.RETENTION_DAYS = {"changes": 10}
    row = logged(person, NOW - timedelta(days=10))
    clean_up(now=NOW)
    assert not ModelLogEntry.objects.filter(pk=row.pk).exists()


def test_a_kind_that_fails_stops_no_other(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(until: datetime) -> Any:
        raise DatabaseError("no such table")

    broken = privacy.Retention("broken", fail)
    monkeypatch.setattr(privacy, "_retentions", {"broken": broken, **privacy._retentions})
    token(person, NOW)
    with pytest.raises(DatabaseError):
        clean_up(now=timezone.now())
    assert not AuthToken.objects.exists()
