"""The file of a download: the same tables twice, for programs (JSON) and for people (a page), in one ZIP."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.template.loader import render_to_string
from django.utils import dateformat, timezone
from django.utils.translation import get_language, gettext, pgettext

from notifications.privacy import Person, sections
from notifications.texts.formats import clock, number

JSON_NAME, PAGE_NAME = "my-data.json", "my-data.html"


@dataclass(frozen=True, slots=True)
class Table:
    """One section with its rows, as they were read."""

    name: str
    title: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Any]]

    def shown(self) -> Iterable[list[tuple[str, str]]]:
        """Each row as pairs of a heading and a value in words."""
        headings = list(self.columns.values())
        for row in self.rows:
            yield [(heading, words(value)) for heading, value in zip(headings, row, strict=True)]


def export_file(person: Person, *, name: str, now: datetime) -> bytes:
    """The ZIP. In the active language and time zone; `name` is whose data it is."""
    tables = [
        Table(
            section.name,
            str(section.title),
            {key: str(label) for key, label in section.columns.items()},
            list(section.rows(person)),
        )
        for section in sections(person)
    ]
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr(PAGE_NAME, render_to_string("home/privacy/export.html", _page(tables, name, now)))
        archive.writestr(JSON_NAME, _json(tables, name, now))
    return out.getvalue()


def _page(tables: Sequence[Table], name: str, now: datetime) -> dict[str, Any]:
    return {"tables": tables, "name": name, "made": words(now), "language": get_language()}


def _json(tables: Sequence[Table], name: str, now: datetime) -> str:
    content = {
        "about": name,
        "made": plain(now),
        **{
            table.name: [
                {key: plain(value) for key, value in zip(table.columns, row, strict=True)}
                for row in table.rows
            ]
            for table in tables
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def plain(value: Any) -> Any:
    """A value for programs: days and moments as in ISO 8601, numbers of any precision as texts."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def words(value: Any) -> str:
    """A value for people."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return (
            pgettext("the answer to a question", "yes")
            if value
            else pgettext("the answer to a question", "no")
        )
    if isinstance(value, datetime):
        day = dateformat.format(timezone.localtime(value), "j F Y")
        return gettext("%(day)s, %(time)s") % {"day": day, "time": clock(value)}
    if isinstance(value, date):
        return dateformat.format(value, "j F Y")
    return number(value) if isinstance(value, Decimal) else str(value)
