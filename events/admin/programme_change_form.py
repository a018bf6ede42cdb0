"""A programme as it is changed: what its series have in common, and for each clinic where, when and for how many."""

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList

from events.admin.pattern_form import initial_of
from events.admin.programme_form import OwnFields
from events.admin.series_form import ASKS_FOR_DATES, NEXT_DATES, PLACES, TEXTS, WHEN, PlannedForm
from events.models import EventSeries, read_config
from events.rules.config import RecurringConfig
from events.rules.shared_pattern import common, common_pattern, followed, keeps_own
from events.services.changes.details import DETAILS
from events.services.changes.plan import Change

SHARED = tuple(name for name in DETAILS if name != "place")
"""The details that are asked for once; where a clinic had another value of one, it keeps that."""


def shared_by(all_series: Sequence[EventSeries]) -> EventSeries:
    """A series, not saved, with what most of these have."""
    shared = EventSeries(
        config=common_pattern([read_config(series.config) for series in all_series]).as_json(),
        reminders=list(common(tuple(series.reminders) for series in all_series)),
    )
    for name in SHARED:
        if name != "reminders":
            setattr(shared, name, common(getattr(series, name) for series in all_series))
    return shared


class SeriesRow(OwnFields):
    """The series of one clinic, as it is now; times that are left empty are as above."""

    def __init__(self, series: EventSeries, data: Any) -> None:
        config = read_config(series.config)
        own = {
            "place": series.place,
            "start_time": config.start_time,
            "end_time": config.end_time,
            "capacity": series.capacity,
        }
        super().__init__(data, prefix=f"series-{series.pk}", initial=own)
        self.series = series


class ProgrammeChangeForm(PlannedForm):
    """`change_of` says what is new of a series: what was changed for all, where it was as for all, and what was changed
    at its clinic. `seen` is a digest of the series as they were when they were shown.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, all_series: Sequence[EventSeries], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = self.pattern = read_config(self.instance.config)
        self.shown = {name: getattr(self.instance, name) for name in SHARED}
        self.state = _state_of(all_series)
        self.initial.update(initial_of(self.pattern), seen=self.state)
        data = self.data if self.is_bound else None
        self.rows = {series.pk: SeriesRow(series, data) for series in all_series}

    @cached_property
    def series_rows(self) -> list[SeriesRow]:
        return list(self.rows.values())

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else changed any of the series since they were shown."""
        return bool(self.cleaned_data["seen"] != self.state)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if any([not row.is_valid() for row in self.series_rows]):  # noqa: C419 - all of them, so that each says what is wrong
            self.add_error(None, _("Please look at what is marked at the clinics."))
        return cleaned

    @property
    def titles(self) -> dict[str, str]:
        """The titles that are new."""
        names = ("title_en", "title_af")
        new = {name: self.cleaned_data[name] or "" for name in names}
        return {name: title for name, title in new.items() if title != (self.shown[name] or "")}

    def change_of(self, series: EventSeries) -> Change | None:
        """The change of this series, None for nothing. EventRefusedError where its pattern can't be."""
        row = self.rows[series.pk]
        own = read_config(series.config)
        config = followed(own, shown=self.pattern, new=self.cleaned_data["config"])
        config = self._with_times(config, own, row)
        details: dict[str, Any] = {}
        for name, was in self.shown.items():
            new = self.cleaned_data[name]
            if not _same(new, was) and _same(getattr(series, name), was):
                details[name] = new
        for name in ("place", "capacity"):
            if row.cleaned_data[name] != row.initial[name]:
                details[name] = row.cleaned_data[name]
        if config == own and not details:
            return None
        return Change(config=None if config == own else read_config(config.as_json()), details=details)

    def keeps_own(self, series: EventSeries) -> bool:
        """Whether something that was changed for all isn't changed here."""
        own = read_config(series.config)
        differs = keeps_own(own, shown=self.pattern, new=self.cleaned_data["config"])
        return differs or any(
            not any(
                _same(a, b)
                for a, b in ((new, was), (getattr(series, name), was), (getattr(series, name), new))
            )
            for name, was in self.shown.items()
            for new in [self.cleaned_data[name]]
        )

    def _with_times(self, config: RecurringConfig, own: RecurringConfig, row: SeriesRow) -> RecurringConfig:
        said = row.cleaned_data
        if not said["start_time"]:
            new = self.cleaned_data["config"]
            return replace(config, start_time=new.start_time, end_time=new.end_time)
        if (said["start_time"], said["end_time"]) == (own.start_time, own.end_time):
            return config
        return replace(config, start_time=said["start_time"], end_time=said["end_time"])


def _same(one: Any, other: Any) -> bool:
    """No text is as good as an empty one, and a list as a tuple."""
    if one in (None, "") and other in (None, ""):
        return True
    return bool(list(one) == list(other) if isinstance(one, list | tuple) else one == other)


def _state_of(all_series: Sequence[EventSeries]) -> str:
    """A digest of all values that the form shows."""
    state = [
        [series.pk, series.config, *(getattr(series, name) for name in DETAILS)]
        for series in sorted(all_series, key=lambda series: series.pk)
    ]
    return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


PROGRAMME_CHANGE_FORM = ObjectList(
    [
        MultiFieldPanel([*TEXTS, PLACES], heading=_("What"), icon="group"),
        WHEN,
        NEXT_DATES,
        MultiFieldPanel([FieldPanel("reminders"), FieldPanel("seen")], heading=_("Messages"), icon="mail"),
    ],
    base_form_class=ProgrammeChangeForm,
    attrs=ASKS_FOR_DATES,
)
