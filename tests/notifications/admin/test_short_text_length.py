"""How long a text is as SMS, while it is typed."""

import pytest
from django.test import Client
from django.urls import reverse

from notifications.types import EventType

URL = "short_text_length"


def said(client: Client, **form: str) -> str:
    answer = client.post(reverse(URL), form)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_template_is_measured_with_sample_values(head_office: Client, event_type: EventType) -> None:
    form = {"event_type": event_type.name, "field": "short_text_en"}
    assert "25 characters, 1 SMS (GSM-7)" in said(
        head_office, **form, short_text_en="{{ medicine }} runs out"
    )
    assert "2 SMS (UCS-2)" in said(head_office, **form, short_text_en="ê" * 71)
    assert "Fix the placeholders" in said(head_office, **form, short_text_en="{{ nothing }}")
    assert said(head_office, **form, short_text_en="") == ""


def test_an_announcement_is_measured_by_its_title(head_office: Client) -> None:
    form = {"field": "title_af", "title_af": "Ons is môre gesluit"}
    assert "ô: with these" in said(head_office, **form)
    assert "1 SMS (UCS-2)" in said(head_office, **form)


@pytest.mark.parametrize("field", ["", "short_text", "short_text_xx", "short_text_en\0"])
def test_what_is_no_field_of_ours_says_nothing(
    head_office: Client, event_type: EventType, field: str
) -> None:
    assert said(head_office, event_type=event_type.name, field=field) == ""


def test_what_is_typed_is_no_html(head_office: Client) -> None:
    assert "<b>" not in said(head_office, field="title_en", title_en="<b>ê</b>")


def test_both_forms_ask_as_it_is_typed_and_say_it_without_javascript(
    head_office: Client, event_type: EventType
) -> None:
    template = "wagtailsnippets_notifications_notificationtemplate:add"
    page = head_office.get(reverse(template), {"event_type": event_type.name}).content.decode()
    assert page.count('data-action="input-&gt;as-typed#ask"') == 4
    assert page.count('data-also="field=short_text_') == 4
    assert "js/as-typed" in page and "With sample values" in page
    page = head_office.get(reverse("announcements:add")).content.decode()
    assert page.count('data-also="field=title_') == 2
    assert "js/as-typed" in page


def test_who_is_no_staff_is_asked_to_sign_in(patient_user: object) -> None:
    client = Client()
    assert client.post(reverse(URL), {"field": "title_en", "title_en": "x"}).status_code in (302, 403)
