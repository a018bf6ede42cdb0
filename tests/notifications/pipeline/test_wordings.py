"""A message has the words of the scope that it belongs to, part by part: else head office's, else the built-in ones."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import User
from notifications import registry
from notifications.models import NotificationTemplate
from notifications.pipeline.compose import compose
from notifications.texts import rendering
from notifications.types import TEXT_FIELDS, TEXT_GROUPS, About, EventType, Recipient
from tests.factories import UserFactory
from tests.notifications.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rain", "pigeons")]

OURS, THEIRS, PLAIN = 7, 8, 9
"""Scopes; the last one never has words of its own."""


def words(said: str, *groups: str, scope_id: int | None = None, **changes: Any) -> NotificationTemplate:
    """A live template that says this in these parts, or in all."""
    fields = [field for group in groups or TEXT_GROUPS for field in TEXT_GROUPS[group]]
    texts = {f"{field}_{language}": f"{said} {language}" for field in fields for language in ("en", "af")}
    values = {"event_type": "weather.rain", "scope_id": scope_id, **texts, **changes}
    return NotificationTemplate.objects.create(**values)


def told(*scopes: int | None, event_type: EventType | None = None) -> list[tuple[str, str]]:
    """The title and the short text of a message of each scope, in turn."""
    people = User.objects.order_by("pk")
    recipients = [
        Recipient(None, person.pk, {"name": "Thandi", "what": "it rains"}, "key", about=About(scope))
        for person, scope in zip(people, scopes, strict=False)
    ]
    messages = compose(event_type or registry.get("weather.rain"), recipients, now=NOW)
    return [(message.common.title, message.deliveries[0].body) for message in messages]


@pytest.fixture(autouse=True)
def _people() -> None:
    UserFactory.create_batch(4)


def test_each_scope_has_its_own_words_and_the_others_head_offices() -> None:
    words("all")
    words("ours", scope_id=OURS)
    words("theirs", scope_id=THEIRS)
    assert [title for title, _short in told(PLAIN, OURS, THEIRS, None)] == [
        "all en",
        "ours en",
        "theirs en",
        "all en",
    ]


def test_a_scopes_words_are_nobody_elses() -> None:
    words("ours", scope_id=OURS)
    assert [title for title, _short in told(OURS, THEIRS, None)] == [
        "ours en",
        "Hello Thandi",
        "Hello Thandi",
    ]


def test_what_a_scope_has_not_written_is_head_offices_and_what_that_lacks_is_built_in() -> None:
    words("all", "inbox", "email")
    words("ours", "inbox", scope_id=OURS)
    words("theirs", "short", scope_id=THEIRS)
    assert told(OURS, THEIRS, None) == [
        ("ours en", "Hello, a message"),
        ("all en", "theirs en"),
        ("all en", "Hello, a message"),
    ]


def test_a_part_is_taken_whole_or_not_at_all() -> None:
    words("ours", "inbox", scope_id=OURS, short_text_en="half a part", short_text_af="halwe deel")
    assert told(OURS) == [("ours en", "Hello, a message")], "its discreet text was never written"


def test_a_draft_changes_nothing() -> None:
    words("ours", scope_id=OURS, live=False)
    assert told(OURS) == [("Hello Thandi", "Hello, a message")]


def test_a_broken_text_of_one_scope_gives_way_to_head_offices_and_touches_no_other() -> None:
    words("all")
    words("theirs", scope_id=THEIRS)
    template = words("ours", scope_id=OURS)
    NotificationTemplate.objects.filter(pk=template.pk).update(body_en="{{ nobody }}")
    assert [title for title, _short in told(OURS, THEIRS, PLAIN)] == ["all en", "theirs en", "all en"]


def test_where_head_offices_is_broken_too_the_built_in_words_are_used() -> None:
    broken = {f"{field}_en": "{{ nobody }}" for field in TEXT_FIELDS}
    words("all", **broken)
    words("ours", scope_id=OURS, **broken)
    words("theirs", scope_id=THEIRS)
    assert [title for title, _short in told(OURS, THEIRS, None)] == [
        "Hello Thandi",
        "theirs en",
        "Hello Thandi",
    ]


def test_the_number_of_queries_does_not_grow_with_the_scopes() -> None:
    counts = []
    for scopes in (2, 20):
        for scope_id in range(scopes):
            NotificationTemplate.objects.filter(scope_id=scope_id).delete()
            words(f"of {scope_id}", scope_id=scope_id)
        UserFactory.create_batch(scopes)
        with CaptureQueriesContext(connection) as queries:
            assert len({title for title, _short in told(*range(scopes))}) == scopes
        counts.append(len(queries))
    assert len(set(counts)) == 1


def test_scopes_without_words_of_their_own_are_rendered_together(monkeypatch: pytest.MonkeyPatch) -> None:
    filled = []
    fill = rendering._Plan.fill
    monkeypatch.setattr(
        rendering._Plan, "fill", lambda plan, values: filled.append(plan) or fill(plan, values)
    )
    words("ours", scope_id=OURS)
    told(OURS, 1, 2, 3)
    assert len(filled) == 2
