"""The error of an invalid recurring_config."""

from collections.abc import Mapping

# The sentence of each code, in English. `events.models.config_errors` has them in the language of the reader, with the
# same params.
SENTENCES: Mapping[str, str] = {
    "mapping": "%(key)s: this must be a set of keys and values.",
    "unknown": "%(key)s: there is no such key.",
    "not_for_type": "%(key)s: a %(type)s series has no such key.",
    "missing": "%(key)s: this is missing.",
    "choice": "%(key)s: this must be one of %(choices)s.",
    "flag": "%(key)s: this must be true or false.",
    "time": "%(key)s: this must be a time of day, HH:MM from 00:00 to 23:59.",
    "date": "%(key)s: this must be a date, YYYY-MM-DD.",
    "dates": "%(key)s: this must be a list of dates, YYYY-MM-DD.",
    "whole": "%(key)s: this must be a whole number from %(least)s to %(most)s.",
    "whole_or_last": "%(key)s: this must be a whole number from 1 to %(most)s, or -1 for the last.",
    "weekday": "%(key)s: a day of the week is a whole number from 0 (Monday) to 6 (Sunday).",
    "weekdays": "%(key)s: this must be a list of days of the week, from 0 (Monday) to 6 (Sunday), none twice.",
    "needs": "%(key)s: this needs %(other)s as well.",
    "not_with": "%(key)s: this can't be used together with %(other)s.",
    "before_start": "%(key)s: this must not be before start_date.",
    "never": "%(key)s: that month never has this day.",
    "zone": "%(key)s: there is no such time zone.",
}


class ConfigError(ValueError):
    """An invalid recurring_config.

    `key` is the key that is wrong, `code` one of SENTENCES, `params` the values for its sentence (`key` is
    always one). The message is the English sentence.
    """

    def __init__(self, key: str, code: str, **params: object) -> None:
        self.key = key
        self.code = code
        self.params: Mapping[str, object] = {"key": key, **params}
        super().__init__(SENTENCES[code] % self.params)
