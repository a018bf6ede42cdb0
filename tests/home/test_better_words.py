"""The first pages of a site that was set up before their words were mended."""

import json
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from wagtail.blocks import StreamValue

from home.models import InformationPage

pytestmark = pytest.mark.django_db

BETTER = import_module("home.migrations.0006_first_pages_in_better_words")
OLD = {new: old for old, new in BETTER.MENDED.items()}


def page() -> InformationPage:
    return InformationPage.objects.get(slug="your-privacy")


def words(shown: InformationPage) -> list[Any]:
    bodies = (shown.body_en.get_prep_value(), shown.body_af.get_prep_value())
    return [shown.introduction_af, *([block["value"] for block in body] for body in bodies)]


def make_old() -> None:
    old = page()
    old.introduction_af = OLD[old.introduction_af]
    old.body_en, old.body_af = _in_old_words(old.body_en), _in_old_words(old.body_af)
    old.save()


def _in_old_words(body: StreamValue) -> str:
    said = json.dumps(body.get_prep_value(), ensure_ascii=False)
    for new, old in OLD.items():
        said = said.replace(f'"{new}"', f'"{old}"')
    return said


def mend() -> None:
    before = ("home", "0005_known_addresses_are_verified")
    BETTER.mend(MigrationLoader(connection).project_state(before).apps, None)


def test_a_page_in_the_old_words_gets_those_of_a_fresh_site() -> None:
    fresh = words(page())
    make_old()
    assert all(old != new for old, new in zip(words(page()), fresh, strict=True))
    mend()
    assert words(page()) == fresh


def test_what_head_office_wrote_stays() -> None:
    make_old()
    theirs = page()
    theirs.introduction_af = "Wat u kliniek oor u hou."
    theirs.body_en = json.dumps([{"type": "paragraph", "value": "<p>Ask at the desk.</p>", "id": "1"}])
    theirs.save()
    mend()
    assert words(page())[:2] == ["Wat u kliniek oor u hou.", ["<p>Ask at the desk.</p>"]]


def test_what_the_editor_opens_is_mended_too() -> None:
    fresh = words(page())
    make_old()
    draft = page()
    # As the editor saves a paragraph that nobody touched.
    draft.body_en = _in_old_words(draft.body_en).replace("<p>", '<p data-block-key=\\"k3y5t\\">')
    draft.save_revision()
    mend()
    opened = page().get_latest_revision_as_object()
    assert words(opened)[::2] == fresh[::2]
    assert "<p>E-mails, SMSes and notifications do not name" in str(words(opened)[1])


def test_a_fresh_site_has_all_the_better_words_and_none_of_the_old() -> None:
    first = import_module("home.migrations.0003_first_pages")
    said = _texts([first.HOME, first.REMINDERS, first.PRIVACY])
    assert said >= set(OLD)
    assert not said & set(BETTER.MENDED)


def _texts(value: Any) -> set[str]:
    """All texts in it, however deep."""
    if isinstance(value, str):
        return {value}
    parts = value.values() if isinstance(value, dict) else value
    return {text for part in parts for text in _texts(part)}
