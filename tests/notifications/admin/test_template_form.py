"""What can be written, and what they are told when they can't."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from notifications import registry
from notifications.admin.template_form import initial_texts
from notifications.models import NotificationTemplate
from notifications.selectors.templates import texts_of
from notifications.texts.template_errors import TRANSLATED_FIELDS
from notifications.types import DISCREET_FIELDS, TEXT_FIELDS, TEXT_GROUPS, EventType

URLS = "wagtailsnippets_notifications_notificationtemplate"
ADD = f"{URLS}:add"
WITH_PLACEHOLDERS = [name for name in TRANSLATED_FIELDS if not name.startswith(DISCREET_FIELDS)]
DISCREET = [name for name in TRANSLATED_FIELDS if name.startswith(DISCREET_FIELDS)]


def filled(event_type: EventType, **changes: str) -> dict[str, str]:
    return {"event_type": event_type.name, **initial_texts(event_type.texts), **changes}


def errors(response: object) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


@pytest.fixture
def template(event_type: EventType, db: None) -> NotificationTemplate:
    template = NotificationTemplate.objects.create(
        event_type=event_type.name, **initial_texts(event_type.texts)
    )
    template.save_revision().publish()
    return template


def edit(client: Client, template: NotificationTemplate, data: dict[str, str], **actions: str) -> object:
    return client.post(reverse(f"{URLS}:edit", args=[template.pk]), {**data, **actions})


def test_the_list_has_each_message_and_leads_to_its_form(head_office: Client, event_type: EventType) -> None:
    page = head_office.get(reverse(f"{URLS}:list")).content.decode()
    assert f"{reverse(ADD)}?event_type=stock.low" in page
    assert "Low stock" in page


def test_a_type_with_texts_leads_to_these(
    head_office: Client, template: NotificationTemplate, event_type: EventType
) -> None:
    page = head_office.get(reverse(f"{URLS}:list")).content.decode()
    assert "?event_type=stock.low" not in page
    there = reverse(f"{URLS}:edit", args=[template.pk])
    assert there in page
    assert head_office.get(reverse(ADD), {"event_type": "stock.low"})["Location"] == there
    assert head_office.get(reverse(ADD), {"event_type": "no.such"})["Location"] == reverse(f"{URLS}:list")


def test_the_form_begins_with_the_built_in_texts_and_says_what_may_be_written(
    head_office: Client, event_type: EventType
) -> None:
    response = head_office.get(reverse(ADD), {"event_type": event_type.name})
    form = response.context["form"]
    assert form["title_af"].value() == "{{ medicine }} raak op"
    assert form["email_body_en"].value() == event_type.texts["en"].email_body
    page = response.content.decode()
    assert ">{{ medicine }}</code>" in page
    assert '<td lang="en">Metformin 500 mg</td>' in page
    assert '<td lang="en">2.5</td>' in page, "the sample as an English reader sees it"
    assert '<td lang="af">2,5</td>' in page, "and an Afrikaans one"


@pytest.mark.parametrize("name", WITH_PLACEHOLDERS)
@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{{ medicin }}", "Did you mean {{ medicine }}?"),
        ("{{ user.password }}", "“{{ user.password }}” can't be used"),
        ("{% if medicine %}", "“{% if medicine %}” can't be used"),
        ("{{ medicine|upper }}", "Did you mean {{ medicine }}?"),
        ("{{ xyzzy }}", "It can have {{ name }}, {{ medicine }}, {{ until }}, {{ left }}."),
    ],
)
def test_a_draft_with_anything_but_its_placeholders_is_refused_beside_the_field(
    head_office: Client, event_type: EventType, name: str, written: str, told: str
) -> None:
    response = head_office.post(reverse(ADD), filled(event_type, **{name: f"Take {written}"}))
    assert list(errors(response)) == [name]
    assert told in errors(response)[name][0]
    assert not NotificationTemplate.objects.exists()


@pytest.mark.parametrize("name", ["title_en", "title_af", "short_text_discreet_en"])
def test_a_text_of_which_nothing_is_seen_is_refused_beside_the_field(
    head_office: Client, event_type: EventType, name: str
) -> None:
    response = head_office.post(reverse(ADD), filled(event_type, **{name: "\u200b\u2800"}))
    assert errors(response) == {name: ["Nothing of this text can be seen. Please write it anew."]}
    assert not NotificationTemplate.objects.exists()


@pytest.mark.parametrize("name", DISCREET)
def test_a_discreet_text_has_no_placeholder_at_all(
    head_office: Client, event_type: EventType, name: str
) -> None:
    response = head_office.post(reverse(ADD), filled(event_type, **{name: "Take {{ medicine }}"}))
    assert list(errors(response)) == [name]
    assert "“{{ medicine }}” can't be used in a discreet text" in errors(response)[name][0]


@pytest.mark.parametrize("name", DISCREET)
def test_a_day_may_stand_where_others_look_and_a_name_may_not(head_office: Client, name: str) -> None:
    visit = registry.get("visit.reminder")
    response = head_office.post(reverse(ADD), filled(visit, **{name: "Come: {{ for_whom }}"}))
    assert list(errors(response)) == [name]
    assert errors(response)[name][0].endswith("others may see it on the phone. It can have {{ when }}.")

    other = name[:-2] + ("af" if name.endswith("en") else "en")
    response = head_office.post(
        reverse(ADD), filled(visit, **{name: "Come: {{ when }}", other: "{{ when }}"})
    )
    assert response.status_code == 302


def test_the_error_stands_beside_its_field_on_the_page(head_office: Client, event_type: EventType) -> None:
    page = head_office.post(reverse(ADD), filled(event_type, title_af="{{ medicin }}")).content.decode()
    field = page[page.index("Title (Afrikaans)") : page.index('id="id_title_af"')]
    assert "This message has no placeholder “{{ medicin }}”. Did you mean {{ medicine }}?" in field


def test_a_draft_may_lack_a_language(head_office: Client, event_type: EventType) -> None:
    nothing = {name: "" for name in TRANSLATED_FIELDS if name.endswith("_af")}
    head_office.post(reverse(ADD), filled(event_type, **nothing))
    draft = NotificationTemplate.objects.get()
    assert not draft.live
    assert draft.missing("en") == []
    assert set(draft.missing("af")) == set(TEXT_FIELDS)


@pytest.mark.parametrize("part", TEXT_GROUPS)
def test_a_part_can_be_left_out_as_a_whole(head_office: Client, event_type: EventType, part: str) -> None:
    nothing = {f"{field}_{language}": "" for field in TEXT_GROUPS[part] for language in ("en", "af")}
    head_office.post(reverse(ADD), filled(event_type, **nothing) | {"action-publish": "1"})
    template = NotificationTemplate.objects.get()
    assert template.live
    assert [group for group in TEXT_GROUPS if not template.is_written(group)] == [part]
    assert texts_of(event_type)["af"] == event_type.texts["af"]


def test_publishing_needs_one_part_at_least(head_office: Client, event_type: EventType) -> None:
    nothing = dict.fromkeys(TRANSLATED_FIELDS, "")
    response = head_office.post(reverse(ADD), filled(event_type, **nothing) | {"action-publish": "1"})
    assert errors(response) == {"__all__": ["Write the texts of one part at least."]}


@pytest.mark.parametrize("name", TRANSLATED_FIELDS)
def test_publishing_needs_every_text_in_both_languages(
    head_office: Client, event_type: EventType, name: str
) -> None:
    response = head_office.post(reverse(ADD), filled(event_type, **{name: ""}) | {"action-publish": "1"})
    assert name in errors(response)
    assert not NotificationTemplate.objects.exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("title_af", "The text in English has {{ medicine }}, but this one doesn't."),
        ("title_en", "The text in Afrikaans has {{ medicine }}, but this one doesn't."),
    ],
)
def test_publishing_needs_the_same_placeholders_in_both_languages(
    head_office: Client, event_type: EventType, name: str, told: str
) -> None:
    data = filled(event_type, **{name: "Low"})
    response = head_office.post(reverse(ADD), data | {"action-publish": "1"})
    assert errors(response) == {name: [told]}
    head_office.post(reverse(ADD), data)
    assert NotificationTemplate.objects.get().title_en, "as a draft it is fine"


def test_what_is_published_is_what_the_next_message_says(
    head_office: Client, template: NotificationTemplate, event_type: EventType
) -> None:
    data = filled(event_type, title_af="Kyk: {{ medicine }}")
    edit(head_office, template, data)
    assert texts_of(event_type)["af"].title == "{{ medicine }} raak op", "a draft changes nothing"
    edit(head_office, template, data, **{"action-publish": "1"})
    texts = texts_of(event_type)
    assert texts["af"].title == "Kyk: {{ medicine }}"
    assert texts["en"].title == "{{ medicine }} is low"


def test_a_text_can_be_emptied_in_the_language_of_the_admin(
    head_office: Client, template: NotificationTemplate, event_type: EventType
) -> None:
    edit(head_office, template, filled(event_type, title_en="", title_af=""))
    template.refresh_from_db()
    draft = template.get_latest_revision_as_object()
    assert not draft.title_en
    assert not draft.title_af


def test_a_revision_keeps_both_languages_whatever_language_is_active(
    head_office: Client, template: NotificationTemplate, event_type: EventType
) -> None:
    edit(head_office, template, filled(event_type, title_af="Kyk: {{ medicine }}"))
    template.refresh_from_db()
    with translation.override("af"):
        template.get_latest_revision().publish()
        texts = texts_of(event_type)
    assert (texts["en"].title, texts["af"].title) == ("{{ medicine }} is low", "Kyk: {{ medicine }}")


def test_the_message_type_stays(
    head_office: Client, template: NotificationTemplate, event_type: EventType
) -> None:
    edit(head_office, template, filled(event_type) | {"event_type": "other.type", "action-publish": "1"})
    template.refresh_from_db()
    assert template.event_type == event_type.name


def test_a_second_template_for_a_type_is_refused(
    head_office: Client, template: NotificationTemplate, event_type: EventType
) -> None:
    response = head_office.post(reverse(ADD), filled(event_type))
    assert "has such texts already" in errors(response)["__all__"][0]


def test_a_type_that_is_not_declared_is_refused(head_office: Client, event_type: EventType) -> None:
    response = head_office.post(reverse(ADD), filled(event_type) | {"event_type": "user.password"})
    assert errors(response)["__all__"] == ["There is no message type with that name."]


def test_the_short_text_says_what_it_costs(head_office: Client, event_type: EventType) -> None:
    form = head_office.post(
        reverse(ADD), filled(event_type, short_text_af="Môre: {{ medicine }}. Sê ons.", title_af="{{ x }}")
    ).context["form"]
    assert "With sample values: 24 characters, 1 SMS (GSM-7)." in form["short_text_en"].help_text
    assert "UCS-2" in form["short_text_af"].help_text
    assert "ô ê" in form["short_text_af"].help_text


def test_the_list_shows_in_which_language_texts_are_missing(
    head_office: Client, template: NotificationTemplate, event_type: EventType
) -> None:
    NotificationTemplate.objects.update(short_text_af="")
    page = head_office.get(reverse(f"{URLS}:list")).content.decode()
    row = page[page.index("Low stock") :]
    assert re.findall(r">\s*(\w+: \d texts? missing)\s*<", row) == ["Afrikaans: 1 text missing"]


def test_a_template_of_a_type_that_is_gone_can_still_be_opened(head_office: Client, db: None) -> None:
    orphan = NotificationTemplate.objects.create(event_type="gone.type", title_en="Old")
    response = head_office.get(reverse(f"{URLS}:edit", args=[orphan.pk]))
    assert "MedGuard no longer sends this message" in response.content.decode()
