"""What differs between a clinic's words, head office's and the standard ones stands on the page of a message."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from notifications.models import NotificationTemplate
from notifications.types import EventType
from tests.notifications.admin.clinics import People, signed_in
from tests.notifications.admin.test_template_list import URLS, words

SEE = reverse(f"{URLS}:see", args=["stock.low"])


def shown(client: Client, **query: object) -> list[str]:
    """The texts of the comparisons, with the marks that are seen and the words that are heard."""
    page = client.get(SEE, query).content.decode()
    marked = re.findall(r'<p class="texts__pieces"[^>]*>(.*?)</p>', page, re.DOTALL)
    return [re.sub(r"</?span[^>]*>", "", each) for each in marked]


def test_nothing_is_compared_where_all_have_the_standard_words(
    event_type: EventType, wynberg: People
) -> None:
    page = signed_in(wynberg.manager).get(SEE).content.decode()
    assert "compared with" not in page


def test_word_by_word_heard_as_well_as_seen(event_type: EventType, wynberg: People) -> None:
    texts = event_type.texts
    own = {f"{field}_{code}": getattr(texts[code], field) for field in ("title", "body") for code in texts}
    own["title_en"] = own["title_en"].replace("low", "nearly gone")
    NotificationTemplate.objects.create(event_type="stock.low", scope_id=wynberg.clinic.pk, live=True, **own)
    manager = signed_in(wynberg.manager)
    page = manager.get(SEE).content.decode()
    assert "Our own wording, compared with what other clinics have" in page
    [title] = shown(manager)
    assert "<del>removed: low; </del><ins>added: nearly gone; </ins>" in title
    assert "{{ medicine }}" in title.replace("&#123;", "{")


def test_from_the_standard_to_head_office_and_from_there_to_the_clinic(
    event_type: EventType, wynberg: People, worcester: People
) -> None:
    words(None, "inbox", said="All")
    words(wynberg, "inbox", said="Ours")
    words(worcester, "inbox", said="Secret")
    page = signed_in(wynberg.manager).get(SEE).content.decode()
    headings = re.findall(r'id="comparison-\d">(.*?)</h2>', page)
    assert headings == [
        "Head office’s wording, compared with the standard one",
        "Our own wording, compared with what other clinics have",
    ]
    assert "Secret" not in page
    assert "<del>removed: All; </del><ins>added: Ours; </ins> (en)" in shown(signed_in(wynberg.manager))[4]


def test_a_draft_is_compared_for_whoever_writes_it_alone(event_type: EventType, wynberg: People) -> None:
    template = words(wynberg, "inbox", said="Ours")
    template.title_en = "Ours, and soon (en)"
    template.save_revision()
    page = signed_in(wynberg.manager).get(SEE).content.decode()
    assert "The draft, compared with what is in use" in page
    assert "added: , and soon" in page.replace('<span class="w-sr-only">', "").replace("</span>", "")
    assert "soon" not in signed_in(wynberg.nurse).get(SEE).content.decode()


@pytest.mark.usefixtures("event_type")
def test_a_script_in_a_text_is_inert(wynberg: People) -> None:
    words(wynberg, "inbox", said="<script>alert(1)</script>")
    page = signed_in(wynberg.manager).get(SEE).content.decode()
    assert "<script>alert(1)" not in page
