"""What is wrong with a recurring_config, for people: a sentence for each code of `events.rules.errors`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.exceptions import EventRefusedError, refusal
from events.rules.errors import ConfigError

SENTENCES: Mapping[str, Any] = {
    "mapping": _("%(key)s: this must be a set of keys and values."),
    "unknown": _("%(key)s: there is no such key."),
    "not_for_type": _("%(key)s: a %(type)s series has no such key."),
    "missing": _("%(key)s: this is missing."),
    "choice": _("%(key)s: this must be one of %(choices)s."),
    "flag": _("%(key)s: this must be true or false."),
    "time": _("%(key)s: this must be a time of day, HH:MM from 00:00 to 23:59."),
    "date": _("%(key)s: this must be a date, YYYY-MM-DD."),
    "dates": _("%(key)s: this must be a list of dates, YYYY-MM-DD."),
    "whole": _("%(key)s: this must be a whole number from %(least)s to %(most)s."),
    "whole_or_last": _("%(key)s: this must be a whole number from 1 to %(most)s, or -1 for the last."),
    "weekday": _("%(key)s: a day of the week is a whole number from 0 (Monday) to 6 (Sunday)."),
    "weekdays": _(
        "%(key)s: this must be a list of days of the week, from 0 (Monday) to 6 (Sunday), none twice."
    ),
    "needs": _("%(key)s: this needs %(other)s as well."),
    "not_with": _("%(key)s: this can't be used together with %(other)s."),
    "before_start": _("%(key)s: this must not be before start_date."),
    "never": _("%(key)s: that month never has this day."),
    "zone": _("%(key)s: there is no such time zone."),
    "no_occurrence": _("%(key)s: the series has no occurrence there."),
    "no_rrule": _("%(key)s: an RRULE can't express this."),
    "rrule": _("%(key)s: this is not valid RFC 5545."),
    "no_pattern": _("%(key)s: none of our patterns matches this."),
}


def for_people(error: ConfigError, *, field: str = "config") -> EventRefusedError:
    """The error in the reader's language, under this field; its code is the key that is wrong."""
    return refusal(field, SENTENCES[error.code], error.key, **error.params)
