"""Managers write a series of messages for their own clinic, another person approves of it, and it can be ended."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from home.models import Patient
from notifications.admin.message_series.views import MessageSeriesViewSet
from notifications.announcements.series import publish_due
from notifications.models import Delivery, MessageSeries, Notification
from notifications.pipeline.fan_out import fan_out
from notifications.texts.formats import rand
from tests.factories import CareRoleFactory, PatientFactory, StaffRoleFactory
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


@pytest.mark.parametrize("initial", ["2", "0"])
def test_messages_that_are_not_changed_stay(wynberg: People, initial: str) -> None:
    manager = signed_in(wynberg.manager)
    series = written(manager, wynberg)
    data = filled(wynberg, step(0, 1), step(1, 7, title_en="Another"), name="After the birth")
    data |= {"seen": str(series.latest_revision_id), "steps-INITIAL_FORMS": initial}
    assert manager.post(at(series, "edit"), data).status_code == 302
    series.refresh_from_db()
    said = [(each["day"], each["title"]["en"]) for each in series.steps]
    assert (series.name, said) == ("After the birth", [(1, "A title"), (7, "Another")])


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
    assert "first put right what is marked" in response.content.decode()
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


NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@pytest.fixture
def newborn(wynberg: People, time_machine: Any) -> Patient:
    """Born today, with somebody who is told."""
    time_machine.move_to(NOW, tick=False)
    patient = PatientFactory(clinic=wynberg.clinic, date_of_birth=NOW.date())
    CareRoleFactory(patient=patient, relation="guardian")
    return patient


def cells(answer: Any) -> list[list[Any]]:
    """Of a file, whichever it is."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer["Content-Type"].startswith("text/csv"):
        return list(csv.reader(StringIO(body.decode("utf-8-sig"))))
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(BytesIO(body)).active.iter_rows()]


@pytest.mark.usefixtures("newborn")
def test_whom_it_would_reach_is_shown_before_it_begins(wynberg: People, head_office: Client) -> None:
    manager = signed_in(wynberg.manager)
    series = written(manager, wynberg)
    page = manager.get(at(series))
    assert page.context["weeks_ahead"].rows == [
        ["day 1: A title", 0, 1, 0, 0, 0],
        ["day 7: A title", 0, 0, 1, 0, 0],
        ["All messages", 0, 1, 1, 0, 0],
    ]
    assert page.context["channels_ahead"].rows[0][:3] == ["day 1: A title", "E-mail", 1]
    assert "If it begins today, 1 person is told in the coming four weeks." in page.content.decode()
    press(manager, series, "ask")
    assert "Whom it would reach" in head_office.get(at(series)).content.decode(), "who approves sees it"
    assert "became" not in manager.get(at(series), {"export": "csv"}).context, "there is no report yet"
    MessageSeries.objects.filter(pk=series.pk).update(start="eclipse")
    assert "Whom it would reach" not in manager.get(at(series)).content.decode()


@pytest.mark.usefixtures("newborn")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_became_of_it_is_shown_and_is_a_file(
    wynberg: People, head_office: Client, worcester: People, form: str
) -> None:
    manager = signed_in(wynberg.manager)
    series = written(manager, wynberg, **step(0, 0, title_en="@SUM(1)"))
    press(manager, series, "ask")
    press(head_office, series, "approve")
    publish_due(now=NOW)
    while fan_out(now=NOW).records:
        pass
    Delivery.objects.update(state="sent", finished_at=NOW, delivered_at=NOW, parts=1, cost=Decimal("0.30"))
    page = manager.get(at(series))
    assert page.context["became"].rows[0][:5] == ["day 0: @SUM(1)", "Inbox", 0, 1, 1]
    assert page.context["became"].rows[1][-1] == rand(Decimal("0.30"))
    assert "Whom it would reach" not in page.content.decode()
    answer = manager.get(at(series), {"export": form})
    headings, _inbox, mail, *_others = cells(answer)
    assert headings[:4] == ["Message", "Channel", "Waiting", "Sent"]
    assert [str(each) for each in mail[:5]] == ["day 0: @SUM(1)", "E-mail", "0", "1", "1"]
    assert float(mail[-1]) == 0.3
    assert signed_in(worcester.manager).get(at(series), {"export": form}).status_code == 404


def test_the_page_asks_as_often_for_many_people(wynberg: People, newborn: Patient) -> None:
    manager = signed_in(wynberg.manager)
    series = written(manager, wynberg)
    counts = []
    manager.get(at(series))  # fills the caches
    for number in (1, 10):
        for _ in range(number):
            patient = PatientFactory(clinic=wynberg.clinic, date_of_birth=newborn.date_of_birth)
            CareRoleFactory(patient=patient, relation="guardian")
        with CaptureQueriesContext(connection) as asked:
            manager.get(at(series))
        counts.append(len(asked))
    assert counts[0] == counts[1]
