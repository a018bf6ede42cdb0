"""Managers write a series of messages for their own clinic, another person approves of it, and it can be ended."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from home.models import Patient
from notifications.admin.message_series.views import MessageSeriesViewSet
from notifications.models import MessageSeries, Notification
from tests.factories import StaffRoleFactory
from tests.medications.factories import PrescriptionFactory
from tests.notifications.admin.clinics import People, signed_in

ADD, LIST = "message_series:add", "message_series:index"


def step(number: int, day: object, **changes: str) -> dict[str, str]:
    texts = {"title_en": "A title", "title_af": "’n Titel", "message_en": "Words.", "message_af": "Woorde."}
    return {f"steps-{number}-{name}": value for name, value in ({"day": str(day)} | texts | changes).items()}


def filled(people: People, *steps: dict[str, str], **changes: Any) -> dict[str, Any]:
    given = {"name": "After a birth", "within": str(people.clinic.pk), "start": "birth"}
    form = {"steps-TOTAL_FORMS": "13", "steps-INITIAL_FORMS": "0"}
    for each in steps or (step(0, 7), step(1, 1)):
        form |= each
    return given | form | changes


def written(client: Client, people: People, **changes: Any) -> MessageSeries:
    assert client.post(reverse(ADD), filled(people, **changes), follow=True).status_code == 200
    return MessageSeries.objects.latest("pk")


def at(series: MessageSeries, name: str = "detail") -> str:
    return reverse(f"message_series:{name}", args=[series.pk])


def press(client: Client, series: MessageSeries, name: str, **more: Any) -> str:
    series.refresh_from_db()
    data = {"seen": series.latest_revision_id, **more}
    page = unescape(client.post(at(series, name), data, follow=True).content.decode())
    series.refresh_from_db()
    return page


def errors(response: Any) -> dict[str, Any]:
    found = dict(response.context["form"].errors)
    for number, each in enumerate(response.context["steps"].errors):
        found |= {f"{number}-{name}": said for name, said in each.items()}
    return found | ({"steps": said} if (said := list(response.context["steps"].non_form_errors())) else {})


def test_it_is_written_approved_and_ended(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    other = signed_in(StaffRoleFactory(clinic=wynberg.clinic, role="manager").user)
    series = written(manager, wynberg)
    assert [each["day"] for each in series.steps] == [1, 7]
    assert "1 person is asked" in press(manager, series, "ask")
    assert Notification.objects.get().title == "An announcement waits for your approval"
    assert "Somebody else must approve it" in press(manager, series, "approve")
    assert "You approved it. It runs from today on." in press(other, series, "approve")
    assert series.live
    assert series.begun_at is not None
    page = manager.get(reverse(LIST)).content.decode()
    assert "running" in page
    assert "the birth of the patient" in page
    assert "It ended." in press(manager, series, "end")
    assert series.ended_at is not None
    assert "ended" in manager.get(reverse(LIST)).content.decode()


def test_it_is_sent_back_changed_and_asked_about_again(wynberg: People, head_office: Client) -> None:
    manager = signed_in(wynberg.manager)
    series = written(manager, wynberg)
    press(manager, series, "ask")
    assert "can't be changed" in unescape(manager.get(at(series, "edit"), follow=True).content.decode())
    press(head_office, series, "send_back", comment="Say who writes.")
    assert "Say who writes." in manager.get(at(series)).content.decode()
    form = manager.get(at(series, "edit"))
    assert form.context["steps"].initial_form_count() == 2
    data = filled(wynberg, step(0, 1, title_en="From the clinic"), seen=str(series.latest_revision_id))
    data |= {"steps-INITIAL_FORMS": "2", "steps-TOTAL_FORMS": "6"}
    manager.post(at(series, "edit"), data)
    series.refresh_from_db()
    assert [(each["day"], each["title"]["en"]) for each in series.steps] == [(1, "From the clinic")]
    press(manager, series, "ask")
    press(manager, series, "withdraw")
    press(manager, series, "ask")
    press(head_office, series, "approve")
    assert series.live


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"within": "0"}, "within"),
        ({"start": "eclipse"}, "start"),
        ({"start": "prescription"}, "start"),
        ({"steps-0-day": "-1"}, "0-day"),
        ({"steps-0-day": "x"}, "0-day"),
        ({"steps-0-day": ""}, "0-day"),
        ({"steps-0-title_af": ""}, "0-title_af"),
        ({"steps-1-message_en": "a\x00b"}, "1-message_en"),
        ({"steps-0-day": "1"}, "steps"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(wynberg: People, changes: dict[str, str], field: str) -> None:
    response = signed_in(wynberg.manager).post(reverse(ADD), filled(wynberg, **changes))
    assert list(errors(response)) == [field]
    assert not MessageSeries.objects.exists()


def test_a_series_without_a_message_is_refused(wynberg: People) -> None:
    empty = dict.fromkeys(step(0, ""), "")
    response = signed_in(wynberg.manager).post(reverse(ADD), filled(wynberg, empty))
    assert errors(response) == {"steps": ["A series needs at least one message."]}


def test_a_prescription_is_of_the_medicines_that_were_chosen(wynberg: People) -> None:
    prescription = PrescriptionFactory(patient=wynberg.clinic.patients.get())
    medicine = str(prescription.medicine_id)
    series = written(signed_in(wynberg.manager), wynberg, start="prescription", chosen=[medicine])
    assert (series.start, series.values) == ("prescription", [medicine])


def test_somebody_is_taken_out_by_a_number(wynberg: People, head_office: Client) -> None:
    patient = wynberg.clinic.patients.get()
    Patient.objects.filter(pk=patient.pk).update(folder_number="WYN-1")
    manager = signed_in(wynberg.manager)
    series = written(manager, wynberg)
    press(manager, series, "ask")
    press(head_office, series, "approve")
    assert "has this number here" in press(manager, series, "leave", number="WYN-2")
    assert "They are taken out." in press(manager, series, "leave", number="wyn 1")
    assert list(series.leavers.values_list("subject_id", flat=True)) == [patient.pk]


@pytest.mark.parametrize(
    "pattern", MessageSeriesViewSet().get_urlpatterns(), ids=lambda pattern: pattern.name
)
def test_another_clinics_series_is_not_there(wynberg: People, worcester: People, pattern: Any) -> None:
    series = written(signed_in(worcester.manager), worcester)
    manager = signed_in(wynberg.manager)
    if pattern.pattern.converters:
        for ask in (manager.get, manager.post):
            assert ask(at(series, pattern.name), follow=True).status_code in (404, 405)
    else:
        assert "After a birth" not in manager.get(reverse(f"message_series:{pattern.name}")).content.decode()
    nurse = signed_in(wynberg.nurse)
    address = reverse(
        f"message_series:{pattern.name}", args=[series.pk] if pattern.pattern.converters else []
    )
    assert nurse.get(address).status_code == nurse.post(address).status_code == 302
    series.refresh_from_db()
    assert not series.live


def test_each_of_its_messages_is_tried_by_who_asks_alone(wynberg: People) -> None:
    client = signed_in(wynberg.manager)
    series = written(client, wynberg)
    assert "A test is on its way to you" in press(client, series, "test", place="1")
    [test] = Notification.objects.all()
    assert (test.recipient, test.title) == (wynberg.manager, "Test: A title")
    for place in ("2", "-1", "", "x", "²"):
        assert "It has no such message any more." in press(client, series, "test", place=place)
    assert Notification.objects.count() == 1
