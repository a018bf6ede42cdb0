"""Managers announce something to people of their own clinic in both languages, having seen it first."""

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from home.models import Patient
from notifications.admin.announcements.viewset import AnnouncementViewSet
from notifications.event_types import ALONE, ANNOUNCEMENT
from notifications.models import Announcement, Delivery, EventRecord, Notification, NotificationTemplate
from notifications.pipeline.fan_out import fan_out
from notifications.services import NotificationService
from notifications.types import Reason
from tests.factories import CareRoleFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.notifications.admin.clinics import People, signed_in

ADD, LIST = "announcements:add", "announcements:index"
TITLE = {"en": "The clinic is closed on Friday", "af": "Die kliniek is Vrydag gesluit"}
MESSAGE = {"en": "We open again on Monday.", "af": "Ons is Maandag weer oop."}


def filled(people: People, **changes: Any) -> dict[str, Any]:
    return {
        "title_en": TITLE["en"],
        "title_af": TITLE["af"],
        "message_en": MESSAGE["en"],
        "message_af": MESSAGE["af"],
        "audiences": ["patients", "carers"],
        "within": str(people.clinic.pk),
        "priority": "normal",
        "at": "",
    } | changes


def later(**delta: int) -> str:
    return f"{timezone.localtime() + timedelta(**delta):%Y-%m-%d %H:%M}"


def write(client: Client, data: Mapping[str, Any]) -> Any:
    return client.post(reverse(ADD), data, follow=True)


def written(client: Client, people: People, **changes: Any) -> Announcement:
    assert write(client, filled(people, **changes)).status_code == 200
    return Announcement.objects.latest("pk")


def at(announcement: Announcement, name: str = "detail") -> str:
    return reverse(f"announcements:{name}", args=[announcement.pk])


def press(client: Client, announcement: Announcement, name: str, **more: Any) -> str:
    """Press a button on the page as it is; what the page says then."""
    announcement.refresh_from_db()
    data = {"seen": announcement.latest_revision_id or "", **more}
    page = unescape(client.post(at(announcement, name), data, follow=True).content.decode())
    if Announcement.objects.filter(pk=announcement.pk).exists():
        announcement.refresh_from_db()
    return page


def announce(people: People, **changes: Any) -> Announcement:
    """One that was handed over already."""
    given = {"title": TITLE, "message": MESSAGE, "audiences": ["patients"], "announced_by": people.manager}
    record = NotificationService.announce(**given | {"within": {"clinic": people.clinic.pk}} | changes)
    return Announcement.objects.get(event_record=record)


def crowd(people: People, count: int = ALONE + 1) -> list[Patient]:
    """So many more patients of this clinic, with accounts."""
    roles = [CareRoleFactory(patient=PatientFactory(clinic=people.clinic)) for _ in range(count)]
    return [role.patient for role in roles]


def second_manager(people: People) -> Client:
    return signed_in(StaffRoleFactory(clinic=people.clinic, role="manager").user)


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def test_the_page_shows_both_languages_and_how_many_will_be_told(wynberg: People, worcester: People) -> None:
    page = write(signed_in(wynberg.manager), filled(wynberg)).content.decode()
    assert "2 people will be told." in page
    assert "Patients, Carers and guardians · Wynberg" in page
    frames = [unescape(frame) for frame in re.findall(r'srcdoc="([^"]*)"', page)]
    for language, frame in zip(("en", "af"), frames, strict=True):
        assert f'lang="{language}"' in frame
        assert TITLE[language] in frame
        assert MESSAGE[language] in frame
    assert "Ongelees" in frames[1]
    assert not EventRecord.objects.filter(event_type=ANNOUNCEMENT).exists()


def test_the_page_shows_the_words_that_staff_put_around_announcements(wynberg: People) -> None:
    texts = dict.fromkeys(("email_subject", "email_body", "short_text"), "{{ title }}")
    texts |= dict.fromkeys(("email_subject_discreet", "short_text_discreet"), "News")
    both = {f"{name}_{code}": text for name, text in texts.items() for code in ("en", "af")}
    NotificationTemplate.objects.create(
        event_type=ANNOUNCEMENT, title_en="News: {{ title }}", title_af="Nuus: {{ title }}",
        body_en="{{ message }}", body_af="{{ message }}", **both,
    )  # fmt: skip
    page = unescape(write(signed_in(wynberg.manager), filled(wynberg)).content.decode())
    assert "News: The clinic is closed" in page
    assert "Nuus: Die kliniek is" in page
    NotificationTemplate.objects.update(title_en="{{ user.password }}")
    response = write(signed_in(wynberg.manager), filled(wynberg))
    assert "can't be used" in errors(response)["__all__"][0]


def test_the_page_shows_the_clinics_own_words(wynberg: People, worcester: People) -> None:
    for scope_id, said in ((None, "All"), (wynberg.clinic.pk, "Ours"), (worcester.clinic.pk, "Theirs")):
        inbox = {
            f"{field}_{code}": f"{said}: {{{{ title }}}}"
            for field in ("title", "body")
            for code in ("en", "af")
        }
        NotificationTemplate.objects.create(event_type=ANNOUNCEMENT, scope_id=scope_id, **inbox)
    page = unescape(write(signed_in(wynberg.manager), filled(wynberg)).content.decode())
    assert "Ours: The clinic is closed" in page
    assert "All: " not in page
    assert "Theirs: " not in page


def test_what_is_sent_reaches_its_people_and_no_others(wynberg: People, worcester: People) -> None:
    manager = signed_in(wynberg.manager)
    announcement = written(manager, wynberg)
    assert "It is being sent." in press(manager, announcement, "send")
    fan_out(now=timezone.now())
    told = Notification.objects.filter(event_type=ANNOUNCEMENT)
    assert {message.recipient for message in told} == {wynberg.patient, wynberg.carer}
    page = manager.get(reverse(LIST)).content.decode()
    assert "sent to 2 people" in page
    assert "Manager Wynberg" in page
    assert "Patients, Carers and guardians · Wynberg" in page


def test_a_draft_is_changed_and_says_what_it_said(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    announcement = written(manager, wynberg, priority="urgent", message_en='Say "hello" & <b>bye</b>')
    form = manager.get(at(announcement, "edit")).context["form"]
    assert form["message_en"].value() == 'Say "hello" & <b>bye</b>'
    assert (form["priority"].value(), form["audiences"].value()) == ("urgent", ["patients", "carers"])
    data = filled(wynberg, title_en="Closed on Monday", seen=str(announcement.latest_revision_id))
    manager.post(at(announcement, "edit"), data)
    announcement.refresh_from_db()
    assert (announcement.title["en"], announcement.priority) == ("Closed on Monday", 1)


def test_of_two_who_change_it_at_once_the_second_looks_again(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    announcement = written(manager, wynberg)
    seen = str(announcement.latest_revision_id)
    manager.post(at(announcement, "edit"), filled(wynberg, title_en="First", seen=seen))
    response = second_manager(wynberg).post(
        at(announcement, "edit"), filled(wynberg, title_en="Second", seen=seen)
    )
    assert "changed meanwhile" in errors(response)["__all__"][0]
    announcement.refresh_from_db()
    assert announcement.title["en"] == "First"


@pytest.mark.parametrize("name", ["title_en", "title_af", "message_en", "message_af"])
def test_a_text_of_which_nothing_is_seen_is_refused_beside_the_field(wynberg: People, name: str) -> None:
    response = write(signed_in(wynberg.manager), filled(wynberg, **{name: "\u200b\u3164"}))
    assert response.context["form"].errors == {
        name: ["Nothing of this text can be seen. Please write it anew."]
    }
    assert not Announcement.objects.exists()


def test_what_is_written_is_inert(wynberg: People) -> None:
    script = "<script>alert(1)</script>"
    data = filled(wynberg, title_en=script, title_af=script, message_en=script, message_af=script)
    manager = signed_in(wynberg.manager)
    pages = [write(manager, data), manager.get(reverse(LIST))]
    for response in pages:
        page = response.content.decode()
        assert script not in page
        assert "alert(1)" in page
    for frame in re.findall(r"<iframe[^>]*>", pages[0].content.decode()):
        assert ' sandbox="allow-same-origin" ' in frame
        assert script not in unescape(re.search(r'srcdoc="([^"]*)"', frame)[1]), "nor inside the frame"


def test_one_for_later_waits_and_can_be_called_off(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    announcement = written(manager, wynberg, at=later(days=2))
    assert "It is planned." in press(manager, announcement, "send")
    fan_out(now=timezone.now())
    assert not Notification.objects.filter(event_type=ANNOUNCEMENT).exists()
    assert "planned" in manager.get(reverse(LIST)).content.decode()
    page = press(manager, announcement, "stop")
    assert "It is stopped. Nothing more of it is sent." in page
    assert announcement.event_record.state == "cancelled"
    assert "stopped" in manager.get(reverse(LIST)).content.decode()


def test_the_button_pressed_twice_sends_once(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    announcement = written(manager, wynberg)
    press(manager, announcement, "send")
    assert "was sent already" in press(manager, announcement, "send")
    assert EventRecord.objects.filter(event_type=ANNOUNCEMENT).count() == 1


def test_what_reaches_many_waits_for_a_second_person(wynberg: People) -> None:
    crowd(wynberg)
    manager, other = signed_in(wynberg.manager), second_manager(wynberg)
    announcement = written(manager, wynberg)
    assert "It waits for approval. 1 person is asked" in press(manager, announcement, "send")
    assert announcement.event_record_id is None
    asked = Notification.objects.get()
    assert asked.title == "An announcement waits for your approval"
    assert TITLE["en"] in asked.body
    assert "Somebody else must approve it" in press(manager, announcement, "approve")
    assert not EventRecord.objects.filter(event_type=ANNOUNCEMENT).exists()
    assert "You approved it. It is being sent." in press(other, announcement, "approve")
    while fan_out(now=timezone.now()).records:
        pass
    assert Notification.objects.filter(event_type=ANNOUNCEMENT).count() == ALONE + 3
    assert not mail.outbox, "Wagtail writes to nobody about it"


def test_without_a_second_manager_head_office_is_asked(wynberg: People, head_office: Client) -> None:
    crowd(wynberg)
    announcement = written(signed_in(wynberg.manager), wynberg)
    press(signed_in(wynberg.manager), announcement, "send")
    assert Notification.objects.get().recipient.is_superuser
    assert "You approved it" in press(head_office, announcement, "approve")


def test_it_is_sent_back_with_words_and_asked_about_again(wynberg: People) -> None:
    crowd(wynberg)
    manager, other = signed_in(wynberg.manager), second_manager(wynberg)
    announcement = written(manager, wynberg)
    press(manager, announcement, "send")
    assert "Say what is to be changed" in press(other, announcement, "send_back", comment="  ")
    press(other, announcement, "send_back", comment="Which Friday?")
    assert "Which Friday?" in manager.get(at(announcement)).content.decode()
    data = filled(wynberg, title_en="Closed on 4 December", seen=str(announcement.latest_revision_id))
    manager.post(at(announcement, "edit"), data)
    press(manager, announcement, "send")
    press(other, announcement, "approve")
    assert announcement.event_record.payload["title"]["en"] == "Closed on 4 December"


def test_what_is_asked_about_or_approved_cant_be_changed(wynberg: People) -> None:
    crowd(wynberg)
    manager, other = signed_in(wynberg.manager), second_manager(wynberg)
    announcement = written(manager, wynberg)
    press(manager, announcement, "send")
    data = filled(wynberg, title_en="Something else", seen=str(announcement.latest_revision_id))
    assert "waits for approval" in errors(manager.post(at(announcement, "edit"), data))["__all__"][0]
    # Not even past the pages: what goes out is the revision that was seen.
    Announcement.objects.update(title={"en": "Forged", "af": "Vervals"})
    press(other, announcement, "approve")
    assert announcement.event_record.payload["title"] == TITLE
    assert announcement.title == TITLE
    assert "sent already" in errors(manager.post(at(announcement, "edit"), data))["__all__"][0]
    Announcement.objects.update(title={"en": "Forged", "af": "Vervals"})
    while fan_out(now=timezone.now()).records:
        pass
    titles = Notification.objects.filter(event_type=ANNOUNCEMENT).values_list("title", flat=True)
    assert set(titles) == {TITLE["en"]}


def test_what_was_taken_back_and_changed_is_not_approved_by_an_old_page(wynberg: People) -> None:
    crowd(wynberg)
    manager, other = signed_in(wynberg.manager), second_manager(wynberg)
    announcement = written(manager, wynberg)
    press(manager, announcement, "send")
    seen = announcement.latest_revision_id
    press(manager, announcement, "withdraw")
    manager.post(at(announcement, "edit"), filled(wynberg, title_en="Other", seen=str(seen)))
    press(manager, announcement, "send")
    page = unescape(other.post(at(announcement, "approve"), {"seen": seen}, follow=True).content.decode())
    assert "It was changed meanwhile" in page
    assert not EventRecord.objects.filter(event_type=ANNOUNCEMENT).exists()


def test_who_wrote_it_does_not_approve_what_another_asked_for(wynberg: People) -> None:
    crowd(wynberg)
    manager, other = signed_in(wynberg.manager), second_manager(wynberg)
    announcement = written(manager, wynberg)
    press(other, announcement, "send")
    for client in (manager, other):
        assert "Somebody else must approve it" in press(client, announcement, "approve")


def test_more_people_than_one_may_tell_alone_are_not_told_unapproved(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    announcement = written(manager, wynberg, at=later(days=1))
    press(manager, announcement, "send")
    crowd(wynberg)
    EventRecord.objects.update(due_at=timezone.now())
    fan_out(now=timezone.now())
    assert not Notification.objects.filter(event_type=ANNOUNCEMENT).exists()
    record = EventRecord.objects.get(event_type=ANNOUNCEMENT)
    assert "nobody approved it" in record.error


def test_a_test_comes_to_oneself_alone(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    announcement = written(manager, wynberg)
    assert "A test is on its way to you" in press(manager, announcement, "test")
    message = Notification.objects.get()
    assert (message.recipient, message.title) == (wynberg.manager, f"Test: {TITLE['en']}")
    assert announcement.event_record_id is None


def test_a_stop_leaves_nothing_waiting_and_says_what_became_of_it(wynberg: People) -> None:
    for user in (wynberg.patient, wynberg.carer):
        user.email_verified_at = timezone.now()
        user.save()
    announcement = announce(wynberg, audiences=["staff"])
    fan_out(now=timezone.now())
    manager = signed_in(wynberg.manager)
    page = manager.get(at(announcement)).content.decode()
    assert "What became of it" in page
    assert "every 3s" in page
    assert "It is stopped. Nothing more of it is sent." in press(manager, announcement, "stop")
    rows = Delivery.objects.filter(notification__event_record=announcement.event_record)
    assert set(rows.values_list("state", "reason")) == {("cancelled", Reason.STOPPED)}
    fragment = manager.get(at(announcement, "progress")).content.decode()
    assert "every 3s" not in fragment
    assert "the announcement was stopped" in fragment
    file = manager.get(at(announcement, "report")).content.decode()
    assert "Inbox" in file


def test_it_is_used_again_and_saved_as_a_template(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    announcement = announce(wynberg)
    press(manager, announcement, "copy")
    again = Announcement.objects.latest("pk")
    assert (again.title, again.event_record_id, again.is_template) == (TITLE, None, False)
    press(manager, announcement, "copy", template="1")
    template = Announcement.objects.latest("pk")
    assert template.is_template
    assert "A template is not sent" in press(manager, template, "send")
    press(manager, template, "copy")
    assert not Announcement.objects.latest("pk").is_template


def test_a_draft_is_thrown_away_and_what_was_sent_is_not(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    draft, sent = written(manager, wynberg), announce(wynberg)
    for each in (draft, sent):
        press(manager, each, "delete")
    assert list(Announcement.objects.all()) == [sent]


def test_a_list_from_a_file_chooses_its_people_and_names_what_it_doesnt_know(wynberg: People) -> None:
    one, two, _others = *crowd(wynberg, 2), None
    Patient.objects.filter(pk=one.pk).update(folder_number="WYN-00417")
    Patient.objects.filter(pk=two.pk).update(phone="+27821234567")
    content = "Folder\r\nwyn 00417;x\r\n821234567;y\r\n999;z\r\n".encode("cp1252")
    manager = signed_in(wynberg.manager)
    data = filled(wynberg, audiences=["patients"], list_file=SimpleUploadedFile("list.csv", content))
    page = unescape(write(manager, data).content.decode())
    assert "2 numbers of the list fit nobody: Folder, 999" in page
    announcement = Announcement.objects.get()
    assert announcement.filters == {"list": [str(one.pk), str(two.pk)]}
    assert "2 people will be told." in page
    data = filled(wynberg, audiences=["patients"], seen=str(announcement.latest_revision_id))
    manager.post(at(announcement, "edit"), data)
    announcement.refresh_from_db()
    assert announcement.filters == {"list": [str(one.pk), str(two.pk)]}, "it is kept"
    assert "without its list of people" in press(manager, announcement, "copy", template="1")
    assert Announcement.objects.latest("pk").filters == {}
    data |= {"seen": str(announcement.latest_revision_id), "without_list": "on"}
    manager.post(at(announcement, "edit"), data)
    announcement.refresh_from_db()
    assert announcement.filters == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04", "This is no CSV file."),
        (b"", "empty"),
        (b"a\0b", "This is no CSV file."),
        (b'"12345\n67890\n', "This is no CSV file."),
        (b"12345\n67890\n", "Nobody at this clinic has one of these numbers."),
        (b"\n".join(b"%d" % number for number in range(10_001)), "at most 10,000"),
        (b"1" * 1_000_001, "at most 10,000"),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_its_field(
    wynberg: People, content: bytes, said: str
) -> None:
    data = filled(wynberg, audiences=["patients"], list_file=SimpleUploadedFile("list.csv", content))
    response = write(signed_in(wynberg.manager), data)
    assert said in errors(response)["list_file"][0]
    assert not Announcement.objects.exists()


def test_filters_choose_nobody_of_the_staff(wynberg: People) -> None:
    data = filled(wynberg, audiences=["patients", "staff"], filter_age=["18-39"])
    response = write(signed_in(wynberg.manager), data)
    assert errors(response) == {"audiences": ["Only patients can be chosen so. Leave out: Staff."]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title_en": ""}, "title_en"),
        ({"title_af": " "}, "title_af"),
        ({"title_af": "x" * 201}, "title_af"),
        ({"message_en": ""}, "message_en"),
        ({"message_af": "a\x00b"}, "message_af"),
        ({"audiences": []}, "audiences"),
        ({"audiences": ["everybody"]}, "audiences"),
        ({"audiences": ["staff"], "within": ""}, "within"),
        ({"within": "all"}, "within"),
        ({"within": "0"}, "within"),
        ({"priority": "extreme"}, "priority"),
        ({"at": "soon"}, "at"),
        ({"at": "2020-01-01 10:00"}, "at"),
        ({"at": "9999-12-31 23:59"}, "at"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nobody_is_told(
    wynberg: People, worcester: People, change: dict[str, Any], field: str
) -> None:
    response = write(signed_in(wynberg.manager), filled(wynberg, **change))
    assert list(errors(response)) == [field]
    assert "first put right what is marked" in response.content.decode()
    assert not Announcement.objects.exists()


def test_an_audience_of_nobody_is_refused(wynberg: People) -> None:
    wynberg.clinic.patients.all().delete()
    response = write(signed_in(wynberg.manager), filled(wynberg))
    assert errors(response) == {"audiences": ["There is nobody in these groups."]}


def test_managers_address_their_own_clinic_only(wynberg: People, worcester: People) -> None:
    response = write(signed_in(wynberg.manager), filled(worcester))
    assert list(errors(response)) == ["within"]
    assert [label for _key, label in response.context["form"].fields["within"].choices] == ["Wynberg"]


def test_head_office_says_whether_one_clinic_or_all(
    head_office: Client, wynberg: People, worcester: People
) -> None:
    form = head_office.get(reverse(ADD)).context["form"]
    labels = [label for _key, label in form.fields["within"].choices]
    assert labels == ["Choose", "All clinics", "Worcester", "Wynberg"]
    page = write(head_office, filled(wynberg, within="all")).content.decode()
    assert "4 people will be told." in page
    assert "Patients, Carers and guardians · All clinics" in page


def test_another_clinics_announcements_are_not_there(wynberg: People, worcester: People) -> None:
    own, other = announce(wynberg), announce(worcester, at=timezone.now() + timedelta(days=1))
    everywhere = announce(wynberg, within={})
    manager = signed_in(wynberg.manager)
    page = manager.get(reverse(LIST)).content.decode()
    assert at(own) in page
    for announcement in (other, everywhere):
        assert at(announcement) not in page
        for pattern in AnnouncementViewSet().get_urlpatterns():
            if pattern.pattern.converters:
                for ask in (manager.get, manager.post):
                    status = ask(at(announcement, pattern.name), follow=True).status_code
                    assert status in (404, 405), pattern.name
    assert EventRecord.objects.get(pk=other.event_record_id).state == "pending"
    assert Announcement.objects.count() == 3


def test_the_list_is_filtered_by_state(wynberg: People) -> None:
    planned, sent = announce(wynberg, at=timezone.now() + timedelta(days=1)), announce(wynberg)
    fan_out(now=timezone.now())
    manager = signed_in(wynberg.manager)
    page = manager.get(reverse(LIST), {"state": "pending"}).content.decode()
    assert at(planned) in page
    assert at(sent) not in page
    for words, found in (("closed on fri", True), ("KLINIEK", True), ("Monday", False)):
        page = manager.get(reverse(LIST), {"words": words}).content.decode()
        assert (at(sent) in page) is found


def test_the_list_makes_as_many_queries_for_thirty_as_for_one(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    announce(wynberg)
    manager.get(reverse(LIST))
    with CaptureQueriesContext(connection) as for_one:
        manager.get(reverse(LIST))
    for _number in range(29):
        announce(wynberg, announced_by=UserFactory())
    with CaptureQueriesContext(connection) as for_thirty:
        manager.get(reverse(LIST))
    assert len(for_thirty) == len(for_one)


def test_staff_without_a_clinic_can_address_nobody(wynberg: People) -> None:
    clerk = UserFactory()
    codenames = ["access_admin", "schedule_notification"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    announcement = announce(wynberg)
    client = signed_in(clerk)
    assert at(announcement) not in client.get(reverse(LIST)).content.decode()
    assert list(errors(write(client, filled(wynberg)))) == ["within"]


@pytest.mark.parametrize("pattern", AnnouncementViewSet().get_urlpatterns(), ids=lambda pattern: pattern.name)
def test_strangers_patients_and_nurses_reach_nothing(wynberg: People, pattern: Any) -> None:
    planned = announce(wynberg, at=timezone.now() + timedelta(days=1))
    address = reverse(
        f"announcements:{pattern.name}", args=[planned.pk] if pattern.pattern.converters else []
    )
    for client in (Client(), signed_in(wynberg.patient), signed_in(wynberg.nurse)):
        assert client.get(address).status_code == 302
        assert client.post(address, filled(wynberg)).status_code == 302
    planned.refresh_from_db()
    assert planned.event_record.state == "pending"
    assert Announcement.objects.count() == 1


def test_the_menu_offers_it_to_who_may(wynberg: People) -> None:
    for person, offered in ((wynberg.manager, True), (wynberg.nurse, False)):
        page = signed_in(person).get(reverse("wagtailadmin_home")).content.decode()
        assert (reverse(LIST) in page) is offered


def test_a_link_alone_or_a_foreign_form_does_nothing(wynberg: People) -> None:
    planned = announce(wynberg, at=timezone.now() + timedelta(days=1))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(wynberg.manager)
    for name in ("stop", "send", "approve", "send_back", "withdraw", "copy", "delete", "test"):
        assert signed_in(wynberg.manager).get(at(planned, name)).status_code == 405
        assert strict.post(at(planned, name)).status_code == 403
    assert strict.post(reverse(ADD), filled(wynberg)).status_code == 403
    planned.refresh_from_db()
    assert planned.event_record.state == "pending"
    assert Announcement.objects.count() == 1
