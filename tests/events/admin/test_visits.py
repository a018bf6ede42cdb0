"""A nurse plans visits, marks who came, moves and cancels; another clinic's visits she never sees."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry

from events.admin.visits import VisitEditView
from events.models import CollectionPlan, Visit
from events.personal_data import forget_visits
from events.visits.decide import visit_cancel
from home.models import AccessRecord, Patient
from home.record.history import history
from home.record.sections import Reading
from notifications.models import EventRecord
from notifications.privacy import Person
from tests.events.admin.conftest import Staff
from tests.events.factories import NOW, ClinicEventFactory, VisitFactory
from tests.factories import CareRoleFactory, PatientFactory

TODAY = date(2026, 11, 23)


@pytest.fixture
def patient(staff: Staff) -> Patient:
    return PatientFactory(clinic=staff.clinic, first_name="Zanele", last_name="Khumalo")


def planned(patient: Patient, **more: Any) -> Visit:
    return VisitFactory(patient=patient, **more)


def fields(patient: Patient, **more: str) -> dict[str, str]:
    return {
        "patient": str(patient.pk),
        "kind": "collection",
        "soon": "",
        "day": "",
        "at": "",
        "note": "",
        **more,
    }


def add(staff: Staff, patient: Patient, **more: str) -> Any:
    return staff.client.post(reverse("visits:add"), fields(patient, **more))


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    assert not Visit.objects.exists()
    return {name: list(said) for name, said in response.context["form"].errors.items()}


def test_a_day_is_typed_day_first(staff: Staff, patient: Patient) -> None:
    response = add(staff, patient, day="3/12/2026", at="09:30", note="Bring the scale")
    assert response.url == reverse("patients:record", args=[patient.pk])
    visit = Visit.objects.get()
    assert (visit.day, f"{visit.at}", visit.note) == (date(2026, 12, 3), "09:30:00", "Bring the scale")
    assert (visit.clinic, visit.planned_by, visit.planned_at) == (staff.clinic, staff.nurse, NOW)
    [said] = get_messages(response.wsgi_request)
    assert "Zanele Khumalo is expected on Thu 3 Dec, 09:30." in str(said)
    assert AccessRecord.objects.filter(patient=patient, kind="changed").exists()


def test_or_chosen_with_one_key(staff: Staff, patient: Patient) -> None:
    page = staff.client.get(reverse("visits:add")).content.decode()
    assert "in 28 days: Mon 21 Dec" in page
    add(staff, patient, soon="2026-12-21")
    assert Visit.objects.get().day == date(2026, 12, 21)


def test_the_address_fills_the_form(staff: Staff, patient: Patient) -> None:
    url = f"{reverse('visits:add')}?patient={patient.pk}&day=2026-12-03&kind=check_up"
    form = staff.client.get(url).context["form"]
    assert (form.initial["patient"], form.initial["day"], form.initial["kind"]) == (
        patient.pk,
        date(2026, 12, 3),
        "check_up",
    )
    assert staff.client.get(f"{reverse('visits:add')}?patient=x&day=soon&kind=party").status_code == 200


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("", "Give the day, or choose one above."),
        ("22/11/2026", "This day is past. Give today or a day to come."),
        ("24/12/2027", "This is more than 13 months ahead. Please check the year."),
        ("31/02/2027", "There is no such day. Write the day first, then the month: 12/03/1961 is 12 March."),
        ("29/11/2026", "This is a Sunday. Tick below if the visit is on that day all the same."),
        ("16/12/2026", "This is a public holiday. Tick below if the visit is on that day all the same."),
    ],
)
def test_what_cannot_be_is_said_beside_the_day(staff: Staff, patient: Patient, day: str, said: str) -> None:
    assert errors(add(staff, patient, day=day)) == {"day": [said]}


def test_a_sunday_is_planned_once_that_is_said(staff: Staff, patient: Patient) -> None:
    assert "closed_day" in add(staff, patient, day="29/11/2026").content.decode()
    add(staff, patient, day="29/11/2026", closed_day="on")
    assert Visit.objects.get().day == date(2026, 11, 29)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"deceased_on": TODAY}, "This patient has died."),
        ({"left_on": TODAY, "left_why": "moved"}, "This patient has left the clinic."),
    ],
)
def test_who_does_not_come_any_more_is_refused(
    staff: Staff, patient: Patient, changes: dict[str, Any], said: str
) -> None:
    Patient.objects.update(**changes)
    assert errors(add(staff, patient, day="3/12/2026")) == {"patient": [said]}


def test_a_second_one_of_a_kind_and_day_is_refused(staff: Staff, patient: Patient) -> None:
    planned(patient, day=date(2026, 12, 3))
    response = add(staff, patient, day="3/12/2026")
    assert response.context["form"].errors == {"day": ["This patient has such a visit on that day already."]}
    add(staff, patient, day="3/12/2026", kind="check_up")
    assert Visit.objects.count() == 2


def test_a_patient_of_another_clinic_is_refused(staff: Staff) -> None:
    other = PatientFactory(clinic=staff.other_clinic)
    assert "patient" in errors(add(staff, other, day="3/12/2026"))


def press(staff: Staff, visit: Visit, act: str, **data: str) -> Any:
    return staff.client.post(reverse(f"visits:{act}", args=[visit.pk]), data)


def test_came_is_one_press_and_can_be_taken_back(staff: Staff, patient: Patient) -> None:
    visit = planned(patient, day=TODAY)
    record = reverse("patients:record", args=[patient.pk])
    assert press(staff, visit, "came", next=record).url == record
    visit.refresh_from_db()
    assert (visit.state, visit.decided_by, visit.next_step_at) == ("attended", staff.nurse, None)
    press(staff, visit, "undo")
    visit.refresh_from_db()
    assert visit.state == "planned"
    assert visit.next_step_at is not None
    assert press(staff, visit, "came", next="https://elsewhere.example").url == reverse("visits:index")


def test_missed_by_hand_not_before_the_day(staff: Staff, patient: Patient) -> None:
    visit, later = planned(patient, day=TODAY), planned(patient, day=date(2026, 12, 3))
    for each in (visit, later):
        press(staff, each, "missed")
        each.refresh_from_db()
    assert (visit.state, later.state) == ("missed", "planned")


def test_who_was_taken_for_missed_came_after_all(staff: Staff, patient: Patient) -> None:
    visit = planned(patient, day=date(2026, 11, 20), state="missed")
    press(staff, visit, "came")
    visit.refresh_from_db()
    assert visit.state == "attended"
    press(staff, visit, "undo")
    visit.refresh_from_db()
    assert visit.state == "missed"


def test_a_move_tells_the_patient(staff: Staff, patient: Patient) -> None:
    visit = planned(patient, day=date(2026, 12, 3))
    assert staff.client.get(reverse("visits:move", args=[visit.pk])).status_code == 200
    refused = press(staff, visit, "move", day="22/11/2026")
    assert refused.context["form"].errors == {"day": ["This day is past. Give today or a day to come."]}
    assert "day" in press(staff, visit, "move", day="6/12/2026").context["form"].errors
    press(staff, visit, "move", day="7/12/2026", at="10:00")
    visit.refresh_from_db()
    assert (visit.state, visit.moved_to.day) == ("moved", date(2026, 12, 7))
    assert EventRecord.objects.filter(event_type="visit.moved").count() == 1


@pytest.mark.parametrize(("side", "told"), [("clinic", 1), ("patient", 0)])
def test_a_cancellation_by_either_side(staff: Staff, patient: Patient, side: str, told: int) -> None:
    visit = planned(patient)
    press(staff, visit, "cancel", side=side, reason="Away")
    visit.refresh_from_db()
    assert (visit.state, visit.decided_side, visit.reason) == ("cancelled", side, "Away")
    assert EventRecord.objects.filter(event_type="visit.moved").count() == told
    assert press(staff, visit, "cancel", side=side).status_code == 302


def listed(staff: Staff, query: str = "") -> list[Visit]:
    response = staff.client.get(reverse("visits:index") + query)
    assert response.status_code == 200
    return list(response.context["object_list"])


def test_the_list_has_today_first_and_what_is_past_on_request(staff: Staff, patient: Patient) -> None:
    past, today, later = (planned(patient, day=TODAY + timedelta(days=days)) for days in (-3, 0, 9))
    planned(PatientFactory(clinic=staff.other_clinic), day=TODAY)
    assert listed(staff) == [today, later]
    assert listed(staff, "?days=today") == [today]
    assert listed(staff, "?days=week") == [today]
    assert listed(staff, "?days=past") == [past]
    assert listed(staff, "?day=20/11/2026") == [past]
    assert listed(staff, "?kind=vaccination") == []
    assert listed(staff, "?q=khumalo") == [later, today, past]


def test_the_list_takes_as_many_queries_for_twenty_as_for_one(staff: Staff, patient: Patient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            listed(staff)
        return len(captured)

    planned(patient, day=TODAY)
    listed(staff)
    one = queries()
    for _ in range(20):
        CollectionPlan.objects.create(patient=planned(PatientFactory(clinic=staff.clinic), day=TODAY).patient)
    assert queries() == one


def test_the_sheet_has_some_days_with_who_collects(staff: Staff, patient: Patient) -> None:
    CollectionPlan.objects.create(patient=patient, pickup_point="Post office", collector_one="Anna Botha")
    planned(patient, day=TODAY)
    planned(patient, day=TODAY + timedelta(days=20))
    page = staff.client.get(reverse("visits:print")).content.decode()
    assert "Monday 23 November" in page
    assert "Post office" in page
    assert "Anna Botha" in page
    assert "13 December" not in page
    assert AccessRecord.objects.filter(patient=patient, kind="printed").exists()
    assert (
        "13 December"
        in staff.client.get(reverse("visits:print") + "?day=13/12/2026&days=99").content.decode()
    )


def test_a_list_of_an_event_takes_a_patient_by_the_chooser(staff: Staff, patient: Patient) -> None:
    event = ClinicEventFactory(clinic=staff.clinic)
    url = reverse("clinic_events:attendance", args=[event.pk])
    page = staff.client.get(f"{url}?patient={patient.pk}").content.decode()
    assert "patient_chooser" in page or "Choose a patient" in page
    assert f'value="{patient.pk}"' in page
    put = reverse("clinic_events:put_on_list", args=[event.pk])
    assert "Choose who comes." in staff.client.post(put, {"patient": "", "user": ""}).content.decode()
    role = CareRoleFactory(patient__clinic=staff.clinic)
    two = staff.client.post(put, {"patient": patient.pk, "user": role.user.email})
    assert two.context["add_form"].errors == {"user": ["Give one person at a time."]}
    assert not event.attendances.exists()
    other = PatientFactory(clinic=staff.other_clinic)
    staff.client.post(put, {"patient": other.pk, "user": ""})
    staff.client.post(put, {"patient": patient.pk, "user": ""})
    [one] = event.attendances.all()
    assert (one.patient, one.user) == (patient, None)
    assert "Zanele Khumalo" in staff.client.get(url).content.decode()
    assert "Zanele Khumalo" in staff.client.get(f"{url}?print=1").content.decode()
    export = staff.client.get(reverse("clinic_events:export", args=[event.pk]))
    assert "Zanele Khumalo" in export.content.decode()
    staff.client.post(reverse("clinic_events:withdraw", args=[event.pk, one.pk]))
    one.refresh_from_db()
    assert one.state == "left"


def test_where_medicine_is_collected_and_by_whom(staff: Staff, patient: Patient) -> None:
    url = reverse("visits:collection", args=[patient.pk])
    for name in ("Anna Botha", "Ben Botha"):
        staff.client.post(url, {"pickup_point": "Post office", "collector_one": name, "collector_two": ""})
    plan = CollectionPlan.objects.get()
    assert (plan.patient, plan.pickup_point, plan.collectors) == (patient, "Post office", ["Ben Botha"])
    other = PatientFactory(clinic=staff.other_clinic)
    assert staff.client.get(reverse("visits:collection", args=[other.pk])).status_code == 404


def test_who_may_collect_leaves_a_trace_without_names(staff: Staff, patient: Patient) -> None:
    url = reverse("visits:collection", args=[patient.pk])
    said = {"pickup_point": "Post office", "collector_one": "Anna Botha", "collector_two": ""}
    for collector in ("Anna Botha", "Anna Botha", "Ben Botha"):
        staff.client.post(url, said | {"collector_one": collector})
    entries = ModelLogEntry.objects.filter(action="visits.collection").order_by("id")
    assert [entry.data["fields"] for entry in entries] == [
        ["pickup_point", "collector_one"],
        ["collector_one"],
    ]
    assert not any("Botha" in f"{entry.label}{entry.data}" for entry in entries)
    later = NOW + timedelta(minutes=1)
    lines = history(Reading(patient=patient, user=staff.nurse, now=later), before=later, limit=9)
    assert [line.words for line in lines if line.words.startswith("changed where")] == [
        "changed where medicine is collected, and by whom: first person who may collect",
        "changed where medicine is collected, and by whom: pick-up point, first person who may collect",
    ]

    for step in forget_visits(Person(None, (patient.pk,)), NOW):
        step.carry_out()
    assert not CollectionPlan.objects.exists()
    assert set(entries.values_list("label", flat=True)) == {""}
    assert [entry.data for entry in entries.all()] == [{}, {}]


def test_another_clinics_visit_is_not_found(staff: Staff) -> None:
    visit = planned(PatientFactory(clinic=staff.other_clinic))
    for act in ("came", "missed", "undo", "move", "cancel"):
        assert press(staff, visit, act).status_code == 404
    assert staff.client.get(reverse("visits:edit", args=[visit.pk])).status_code == 404


def test_what_for_and_the_note_are_edited_the_day_and_time_are_moved(staff: Staff, patient: Patient) -> None:
    visit = planned(patient)
    url = reverse("visits:edit", args=[visit.pk])
    page = staff.client.get(url).content.decode()
    assert 'name="day"' not in page and 'name="at"' not in page
    staff.client.post(url, {"kind": "check_up", "at": "08:00", "note": "Sugar"})
    visit.refresh_from_db()
    assert (visit.kind, visit.at, visit.note) == ("check_up", None, "Sugar")
    assert ModelLogEntry.objects.filter(action="wagtail.edit", object_id=f"{visit.pk}").exists()


def test_what_cannot_be_edited_is_said_beside_what_for(staff: Staff, patient: Patient) -> None:
    visit = planned(patient)
    planned(patient, kind="check_up")
    response = staff.client.post(
        reverse("visits:edit", args=[visit.pk]), {"kind": "check_up", "note": "Sugar"}
    )
    assert response.context["form"].errors == {"kind": ["This patient has such a visit on that day already."]}
    visit.refresh_from_db()
    assert (visit.kind, visit.note) == ("collection", "")


def test_saving_the_note_takes_back_nothing_that_was_decided_meanwhile(
    staff: Staff, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = planned(patient)
    is_valid = VisitEditView.is_valid

    def meanwhile(self: VisitEditView, form: Any) -> bool:
        visit_cancel(visit_id=visit.pk, side="patient", by=None, now=NOW)
        return bool(is_valid(self, form))

    monkeypatch.setattr(VisitEditView, "is_valid", meanwhile)
    staff.client.post(reverse("visits:edit", args=[visit.pk]), {"kind": "collection", "note": "Sugar"})
    visit.refresh_from_db()
    assert (visit.state, visit.note) == ("cancelled", "Sugar")


UNREACHED = "No message reaches them: tell them yourself."


@pytest.mark.parametrize("is_reached", [True, False])
def test_that_people_are_told_is_said_only_where_somebody_is(
    staff: Staff, patient: Patient, is_reached: bool
) -> None:
    if is_reached:
        CareRoleFactory(patient=patient)
    visit = planned(patient, day=date(2026, 12, 3))
    record = staff.client.get(reverse("patients:record", args=[patient.pk])).content.decode()
    assert ("Reminders go out: Thu 26 Nov, Wed 2 Dec." in record, UNREACHED in record) == (
        is_reached,
        not is_reached,
    )
    move = staff.client.get(reverse("visits:move", args=[visit.pk])).content.decode()
    assert ("Move, and tell the patient" in move) == is_reached
    cancel = staff.client.get(reverse("visits:cancel", args=[visit.pk])).content.decode()
    assert ("the patient is told at once" in cancel) == is_reached
    assert ("the patient reads this" in cancel) == is_reached
    assert (UNREACHED in cancel) == (not is_reached)
    moved = press(staff, visit, "move", day="7/12/2026")
    [said] = get_messages(moved.wsgi_request)
    ending = "now, and told so." if is_reached else f"now. {UNREACHED}"
    assert str(said).strip() == f"Zanele Khumalo is expected on Mon 7 Dec {ending}"


def test_staff_read_that_the_patient_cannot_come_and_why(staff: Staff, patient: Patient) -> None:
    planned(patient, day=date(2026, 11, 20), state="attended")
    visit = planned(patient, day=date(2026, 11, 26))
    visit_cancel(visit_id=visit.pk, side="patient", by=None, now=NOW, reason="No taxi <money>")
    record = staff.client.get(reverse("patients:record", args=[patient.pk])).content.decode()
    index = staff.client.get(reverse("visits:index")).content.decode()
    said = "cancelled by the patient: No taxi &lt;money&gt;"
    assert f"Last visit: Collect medicine, Thu 26 Nov: {said}." in record
    assert said in index


def test_who_came_since_stands_before_a_later_visit_that_was_cancelled(
    staff: Staff, patient: Patient
) -> None:
    later = planned(patient, day=date(2026, 12, 10), kind="check_up")
    visit_cancel(visit_id=later.pk, side="patient", by=None, now=NOW - timedelta(days=1))
    press(staff, planned(patient, day=TODAY), "came")
    record = staff.client.get(reverse("patients:record", args=[patient.pk])).content.decode()
    assert "Last visit: Collect medicine, today: came." in record


def test_the_patients_page_shows_the_next_visit_and_plans_one(staff: Staff, patient: Patient) -> None:
    url = reverse("patients:record", args=[patient.pk])
    page = staff.client.get(url).content.decode()
    assert "No visit is planned." in page
    CareRoleFactory(patient=patient)
    planned(patient, day=date(2026, 12, 10))
    planned(patient, day=date(2026, 11, 20), state="missed")
    page = staff.client.get(url).content.decode()
    assert "Thu 10 Dec" in page
    assert "Reminders go out: Thu 3 Dec, Wed 9 Dec." in page
    assert "Came after all" in page
