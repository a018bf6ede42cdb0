"""Nomvula Madikizela, who has used everything there is: made by the pages, and spoken of in every place there is."""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from events.models import Visit
from events.services.attendance import event_join, patient_join
from events.services.feed import feed_make
from home.imports.acts import digest_of, import_check, import_take
from home.imports.importable import importable
from home.imports.sheets import Line
from home.imports.work import carry_on_next
from home.models import CareRole, Consent, Conversation, Patient, Relation, User
from home.privacy.consents import consents_for_all
from home.privacy.sentences import personal_purposes
from home.worklist.calls import Call, call_log
from home.worklist.refresh import worklist_refresh
from medications.models import Dose, Prescription, StockBatch, StopReason, Vaccine
from medications.services.answers import dose_skip, dose_take
from medications.services.prescriptions import Stop, prescription_announce, prescription_stop
from medications.services.stock import stock_receive
from medications.services.stock_acts import stock_waste
from notifications.models import ChannelChoice, InboundMessage, ProviderOptOut, PushSubscription, Suppression
from notifications.pipeline.deliver import deliver
from notifications.pipeline.fan_out import fan_out
from notifications.preferences.settings import preferences_update
from notifications.replies.sms_replies import interpret_next
from notifications.services import NotificationService
from tests.events.factories import ClinicEventFactory
from tests.factories import PASSWORD, StaffRoleFactory
from tests.home.conftest import Cast
from tests.medications.factories import DoseScheduleFactory, MedicineFactory, VaccinationRecordFactory, times

FIRST, LAST = "Nomvula", "Madikizela"
NAME = f"{FIRST} {LAST}"
EMAIL, PHONE, BORN = "nomvula.x@example.org", "+27825550199", date(1987, 6, 5)
TRACES = (FIRST, LAST, EMAIL, PHONE, PHONE.removeprefix("+27"), str(BORN))
"""What must not be found anywhere once she was erased: each too long to stand in a key by chance."""


@dataclass(frozen=True)
class Life:
    user: User
    patient: Patient
    prescription: Prescription
    taken: Dose


def live(cast: Cast) -> Life:
    """She is registered and invited by the clinic, and lives with the site for a day. Anna cares for her."""
    cache.clear()
    now = timezone.now()
    StaffRoleFactory(clinic=cast.clinic, role="manager")  # who is told of prescriptions, too
    patient = _registered(cast)
    _put_on_a_list(cast, patient)
    user = _invited(cast, patient)
    CareRole.objects.create(patient=patient, user=cast.anna, relation=Relation.CARER, alert_missed=True)
    consents_for_all(
        user_ids=[user.pk],
        patient_ids=[patient.pk],
        purposes=personal_purposes(),
        how=Consent.How.PAPER,
        now=timezone.now(),
    )
    _noted(cast, patient)
    _invited_to_work(cast)
    _in_a_file(cast)
    _signs_in()
    prescription, taken = _treated(patient, user, cast)
    _choices(user)
    _writes(user)
    _is_answered(cast)
    _is_called(cast, patient)
    _staff_write(cast, user, patient)
    event = ClinicEventFactory(clinic=cast.clinic, starts_at=now + timedelta(days=3))
    event_join(event_id=event.pk, user=user, now=now)
    _visits(cast, patient)
    feed_make(user=user, now=now)
    _mail_in_files()
    everything_is_sent()
    return Life(user, patient, prescription, taken)


def everything_is_sent() -> None:
    while fan_out(now=timezone.now()).records:
        pass
    for channel in ("email", "sms"):
        while deliver(channel, now=timezone.now()).taken:
            pass


def _registered(cast: Cast) -> Patient:
    manager = Client()
    manager.force_login(cast.manager)
    form = {
        "clinic": cast.clinic.pk,
        "first_name": FIRST,
        "last_name": LAST,
        "date_of_birth": "5 June 1987",
        "care_roles-TOTAL_FORMS": 0,
        "care_roles-INITIAL_FORMS": 0,
        "care_roles-MIN_NUM_FORMS": 0,
        "care_roles-MAX_NUM_FORMS": 1000,
    }
    # Misspelt at first, so that the log of changes has both.
    assert manager.post("/admin/patients/new/", {**form, "last_name": f"{LAST}a"}).status_code == 302
    patient = Patient.objects.get(first_name=FIRST)
    assert manager.post(f"/admin/patients/edit/{patient.pk}/", form).status_code == 302
    return patient


def _noted(cast: Cast, patient: Patient) -> None:
    nurse = Client()
    nurse.force_login(cast.nurse)
    page = f"/admin/patients/{patient.pk}/"
    assert nurse.post(page, {"text": f"{NAME} works nights"}).status_code == 302
    asked = {"to_clinic": cast.other_clinic.pk, "reason": f"{NAME} moves there"}
    assert nurse.post(f"{page}transfer/", asked).status_code == 302


def _in_a_file(cast: Cast) -> None:
    """A spreadsheet of her clinic has her too."""
    kind = importable("patients")
    assert kind
    lines = [
        Line(1, ("First name", "Surname", "Born", "Folder")),
        Line(2, (FIRST, LAST, "5/6/1987", "HIL-77")),
    ]
    now = timezone.now()
    run = import_take(
        kind=kind,
        clinic=cast.clinic,
        by=cast.manager,
        lines=iter(lines),
        digest=digest_of(NAME),
        name="spreadsheet.csv",
        language="en",
        now=now,
    )
    import_check(import_id=run.pk, matched=run.matched, now=now)
    while carry_on_next(now=now):
        pass
    assert run.rows.get().state == "asked"


def _invited(cast: Cast, patient: Patient) -> User:
    manager = Client()
    manager.force_login(cast.manager)
    form = {"patient": patient.pk, "relation": "self", "address": EMAIL, "language": "en"}
    assert manager.post("/admin/invitations/new/", form).status_code == 302
    [path] = set(re.findall(r"http://localhost:8000(/en/i/\S+)", mail.outbox[-1].body))
    profile = {"first_name": FIRST, "last_name": LAST, "language": "en", "password": PASSWORD}
    assert Client().post(path, profile).status_code == 302
    user = User.objects.get(email=EMAIL)
    # A second address of hers, and an invitation that she never took.
    User.objects.filter(pk=user.pk).update(phone=PHONE, phone_verified_at=timezone.now())
    more = {"patient": cast.pieter.pk, "relation": "carer", "address": PHONE, "language": "en"}
    assert manager.post("/admin/invitations/new/", more).status_code == 302
    return User.objects.get(pk=user.pk)


def _invited_to_work(cast: Cast) -> None:
    """She has an account already, signs in, and declines."""
    manager = Client()
    manager.force_login(cast.manager)
    form = {"clinic": cast.clinic.pk, "role": "nurse", "email": EMAIL, "language": "en"}
    assert manager.post("/admin/staff_invitations/new/", form).status_code == 302
    [path] = set(re.findall(r"http://localhost:8000(/en/work/\S+)", mail.outbox[-1].body))
    person = Client()
    person.force_login(User.objects.get(email=EMAIL))
    assert person.post(path, {"decline": "1"}).status_code == 200


def _signs_in() -> None:
    client = Client()
    for password in ("wrong", PASSWORD):
        client.post("/en/accounts/login/", {"login": EMAIL, "password": password})
    assert client.get("/en/sessions/").status_code == 200
    _token(EMAIL)
    Client().post("/en/accounts/login/", {"login": PHONE, "password": "wrong"})
    # Somebody asked for a code and left the page.
    Client().post("/en/accounts/login/code/", {"login": EMAIL})


def _token(email: str) -> str:
    """Of a program that signs in as this person."""
    answer = Client().post(
        "/api/auth/login/", {"email": email, "password": PASSWORD}, content_type="application/json"
    )
    token: str = answer.json()["token"]
    return token


def _treated(patient: Patient, user: User, cast: Cast) -> tuple[Prescription, Dose]:
    now = timezone.now()
    today = timezone.localdate()
    schedule = DoseScheduleFactory(
        prescription__patient=patient,
        prescription__medicine=MedicineFactory(),
        prescription__start_date=today - timedelta(days=1),
        prescription__instructions_en=f"{FIRST}: with food",
        prescription__instructions_af=f"{FIRST}: saam met kos",
        rule=times("08:00", "20:00"),
    )
    prescription = schedule.prescription
    Prescription.objects.rewrite(False).filter(pk=prescription.pk).update(instructions=f"{FIRST}: with food")
    batch = stock_receive(
        medicine=prescription.medicine,
        prescription=prescription,
        quantity=Decimal(20),
        expiry_date=today + timedelta(days=300),
        now=now,
        why=f"brought by {NAME}",
    )
    stock_waste(batch_id=batch.pk, quantity=Decimal(1), user=cast.nurse, now=now, why=f"{FIRST} dropped it")
    with transaction.atomic():
        prescription_announce(prescription_id=prescription.pk, now=now)
    first, second = Dose.objects.filter(prescription=prescription).order_by("due_at")[:2]
    Dose.objects.filter(pk=first.pk).update(due_at=now - timedelta(hours=2))
    Dose.objects.filter(pk=second.pk).update(due_at=now - timedelta(hours=1))
    dose_take(dose_id=first.pk, user=user, now=now)
    dose_skip(dose_id=second.pk, user=user, now=now, code="other", reason=f"{FIRST} was at the dentist")
    stopped = DoseScheduleFactory(
        prescription__patient=patient,
        prescription__medicine=prescription.medicine,
        prescription__start_date=today - timedelta(days=1),
        rule=times("08:00"),
    )
    stop = Stop(last_day=today, reason=StopReason.SIDE_EFFECT, words=f"{FIRST} felt dizzy", by=cast.nurse)
    prescription_stop(prescription_id=stopped.prescription_id, stop=stop, now=now)
    vaccine = Vaccine.objects.filter(code="td").first() or Vaccine.objects.create(code="td", name="Td")
    VaccinationRecordFactory(patient=patient, vaccine=vaccine, dose_number=1, date_given=today)
    VaccinationRecordFactory(
        patient=patient,
        vaccine=vaccine,
        dose_number=2,
        date_given=None,
        next_due_date=today + timedelta(days=1),
    )
    assert StockBatch.objects.get(pk=batch.pk).quantity < 20
    return prescription, Dose.objects.get(pk=first.pk)


def _put_on_a_list(cast: Cast, patient: Patient) -> None:
    """By the clinic, before she had an account."""
    event = ClinicEventFactory(clinic=cast.clinic, starts_at=timezone.now() + timedelta(days=5))
    patient_join(event_id=event.pk, patient_id=patient.pk, now=timezone.now())


def _visits(cast: Cast, patient: Patient) -> None:
    """She came, comes again, and her cousin may collect for her."""
    nurse = Client()
    nurse.force_login(cast.nurse)
    form = {
        "patient": patient.pk,
        "kind": "check_up",
        "soon": "",
        "at": "",
        "note": f"{FIRST} brings her card",
    }
    for days in (0, 8):
        day = timezone.localdate() + timedelta(days=days)
        answer = nurse.post("/admin/visits/new/", form | {"day": day.isoformat(), "closed_day": "on"})
        assert answer.status_code == 302
    first, _second = Visit.objects.filter(patient=patient).order_by("day")
    nurse.post(f"/admin/visits/{first.pk}/came/")
    collectors = {"pickup_point": "Post office", "collector_one": f"Themba {LAST}", "collector_two": ""}
    assert nurse.post(f"/admin/visits/collection/{patient.pk}/", collectors).status_code == 302


def _choices(user: User) -> None:
    now = timezone.now()
    preferences_update(user_id=user.pk, changes={"detail": "detailed"}, now=now)
    ChannelChoice.objects.create(user=user, category="stock", channel="email", on=False)
    expiring = {"category": "stock", "event_type": "medication.expiring"}
    ChannelChoice.objects.create(user=user, channel="email", on=True, **expiring)
    PushSubscription.objects.create(
        user=user, endpoint="https://push.example.org/nomvula", p256dh="k", auth="a", created_at=now
    )
    ProviderOptOut.objects.create(user=user, channel="sms", provider="twilio", since=now)
    Suppression.objects.create(channel="email", address=EMAIL, reason="bounced", since=now, cleared_at=now)


def _is_called(cast: Cast, patient: Patient) -> None:
    now = timezone.now()
    Patient.objects.filter(pk=patient.pk).update(phone=PHONE)
    worklist_refresh([cast.clinic.pk], now=now)
    call = Call("other", note=f"{NAME} asked for {PHONE}")
    call_log(
        patient=Patient.objects.select_related("clinic").get(pk=patient.pk), call=call, by=cast.nurse, now=now
    )


def _writes(user: User) -> None:
    now = timezone.now()
    for number, text in enumerate((f"This is {NAME}", "1")):
        InboundMessage.objects.create(
            provider="file", provider_id=str(number), sender=PHONE, text=text, received_at=now, due_at=now
        )
    while interpret_next(now=now):
        pass
    InboundMessage.objects.create(
        provider="file", provider_id="waits", sender=PHONE, text=f"{FIRST} again", received_at=now, due_at=now
    )


def _is_answered(cast: Cast) -> None:
    """By a nurse, where she wrote; and somebody wrote of her from another phone."""
    now = timezone.now()
    nurse = Client()
    nurse.force_login(cast.nurse)
    row = Conversation.objects.get()
    page = f"/admin/conversations/{row.pk}/"
    assert nurse.get(page).status_code == 200
    row.refresh_from_db()
    assert nurse.post(page, {"text": f"Dear {NAME}, come on Friday.", "seen": row.version}).status_code == 302
    InboundMessage.objects.create(
        provider="file",
        provider_id="elsewhere",
        sender="+27825550198",
        text=f"{NAME} here, on my cousin's phone",
        received_at=now,
        due_at=now,
    )
    while interpret_next(now=now):
        pass
    other = Conversation.objects.exclude(pk=row.pk).get()
    head = Client()
    head.force_login(cast.head_office)
    whose = {"patient": row.patient_id, "seen": other.version}
    assert head.post(f"/admin/conversations/{other.pk}/whose/", whose).status_code == 302


def _staff_write(cast: Cast, user: User, patient: Patient) -> None:
    NotificationService.send(
        users=[user], title=f"Dear {FIRST}", message=f"{NAME}, please call us.", data={"name": NAME}
    )
    # To those who care for her, and to the clinic.
    NotificationService.send(
        users=[cast.anna, cast.manager], title=f"About {NAME}", message=f"{NAME} called."
    )
    for title, at in (("Who has seen her?", None), ("Remember", timezone.now() + timedelta(days=2))):
        NotificationService.announce(
            title={"en": title, "af": title},
            message={"en": f"{NAME} is looked for.", "af": f"Ons soek {NAME}."},
            audiences=["staff"],
            at=at,
        )
    later: dict[str, Any] = {
        "recipients": [user.pk],
        "title": f"Remember, {FIRST}",
        "message": f"{NAME}: bring your card.",
        "scheduled_at": (timezone.now() + timedelta(days=2)).isoformat(),
    }
    answer = Client().post(
        "/api/notifications/schedule/",
        later,
        content_type="application/json",
        headers={"Authorization": f"Token {_token(str(cast.head_office.email))}", "Idempotency-Key": NAME},
    )
    assert answer.status_code == 201, answer.content


def _mail_in_files() -> None:
    """As a trial site writes them, one with the name in an encoded body."""
    for folder in (settings.EMAIL_FILE_PATH, settings.SMS_FILE_PATH):
        Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(settings.EMAIL_FILE_PATH) / "1.log").write_text(f"To: {EMAIL}\nSubject: Hello\n\nYour code\n")
    body = b64encode(f"{NAME} has missed a dose.".encode()).decode()
    (Path(settings.EMAIL_FILE_PATH) / "2.log").write_text(
        "To: anna@example.org\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
        f"{body}\n"
    )
    (Path(settings.EMAIL_FILE_PATH) / "3.log").write_text("To: other@example.org\n\nSomebody else's\n")
    (Path(settings.SMS_FILE_PATH) / "1.txt").write_text(f"To: {PHONE}\n\nYour code\n")
