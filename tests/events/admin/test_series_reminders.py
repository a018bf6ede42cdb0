"""Reminders as staff choose them: usual times, and others in minutes."""

import pytest
from django import forms
from django.http import QueryDict

from events.admin.reminders_field import RemindersField
from tests.events.admin.filled_in import filled_in


class Form(forms.Form):
    reminders = RemindersField()


def posted(usual: list[str], others: str, initial: list[int] | None = None) -> Form:
    data = QueryDict(mutable=True)
    data.setlist("reminders_usual", usual)
    data["reminders_others"] = others
    return Form(data, initial={"reminders": initial} if initial is not None else {})


@pytest.mark.parametrize("minutes", [[], [1440, 60], [60, 1440], [20160, 90, 60, 5], [40320]])
def test_the_form_shows_what_it_saves(minutes: list[int]) -> None:
    data = QueryDict(mutable=True)
    for name, values in filled_in(str(Form(initial={"reminders": minutes}))).items():
        data.setlist(name, values)
    form = Form(data, initial={"reminders": minutes})
    assert form.is_valid()
    assert form.cleaned_data["reminders"] == sorted(minutes, reverse=True)
    assert not form.has_changed()


def test_a_new_form_has_a_day_and_an_hour_chosen() -> None:
    assert filled_in(str(Form()))["reminders_usual"] == ["1440", "60"]


def test_others_are_added_to_the_usual_ones_and_none_is_twice() -> None:
    form = posted(["60"], "90, 60; 2880\n5", initial=[60])
    assert form.is_valid()
    assert form.cleaned_data["reminders"] == [2880, 90, 60, 5]
    assert form.has_changed()


@pytest.mark.parametrize(
    ("usual", "others", "words"),
    [
        ([], "half an hour", "Give whole numbers of minutes"),
        ([], "-5", "Give whole numbers of minutes"),
        ([], "0", "none above 40320"),
        ([], "40321", "none above 40320"),
        (["60", "180", "1440", "2880", "10080"], "5", "at most 5"),
        (["61"], "", "Select a valid choice"),
    ],
)
def test_invalid_reminders_are_refused_in_words(usual: list[str], others: str, words: str) -> None:
    form = posted(usual, others)
    assert words in form.errors["reminders"][0]
