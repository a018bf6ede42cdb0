"""The list says whose words each message has; one's own begin with the text in use."""

import csv
import re
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notifications.models import NotificationTemplate
from notifications.types import TEXT_GROUPS, EventType
from tests.notifications.admin.clinics import People, people, signed_in

URLS = "wagtailsnippets_notifications_notificationtemplate"
LIST, ADD = reverse(f"{URLS}:list"), reverse(f"{URLS}:add")
SEE = reverse(f"{URLS}:see", args=["stock.low"])


def words(people: People | None, *groups: str, live: bool = True, said: str = "Said") -> NotificationTemplate:
    fields = [field for group in groups or TEXT_GROUPS for field in TEXT_GROUPS[group]]
    texts = {f"{field}_{code}": f"{said} ({code})" for field in fields for code in ("en", "af")}
    scope_id = people.clinic.pk if people else None
    return NotificationTemplate.objects.create(event_type="stock.low", scope_id=scope_id, live=live, **texts)


def row(client: Client, **query: object) -> str:
    """The words of the row of the test's message."""
    page = client.get(LIST, query).content.decode().split("<tbody>")[1]
    start = page.index("Low stock")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[start : page.index("</tr>", start)]))


@pytest.mark.usefixtures("event_type")
def test_it_says_for_each_message_whose_words_are_in_use(wynberg: People, worcester: People) -> None:
    manager = signed_in(wynberg.manager)
    assert "Standard wording Write our own wording" in row(manager)
    words(None, said="All clinics")
    assert "All clinics (en) Head office’s wording Write our own wording" in row(manager)
    words(worcester, said="Secret")
    assert "Secret" not in row(manager)
    words(wynberg, "inbox")
    said = "Said (en) Inbox: Our own wording E-mail, Short text: Head office’s wording Change our wording"
    assert said in row(manager)


@pytest.mark.usefixtures("event_type")
def test_a_draft_is_shown_as_one(wynberg: People) -> None:
    words(wynberg, live=False)
    assert "Standard wording Draft Change our wording" in row(signed_in(wynberg.manager))


@pytest.mark.usefixtures("event_type")
def test_a_nurse_sees_the_words_and_no_way_to_change_them(wynberg: People) -> None:
    words(wynberg)
    nurse = signed_in(wynberg.nurse)
    assert "Our own wording" in row(nurse)
    assert "Change" not in row(nurse)
    page = nurse.get(SEE).content.decode()
    assert "Said (en)" in page
    assert "Change" not in page.split("<main")[1]


@pytest.mark.usefixtures("event_type")
def test_head_office_sees_its_own_and_how_many_clinics_have_theirs(
    head_office: Client, wynberg: People, worcester: People
) -> None:
    words(wynberg)
    assert "Standard wording 1 clinic has its own Write head office’s wording" in row(head_office)
    assert "Our own wording" in row(head_office, place=wynberg.clinic.pk)
    assert "Standard wording" in row(head_office, place=worcester.clinic.pk)


def test_ones_own_wording_begins_with_the_text_in_use(event_type: EventType, wynberg: People) -> None:
    manager, asked = signed_in(wynberg.manager), {"event_type": "stock.low", "scope_id": wynberg.clinic.pk}
    assert asked["event_type"] in manager.get(LIST).content.decode()
    form = manager.get(ADD, asked).context["form"]
    assert form["title_af"].value() == event_type.texts["af"].title
    words(None, "inbox", said="All")
    form = manager.get(ADD, asked).context["form"]
    assert form["title_af"].value() == "All (af)"
    assert form["short_text_en"].value() == event_type.texts["en"].short_text
    page = manager.get(ADD, asked).content.decode()
    assert "Only people of Wynberg get these words." in page


def test_what_a_manager_publishes_is_her_clinics_and_the_list_comes_back(
    event_type: EventType, wynberg: People
) -> None:
    manager, asked = signed_in(wynberg.manager), {"event_type": "stock.low", "scope_id": wynberg.clinic.pk}
    form = manager.get(ADD, asked).context["form"]
    written = {name: form[name].value() or "" for name in form.fields}
    answer = manager.post(ADD, {**written, "title_en": "Ours: {{ medicine }}", "title_af": "Ons: {{ medicine }}",
                                "action-publish": "1"})  # fmt: skip
    assert answer["Location"] == f"{LIST}?place={wynberg.clinic.pk}"
    assert row(manager).startswith("Low stock Ours: Metformin 500 mg Our own wording")


def test_the_words_in_use_are_shown_in_both_languages_with_sample_values(
    event_type: EventType, wynberg: People
) -> None:
    words(wynberg, "short")
    page = signed_in(wynberg.manager).get(SEE).content.decode()
    for said in ("Said (en)", "Said (af)", "Metformin 500 mg is low", "Metformin 500 mg raak op", "2,5"):
        assert said in page
    in_use = page.split('id="comparison-1"')[0]
    assert re.findall("Our own wording|Standard wording", in_use) == ["Standard wording"] * 2 + [
        "Our own wording"
    ]


def test_words_that_can_not_be_used_are_shown_to_be_so(event_type: EventType, wynberg: People) -> None:
    NotificationTemplate.objects.filter(pk=words(wynberg).pk).update(title_en="{{ user.password }}")
    manager = signed_in(wynberg.manager)
    assert manager.get(LIST).status_code == 200
    assert "These texts can’t be used" in manager.get(SEE).content.decode()


@pytest.mark.usefixtures("event_type")
def test_a_message_that_there_is_not_is_not_found(wynberg: People) -> None:
    assert signed_in(wynberg.manager).get(reverse(f"{URLS}:see", args=["no.such"])).status_code == 404


def test_a_message_that_is_sent_no_longer_is_listed_for_whoever_wrote_it(
    head_office: Client, wynberg: People
) -> None:
    NotificationTemplate.objects.create(event_type="gone.type", title_en="Old")
    assert "MedGuard no longer sends this message" in head_office.get(LIST).content.decode()
    assert "gone.type" not in signed_in(wynberg.manager).get(LIST).content.decode()


@pytest.mark.usefixtures("event_type")
def test_the_list_takes_the_same_queries_however_many_clinics_have_words(head_office: Client) -> None:
    counts = []
    for number in range(2):
        for each in range(6):
            words(people(f"Clinic {number}{each}"))
        with CaptureQueriesContext(connection) as queries:
            head_office.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("event_type")
def test_it_is_a_file_too_with_its_state_in_each_language(
    head_office: Client, wynberg: People, worcester: People
) -> None:
    template = words(wynberg, "inbox", said="=1+1")
    NotificationTemplate.objects.filter(pk=template.pk).update(body_af="", has_unpublished_changes=True)
    words(worcester, said="Secret")
    answer = signed_in(wynberg.manager).get(LIST, {"export": "csv"})
    headings, *rows = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert headings == [
        *("Message", "Whose messages", "In use", "Title (English)", "Title (Afrikaans)"),
        *("English", "Afrikaans", "State"),
    ]
    [low] = [row for row in rows if row[0].startswith("Low stock") and row[3].startswith("'=")]
    assert low[1:] == [
        wynberg.clinic.name,
        "Inbox: Our own wording; E-mail, Short text: Standard wording",
        *("'=1+1 (en)", "'=1+1 (af)"),
        *("complete", "1 text missing", "Draft"),
    ]
    assert "Secret" not in answer.content.decode()
    text = head_office.get(LIST, {"export": "csv"}).content.decode("utf-8-sig")
    [shared] = [row for row in csv.reader(StringIO(text)) if row[-1] == "2"]
    assert shared[:3] == [low[0], "Head office", "Standard wording"]
    theirs = head_office.get(LIST, {"export": "csv", "place": worcester.clinic.pk}).content.decode()
    assert "Secret" in theirs
    assert signed_in(wynberg.nurse).get(LIST, {"export": "xlsx"}).status_code == 200
    other = {"export": "csv", "place": worcester.clinic.pk}
    assert signed_in(wynberg.manager).get(LIST, other).status_code == 404


def test_the_page_has_its_files(wynberg: People) -> None:
    page = signed_in(wynberg.manager).get(LIST, {"place": wynberg.clinic.pk}).content.decode()
    for form in ("csv", "xlsx"):
        assert f"?place={wynberg.clinic.pk}&amp;export={form}" in page
