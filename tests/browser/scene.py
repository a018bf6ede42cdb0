"""What the tests need beside the demo, put into the site's own database; run in a process of the site."""

import json
import sys
import traceback
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone, translation

from events.models import Visit
from events.visits.passing import pass_visits
from home.dashboard.counts import count_all
from home.dashboard.days import COUNTED_AGAIN, count_days
from home.demo import DOMAIN, PASSWORD, demo_patients
from home.invitation.services import invitation_create, invitation_send
from home.models import CareRole, Clinic, Patient, Region, RegionRole, Relation, StaffRole, User
from home.worklist.refresh import worklist_refresh
from medications.event_texts import DOSE_DUE
from medications.models import Dose, DoseSchedule, Medicine, Prescription
from medications.services.answers import dose_take
from medications.services.expansion import expand_doses
from medications.services.reminders import send_dose_reminders
from medications.services.stock import stock_receive
from notifications.channels.email import unsubscribe_links
from notifications.channels.push.payload import payload
from notifications.channels.voice import script
from notifications.channels.whatsapp.suggestions import add_missing
from notifications.models import (
    Delivery,
    InboundMessage,
    Notification,
    RoutingPlan,
    Spending,
    WhatsAppTemplate,
)
from notifications.pipeline.due import read
from notifications.pipeline.outgoing import single
from notifications.preferences.opt_outs import opt_out
from notifications.preferences.settings import preferences_update
from notifications.quick_replies import token_for
from notifications.services import NotificationService
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory
from tests.faults import many_recipients
from tests.notifications.channels.voice.recordings import record
from tests.notifications.factories import DeliveryFactory, NotificationFactory

IN_STOCK = Decimal(5)
OLD_MESSAGES = 60
MINUTE = timedelta(minutes=1)
FOUR_DAYS = timedelta(days=4)


def play() -> None:
    """For each line, a name and keywords as JSON, call that one of the functions below and print what came of it."""
    for line in sys.stdin:
        name, values = json.loads(line)
        try:
            answer = {"gives": globals()[name](**values)}
        except Exception:
            answer = {"failed": traceback.format_exc()}
        connection.close()
        print(json.dumps(answer), flush=True)


def settle_demo_doses() -> int:
    """Answer what falls due by itself soon after the load, so that the tests' own doses come alone."""
    soon = Dose.objects.filter(due_at__gt=timezone.now(), prescription__medicine__name_en="Vitamin D")
    return soon.update(state=Dose.State.SKIPPED, answered_at=timezone.now(), next_reminder_at=None)


@transaction.atomic
def doses_due(patients: list[str], ahead: float) -> dict[str, Any]:
    """A dose of folic acid for each, all at the first full minute that is so many seconds ahead; none is announced."""
    now = timezone.now()
    due_at = (now + timedelta(seconds=ahead) + MINUTE).replace(second=0, microsecond=0)
    doses = {name: _dose(name, due_at) for name in patients}
    return {
        "due_at": due_at.timestamp(),
        "time": f"{due_at.astimezone(_zone(patients[0])):%H:%M}",
        "doses": {name: dose.id for name, dose in doses.items()},
        "prescriptions": {name: dose.prescription_id for name, dose in doses.items()},
    }


@transaction.atomic
def treated(patient: str) -> dict[str, Any]:
    """A dose of every day that was due this minute and is taken; with stock at home and on the clinic's shelf. And
    another time of the same day.
    """
    now = timezone.now()
    due_at = now.replace(second=0, microsecond=0)
    dose = _dose(patient, due_at)
    prescription = dose.prescription
    Prescription.objects.filter(pk=prescription.pk).update(end_date=None)
    expand_doses(now=now, prescriptions=[prescription.pk])
    dose_take(dose_id=dose.pk, user=User.objects.get(email__startswith=f"{patient.lower()}@"), now=now)
    stock_receive(
        medicine=prescription.medicine,
        clinic=prescription.patient.clinic,
        batch_number="SHELF",
        quantity=Decimal(100),
        expiry_date=due_at.date() + timedelta(days=200),
        now=now,
    )
    return {"prescription": prescription.pk, "other_time": "23:59"}


def registered(clinic_of: str) -> int:
    """Somebody of whom there is nothing yet, at the clinic of this patient."""
    clinic = demo_patients()[clinic_of].clinic
    return int(Patient.objects.create(clinic=clinic, first_name="Nobuhle", last_name="Zulu").pk)


def id_of(patient: str) -> int:
    return int(demo_patients()[patient].pk)


@transaction.atomic
def dose_of_yesterday(patient: str) -> dict[str, Any]:
    """A dose that was due at noon yesterday, of which nobody said anything; and its day."""
    zone = _zone(patient)
    day = timezone.now().astimezone(zone).date() - timedelta(days=1)
    due_at = datetime.combine(day, time(12), zone)
    dose = _dose(patient, due_at)
    Dose.objects.filter(pk=dose.pk).update(state=Dose.State.MISSED, next_reminder_at=None, reminders_sent=3)
    return {"dose": dose.pk, "prescription": dose.prescription_id, "day": day.isoformat()}


def paracetamol(patient: str) -> int:
    """The prescription that this patient takes as needed."""
    return Prescription.objects.get(patient=demo_patients()[patient], medicine__name_en="Paracetamol").pk


@transaction.atomic
def old_messages(accounts: list[str]) -> int:
    """Messages of long ago that were read, below those of the demo."""
    began = timezone.now() - timedelta(days=40)
    for account in accounts:
        recipient = User.objects.get(email__startswith=f"{account}@")
        for number in range(OLD_MESSAGES):
            at = began - timedelta(hours=number)
            NotificationFactory(
                recipient=recipient, title=f"Old message {number + 1}", created_at=at, read_at=at
            )
    return Notification.objects.count()


@transaction.atomic
def wrote(patient: str, text: str) -> str:
    """This patient wrote an SMS that nobody understood, and is on the list of whom to call; the name."""
    row, now = demo_patients()[patient], timezone.now()
    user = User.objects.get(care_roles__patient=row, care_roles__relation=Relation.SELF)
    InboundMessage.objects.create(
        provider="file",
        provider_id=f"browser-{patient}-{now}",
        sender=str(user.phone or "+27825550142"),
        user=user,
        text=text,
        received_at=now,
        due_at=now,
        finished_at=now,
        state=InboundMessage.State.DONE,
        interpretation=InboundMessage.Interpretation.UNKNOWN_WORDS,
    )
    worklist_refresh([row.clinic_id], now=now)
    return row.get_full_name()


@transaction.atomic
def dose_falls_due(patient: int) -> list[int]:
    """The next doses of this patient are due in this minute, and are reminded of as in every minute; their ids."""
    now = timezone.now()
    at = now.replace(second=0, microsecond=0)
    planned = Dose.objects.filter(patient=patient, state=Dose.State.SCHEDULED, due_at__gt=now)
    first = planned.earliest("due_at")
    wall = at.astimezone(ZoneInfo(first.patient.zone))
    due = list(planned.filter(due_at=first.due_at).values_list("pk", flat=True))
    Dose.objects.filter(pk__in=due).update(
        due_at=at,
        local_day=wall.date(),
        local_time=wall.time(),
        next_reminder_at=at,
        remind_until=at + timedelta(hours=1),
        missed_at=at + timedelta(hours=2),
    )
    send_dose_reminders(now=now)
    return due


@transaction.atomic
def whatsapp_approves() -> list[list[Any]]:
    """WhatsApp has approved all suggested texts; of each its name, language, number of values and of buttons."""
    add_missing()
    WhatsAppTemplate.objects.update(state=WhatsAppTemplate.State.APPROVED)
    rows = WhatsAppTemplate.objects.all()
    return [[row.name, row.language, len(row.parameters), row.buttons] for row in rows]


@transaction.atomic
def as_before_whatsapp() -> None:
    """It has approved nothing, and messages go in the usual order."""
    WhatsAppTemplate.objects.all().delete()
    RoutingPlan.objects.all().delete()


def reminders_go(by: list[list[Any]]) -> None:
    """By these channels, each so many minutes after the one before."""
    RoutingPlan.objects.update_or_create(category="medication", defaults={"steps": by})


def calls_are_recorded(language: str) -> int:
    """All that is said in a call about a dose; how many recordings that is."""
    texts = [*script.TEXTS, "medication.dose_due", script.answers_text("medication.dose_due")]
    return len(record(*texts, language=language))


@transaction.atomic
def days_go_by(patient: int) -> None:
    """Four days in which this patient took nothing, and the day of the visit, which was yesterday. The site did then
    what it does by itself.
    """
    now = timezone.now()
    row = Patient.objects.select_related("clinic").get(pk=patient)
    for dose in Dose.objects.filter(patient=patient).order_by(
        "due_at", "id"
    ):  # each into the place of one before
        for name in ("due_at", "remind_until", "missed_at", "local_day"):
            setattr(dose, name, getattr(dose, name) - FOUR_DAYS)
        if dose.due_at <= now:
            dose.next_reminder_at, dose.reminders_sent = None, 1
        elif dose.next_reminder_at:
            dose.next_reminder_at -= FOUR_DAYS
        dose.save()
    send_dose_reminders(now=now)
    yesterday = now.astimezone(ZoneInfo(row.clinic.zone)).date() - timedelta(days=1)
    Visit.objects.filter(patient=patient, state=Visit.State.PLANNED).update(
        day=yesterday, planned_at=now - timedelta(days=29), next_step_at=now
    )
    pass_visits(now=now)
    worklist_refresh([row.clinic_id], now=now)


@transaction.atomic
def day_before_the_visit(patient: int) -> None:
    """Half past nine has come on the day before this patient's visit, which was planned a week ago. Earlier in the day
    that was yesterday: what is published of a moment to come waits for it.
    """
    now = timezone.now()
    visit = Visit.objects.select_related("clinic").get(patient=patient, state=Visit.State.PLANNED)
    zone = ZoneInfo(visit.clinic.zone)
    today = now.astimezone(zone).date()
    morning = datetime.combine(today, time(9, 30), zone)
    if morning > now:
        morning = datetime.combine(today - timedelta(days=1), time(9, 30), zone)
    visit.day, visit.planned_at, visit.next_step_at = (
        morning.date() + timedelta(days=1),
        morning - timedelta(days=7),
        morning,
    )
    visit.save()
    pass_visits(now=morning)


def day_of_the_visit(patient: int) -> None:
    """It is today."""
    visit = Visit.objects.select_related("clinic").get(patient=patient, state=Visit.State.PLANNED)
    today = timezone.now().astimezone(ZoneInfo(visit.clinic.zone)).date()
    Visit.objects.filter(pk=visit.pk).update(day=today)


def stops_sms_with_the_provider(account: str) -> None:
    user = User.objects.get(email=f"{account}@{DOMAIN}")
    opt_out(user_id=user.pk, channel="sms", provider="twilio", sent_at=timezone.now(), now=timezone.now())


def news(account: str) -> dict[str, int]:
    """A message to somebody that e-mail would carry too; its id, and that of the patient whom they are."""
    user = User.objects.get(email=f"{account}@{DOMAIN}")
    NotificationService.send(
        users=[user], title="The clinic is closed", message="Until Monday.", notif_type="system"
    )
    patient = Patient.objects.get(care_roles__user=user, care_roles__relation=Relation.SELF)
    return {"message": user.notifications.latest("id").pk, "patient": patient.pk}


def invitation(patient: str, number: str) -> str:
    """The page behind the link of an invitation to that number."""
    row = invitation_create(
        patient=demo_patients()[patient],
        relation=Relation.SELF,
        phone=number,
        invited_by=None,
        now=timezone.now(),
    )
    invitation_send(invitation_id=row.pk, now=timezone.now())
    texts = (file.read_text() for file in (settings.DATA_DIR / "sms").glob("*.txt"))
    [text] = [text for text in texts if number in text]
    return text.split(settings.BASE_URL)[1].split()[0]


def dose_notice(patient: str, dose: int, language: str) -> str:
    """What a push service is given to say that this dose is due: the payload for the service worker."""
    notification = _dose_message(patient, dose, language)
    delivery = DeliveryFactory(
        notification=notification,
        channel="push",
        address=str(notification.recipient_id),
        body=DOSE_DUE[language].short_text_discreet,
        state=Delivery.State.SENT,
        finished_at=timezone.now(),
    )
    [due] = read([delivery.pk])
    return payload(single(due, with_quick_replies=True)).decode()


def dose_links(patient: str, dose: int, language: str) -> dict[str, str]:
    """The paths in the mail that says that this dose is due, and that of its message in the inbox."""
    message = _dose_message(patient, dose, language)
    with translation.override(language):
        return {
            "answer": reverse("notifications:answer", args=[token_for(message.pk, "taken")]),
            "unsubscribe": unsubscribe_links.path_for(message.recipient_id, ["event"]),
            "message": reverse("notifications:message", args=[message.pk]),
        }


@transaction.atomic
def new_nurse(language: str) -> str:
    """The account of a nurse who has just begun at clinic 1, by the first part of her address."""
    return _new_colleague(f"new-nurse-{language}", "Lerato", StaffRole.Role.NURSE, language)


@transaction.atomic
def new_manager(language: str, account: str = "new-manager") -> str:
    """And of a manager."""
    return _new_colleague(f"{account}-{language}", "Sibongile", StaffRole.Role.MANAGER, language)


@transaction.atomic
def new_director(language: str) -> str:
    """The account of somebody at head office who reads this language, by the first part of the address."""
    account = f"director-{language}"
    person = User.objects.create_superuser(email=f"{account}@{DOMAIN}", password=PASSWORD, first_name="Nomsa")
    preferences_update(user_id=person.pk, changes={"language": language}, now=timezone.now())
    return account


def _new_colleague(account: str, first_name: str, role: StaffRole.Role, language: str) -> str:
    person = User.objects.create_user(email=f"{account}@{DOMAIN}", password=PASSWORD, first_name=first_name)
    StaffRole.objects.create(user=person, clinic=demo_patients()["Thandi"].clinic, role=role)
    preferences_update(user_id=person.pk, changes={"language": language}, now=timezone.now())
    return account


@transaction.atomic
def manager_of_two(language: str) -> str:
    """The account of somebody who manages both clinics of the demo, by the first part of the address."""
    account = f"manager-of-two-{language}"
    person = User.objects.create_user(
        email=f"{account}@{DOMAIN}", password=PASSWORD, first_name="Ayanda", last_name="Mokoena"
    )
    for clinic in Clinic.objects.order_by("pk")[:2]:
        StaffRole.objects.create(user=person, clinic=clinic, role=StaffRole.Role.MANAGER)
    preferences_update(user_id=person.pk, changes={"language": language}, now=timezone.now())
    return account


@transaction.atomic
def about_to_leave(language: str) -> dict[str, str]:
    """A patient of clinic 1 with an account and a dose of this minute: the first part of her address, and her name."""
    account, last_name = f"leaver-{language}", {"en": "Tshabalala", "af": "Steenkamp"}[language]
    patient = Patient.objects.create(
        first_name="Refilwe", last_name=last_name, clinic=demo_patients()["Thandi"].clinic
    )
    person = User.objects.create_user(
        email=f"{account}@{DOMAIN}", password=PASSWORD, first_name="Refilwe", last_name=last_name
    )
    CareRole.objects.create(patient=patient, user=person, relation=Relation.SELF)
    preferences_update(user_id=person.pk, changes={"language": language}, now=timezone.now())
    _dose_of(patient, timezone.now().replace(second=0, microsecond=0))
    return {"account": account, "name": patient.get_full_name()}


def is_erased(account: str) -> bool:
    """Whether nobody has that address any more."""
    return not User.objects.filter(email=f"{account}@{DOMAIN}").exists()


def not_found() -> dict[str, str]:
    """The page for an address that leads nowhere, by language; a trial shows one for developers instead."""
    with override_settings(DEBUG=False, ALLOWED_HOSTS=["testserver"]):
        return {
            code: Client().get(f"/{code}/nothing-here/").content.decode()
            for code, _name in settings.LANGUAGES
        }


def months_paid(account: str) -> int:
    """Seven months of SMS of the clinic that this person manages, the last of them this one, within a budget."""
    clinic = StaffRole.objects.get(user__email=f"{account}@{DOMAIN}", role=StaffRole.Role.MANAGER).clinic
    clinic.message_budget = Decimal(2000)
    clinic.save()
    month = timezone.localdate().replace(day=1)
    for number in range(7):
        for category, cost in (("visit", 410 + 90 * number), ("event", 150 + 20 * number)):
            Spending.objects.update_or_create(
                scope_id=clinic.pk,
                month=month,
                category=category,
                channel="sms",
                defaults={"messages": cost * 3, "parts": cost * 4, "cost": Decimal(cost)},
            )
        month = (month - timedelta(days=1)).replace(day=1)
    return clinic.pk


def month_counted(district: str) -> int:
    """Everything that is counted of the clinics, which all belong to this district, and who follows it, in Afrikaans:
    the account “district”.
    """
    count_all(now=timezone.now())
    count_days(now=timezone.now(), days=COUNTED_AGAIN)
    region, _made = Region.objects.get_or_create(name=district)
    Clinic.objects.update(region=region)
    follower, made = User.objects.get_or_create(
        email=f"district@{DOMAIN}", defaults={"first_name": "Lindiwe", "last_name": "Zulu"}
    )
    if made:
        follower.set_password(PASSWORD)
        follower.email_verified_at = timezone.now()
        follower.save()
        preferences_update(user_id=follower.pk, changes={"language": "af"}, now=timezone.now())
    RegionRole.objects.get_or_create(region=region, user=follower)
    return region.pk


def managers_of_many(accounts: list[str], language: str, count: int, births: int) -> None:
    """A clinic with so many people on its staff, beside these managers, who read this language; and with so many
    children who were born three days ago.
    """
    clinic = ClinicFactory(name=f"Khayelitsha {language}")
    for account in accounts:
        user = User.objects.create_user(
            email=f"{account}@{DOMAIN}", password=PASSWORD, first_name=account.title()
        )
        StaffRole.objects.create(user=user, clinic=clinic, role=StaffRole.Role.MANAGER)
        preferences_update(user_id=user.pk, changes={"language": language}, now=timezone.now())
    many_recipients.staff(count, clinic=clinic)
    born = timezone.localdate() - timedelta(days=3)
    for _ in range(births):
        CareRoleFactory(
            # Scenes know the patients of the demo by their first names.
            patient=PatientFactory(clinic=clinic, first_name="Langelihle", date_of_birth=born),
            user__email=f"{uuid4().hex}@{DOMAIN}",
            relation=Relation.GUARDIAN,
        )


def _dose_message(patient: str, dose: int, language: str) -> Notification:
    """The message that this dose is due, to its patient."""
    return NotificationFactory(
        recipient=User.objects.get(email__startswith=f"{patient.lower()}@"),
        event_type="medication.dose_due",
        category="medication",
        language=language,
        path="/today/",
        data={"dose_ids": [dose]},
        related_object_type="dose",
        related_object_id=dose,
        dedupe_key=f"notice:{dose}",
        valid_until=timezone.now() + timedelta(hours=1),
    )


def _dose(patient_name: str, due_at: datetime) -> Dose:
    return _dose_of(demo_patients()[patient_name], due_at)


def _dose_of(patient: Patient, due_at: datetime) -> Dose:
    medicine = Medicine.objects.get(name_en="Folic acid")
    day = due_at.astimezone(ZoneInfo(patient.zone)).date()
    prescription = Prescription.objects.create(
        patient=patient, medicine=medicine, start_date=day, end_date=day, created_at=due_at - MINUTE
    )
    time = f"{due_at.astimezone(ZoneInfo(patient.zone)):%H:%M}"
    rule = {"kind": "times", "times": [time], "quantity": "1"}
    DoseSchedule.objects.create(prescription=prescription, rule=rule)
    stock_receive(
        medicine=medicine,
        prescription=prescription,
        batch_number="BROWSER",
        quantity=IN_STOCK,
        expiry_date=day + timedelta(days=300),
        now=due_at - MINUTE,
    )
    expand_doses(now=due_at - MINUTE, prescriptions=[prescription.id])
    return Dose.objects.get(prescription=prescription)


def _zone(patient_name: str) -> ZoneInfo:
    return ZoneInfo(demo_patients()[patient_name].zone)
