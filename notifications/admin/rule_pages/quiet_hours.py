"""When messages wait for the end of quiet hours, and when nobody is called."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications import registry
from notifications.admin.rule_pages.page import RulePage, Table
from notifications.rules.examples.quiet_hours import CALLS, EXAMPLES, Example
from notifications.rules.night import NIGHT
from notifications.rules.routing import must_come_at_once
from notifications.texts.formats import clock


def _says() -> list[str]:
    night = {"start": f"{NIGHT.start:%H:%M}", "end": f"{NIGHT.end:%H:%M}"}
    return [
        _("A reminder of a dose is sent in quiet hours too. The first table says which messages wait."),
        _("Nobody has quiet hours until they choose them, in their settings."),
        _("Staff can set them on the patient’s page, under “How they are reached”."),
        _("A message that must wait is sent when the quiet hours end."),
        _(
            "If it would be too late by then, it is in the inbox only. Staff find it under “Undelivered "
            "messages”."
        ),
        _("We go by the time of the place that is set for the person."),
        _("In the inbox on this website a message does not wait."),
        _("From %(start)s to %(end)s we call only people who asked for calls at night in their settings.")
        % night,
        _("This goes for staff too, also in an emergency. They get the message at once in other ways."),
        _(
            "For all others a call about a dose in these hours is made at %(end)s, or not at all if that is "
            "too late."
        )
        % night,
        _("The person still gets the reminder in the inbox, and by the other ways that they have."),
    ]


def _tables() -> list[Table]:
    columns = [_("Quiet hours"), _("Where the person is"), _("Time there"), _("It is sent")]
    calls = [_("No calls"), *columns[1:3], _("The call is made")]
    return [
        Table(
            _("Which messages wait"),
            [_("Message"), _("Who gets it"), _("In quiet hours")],
            [
                [
                    str(each.label),
                    _("staff") if each.for_staff else _("patients and carers"),
                    _("comes at once")
                    if must_come_at_once(each)
                    else _("waits until the quiet hours are over"),
                ]
                for each in sorted(registry.event_types(), key=lambda each: each.for_staff)
            ],
        ),
        Table(_("Examples of a message that must wait"), columns, _rows(EXAMPLES)),
        Table(_("Examples of calls about something that can wait until morning"), calls, _rows(CALLS)),
    ]


def _rows(examples: Iterable[Example]) -> list[list[str]]:
    return [[_hours(each), _place(each.zone), _ready(each), _goes(each)] for each in examples]


def _hours(example: Example) -> str:
    start, end = example.quiet.start, example.quiet.end
    return _("%(start)s to %(end)s") % {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}


def _place(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _ready(example: Example) -> str:
    return _("at %(time)s") % {"time": clock(example.ready, example.ready.tzinfo)}


def _goes(example: Example) -> str:
    if example.until is None:
        return _("at once")
    time = {"time": clock(example.until, example.until.tzinfo)}
    if example.until.date() == example.ready.date():
        return _("at %(time)s") % time
    return _("at %(time)s the next day") % time


QUIET_HOURS = RulePage(
    name="quiet-hours",
    title=gettext_lazy("Quiet hours and calls at night"),
    order=10,
    says=_says,
    tables=_tables,
)
