"""The demo: what `load_demo` makes, and that it may be run again. It is loaded anew in test_demo_loading."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.db.models import F, Sum
from django.test import Client

from home.conversations.threads import texts_of
from home.demo import demo_patients
from home.demo_accounts import ACCOUNTS, PASSWORD
from home.models import CareRole, Clinic, Conversation, Patient, User
from home.worklist.reasons import worklist_reason
from medications.models import (
    Dose,
    DoseAnswer,
    DoseSchedule,
    Medicine,
    Prescription,
    StockBatch,
    StockMovement,
    VaccinationRecord,
)
from medications.rules.dose_kinds import KINDS
from medications.selectors.overdue import overdue_for_the_nurse
from medications.selectors.people import Person
from medications.selectors.supply import supply_of
from medications.selectors.vaccination import vaccinations_of
from medications.services.overdue_vaccinations import ask_about_overdue_vaccinations
from medications.services.reminders import send_dose_reminders
from notifications.models import (
    Delivery,
    EventRecord,
    InboundMessage,
    Notification,
    NotificationTemplate,
    Suppression,
)
from notifications.pipeline.fan_out import fan_out
from notifications.selectors.inbox import inbox, received
from notifications.selectors.people import language_of
from tests.demo import NOW

pytestmark = pytest.mark.django_db

JOHANNESBURG = ZoneInfo("Africa/Johannesburg")


def load(*arguments: str) -> str:
    out = StringIO()
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


def user(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.medguard.test")


def everything() -> dict[str, int]:
    models = [
        model
        for app in ("home", "medications", "notifications")
        for model in apps.get_app_config(app).get_models()
    ]
    return {model._meta.label: model._default_manager.count() for model in models}


@pytest.mark.usefixtures("demo")
def test_loading_it_again_changes_nothing_also_days_later_and_when_people_have_played_with_it() -> None:
    before = everything()
    assert load() == "The demo is there already.\n"
    assert everything() == before
    Clinic.objects.filter(name__startswith="Wynberg").update(name="Our clinic")
    user("thandi").delete()
    before = everything()
    with time_machine.travel(NOW + timedelta(days=3)):
        assert load() == "The demo is there already.\n"
    assert everything() == before


@pytest.mark.usefixtures("demo")
def test_there_are_two_clinics_with_staff_and_patients_in_both_languages() -> None:
    assert Clinic.objects.count() == 2
    assert all(clinic.staff_roles.count() == 2 for clinic in Clinic.objects.all())
    assert Patient.objects.count() >= 12
    themselves = CareRole.objects.filter(relation="self").values_list("user_id", flat=True)
    assert set(Counter(language_of(user_id) for user_id in themselves)) == {"en", "af"}
    assert language_of(user("pieter").pk) == "af"
    assert demo_patients()["Lwazi"].care_roles.get().relation == "guardian"
    assert user("anna").care_roles.filter(relation="carer", patient__first_name="Pieter").exists()
    assert CareRole.objects.filter(
        relation="self", user__email__isnull=True, user__phone__isnull=False
    ).exists()


@pytest.mark.usefixtures("demo")
def test_each_account_signs_in(client: Client) -> None:
    cache.clear()
    for login in (*ACCOUNTS, "082 555 0142"):
        answer = client.post("/en/accounts/login/", {"login": login, "password": PASSWORD})
        assert answer.status_code == 302, login
        assert client.session["_auth_user_id"]
        client.logout()


@pytest.mark.usefixtures("demo")
def test_the_manager_writes_words_and_adds_medicines_and_nurses_and_patients_do_not() -> None:
    for edit in ("notifications.publish_notificationtemplate", "medications.add_medicine"):
        may = {name for name in ("thandi", "anna", "sister", "manager") if user(name).has_perm(edit)}
        assert may == {"manager"}
    assert user("sister").has_perm("wagtailadmin.access_admin")
    assert user("admin").is_superuser


@pytest.mark.usefixtures("demo")
def test_one_clinic_has_words_and_a_medicine_of_its_own_beside_head_offices() -> None:
    wynberg = demo_patients()["Thandi"].clinic
    templates = {template.scope_id: template for template in NotificationTemplate.objects.all()}
    assert set(templates) == {None, wynberg.pk}
    assert all(template.live and template.revisions.count() == 1 for template in templates.values())
    assert "time for" in templates[None].title_en
    told = Notification.objects.filter(event_type="medication.low_stock")
    said = {(each.scope_id, any(word in each.body for word in ("window 3", "venster 3"))) for each in told}
    assert (wynberg.pk, True) in said
    assert all(is_ours is (scope_id == wynberg.pk) for scope_id, is_ours in said)
    own = Medicine.objects.get(clinic__isnull=False)
    assert own.clinic == wynberg
    assert not own.prescriptions.exists()


@pytest.mark.usefixtures("demo")
def test_what_people_wrote_stands_in_their_conversations() -> None:
    assert {str(text.text) for each in Conversation.objects.all() for text in texts_of(each)} == {
        "Can I come on Friday instead?",
        "I have chest pain since last night",
    }


@pytest.mark.usefixtures("demo")
def test_every_kind_of_schedule_is_there_and_in_both_languages() -> None:
    assert {schedule.rule["kind"] for schedule in DoseSchedule.objects.all()} == set(KINDS)
    for schedule in DoseSchedule.objects.all():
        schedule.full_clean()
    assert any("weekdays" in schedule.rule for schedule in DoseSchedule.objects.all())
    names = Prescription.objects.values_list("medicine__name", "medicine__name_en", "medicine__name_af")
    assert all(all(row) and row[0] == row[1] for row in names)


@pytest.mark.usefixtures("demo")
def test_thandi_and_pieter_each_get_their_reminder_within_three_minutes_and_pieter_by_e_mail_too() -> None:
    before = Notification.objects.order_by("-id").first()
    due = Dose.objects.filter(due_at__gt=NOW, due_at__lt=NOW + timedelta(minutes=3))
    assert sorted(due.values_list("patient__first_name", flat=True)) == ["Pieter", "Thandi"]
    at = due[0].due_at
    with time_machine.travel(at, tick=False):
        send_dose_reminders(now=at)
        fan_out(now=at)
    new = Notification.objects.filter(id__gt=before.id)
    time = at.astimezone(JOHANNESBURG).strftime("%H:%M")
    assert {(each.recipient.first_name, each.title) for each in new} == {
        ("Thandi", f"{time}: time for your medicine"),
        ("Pieter", f"{time}: tyd vir u medisyne"),
        ("Anna", f"{time}: time for Pieter van der Merwe's medicine"),
    }
    assert "Vitamien D 50 000 IU, 1 kapsule, een keer, saam met kos" in new.get(recipient=user("pieter")).body
    assert [delivery.address for delivery in Delivery.objects.filter(state="pending")] == [
        user("pieter").email
    ]


@pytest.mark.usefixtures("demo")
def test_the_last_month_was_answered_in_a_realistic_mix_and_has_gaps() -> None:
    past = Dose.objects.filter(due_at__lte=NOW)
    assert past.earliest("due_at").due_at < NOW - timedelta(days=33)
    for name in ("Thandi", "Pieter"):
        states = Counter(past.filter(patient__first_name=name).values_list("state", flat=True))
        assert set(states) == {"taken", "skipped", "missed"}
        assert states["taken"] > 0.7 * states.total()
        missed = past.filter(patient__first_name=name, state="missed").values_list("due_at", flat=True)
        assert len({at.astimezone(JOHANNESBURG).date() for at in missed}) >= 3
    assert past.filter(kind="planned", taken_quantity__isnull=False).count() > 5
    assert not past.filter(state="skipped", skip_reason="", skip_code="").exists()
    answered = past.exclude(state="missed")
    assert not answered.filter(answered_at__isnull=True).exists()
    assert not answered.filter(answered_by__isnull=True).exists()
    assert not answered.filter(answered_at__gt=NOW).exists()
    skipped = answered.filter(state="skipped", patient__first_name="Pieter")
    assert set(skipped.values_list("skip_reason", flat=True)) <= {
        "",
        "Ek was naar ná aandete",
        "Ons was by 'n begrafnis",
    }
    log = DoseAnswer.objects.filter(dose__in=answered)
    assert set(answered.values_list("id", flat=True)) == set(log.values_list("dose_id", flat=True))
    assert log.count() > answered.count()  # some were corrected


@pytest.mark.usefixtures("demo")
def test_some_was_taken_as_needed_once_too_early_and_one_dose_was_extra() -> None:
    paracetamol = Dose.objects.filter(kind="as_needed", patient__first_name="Thandi")
    assert paracetamol.count() >= 8
    assert paracetamol.filter(taken_quantity=1).exists()
    times = list(paracetamol.order_by("due_at").values_list("due_at", "over_limit"))
    for (before, _), (at, over_limit) in pairwise(times):
        assert (at - before < timedelta(hours=6)) == over_limit
    assert Dose.objects.get(kind="extra").patient.first_name == "Pieter"


@pytest.mark.usefixtures("demo")
def test_some_stock_runs_low_some_expires_and_all_of_it_is_accounted_for() -> None:
    supplies = supply_of(list(Prescription.objects.values_list("id", flat=True)), now=NOW)
    of = dict(Prescription.objects.values_list("id", "patient__first_name"))
    assert {of[each] for each, supply in supplies.items() if supply.low} == {"Fatima", "Thandi", "Willem"}
    assert {of[each] for each, supply in supplies.items() if supply.expiring} == {"Pieter", "Themba"}
    assert not any(supply.shortfall for supply in supplies.values())
    for batch in StockBatch.objects.annotate(moved=Sum("movements__quantity")):
        assert Decimal(batch.moved).quantize(Decimal("0.001")) == batch.quantity
    taken = StockMovement.objects.filter(kind="taken").values_list("dose_id", flat=True)
    assert set(taken) == set(Dose.objects.filter(state="taken").values_list("id", flat=True))
    told = inbox(user("manager").pk, category="stock").values_list("title", flat=True)
    assert sorted(told) == ["Metformin 500 mg runs out in 3 days", "Paracetamol 500 mg expires soon"]


@pytest.mark.usefixtures("demo")
def test_a_childs_calendar_has_what_was_given_and_a_reminder_that_waits() -> None:
    records = VaccinationRecord.objects.filter(patient__first_name="Lwazi")
    assert records.filter(date_given__isnull=False).count() > 10
    today = NOW.astimezone(JOHANNESBURG).date()
    nxt = records.filter(date_given__isnull=True).earliest("next_due_date")
    assert (nxt.vaccine.code, nxt.dose_number, nxt.next_due_date) == ("mr", 2, today + timedelta(days=2))
    waiting = EventRecord.objects.filter(event_type="vaccination.due", state="pending").earliest("due_at")
    assert waiting.due_at.astimezone(JOHANNESBURG).isoformat() == "2026-11-25T09:00:00+02:00"
    assert not records.filter(date_given__isnull=False, next_due_date__isnull=False).exists()
    assert not records.filter(date_given__isnull=True, next_due_date__lt=today).exists()


@pytest.mark.usefixtures("demo")
def test_a_late_child_shows_what_is_no_longer_given_and_what_does_not_count() -> None:
    person = Person(demo_patients()["Amahle"], False)
    [(_person, found)] = vaccinations_of([person], now=NOW)
    states: dict[str, set[tuple[str, int]]] = {}
    for each in found:
        states.setdefault(each.state, set()).add((each.name, each.dose_number))
    assert len(states["no_longer"]) == 5  # BCG, polio drops and rotavirus
    assert states["not_needed"] == {("Pneumococcal", 2), ("Pneumococcal", 3)}
    assert states["not_counted"] == {("Hexavalent (6-in-1)", 2)}
    assert states["overdue"] == {("Hexavalent (6-in-1)", 2), ("Measles and rubella", 2)}


@pytest.mark.usefixtures("demo")
def test_the_late_childs_father_was_asked_and_the_nurse_has_it_on_her_list() -> None:
    asked = received(user("sipho").pk).filter(event_type="vaccination.overdue")
    assert sorted(asked.values_list("title", flat=True)) == [
        "Still due: Hexavalent (6-in-1)",
        "Still due: Measles and rubella",
    ]
    [record] = overdue_for_the_nurse(Patient.objects.all(), now=NOW)
    assert VaccinationRecord.objects.get(pk=record).vaccine.code == "mr"
    assert ask_about_overdue_vaccinations(now=NOW) == 0


@pytest.mark.usefixtures("demo")
def test_inboxes_have_a_history() -> None:
    for name, language, categories in (
        ("thandi", "en", {"medication", "stock"}),
        ("pieter", "af", {"medication", "stock"}),
        ("anna", "en", {"medication", "stock", "vaccination"}),
    ):
        mine = received(user(name).pk)
        assert 12 <= mine.count() <= 40
        assert set(mine.values_list("language", flat=True)) == {language}
        assert set(mine.values_list("category", flat=True)) == categories
        assert mine.earliest("sent_at").sent_at < NOW - timedelta(days=12)
        unread = inbox(user(name).pk, status="unread").count()
        assert 3 <= unread < mine.count() / 2
        assert inbox(user(name).pk, status="dismissed").exists()
        assert not mine.filter(read_at__lt=F("sent_at")).exists()


@pytest.mark.usefixtures("demo")
def test_those_who_care_for_pieter_were_told_of_the_dose_he_missed() -> None:
    told = received(user("anna").pk).get(event_type="medication.dose_missed")
    assert told.title.startswith("No answer yet: Pieter van der Merwe's ")
    assert not received(user("pieter").pk).filter(event_type="medication.dose_missed").exists()
    assert told.data.pop("carer_of") == user("pieter").care_roles.get().patient_id
    reminded = received(user("pieter").pk).filter(data=told.data).order_by("sent_at")
    first, second, third = reminded.values_list("sent_at", flat=True)
    assert second - first == third - second == timedelta(minutes=15)


@pytest.mark.usefixtures("demo")
def test_staffs_reports_have_something_to_show() -> None:
    failed = Delivery.objects.get(state=Delivery.State.FAILED)
    assert (failed.channel, bool(failed.error)) == ("sms", True)
    assert Suppression.objects.get(cleared_at=None).address == "ruan@demo.medguard.test"
    waiting = Notification.objects.filter(scheduled_status=Notification.Status.PENDING)
    assert {row.scheduled_at for row in waiting} == {NOW + timedelta(days=6)}
    received = InboundMessage.objects.filter(state=InboundMessage.State.DONE).order_by("received_at")
    assert [(row.interpretation, bool(row.reply)) for row in received] == [
        ("unknown_words", True),
        ("answer", True),
        ("unknown_words", True),
    ]


@pytest.mark.usefixtures("demo")
def test_somebody_missed_doses_and_runs_out() -> None:
    fatima = demo_patients()["Fatima"]
    for name in ("doses_missed", "ran_out"):
        reason = worklist_reason(name)
        assert reason is not None
        found = {each.patient_id for each in reason.select([fatima.clinic_id], NOW)}
        assert fatima.pk in found
