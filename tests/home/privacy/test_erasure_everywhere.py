"""After an erasure nothing in the database and in the files leads to the person; what was done is still there."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from events.models import Attendance, CollectionPlan, Visit
from home.models import CareRole, Consent, DataExport, Erasure, Invitation
from home.privacy.erasure import carry_out_next_erasure, erasure_ask
from home.privacy.export import export_ask, make_next_export
from medications.models import Dose, DoseAnswer, StockMovement, VaccinationRecord
from notifications.models import Delivery, EventRecord, InboundMessage, Notification
from notifications.work.periodic import declared
from tests.home.conftest import Cast
from tests.home.privacy.life import LAST, TRACES, Life, everything_is_sent, live
from tests.home.privacy.traces import found_in_database, found_in_files
from tests.home.transactional import phones, queued  # noqa: F401 - fixtures

LISTS = (
    *("patients", "patient_chooser", "prescriptions", "vaccinations", "invitations", "clinic_stock", "staff"),
    "staff_invitations",
    *("announcements", "clinic_events", "erasures", "reports/messages", "reports/undelivered"),
    *("reports/inbound-sms", "reports/scheduled-messages", "reports/overdue-vaccinations"),
)
MENTIONED = ("erasures", "reports/messages", "reports/inbound-sms")
"""Where the row of what was erased is still listed."""

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]


@pytest.fixture
def life(cast: Cast) -> Life:
    life = live(cast)
    export_ask(user=life.user, patient=None, language="en", now=timezone.now())
    make_next_export(now=timezone.now())
    return life


def erase(cast: Cast, life: Life) -> Erasure:
    """She asks on her page, and the manager has it done."""
    person, manager = Client(), Client()
    person.force_login(life.user)
    manager.force_login(cast.manager)
    assert person.post(f"/en/my-data/erasure/{life.patient.pk}/", {"sure": "on"}).status_code == 302
    erasure = Erasure.objects.get(patient=life.patient)
    assert manager.post(f"/admin/erasures/{erasure.pk}/", {"accept": "1"}).status_code == 302
    assert carry_out_next_erasure(now=timezone.now())
    erasure.refresh_from_db()
    return erasure


def test_nothing_leads_to_the_person_any_more(cast: Cast, life: Life) -> None:
    before = found_in_database(TRACES)
    assert {
        "home_user.email",
        "home_patient.last_name",
        "home_invitation.email",
        "medications_dose.skip_reason",
        "medications_doseanswer.skip_reason",
        "medications_prescription.instructions",
        "medications_stockmovement.why",
        "notifications_notification.title",
        "notifications_notification.body",
        "notifications_notification.data",
        "notifications_eventrecord.payload",
        "notifications_delivery.address",
        "notifications_delivery.body",
        "notifications_inboundmessage.text",
        "notifications_suppression.address",
        "notifications_pushsubscription.endpoint",
        "wagtailcore_modellogentry.label",
        "axes_accesslog.username",
        "axes_accessattempt.username",
        "django_session.session_data",
    } <= before
    assert len(found_in_files(TRACES)) >= 2

    erasure = erase(cast, life)

    assert (erasure.state, erasure.error) == (Erasure.State.DONE, "")
    assert found_in_database(TRACES) == set()
    assert found_in_files(TRACES) == set()
    assert not (Path(settings.EMAIL_FILE_PATH) / "2.log").exists()
    assert (Path(settings.EMAIL_FILE_PATH) / "3.log").exists()


def test_what_was_done_stays_as_numbers(cast: Cast, life: Life) -> None:
    def numbers() -> dict[str, int]:
        return {
            "doses": Dose.objects.filter(patient=life.patient, state__in=("taken", "skipped")).count(),
            "answers": DoseAnswer.objects.filter(dose__patient=life.patient).count(),
            "movements": StockMovement.objects.filter(prescription=life.prescription).count(),
            "vaccinations": VaccinationRecord.objects.filter(
                patient=life.patient, date_given__isnull=False
            ).count(),
            "messages": Notification.objects.filter(recipient__in=[life.user, cast.anna]).count(),
            "sent": Delivery.objects.filter(state="sent").count(),
            "received": InboundMessage.objects.count(),
            "places": Attendance.objects.filter(user=life.user).count(),
            "visits": Visit.objects.filter(patient=life.patient).count(),
        }

    before = numbers()
    assert all(before.values())
    erase(cast, life)
    assert numbers() == before


def test_nothing_is_still_to_come(cast: Cast, life: Life) -> None:
    assert Notification.objects.filter(recipient=life.user, scheduled_status="pending").exists()
    erase(cast, life)
    now = timezone.now()
    assert not Notification.objects.filter(recipient=life.user, scheduled_status="pending").exists()
    assert not Delivery.objects.filter(notification__recipient=life.user, finished_at=None).exists()
    assert not Dose.objects.filter(patient=life.patient, due_at__gt=now).exists()
    assert not Dose.objects.filter(patient=life.patient, next_reminder_at__isnull=False).exists()
    assert not VaccinationRecord.objects.filter(patient=life.patient, date_given=None).exists()
    assert not InboundMessage.objects.filter(finished_at=None).exists()
    assert EventRecord.objects.filter(event_type="system.announcement", state="cancelled").count() == 1
    assert not CareRole.objects.filter(patient=life.patient).exists()
    assert not Invitation.objects.filter(patient=life.patient).exists()
    assert not Consent.objects.filter(Q(patient=life.patient) | Q(user=life.user)).exists()
    assert not DataExport.objects.exists()
    assert Attendance.objects.get(user=life.user).state == "left"
    assert not Visit.objects.filter(patient=life.patient, state="planned").exists()
    assert not CollectionPlan.objects.exists()
    life.user.refresh_from_db()
    assert not life.user.is_active
    assert not life.user.has_usable_password()


def test_the_work_of_the_days_after_brings_nothing_back(cast: Cast, life: Life) -> None:
    erase(cast, life)
    before = Dose.objects.count(), VaccinationRecord.objects.count(), Notification.objects.count()
    for days in (1, 30):
        for task in declared():
            task.run(timezone.now() + timedelta(days=days))
    everything_is_sent()
    assert (Dose.objects.count(), VaccinationRecord.objects.count()) == before[:2]
    assert (
        not Notification.objects.filter(recipient=life.user, scheduled_status="sent")
        .exclude(body="")
        .exists()
    )
    assert found_in_database(TRACES) == set()


def test_staff_find_a_name_in_no_list_and_every_list_opens(client: Client, cast: Cast, life: Life) -> None:
    erasure = erase(cast, life)
    client.force_login(cast.manager)
    assert "Entries deleted: " in client.get(f"/admin/erasures/{erasure.pk}/").content.decode()
    for path in LISTS:
        answer = client.get(f"/admin/{path}/")
        assert answer.status_code == 200, path
        page = answer.content.decode()
        assert LAST not in page, path
        assert ("Erased person" in page) == (path in MENTIONED), path
    for path in (f"patients/edit/{life.patient.pk}", f"prescriptions/edit/{life.prescription.pk}"):
        assert client.get(f"/admin/{path}/").status_code == 404


def test_doing_it_once_more_changes_nothing(cast: Cast, life: Life) -> None:
    erase(cast, life)
    again = erasure_ask(asked_by=cast.manager, patient=life.patient, now=timezone.now())
    Erasure.objects.filter(pk=again.pk).update(state="accepted", user=life.user)
    life.patient.refresh_from_db()
    erased_at = life.patient.erased_at
    carry_out_next_erasure(now=timezone.now())
    again.refresh_from_db()
    # But for the entry of the new erasure in the index of references.
    assert (again.state, again.done) == ("done", {"deleted": 1, "cleared": 0})
    life.patient.refresh_from_db()
    assert life.patient.erased_at == erased_at
    assert found_in_database(TRACES) == set()
