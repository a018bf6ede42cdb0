"""What is wrong with the texts of a template.

`texts` maps a field with its language behind it to what was written there. The answers map the same names to
messages that stand beside the field.
"""

from collections.abc import Collection, Mapping
from itertools import permutations

from django.utils.translation import gettext as _

from notifications.languages.listed import PAGES, label
from notifications.rules.placeholders import Problem, placeholders, problems
from notifications.types import DISCREET_FIELDS, TEXT_FIELDS, TEXT_GROUPS, EventType

TRANSLATED_FIELDS = tuple(f"{field}_{language}" for field in TEXT_FIELDS for language in PAGES)

Errors = dict[str, list[str]]


def placeholder_errors(event_type: EventType, texts: Mapping[str, str]) -> Errors:
    """What must hold for every draft: only the placeholders that the type permits there."""
    errors: Errors = {}
    for name, text in texts.items():
        field = name.rpartition("_")[0]
        if found := text_errors(text, event_type.permitted(field), discreet=field in DISCREET_FIELDS):
            errors[name] = found
    return errors


def text_errors(text: str, permitted: Collection[str], *, discreet: bool) -> list[str]:
    """What is wrong with the placeholders of one text, which others may see where it is `discreet`."""
    explain = _discreet if discreet else _explained
    return [explain(problem, permitted) for problem in problems(text, permitted)]


def translation_errors(texts: Mapping[str, str]) -> Errors:
    """What must hold to publish: a text says the same in all languages, so it has the same placeholders.

    A text that is missing in one of them is not compared; it is the form that asks for it.
    """
    errors: Errors = {}
    message = _("The text in %(language)s has %(placeholders)s, but this one doesn't.")
    for field in TEXT_FIELDS:
        written = {code: placeholders(text) for code in PAGES if (text := texts.get(f"{field}_{code}"))}
        for one, other in permutations(written, 2):
            if lacking := [name for name in written[one] if name not in written[other]]:
                values = {"language": label(one), "placeholders": as_written(lacking)}
                errors.setdefault(f"{field}_{other}", []).append(message % values)
    return errors


def missing_errors(texts: Mapping[str, str]) -> Errors:
    """What must hold to publish: of the texts of a group either all are written, in every language, or none is."""
    errors: Errors = {}
    for fields in TEXT_GROUPS.values():
        names = [f"{field}_{language}" for field in fields for language in PAGES]
        if any(texts.get(name) for name in names):
            message = _("Write this text too, or leave out all texts of this part.")
            errors |= {name: [message] for name in names if not texts.get(name)}
    return errors


def as_written(names: Collection[str]) -> str:
    """Placeholders as one writes them: "{{ name }}, {{ until }}"."""
    return ", ".join(f"{{{{ {name} }}}}" for name in names)


def _discreet(problem: Problem, permitted: Collection[str]) -> str:
    found = problem.found if problem.kind == "not_a_placeholder" else as_written([problem.found])
    message = _("“%(found)s” can't be used in a discreet text: others may see it on the phone.")
    return _with_advice(message % {"found": found}, permitted)


def _explained(problem: Problem, permitted: Collection[str]) -> str:
    if problem.kind == "unknown":
        message = _("This message has no placeholder “%(found)s”.") % {"found": as_written([problem.found])}
    else:
        message = _("“%(found)s” can't be used: only placeholders may be in such brackets.")
        message %= {"found": problem.found}
    if problem.nearest:
        advice = _("Did you mean %(nearest)s?") % {"nearest": as_written([problem.nearest])}
        return f"{message} {advice}"
    return _with_advice(message, permitted)


def _with_advice(message: str, permitted: Collection[str]) -> str:
    if not permitted:
        return message
    advice = _("It can have %(placeholders)s.") % {"placeholders": as_written(permitted)}
    return f"{message} {advice}"
