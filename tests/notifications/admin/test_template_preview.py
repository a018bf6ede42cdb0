"""What a template looks like at the other end, with sample values, in each language."""

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from notifications import registry
from notifications.admin.template_form import initial_texts
from notifications.models import NotificationTemplate
from notifications.types import TEXT_GROUPS, EventType, Param

URLS = "wagtailsnippets_notifications_notificationtemplate"
MODES = ["inbox-en", "inbox-af", "email-en", "email-af", "short-en", "short-af"]
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def template(event_type: EventType, db: None) -> NotificationTemplate:
    return NotificationTemplate.objects.create(event_type=event_type.name, **initial_texts(event_type.texts))


def preview(client: Client, template: NotificationTemplate, mode: str, **changes: str) -> Any:
    address = reverse(f"{URLS}:preview_on_edit", args=[template.pk])
    data = {"event_type": template.event_type, **initial_texts(template.declared.texts), **changes}
    assert client.post(address, data).json() == {"is_valid": True, "is_available": True}
    return client.get(address, {"mode": mode})


def test_there_is_a_preview_for_each_channel_in_each_language(template: NotificationTemplate) -> None:
    assert [mode for mode, _label in template.preview_modes] == MODES
    assert template.preview_modes[1] == ("inbox-af", "Inbox – Afrikaans")


@pytest.mark.parametrize(
    ("mode", "shown", "title"),
    [
        ("inbox-en", "Metformin 500 mg lasts until Friday. You have 2.5 left.", "Metformin 500 mg is low"),
        ("inbox-af", "Metformin 500 mg hou tot Friday. U het 2,5 oor.", "Metformin 500 mg raak op"),
        ("email-en", "Metformin 500 mg lasts until Friday.", "You have a reminder"),
        ("email-af", "Metformin 500 mg hou tot Friday.", "U het 'n herinnering"),
        ("short-en", "Metformin 500 mg is low.", "You have a reminder from your clinic."),
        ("short-af", "Metformin 500 mg raak op.", "U het 'n herinnering van u kliniek."),
    ],
)
def test_the_preview_speaks_its_language_with_sample_values(
    head_office: Client, template: NotificationTemplate, mode: str, shown: str, title: str
) -> None:
    page = preview(head_office, template, mode).content.decode()
    text = unescape(unescape(page))  # a mail stands in an attribute, and so is escaped twice
    assert f'<html lang="{mode[-2:]}"' in page
    assert shown in text
    assert title in text


def test_the_preview_shows_what_is_typed_before_it_is_saved(
    head_office: Client, template: NotificationTemplate
) -> None:
    assert (
        "Look: Metformin"
        in preview(head_office, template, "inbox-en", title_en="Look: {{ medicine }}").content.decode()
    )
    template.refresh_from_db()
    assert template.title_en == "{{ medicine }} is low"


def test_an_unfinished_draft_can_be_previewed(head_office: Client, template: NotificationTemplate) -> None:
    page = preview(head_office, template, "inbox-af", body_af="").content.decode()
    assert "Metformin 500 mg raak op" in page


@pytest.mark.parametrize("mode", MODES)
def test_a_script_in_a_text_or_a_value_is_inert(
    head_office: Client,
    template: NotificationTemplate,
    event_type: EventType,
    mode: str,
    hostile_values: None,
) -> None:
    changes = {
        name: f"{{{{ medicine }}}} {SCRIPT}"
        for name in initial_texts(event_type.texts)
        if "discreet" not in name
    }
    response = preview(head_office, template, mode, **changes)
    page = response.content.decode()
    assert SCRIPT not in page
    assert page.count("alert(1)") >= 2
    if mode.startswith("email"):
        mail = unescape(page[page.index('srcdoc="') :])
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in mail
        assert SCRIPT not in mail
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.fixture
def hostile_values(event_type: EventType) -> Iterator[None]:
    hostile = tuple(Param(param.name, param.label, SCRIPT) for param in event_type.params)
    registry.unregister(event_type.name)
    registry.register(replace(event_type, params=hostile))
    yield
    registry.unregister(event_type.name)
    registry.register(event_type)


def test_the_short_text_says_how_many_parts_it_takes_and_which_characters_cost(
    head_office: Client, template: NotificationTemplate
) -> None:
    page = preview(
        head_office, template, "short-af", short_text_af="Sê: {{ medicine }} " + "x" * 60
    ).content.decode()
    assert "UCS-2" in page
    assert "<kbd>ê</kbd>" in page
    assert "2 SMS" in page
    assert "GSM-7" in page, "the discreet one has none of them"


def test_a_part_that_is_left_out_shows_that(head_office: Client, template: NotificationTemplate) -> None:
    nothing = {f"{field}_{code}": "" for field in TEXT_GROUPS["email"] for code in ("en", "af")}
    assert (
        "Nothing is written here." in preview(head_office, template, "email-af", **nothing).content.decode()
    )


def test_a_mode_that_does_not_exist_shows_nothing(
    head_office: Client, template: NotificationTemplate
) -> None:
    for mode in ("fax-en", "inbox-fr", "../base-en", ""):
        assert "There is no such preview." in preview(head_office, template, mode).content.decode()


def test_a_text_that_got_into_the_database_all_the_same_is_named(
    head_office: Client, template: NotificationTemplate
) -> None:
    NotificationTemplate.objects.update(title_en="{{ user.password }}")
    template.refresh_from_db()
    revision = template.save_revision(clean=False)
    page = head_office.get(
        reverse(f"{URLS}:revisions_view", args=[template.pk, revision.pk])
    ).content.decode()
    assert "This can't be shown as a message." in unescape(page)


def test_a_new_template_can_be_previewed_before_it_is_saved(
    head_office: Client, event_type: EventType
) -> None:
    address = reverse(f"{URLS}:preview_on_add")
    answer = head_office.post(
        address, {"event_type": event_type.name, **initial_texts(event_type.texts)}
    ).json()
    assert answer == {"is_valid": True, "is_available": True}
    assert "Metformin 500 mg raak op" in head_office.get(address, {"mode": "inbox-af"}).content.decode()
