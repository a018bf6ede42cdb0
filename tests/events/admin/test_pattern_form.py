"""A pattern goes into its form and comes out of it as it was; what can't be is said at the field in words."""

from dataclasses import replace
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from events.admin.pattern_form import ASKED, PatternForm, initial_of
from events.rules.config import RecurringConfig, parse
from tests.events.admin.filled_in import filled_in
from tests.events.rules.test_recurrence_properties import configs

EVERY_TUESDAY = {
    "type": "weekly",
    "interval": "1",
    "weekdays": ["1"],
    "start_time": "10:00",
    "end_time": "11:30",
    "ends": "never",
    "active": "on",
}
MONTHLY = {**EVERY_TUESDAY, "type": "monthly", "weekdays": []}


def posted(answers: dict[str, Any]) -> PatternForm:
    data = QueryDict(mutable=True)
    for name, value in answers.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return PatternForm(data)


def pattern(answers: dict[str, Any]) -> dict[str, object]:
    form = posted(answers)
    assert not form.errors
    return form.cleaned_data["config"].as_json()


def shown_and_posted(config: RecurringConfig) -> PatternForm:
    return posted(filled_in(str(PatternForm(initial=initial_of(config)))))


@settings(deadline=None)  # the first form of a language reads its catalogue
@given(configs(), st.booleans(), st.sampled_from(["en", "af"]))
def test_a_pattern_that_is_opened_and_saved_is_the_same(
    raw: dict[str, Any], active: bool, language: str
) -> None:
    config = replace(parse(raw), active=active)
    with translation.override(language):
        form = shown_and_posted(config)
        assert not form.errors
    assert form.cleaned_data["config"] == config
    assert form.cleaned_data["config"].as_json() == config.as_json()


def test_the_smallest_answers_are_a_pattern() -> None:
    assert pattern(EVERY_TUESDAY) == {
        "type": "weekly",
        "weekdays": [1],
        "start_time": "10:00",
        "end_time": "11:30",
        "active": True,
        "interval": 1,
    }


def test_a_day_that_is_not_chosen_is_that_of_the_first_day() -> None:
    assert pattern({**EVERY_TUESDAY, "weekdays": [], "start_date": "2026-11-25"})["weekdays"] == [2]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"day": "date", "month_day": "-1"}, {"month_day": -1}),
        ({"day": "date", "month_day": "31", "clamp": "on"}, {"month_day": 31, "clamp": True}),
        ({"day": "nth", "nth": "-1", "weekday": "4"}, {"nth": -1, "weekday": 4}),
        ({"day": "after", "month_day": "8", "weekday": "4"}, {"month_day": 8, "weekday": 4}),
    ],
)
def test_each_way_to_say_a_day_of_the_month(answers: dict[str, str], said: dict[str, object]) -> None:
    assert said.items() <= pattern({**MONTHLY, **answers}).items()
    assert said.items() <= pattern({**MONTHLY, "type": "quarterly", **answers}).items()
    yearly = pattern({**MONTHLY, "type": "yearly", "month": "12", **answers})
    assert {"month": 12, **said}.items() <= yearly.items()


def test_what_is_not_asked_neither_counts_nor_is_refused() -> None:
    leftover = {"month": "13", "nth": "9", "month_day": "99", "clamp": "on", "until": "soon", "count": "-1"}
    assert pattern({**EVERY_TUESDAY, **leftover}) == pattern(EVERY_TUESDAY)
    assert "weekdays" not in pattern({**MONTHLY, "weekdays": ["9"], "day": "date", "month_day": "3"})


@pytest.mark.parametrize(
    ("answers", "field", "words"),
    [
        ({"weekdays": []}, "weekdays", "Choose at least one day."),
        ({"interval": "2"}, "start_date", "the weeks or months are counted from it"),
        ({"interval": "0"}, "interval", "greater than or equal to 1"),
        ({"interval": "1000"}, "interval", "less than or equal to 999"),
        ({"ends": "count", "count": "3"}, "start_date", "the events are counted from it"),
        ({"ends": "count"}, "count", "Fill this in too."),
        ({"ends": "until"}, "until", "Fill this in too."),
        (
            {"ends": "until", "until": "2026-11-01", "start_date": "2026-11-02"},
            "until",
            "before the first day",
        ),
        ({"type": "monthly"}, "day", "Fill this in too."),
        ({"type": "monthly", "day": "nth", "weekday": "1"}, "nth", "Fill this in too."),
        ({"type": "monthly", "day": "after", "month_day": "1"}, "weekday", "Fill this in too."),
        ({"type": "monthly", "day": "date"}, "month_day", "Fill this in too."),
        ({"type": "yearly", "day": "date", "month_day": "1"}, "month", "Fill this in too."),
        (
            {"type": "yearly", "day": "date", "month": "2", "month_day": "30"},
            "month_day",
            "That month never has this day.",
        ),
        ({"type": "daily"}, "type", "Select a valid choice"),
        ({"start_time": "25:00"}, "start_time", "Enter a valid time."),
        ({"start_time": ""}, "start_time", "required"),
        ({"skip_dates": "2026-12-16\n16 Dec"}, "skip_dates", "“16” is not a date."),
        ({"skip_dates": "2026-02-30"}, "skip_dates", "“2026-02-30” is not a date."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_in_words(
    answers: dict[str, Any], field: str, words: str
) -> None:
    form = posted({**EVERY_TUESDAY, **answers})
    assert list(form.errors) == [field]
    assert words in form.errors[field][0]
    assert "config" not in form.cleaned_data
    assert "start_date" not in form.errors[field][0]


def test_skipped_dates_are_written_as_people_write_them() -> None:
    said = pattern({**EVERY_TUESDAY, "skip_dates": "2026-12-29, 22/12/2026\r\n2026-12-29"})
    assert said["skip_dates"] == ["2026-12-22", "2026-12-29"]


def test_only_fields_that_exist_are_asked_of_answers_that_exist() -> None:
    fields = PatternForm.base_fields
    assert ASKED.keys() <= fields.keys()
    for conditions in ASKED.values():
        for other, allowed in conditions.items():
            assert set(allowed) <= {value for value, _label in fields[other].choices}
