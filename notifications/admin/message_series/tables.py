"""Whom a series would reach, and what became of it, as tables: a row a message, or a message and channel."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import Column

from notifications.admin.announcements.words import (
    Table,
    became_headings,
    became_rows,
    reasons,
    reckoned,
)
from notifications.announcements.reckoning import Reckoning
from notifications.announcements.series_ahead import WEEKS, Ahead
from notifications.announcements.series_report import SeriesReport
from notifications.languages.listed import active
from notifications.models import MessageSeries
from notifications.texts.formats import rand


def message_names(series: MessageSeries) -> list[str]:
    """Each of its messages as a table names it, by its place: “day 7: How are you?”."""
    return [
        _("day %(day)s: %(title)s") % {"day": step["day"], "title": step["title"][active()]}
        for step in series.steps
    ]


def weeks_ahead(found: Ahead, names: Sequence[str]) -> Table:
    """When each message comes to how many people."""
    weeks = [_("Week %(number)s") % {"number": number} for number in range(1, WEEKS + 1)]
    rows = [[names[step.place], step.today, *step.weeks] for step in found.steps]
    columns = zip(*(row[1:] for row in rows), strict=True)
    return Table(
        [_("Message"), _("Today"), *weeks], [*rows, [_("All messages"), *(sum(each) for each in columns)]]
    )


def channels_ahead(found: Ahead, names: Sequence[str]) -> Table:
    """By message and channel: how many, and what it takes. Without what comes to nobody."""
    first, *others = reckoned(Reckoning()).headings
    rows = [
        [names[step.place], *row]
        for step in found.steps
        for row in reckoned(step.reckoning).rows
        if row[1] or row[2]  # as the first way, or if need be
    ]
    return Table([_("Message"), first, *others], rows)


def reasons_ahead(found: Ahead) -> Table:
    """Why some have it in their inbox alone, of all messages together."""
    return reasons(sum((step.reckoning.reasons for step in found.steps), Counter()))


def became(found: SeriesReport, names: Sequence[str]) -> Table:
    """By message and channel: what became of it. The costs are numbers."""
    rows = [
        [names[step.place], *row]
        for step in found.steps
        for row in became_rows(step.people, step.read, step.channels)
    ]
    return Table([_("Message"), *became_headings()], rows)


def shown(table: Table) -> Table:
    """The same with its costs in words."""
    return Table(table.headings, [[*cells, rand(cost)] for *cells, cost in table.rows])


def columns(table: Table) -> list[Column]:
    """Those of a table, for its file."""
    return [
        Column(f"column_{place}", label=heading, accessor=partial(_cell, place))
        for place, heading in enumerate(table.headings)
    ]


def _cell(place: int, row: Sequence[Any]) -> Any:
    return row[place]
