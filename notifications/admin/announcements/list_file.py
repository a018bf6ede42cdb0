"""A file that names people by a number each: the first cell of each line, however a spreadsheet wrote it."""

import csv
from io import StringIO
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_BYTES, MOST_LINES = 1_000_000, 10_000


def read_lines(file: Any) -> list[str]:
    """What stands first in each line that isn't empty, once each. ValidationError for what is no such file."""
    if file.size > MOST_BYTES:
        raise ValidationError(_("This file is too large. A list has at most 10,000 numbers."), code="large")
    content: bytes = file.read()
    text = "" if content.startswith(b"PK") else _decoded(content)
    if not text.strip() or "\0" in text:
        raise ValidationError(_("This is no CSV file. Save the list as CSV first."), code="spreadsheet")
    separator = max(";,\t", key=text.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise ValidationError(
            _("This is no CSV file. Save the list as CSV first."), code="spreadsheet"
        ) from None
    lines = dict.fromkeys(row[0].strip().removeprefix("'") for row in rows if row and row[0].strip())
    if len(lines) > MOST_LINES:
        raise ValidationError(_("This file is too large. A list has at most 10,000 numbers."), code="large")
    return list(lines)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
