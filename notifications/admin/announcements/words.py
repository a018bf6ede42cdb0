"""What was reckoned of an announcement and what became of it, as tables."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from notifications.admin.reports.messages import channel_label
from notifications.admin.reports.reasons import REASONS
from notifications.announcements.progress import Outcome, Progress
from notifications.announcements.reckoning import Reckoning
from notifications.texts.formats import rand
from notifications.types import Reason


class Table(NamedTuple):
    """Headings, and rows whose first cell names the row."""

    headings: list[str]
    rows: list[list[Any]]


def reckoned(found: Reckoning) -> Table:
    """By channel: how many, and what it takes."""
    headings = [
        _("Channel"),
        _("People, first"),
        _("People, if need be"),
        _("Parts of SMS"),
        _("Cost at most"),
    ]
    rows: list[list[Any]] = [
        [
            channel_label(each.name),
            each.first,
            each.later,
            each.parts or "",
            rand(each.cost + each.later_cost) if each.cost or each.later_cost else "",
        ]
        for each in found.channels
    ]
    return Table(headings, [*rows, [_("Inbox alone"), found.inbox_only, "", "", ""]])


def became(found: Progress) -> Table:
    """By channel: what became of its deliveries."""
    rows = became_rows(found.people, found.read, found.channels)
    return Table(became_headings(), [[*counts, rand(cost)] for *counts, cost in rows])


def became_headings() -> list[str]:
    return [
        *(_("Channel"), _("Waiting"), _("Sent"), _("Delivered"), _("Read"), _("Failed")),
        *(_("Not needed any more"), _("Stopped"), _("Withheld"), _("Parts"), _("Cost")),
    ]


def became_rows(people: int, read: int, outcomes: Sequence[Outcome]) -> list[list[Any]]:
    """The inbox of these people first; the costs, in rand, are numbers."""
    inbox = [_("Inbox"), 0, people, people, read, 0, 0, 0, 0, 0, Decimal(0)]
    rows = [
        [
            channel_label(each.name),
            *(each.waiting, each.sent, each.delivered, each.read, each.failed),
            *(each.not_needed, each.stopped, each.withheld, each.parts, each.cost),
        ]
        for each in outcomes
    ]
    return [inbox, *rows]


def reasons(counted: Mapping[tuple[str, Reason], int]) -> Table:
    """Why a channel isn't used, and for how many, the most frequent first."""
    rows = sorted(counted.items(), key=lambda each: -each[1])
    return Table(
        [_("Channel"), _("Why"), _("People")],
        [[channel_label(channel), REASONS[reason], count] for (channel, reason), count in rows],
    )
