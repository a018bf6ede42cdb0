"""What a program sends to be imported, as the lines that a file would have."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from home.imports.importable import Importable
from home.imports.sheets import MOST_LETTERS, Line


def lines_of(kind: Importable, rows: Sequence[Any]) -> Iterator[Line]:
    """The names of the columns, then each row, numbered from 1. ValidationError for a row that can't be one."""
    names = [column.name for column in kind.columns]
    lines = [Line(0, tuple(names))]
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise _wrong(number, _("This must be an object."))
        if unknown := sorted(row.keys() - set(names)):
            raise _wrong(number, _("There is no such column: %(name)s.") % {"name": unknown[0][:50]})
        lines.append(Line(number, tuple(_text(number, row.get(name)) for name in names)))
    return iter(lines)


def _text(number: int, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str | int | float):
        raise _wrong(number, _("A value must be text, a number, true, false or null."))
    text = str(value)
    if len(text) > MOST_LETTERS:
        raise _wrong(number, _("A value has more than %(most)s letters.") % {"most": MOST_LETTERS})
    return text


def _wrong(number: int, words: str) -> ValidationError:
    said = _("Row %(row)s: %(words)s") % {"row": number, "words": words}
    return ValidationError({"rows": [said]})
