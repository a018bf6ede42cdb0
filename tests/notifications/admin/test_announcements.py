"""Managers announce something to people of their own clinic in both languages, having seen it first."""

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications.admin.announcements.viewset import AnnouncementViewSet
from notifications.event_types import ANNOUNCEMENT
from notifications.models import EventRecord, Notification, NotificationTemplate
from notifications.pipeline.fan_out import fan_out
from notifications.services import NotificationService
from tests.factories import StaffRoleFactory, UserFactory
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


def post(client: Client, data: Mapping[str, Any], *pressed: str) -> Any:
    return client.post(reverse(ADD), {**data, **dict.fromkeys(pressed, "1")}, follow=True)


def announce(people: People, **changes: Any) -> EventRecord:
    given = {"title": TITLE, "message": MESSAGE, "audiences": ["patients"], "announced_by": people.manager}
    return NotificationService.announce(**given | {"within": {"clinic": people.clinic.pk}} | changes)


def at(record: EventRecord, name: str) -> str:
    return reverse(f"announcements:{name}", args=[record.pk])


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def test_the_preview_shows_both_languages_and_how_many_will_be_told(
    wynberg: People, worcester: People
) -> None:
    page = post(signed_in(wynberg.manager), filled(wynberg)).content.decode()
    assert "2 people will be told." in page
    assert "Patients, Carers and guardians · Wynberg" in page
    frames = [unescape(frame) for frame in re.findall(r'srcdoc="([^"]*)"', page)]
    for language, frame in zip(("en", "af"), frames, strict=True):
        assert f'lang="{language}"' in frame
        assert TITLE[language] in frame
        assert MESSAGE[language] in frame
    assert "Ongelees" in frames[1]
    assert not EventRecord.objects.filter(event_type=ANNOUNCEMENT).exists()


def test_the_preview_shows_the_words_that_staff_put_around_announcements(wynberg: People) -> None:
    texts = dict.fromkeys(("email_subject", "email_body", "short_text"), "{{ title }}")
    texts |= dict.fromkeys(("email_subject_discreet", "short_text_discreet"), "News")
    both = {f"{name}_{code}": text for name, text in texts.items() for code in ("en", "af")}
    NotificationTemplate.objects.create(
        event_type=ANNOUNCEMENT, title_en="News: {{ title }}", title_af="Nuus: {{ title }}",
        body_en="{{ message }}", body_af="{{ message }}", **both,
    )  # fmt: skip
    page = unescape(post(signed_in(wynberg.manager), filled(wynberg)).content.decode())
    assert "News: The clinic is closed" in page
    assert "Nuus: Die kliniek is" in page
    NotificationTemplate.objects.update(title_en="{{ user.password }}")
    response = post(signed_in(wynberg.manager), filled(wynberg))
    assert "can't be used" in errors(response)["__all__"][0]


def test_the_preview_shows_the_clinics_own_words(wynberg: People, worcester: People) -> None:
    for scope_id, said in ((None, "All"), (wynberg.clinic.pk, "Ours"), (worcester.clinic.pk, "Theirs")):
        inbox = {
            f"{field}_{code}": f"{said}: {{{{ title }}}}"
            for field in ("title", "body")
            for code in ("en", "af")
        }
        NotificationTemplate.objects.create(event_type=ANNOUNCEMENT, scope_id=scope_id, **inbox)
    page = unescape(post(signed_in(wynberg.manager), filled(wynberg)).content.decode())
    assert "Ours: The clinic is closed" in page
    assert "All: " not in page
    assert "Theirs: " not in page


def test_what_was_confirmed_reaches_its_people_and_no_others(wynberg: People, worcester: People) -> None:
    page = post(signed_in(wynberg.manager), filled(wynberg), "announce").content.decode()
    assert "“The clinic is closed on Friday” is being sent." in page
    fan_out(now=timezone.now())
    told = Notification.objects.filter(event_type=ANNOUNCEMENT)
    assert {message.recipient for message in told} == {wynberg.patient, wynberg.carer}
    page = signed_in(wynberg.manager).get(reverse(LIST)).content.decode()
    assert "sent to 2 people" in page
    assert "Manager Wynberg" in page
    assert "Patients, Carers and guardians · Wynberg" in page


def test_the_preview_carries_along_what_was_written(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    data = filled(wynberg, at=later(days=2), priority="urgent", message_en='Say "hello" & <b>bye</b>')
    page = post(manager, data).content.decode()
    carried: dict[str, Any] = {}
    for field in re.findall(r'<input type="hidden"[^>]*>', page[page.rindex("<form") :]):
        name, value = re.search(r'name="([^"]*)"', field)[1], re.search(r'value="([^"]*)"', field)
        carried.setdefault(name, []).append(unescape(value[1]) if value else "")
    del carried["csrfmiddlewaretoken"]
    assert carried == {key: value if isinstance(value, list) else [value] for key, value in data.items()}
    form = post(manager, data, "edit").context["form"]
    assert form["message_en"].value() == data["message_en"]
    assert not EventRecord.objects.filter(event_type=ANNOUNCEMENT).exists()


@pytest.mark.parametrize("name", ["title_en", "title_af", "message_en", "message_af"])
def test_a_text_of_which_nothing_is_seen_is_refused_beside_the_field(wynberg: People, name: str) -> None:
    response = post(signed_in(wynberg.manager), filled(wynberg, **{name: "\u200b\u3164"}), "announce")
    assert response.context["form"].errors == {
        name: ["Nothing of this text can be seen. Please write it anew."]
    }
    assert not EventRecord.objects.filter(event_type=ANNOUNCEMENT).exists()


def test_what_is_written_is_inert(wynberg: People) -> None:
    script = "<script>alert(1)</script>"
    data = filled(wynberg, title_en=script, title_af=script, message_en=script, message_af=script)
    manager = signed_in(wynberg.manager)
    pages = [post(manager, data), post(manager, data, "announce")]
    pages.append(manager.get(at(EventRecord.objects.get(event_type=ANNOUNCEMENT), "detail")))
    for response in pages:
        page = response.content.decode()
        assert script not in page
        assert "alert(1)" in page
    for frame in re.findall(r"<iframe[^>]*>", pages[0].content.decode()):
        assert " sandbox " in frame
        assert script not in unescape(re.search(r'srcdoc="([^"]*)"', frame)[1]), "nor inside the frame"


def test_one_for_later_waits_and_can_be_called_off(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    page = post(manager, filled(wynberg, at=later(days=2)), "announce").content.decode()
    assert "is planned for" in page
    record = EventRecord.objects.get(event_type=ANNOUNCEMENT)
    fan_out(now=timezone.now())
    assert not Notification.objects.filter(event_type=ANNOUNCEMENT).exists()
    assert "planned" in manager.get(at(record, "detail")).content.decode()
    assert at(record, "cancel") in manager.get(reverse(LIST)).content.decode()
    page = manager.post(at(record, "cancel"), follow=True).content.decode()
    assert "is cancelled. Nobody will be told." in page
    assert at(record, "cancel") not in page
    record.refresh_from_db()
    assert record.state == "cancelled"
    assert "is no longer planned." in manager.post(at(record, "cancel"), follow=True).content.decode()


def test_what_went_out_is_not_called_off(wynberg: People) -> None:
    record = announce(wynberg)
    fan_out(now=timezone.now())
    signed_in(wynberg.manager).post(at(record, "cancel"))
    record.refresh_from_db()
    assert record.state == "processed"


def test_the_button_pressed_twice_announces_once(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    for data in (filled(wynberg), filled(wynberg, at=later(days=2))):
        EventRecord.objects.all().delete()
        post(manager, data, "announce")
        page = post(manager, data, "announce").content.decode()
        assert "a moment ago. It isn&#x27;t announced twice." in page
        assert EventRecord.objects.filter(event_type=ANNOUNCEMENT).count() == 1


def test_other_words_or_people_or_times_are_another_announcement(wynberg: People, worcester: People) -> None:
    both = signed_in(wynberg.manager)
    StaffRoleFactory(user=wynberg.manager, clinic=worcester.clinic, role="manager")
    for change in (
        {},
        {"title_en": "Closed"},
        {"audiences": ["staff"]},
        {"within": str(worcester.clinic.pk)},
        {"at": later(days=2)},
        {"at": later(days=3)},
    ):
        post(both, filled(wynberg, **change), "announce")
    assert EventRecord.objects.filter(event_type=ANNOUNCEMENT).count() == 6


def test_what_was_called_off_can_be_announced_again(wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    post(manager, filled(wynberg, at=later(days=2)), "announce")
    manager.post(at(EventRecord.objects.get(event_type=ANNOUNCEMENT), "cancel"))
    post(manager, filled(wynberg, at=later(days=2)), "announce")
    states = EventRecord.objects.filter(event_type=ANNOUNCEMENT).values_list("state", flat=True)
    assert sorted(states) == ["cancelled", "pending"]


@pytest.mark.parametrize("pressed", [(), ("announce",)])
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
    wynberg: People, worcester: People, change: dict[str, Any], field: str, pressed: tuple[str, ...]
) -> None:
    response = post(signed_in(wynberg.manager), filled(wynberg, **change), *pressed)
    assert list(errors(response)) == [field]
    assert not EventRecord.objects.filter(event_type=ANNOUNCEMENT).exists()


def test_an_audience_of_nobody_is_refused(wynberg: People) -> None:
    wynberg.clinic.patients.all().delete()
    response = post(signed_in(wynberg.manager), filled(wynberg))
    assert errors(response) == {"audiences": ["There is nobody in these groups."]}


def test_managers_address_their_own_clinic_only(wynberg: People, worcester: People) -> None:
    response = post(signed_in(wynberg.manager), filled(worcester), "announce")
    assert list(errors(response)) == ["within"]
    assert [label for _key, label in response.context["form"].fields["within"].choices] == ["Wynberg"]


def test_head_office_says_whether_one_clinic_or_all(
    head_office: Client, wynberg: People, worcester: People
) -> None:
    form = head_office.get(reverse(ADD)).context["form"]
    labels = [label for _key, label in form.fields["within"].choices]
    assert labels == ["Choose", "All clinics", "Worcester", "Wynberg"]
    page = post(head_office, filled(wynberg, within="all")).content.decode()
    assert "4 people will be told." in page
    page = post(head_office, filled(wynberg, within="all"), "announce").content.decode()
    assert "Patients, Carers and guardians · All clinics" in page


def test_another_clinics_announcements_are_not_there(wynberg: People, worcester: People) -> None:
    own, other = announce(wynberg), announce(worcester, at=timezone.now() + timedelta(days=1))
    everywhere = announce(wynberg, within={})
    manager = signed_in(wynberg.manager)
    page = manager.get(reverse(LIST)).content.decode()
    assert at(own, "detail") in page
    for record in (other, everywhere):
        assert at(record, "detail") not in page
        assert manager.get(at(record, "detail"), follow=True).status_code == 404
        assert manager.post(at(record, "cancel"), follow=True).status_code == 404
    other.refresh_from_db()
    assert other.state == "pending"


def test_other_publications_are_no_announcements(wynberg: People, head_office: Client) -> None:
    now = timezone.now()
    record = EventRecord.objects.create(
        event_type="medication.low_stock", payload={"within": {}}, dedupe_key="x", due_at=now, created_at=now,
        delete_at=now,
    )  # fmt: skip
    assert at(record, "detail") not in head_office.get(reverse(LIST)).content.decode()
    assert head_office.get(at(record, "detail"), follow=True).status_code == 404


def test_the_list_is_filtered_by_state(wynberg: People) -> None:
    planned, sent = announce(wynberg, at=timezone.now() + timedelta(days=1)), announce(wynberg)
    fan_out(now=timezone.now())
    page = signed_in(wynberg.manager).get(reverse(LIST), {"state": "pending"}).content.decode()
    assert at(planned, "detail") in page
    assert at(sent, "detail") not in page


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
    record = announce(wynberg)
    client = signed_in(clerk)
    assert at(record, "detail") not in client.get(reverse(LIST)).content.decode()
    assert list(errors(post(client, filled(wynberg), "announce"))) == ["within"]


@pytest.mark.parametrize("pattern", AnnouncementViewSet().get_urlpatterns(), ids=lambda pattern: pattern.name)
def test_strangers_patients_and_nurses_reach_nothing(wynberg: People, pattern: Any) -> None:
    record = announce(wynberg, at=timezone.now() + timedelta(days=1))
    address = reverse(f"announcements:{pattern.name}", args=[record.pk] if pattern.pattern.converters else [])
    for client in (Client(), signed_in(wynberg.patient), signed_in(wynberg.nurse)):
        assert client.get(address).status_code == 302
        assert client.post(address, filled(wynberg, announce="1")).status_code == 302
    record.refresh_from_db()
    assert record.state == "pending"
    assert EventRecord.objects.filter(event_type=ANNOUNCEMENT).count() == 1


def test_the_menu_offers_it_to_who_may(wynberg: People) -> None:
    for person, offered in ((wynberg.manager, True), (wynberg.nurse, False)):
        page = signed_in(person).get(reverse("wagtailadmin_home")).content.decode()
        assert (reverse(LIST) in page) is offered


def test_a_link_alone_or_a_foreign_form_does_nothing(wynberg: People) -> None:
    record = announce(wynberg, at=timezone.now() + timedelta(days=1))
    assert signed_in(wynberg.manager).get(at(record, "cancel")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(wynberg.manager)
    for address in (at(record, "cancel"), reverse(ADD)):
        assert strict.post(address, filled(wynberg, announce="1")).status_code == 403
    record.refresh_from_db()
    assert record.state == "pending"
