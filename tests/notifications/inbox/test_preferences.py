import re
from collections.abc import Iterator
from datetime import time, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from notifications import registry
from notifications.models import ChannelChoice, NotificationPreferences, RoutingPlan
from notifications.preferences.choices import choice_set, choices
from notifications.preferences.settings import preferences_update
from notifications.signals import preferences_changed
from notifications.types import Category
from notifications.web import zones
from tests.notifications.inbox.conftest import SESSION
from tests.notifications.rules.examples import event_type

HTMX = {"HTTP_HX_REQUEST": "true"}
URL = "/en/preferences/"


@pytest.fixture(autouse=True)
def types(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Stock is clinical, with e-mail by default; events have neither; nothing else is ever sent."""
    settings.NOTIFICATION_CHANNELS = ["notifications.channels.email.channel.EmailChannel"]
    monkeypatch.setattr(registry, "_types", {})
    registry.register(event_type(name="stock.low", clinical=True, channels={"in_app": True, "email": True}))
    registry.register(event_type(name="event.joined", category=Category.EVENT, channels={"in_app": True}))


@pytest.fixture
def told() -> Iterator[list[set[str]]]:
    """What was said to have changed."""
    heard: list[set[str]] = []

    def hear(changed: set[str], **kwargs: Any) -> None:
        heard.append(set(changed))

    preferences_changed.connect(hear)
    yield heard
    preferences_changed.disconnect(hear)


def kept(user: Any) -> set[tuple[str, str, bool]]:
    return set(ChannelChoice.objects.filter(user=user).values_list("category", "channel", "on"))


def cells(user: Any) -> dict[tuple[str, str], tuple[bool, bool]]:
    found = choices(user.pk)
    return {
        (each.category.value, each.channel): (each.on, each.fixed) for each in found if not each.event_type
    }


def of_types(user: Any) -> dict[str, tuple[bool, bool]]:
    """By e-mail: whether it is on, and whether that is the type's own choice."""
    found = [each for each in choices(user.pk) if each.event_type and each.channel == "email"]
    return {each.about: (each.on, each.own) for each in found}


# The service ----------------------------------------------------------------------------------------------


def test_defaults_come_from_the_types_of_a_category(thandi: Any) -> None:
    assert cells(thandi) == {
        ("stock", "in_app"): (True, True),
        ("stock", "email"): (True, False),
        ("event", "in_app"): (True, False),
        ("event", "email"): (False, False),
    }


def test_a_choice_is_kept_only_while_it_differs_from_the_default(thandi: Any, told: list[set[str]]) -> None:
    assert choice_set(user_id=thandi.pk, about="event", channel="email", on=True)
    assert kept(thandi) == {("event", "email", True)}
    assert cells(thandi)["event", "email"] == (True, False)
    assert not choice_set(user_id=thandi.pk, about="event", channel="email", on=True)
    assert choice_set(user_id=thandi.pk, about="event", channel="email", on=False)
    assert kept(thandi) == set()
    assert not choice_set(user_id=thandi.pk, about="event", channel="email", on=False)
    assert told == [{"choices"}, {"choices"}]


def test_a_channel_that_staff_named_for_a_category_is_on_by_default(thandi: Any) -> None:
    RoutingPlan.objects.create(category="event", steps=[["email", 0]])
    assert cells(thandi)["event", "email"] == (True, False)
    assert choice_set(user_id=thandi.pk, about="event", channel="email", on=False)
    assert kept(thandi) == {("event", "email", False)}
    assert cells(thandi)["event", "email"] == (False, False)


def test_treatment_stays_in_the_inbox(thandi: Any, told: list[set[str]]) -> None:
    ChannelChoice.objects.create(user=thandi, category="stock", channel="in_app", on=False)
    assert cells(thandi)["stock", "in_app"] == (True, True)
    with pytest.raises(ValidationError):
        choice_set(user_id=thandi.pk, about="stock", channel="in_app", on=False)
    assert told == []


@pytest.mark.parametrize(
    ("category", "channel"), [("cats", "email"), ("vaccination", "email"), ("stock", "pigeon")]
)
def test_there_is_no_choice_where_nothing_is_sent(thandi: Any, category: str, channel: str) -> None:
    with pytest.raises(ValidationError):
        choice_set(user_id=thandi.pk, about=category, channel=channel, on=True)
    assert kept(thandi) == set()


def test_only_what_changed_is_told(thandi: Any, told: list[set[str]]) -> None:
    changes = {"language": "af", "timezone": "Africa/Johannesburg"}
    assert preferences_update(user_id=thandi.pk, changes=changes, now=timezone.now()) == {"language"}
    assert preferences_update(user_id=thandi.pk, changes=changes, now=timezone.now()) == frozenset()
    assert told == [{"language"}]


def test_a_wrong_value_changes_nothing(thandi: Any, told: list[set[str]]) -> None:
    with pytest.raises(ValidationError) as caught:
        preferences_update(
            user_id=thandi.pk, changes={"timezone": "Mars/Olympus", "language": "af"}, now=timezone.now()
        )
    assert set(caught.value.message_dict) == {"timezone"}
    assert told == []
    assert not NotificationPreferences.objects.filter(language="af").exists()


# Types of a category --------------------------------------------------------------------------------------


@pytest.fixture
def several() -> None:
    """A second type for events, and one that only staff are told of."""
    for name, for_staff in (("event.ended", False), ("event.full", True)):
        registry.register(
            event_type(
                name=name,
                label=name,
                category=Category.EVENT,
                channels={"in_app": True},
                for_staff=for_staff,
            )
        )


@pytest.mark.usefixtures("several")
def test_a_type_follows_its_category_until_it_has_a_choice_of_its_own(
    thandi: Any, told: list[set[str]]
) -> None:
    choice_set(user_id=thandi.pk, about="event", channel="email", on=True)
    assert of_types(thandi)["event.ended"] == (True, False)
    assert choice_set(user_id=thandi.pk, about="event.ended", channel="email", on=False)
    assert not choice_set(user_id=thandi.pk, about="event.ended", channel="email", on=False)
    assert of_types(thandi)["event.ended"] == (False, True)
    assert of_types(thandi)["event.joined"] == (True, False)
    choice_set(user_id=thandi.pk, about="event", channel="email", on=False)
    assert of_types(thandi)["event.ended"] == (False, False)
    choice_set(user_id=thandi.pk, about="event", channel="email", on=True)
    assert of_types(thandi)["event.ended"] == (False, True)
    assert choice_set(user_id=thandi.pk, about="event.ended", channel="email", on=True)
    assert kept(thandi) == {("event", "email", True)}
    assert len(told) == 5


@pytest.mark.usefixtures("several")
def test_a_choice_is_one_row_however_often_it_is_made(thandi: Any) -> None:
    row = {"user": thandi, "category": "event", "event_type": "event.ended", "channel": "email", "on": True}
    ChannelChoice.objects.create(**row)
    ChannelChoice.objects.create(**{**row, "event_type": ""})
    with pytest.raises(IntegrityError), transaction.atomic():
        ChannelChoice.objects.create(**row)


@pytest.mark.usefixtures("several")
def test_who_turns_a_category_off_for_good_leaves_no_type_of_it_on(thandi: Any) -> None:
    for about, on in (("event.ended", True), ("event.joined", True), ("stock", False)):
        choice_set(user_id=thandi.pk, about=about, channel="email", on=on)
    choice_set(user_id=thandi.pk, about="event", channel="email", on=False, for_good=True)
    assert kept(thandi) == {("event", "email", False), ("stock", "email", False)}


# The page -------------------------------------------------------------------------------------------------


def test_looking_writes_nothing(reader: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(SESSION + 17):
        page = reader.get(URL).content.decode()
    assert not NotificationPreferences.objects.exists()
    assert "Messages about your treatment always stay in your inbox." in page
    assert 'id="choice-stock-in_app" checked disabled' in page
    assert 'id="choice-event-email">' in page
    for place in ("/en/accounts/logout/", "/en/accounts/password/change/"):
        assert place in page
    assert "/en/accounts/2fa/" not in page


def test_staff_find_their_second_step(reader: Client, thandi: Any) -> None:
    thandi.is_superuser = True
    thandi.save()
    assert "/en/accounts/2fa/" in reader.get(URL).content.decode()


def test_who_has_no_address_is_told(reader: Client, thandi: Any) -> None:
    assert "We have no address" not in reader.get(URL).content.decode()
    thandi.email, thandi.phone = None, "+27821234567"
    thandi.save()
    assert "We have no address" in reader.get(URL).content.decode()


def test_a_switch_saves_itself_and_nothing_else(reader: Client, thandi: Any) -> None:
    ChannelChoice.objects.create(user=thandi, category="stock", channel="email", on=False)
    one = {"part": "channels", "only": "event.email"}
    answer = reader.post(URL, {**one, "event.email": "on"}, **HTMX).content.decode()
    assert "Saved" in answer
    assert "<html" not in answer
    assert "<form" not in answer
    assert kept(thandi) == {("stock", "email", False), ("event", "email", True)}
    reader.post(URL, one, **HTMX)
    assert kept(thandi) == {("stock", "email", False)}


@pytest.mark.parametrize("only", ["stock.in_app", "cats.email", "stock", "stock.pigeon", "event.email.x"])
def test_a_forged_switch_is_refused(reader: Client, thandi: Any, only: str) -> None:
    assert reader.post(URL, {"part": "channels", "only": only}, **HTMX).status_code == 400
    assert kept(thandi) == set()


def test_the_grid_is_saved_without_javascript(reader: Client, thandi: Any) -> None:
    response = reader.post(URL, {"part": "channels", "event.in_app": "on", "event.email": "on"})
    assert response["Location"] == f"{URL}?saved=channels#part-channels"
    assert kept(thandi) == {("event", "email", True), ("stock", "email", False)}
    assert "Saved" in reader.get(f"{URL}?saved=channels").content.decode()


def test_quiet_hours_are_saved(reader: Client, thandi: Any) -> None:
    hours = {"quiet_hours_enabled": "on", "quiet_hours_start": "21:30", "quiet_hours_end": "06:15"}
    assert "Saved" in reader.post(URL, {"part": "quiet", **hours}, **HTMX).content.decode()
    saved = NotificationPreferences.objects.get(user=thandi)
    assert (saved.quiet_hours_enabled, saved.quiet_hours_start, saved.quiet_hours_end) == (
        True,
        time(21, 30),
        time(6, 15),
    )
    page = reader.get(URL).content.decode()
    assert 'type="time" name="quiet_hours_start" value="21:30"' in page


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("21:30", "Quiet hours cannot start and end at the same time."),
        ("late", "Enter a valid time."),
        ("", "required"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_mistake_is_said_beside_its_field_and_changes_nothing(
    reader: Client, thandi: Any, told: list[set[str]], headers: dict[str, str], end: str, words: str
) -> None:
    NotificationPreferences.objects.create(user=thandi)
    hours = {"quiet_hours_enabled": "on", "quiet_hours_start": "21:30", "quiet_hours_end": end}
    response = reader.post(URL, {"part": "quiet", **hours}, **headers)
    html = unescape(response.content.decode())
    error = re.search(r'id="id_quiet_hours_end_error">(.*?)</div>', html, re.S)
    assert error
    assert words in error[1]
    assert "Saved" not in html
    if headers:
        assert response["HX-Retarget"] == "#part-quiet"
        assert "<html" not in html
    assert told == []
    assert not NotificationPreferences.objects.get(user=thandi).quiet_hours_enabled


def test_a_mistake_that_is_mended_goes_away(reader: Client, thandi: Any) -> None:
    hours = {"quiet_hours_start": "21:30", "quiet_hours_end": "05:00", "was_wrong": "1"}
    response = reader.post(URL, {"part": "quiet", **hours}, **HTMX)
    assert response["HX-Retarget"] == "#part-quiet"
    html = response.content.decode()
    assert "Saved" in html
    assert "was_wrong" not in html
    assert "_error" not in html


def test_errors_are_in_the_readers_language(reader: Client) -> None:
    html = reader.post(
        "/af/preferences/", {"part": "quiet", "quiet_hours_start": "x", "quiet_hours_end": "06:00"}, **HTMX
    )
    assert "Enter a valid time" not in html.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_another_language_opens_the_page_in_it(reader: Client, thandi: Any, headers: dict[str, str]) -> None:
    data = {"part": "language", "language": "af", "timezone": "Africa/Johannesburg"}
    response = reader.post(URL, data, **headers)
    there = response["HX-Redirect"] if headers else response["Location"]
    assert there == "/af/preferences/?saved=language"
    assert NotificationPreferences.objects.get(user=thandi).language == "af"


def test_every_time_zone_can_be_chosen_and_no_other(reader: Client, thandi: Any) -> None:
    data = {"part": "language", "language": "en", "timezone": "America/Argentina/Buenos_Aires"}
    assert "Saved" in reader.post(URL, data, **HTMX).content.decode()
    old_name = {**data, "timezone": "GMT"}
    assert "Saved" in reader.post(URL, old_name, **HTMX).content.decode()
    assert '<option value="GMT" selected>' in reader.get(URL).content.decode()
    bad = {**data, "timezone": "Mars/Olympus"}
    assert "“Mars/Olympus” is not a time zone." in unescape(reader.post(URL, bad, **HTMX).content.decode())


def test_south_africa_comes_first_among_the_zones() -> None:
    _name, near = zones.choices()[0]
    assert near[0] == ("Africa/Johannesburg", "Johannesburg")
    names = [name for _group, group in zones.choices() for name, _label in group]
    assert len(names) == len(set(names)) > 400


@pytest.mark.parametrize(
    ("part", "field", "value"), [("email", "email_time", "evening"), ("privacy", "detail", "detailed")]
)
def test_the_other_cards_save(reader: Client, thandi: Any, part: str, field: str, value: str) -> None:
    response = reader.post(URL, {"part": part, field: value})
    assert response["Location"] == f"{URL}?saved={part}#part-{part}"
    assert getattr(NotificationPreferences.objects.get(user=thandi), field) == value


def test_a_card_that_does_not_exist_is_refused(reader: Client) -> None:
    assert reader.post(URL, {"part": "wallet"}).status_code == 400
    assert reader.put(URL).status_code == 405


def test_what_one_person_chooses_is_theirs_alone(reader: Client, thandi: Any, pieter: Any) -> None:
    reader.post(URL, {"part": "channels", "only": "event.email", "event.email": "on"}, **HTMX)
    reader.post(URL, {"part": "email", "email_time": "evening"}, **HTMX)
    assert kept(pieter) == set()
    assert not NotificationPreferences.objects.filter(user=pieter).exists()


def test_the_parts_of_the_world_are_in_the_readers_language_and_cities_as_they_are() -> None:
    with translation.override("af"):
        groups = {str(name): dict(group) for name, group in zones.choices()}
    assert groups["Asië"]["Asia/Tokyo"] == "Tokyo"
    with translation.override("en"):
        assert "Asia" in {str(name) for name, _group in zones.choices()}


# The pause ------------------------------------------------------------------------------------------------


def pause(reader: Client, **data: str) -> str:
    answer = reader.post(URL, {"part": "pause", "whole": "1", **data}, **HTMX)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_a_pause_is_said_clearly_until_it_ends_by_itself(reader: Client, thandi: Any) -> None:
    until = timezone.localdate() + timedelta(days=10)
    assert f"Paused until {until:%A} {until.day} {until:%B}" in pause(reader, paused_until=f"{until}")
    assert "Paused until" in reader.get(URL).content.decode()
    NotificationPreferences.objects.update(paused_until=timezone.localdate())
    page = reader.get(URL).content.decode()
    assert "Paused until" not in page
    assert f'value="{timezone.localdate()}"' not in page


def test_a_pause_is_ended_by_hand(reader: Client, thandi: Any) -> None:
    pause(reader, paused_until=f"{timezone.localdate() + timedelta(days=10)}")
    assert "Paused until" not in pause(reader, end="1", paused_until="")
    assert NotificationPreferences.objects.get(user=thandi).paused_until is None


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_pause_of_no_use_is_refused_in_words(reader: Client, thandi: Any, days: int) -> None:
    said = pause(reader, paused_until=f"{timezone.localdate() + timedelta(days=days)}")
    assert "nhsuk-error-message" in said
    assert not NotificationPreferences.objects.filter(paused_until__isnull=False).exists()


def test_a_pause_without_a_day_is_asked_for_one(reader: Client, thandi: Any) -> None:
    assert "nhsuk-error-message" in pause(reader, paused_until="")


# How one is reached ---------------------------------------------------------------------------------------


def test_the_page_says_which_addresses_are_confirmed(reader: Client, thandi: Any) -> None:
    thandi.email_verified_at = None
    thandi.save()
    page = reader.get(URL).content.decode()
    assert all(words in page for words in ("Hold messages at night", "Start again on", "Time zone"))
    card = page.split('id="reach"')[1].split("</section>")[0]
    assert "Not confirmed" in card
    assert 'href="/en/preferences/reach/email/"' in card
    thandi.email_verified_at = timezone.now()
    thandi.save()
    assert "Not confirmed" not in reader.get(URL).content.decode()


# The types of a category on the page ----------------------------------------------------------------------


def beneath(page: str, category: str = "event") -> str:
    """What is folded away under a category."""
    return page.partition(f'id="beneath-{category}"')[2].partition("</details>")[0]


@pytest.mark.usefixtures("several")
def test_types_are_folded_away_under_their_category(
    reader: Client, thandi: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    choice_set(user_id=thandi.pk, about="event.ended", channel="email", on=True)
    with django_assert_num_queries(SESSION + 17):
        page = reader.get(URL).content.decode()
    folded = beneath(page)
    assert 'name="event.ended.email" value="on" id="choice-event-ended-email" checked' in folded
    assert 'id="choice-event-joined-email">' in folded
    assert "1 is different" in folded
    # A category of one type has nothing to choose beneath, and what staff are told is no patient's business.
    assert not beneath(page, "stock")
    assert "event.full" not in page
    thandi.is_superuser = True
    thandi.save()
    assert "event.full" in beneath(reader.get(URL).content.decode())


@pytest.mark.usefixtures("several")
def test_the_switch_of_a_category_brings_its_types_along(reader: Client, thandi: Any) -> None:
    one = {"part": "channels", "only": "event.ended.email", "event.ended.email": "on"}
    answer = reader.post(URL, one, **HTMX).content.decode()
    assert "Saved" in answer
    assert 'id="apart-event" hx-swap-oob="innerHTML">1 is different' in answer
    # What the reader's finger is on stays where it is.
    assert 'id="types-event"' not in answer
    assert of_types(thandi)["event.ended"] == (True, True)

    of_all = {"part": "channels", "only": "event.email", "event.email": "on"}
    answer = reader.post(URL, of_all, **HTMX).content.decode()
    assert 'id="types-event" hx-swap-oob="innerHTML"' in answer
    assert 'id="choice-event-joined-email" checked' in answer


@pytest.mark.usefixtures("several")
def test_without_javascript_only_what_was_touched_is_chosen(reader: Client, thandi: Any) -> None:
    everything = {"part": "channels", "stock.email": "on", "event.in_app": "on"}
    folded = {"shown": ["event.joined", "event.ended"], "event.joined.in_app": "on"}
    # E-mail for all events is new; of one type the inbox was turned off.
    reader.post(URL, {**everything, **folded, "event.email": "on"})
    assert kept(thandi) == {("event", "email", True), ("event", "in_app", False)}
    assert of_types(thandi) == {
        "event.ended": (True, False),
        "event.full": (True, False),
        "event.joined": (True, False),
        "stock.low": (True, False),
    }


@pytest.mark.parametrize("only", ["stock.low.email", "event.joined.email"])
def test_a_type_that_is_not_on_the_page_can_be_chosen_all_the_same(
    reader: Client, thandi: Any, only: str
) -> None:
    on = {only: "on"} if only.startswith("event") else {}
    assert "Saved" in reader.post(URL, {"part": "channels", "only": only, **on}, **HTMX).content.decode()
    assert len(kept(thandi)) == 1
