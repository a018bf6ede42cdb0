"""How old somebody is, as people say it: a small child in months, a newborn in days. Pure."""

from datetime import date

from django.utils.translation import ngettext

_MONTHS_UNTIL = 24


def age(born: date, today: date) -> str:
    """In the active language; empty for a day before the birth."""
    if today < born:
        return ""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months >= _MONTHS_UNTIL:
        return _said(ngettext("%(count)d year", "%(count)d years", months // 12), months // 12)
    if months >= 2:
        return _said(ngettext("%(count)d month", "%(count)d months", months), months)
    days = (today - born).days
    return _said(ngettext("%(count)d day", "%(count)d days", days), days)


def _said(words: str, count: int) -> str:
    return words % {"count": count}
