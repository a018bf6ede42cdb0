"""What may be asked for when a message is scheduled; everything else is refused by field."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from notifications.exceptions import ScheduleError
from notifications.scheduling.request import ScheduleRequest, check
from notifications.types import Priority

NOW = datetime(2026, 12, 1, tzinfo=UTC)
GOOD: Mapping[str, Any] = {
    "recipients": [1, 2],
    "title": "Clinic day",
    "message": "Bring your card.",
    "scheduled_at": "2026-12-28T10:00:00Z",
    "notif_type": "system",
    "priority": "normal",
    "related_object_type": "",
    "related_object_id": None,
    "data": None,
}


def ask(**changes: Any) -> ScheduleRequest:
    return check(**{**GOOD, **changes}, now=NOW)


def test_a_good_one_comes_back_with_its_time_in_utc() -> None:
    request = ask(scheduled_at="2026-12-28T10:00:00+02:00", priority="high", data={"k": "ê"})
    assert request.scheduled_at == datetime(2026, 12, 28, 8, tzinfo=UTC)
    assert (request.priority, request.data) == (Priority.HIGH, '{"k": "ê"}')


def test_who_is_named_twice_is_told_once() -> None:
    assert ask(recipients=[3, 1, 3]).recipients == (3, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recipients", []),
        ("recipients", "12"),
        ("recipients", {"1": 1}),
        ("recipients", None),
        ("recipients", [True]),
        ("recipients", [1, "2"]),
        ("recipients", [[1]]),
        ("recipients", [0]),
        ("recipients", [-1]),
        ("recipients", [2**63]),
        ("recipients", [1.0]),
        ("recipients", range(1, 10_002)),
        ("title", ""),
        ("title", " \n"),
        ("title", "\u200b\u3164"),
        ("message", "\u2800"),
        ("recipients", [1] * 10_001),
        ("title", "x" * 201),
        ("title", 5),
        ("title", "a\x00b"),
        ("message", ""),
        ("message", None),
        ("message", "\ud83d"),
        ("scheduled_at", "2026-12-28T10:00:00"),
        ("scheduled_at", "2026-12-28"),
        ("scheduled_at", "2026-02-30T10:00:00Z"),
        ("scheduled_at", "soon"),
        ("scheduled_at", 1_800_000_000),
        ("scheduled_at", None),
        ("scheduled_at", "2026-12-01T00:00:00Z"),
        ("scheduled_at", "2037-01-01T00:00:00Z"),
        ("scheduled_at", "9999-12-31T23:59:59-12:00"),
        ("scheduled_at", datetime(2027, 1, 1)),
        ("type", ""),
        ("type", "x" * 31),
        ("type", "medication.dose_due"),
        ("type", "zwölf"),
        ("type", "a\n"),
        ("type", 3),
        ("priority", "critical"),
        ("priority", "HIGH"),
        ("priority", 2),
        ("priority", None),
        ("related_object_type", "x" * 65),
        ("related_object_type", 5),
        ("related_object_id", "123"),
        ("related_object_id", 2**63),
        ("related_object_id", True),
        ("data", []),
        ("data", "{}"),
        ("data", {"k": float("nan")}),
        ("data", {"k": object()}),
        ("data", {"k": ["a\x00b"]}),
        ("data", {"k\ud83d": 1}),
    ],
)
def test_what_is_malformed_is_refused_by_field(field: str, value: object) -> None:
    with pytest.raises(ScheduleError) as caught:
        ask(**{{"type": "notif_type"}.get(field, field): value})
    assert list(caught.value.errors) == [field]
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).startswith(f"{field}: ")


@pytest.mark.parametrize("text", ["\\u0000", "a\\\\u0000b", "ê", "😀"])
def test_what_only_looks_bad_is_kept(text: str) -> None:
    assert ask(data={"k": text}, title=text)


def test_the_reader_is_told_in_their_language() -> None:
    with translation.override("af"), pytest.raises(ScheduleError) as caught:
        ask(title="")
    assert caught.value.errors == {"title": ["Dit mag nie leeg wees nie."]}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(GOOD)), anything)
def test_nothing_else_is_ever_raised(field: str, value: object) -> None:
    with suppress(ScheduleError):
        assert ask(**{field: value}).recipients
