"""A plan in words: its total, what happens to an event, its details. In the active language."""

from collections.abc import Iterator
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from events.admin.reminders_field import USUAL
from events.services.changes.plan import Outcome, Plan, Planned

LABELS = {
    "title_en": gettext_lazy("Title (English)"),
    "title_af": gettext_lazy("Title (Afrikaans)"),
    "description_en": gettext_lazy("Description (English)"),
    "description_af": gettext_lazy("Description (Afrikaans)"),
    "place": gettext_lazy("Venue"),
    "capacity": gettext_lazy("Places"),
    "reminders": gettext_lazy("Reminders"),
}
_WHAT_HAPPENS = {
    Outcome.MOVED: gettext_lazy("moves"),
    Outcome.CANCELLED: gettext_lazy("is cancelled, because it no longer fits the pattern"),
    Outcome.REMOVED: gettext_lazy("is removed, because nobody has joined"),
    Outcome.ALONE: gettext_lazy("keeps its time, because it was changed separately"),
    Outcome.TOO_NEAR: gettext_lazy("stays as it is, because its new start is already past"),
}


def plan_total(plan: Plan) -> str:
    """As "3 events move, 2 events are new. 12 people will be told."; also used in the message after saving."""
    sentence = ", ".join(_counts(plan)) or _("No event changes")
    return _("%(sentence)s. %(told)s") % {"sentence": sentence, "told": notified_words(len(plan.notified))}


def notified_words(number: int) -> str:
    """As "12 people will be told."."""
    if not number:
        return _("Nobody will be told.")
    said = npgettext(
        "of a change", "%(people)s person will be told.", "%(people)s people will be told.", number
    )
    return said % {"people": number}


def confirm_label(people: int) -> str:
    """The label of the button when so many people will be notified."""
    if not people:
        return _("Save")
    said = ngettext("Save and tell %(people)s person", "Save and tell %(people)s people", people)
    return said % {"people": people}


def what_happens(planned: Planned) -> str:
    """What becomes of one event, as "moves; changes: Place"."""
    if planned.outcome == Outcome.ALONE and planned.is_cancelled:
        return _("stays cancelled")
    words = [str(_WHAT_HAPPENS[planned.outcome])] if planned.outcome != Outcome.KEPT else []
    gone = planned.outcome in (Outcome.CANCELLED, Outcome.REMOVED)
    if planned.details and not gone:
        changed = ", ".join(str(LABELS[name]) for name in LABELS if name in planned.details)
        words.append(_("changes: %(details)s") % {"details": changed})
    return "; ".join(words)


def detail_words(name: str, value: Any) -> str:
    """The value of a detail of an event, in words."""
    if name == "capacity":
        return _("no limit") if value is None else str(value)
    if name == "reminders":
        return ", ".join(_before(minutes) for minutes in value) or _("none")
    return Truncator(value).chars(200) if value else "–"


def _before(minutes: int) -> str:
    if minutes in USUAL:
        return str(USUAL[minutes])
    return ngettext("%(count)s minute before", "%(count)s minutes before", minutes) % {"count": minutes}


def _counts(plan: Plan) -> Iterator[str]:
    outcomes = [each.outcome for each in plan.occurrences]
    changed = sum(_only_details(each) for each in plan.occurrences)
    for number, said in (
        (outcomes.count(Outcome.MOVED), _moved),
        (outcomes.count(Outcome.CANCELLED), _cancelled),
        (outcomes.count(Outcome.REMOVED), _removed),
        (changed, _changed),
        (len(plan.added), _new),
    ):
        if number:
            yield said(number) % {"count": number}


def _moved(number: int) -> str:
    return ngettext("%(count)s event moves", "%(count)s events move", number)


def _cancelled(number: int) -> str:
    return ngettext("%(count)s event is cancelled", "%(count)s events are cancelled", number)


def _removed(number: int) -> str:
    return ngettext(
        "%(count)s event that nobody joined is removed",
        "%(count)s events that nobody joined are removed",
        number,
    )


def _changed(number: int) -> str:
    return ngettext("%(count)s event gets new details", "%(count)s events get new details", number)


def _new(number: int) -> str:
    return ngettext("%(count)s event is new", "%(count)s events are new", number)


def _only_details(planned: Planned) -> bool:
    stays = planned.outcome not in (Outcome.MOVED, Outcome.CANCELLED, Outcome.REMOVED)
    return stays and bool(planned.details)
