"""What was said of a row when it was tried, as its row keeps it, and the row as it is tried."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from home.imports.cells import CellError, read_cell
from home.imports.importable import Made, Problem, Row, State, Verdict
from home.models import ImportRow

CELLS: dict[str, Any] = {
    "formula": _(
        "There is a formula in this cell. Copy it, and use “Paste Special, Values” to put its value there."
    ),
    "error": _("The spreadsheet shows an error in this cell."),
    "shortened": _(
        "The spreadsheet has shortened this number. Format the column as text, and write it in full."
    ),
    "not_yes_or_no": _("Write yes or no."),
    "unknown": _("This word is not known here."),
}
"""What is wrong with a cell, by the code of a CellError."""


def row_of(row: ImportRow, matched: Mapping[str, int]) -> tuple[Row, list[Problem]]:
    """The row as its kind tries it, and what is wrong with its cells as such."""
    cells = json.loads(row.cells or "[]")
    values, problems = {}, []
    for column, position in matched.items():
        try:
            values[column] = read_cell(cells[position]) if position < len(cells) else ""
        except CellError as error:
            values[column] = ""
            problems.append(Problem(column, str(CELLS[error.code])))
    allowed = frozenset(said_of(row).alike) if row.is_somebody_else else frozenset()
    return Row(row.number, values, allowed, row.shares_number), problems


def say(row: ImportRow, verdict: Verdict) -> None:
    """Put a verdict into its row, which the caller saves."""
    row.state = verdict.state
    row.patient_id = verdict.patient_id
    row.said = json.dumps(
        {
            "name": verdict.name,
            "problems": [[each.column, each.words] for each in verdict.problems],
            "notes": verdict.notes,
            "alike": verdict.alike,
        }
    )


def said_of(row: ImportRow) -> Verdict:
    """The verdict that a row keeps."""
    said = json.loads(row.said or "{}")
    return Verdict(
        State(row.state),
        said.get("name", ""),
        [Problem(*each) for each in said.get("problems", [])],
        said.get("notes", []),
        said.get("alike", []),
        row.patient_id,
    )


def keep(row: ImportRow, made: Made) -> None:
    """Put what a row made into it. What was uploaded isn't needed any more."""
    row.patient_id, row.sends, row.cells = made.patient_id, made.sends, ""
    row.made = json.dumps(dict(made.facts))


def made_by(row: ImportRow) -> Made:
    """What a row made."""
    return Made(row.patient_id, json.loads(row.made or "{}"), row.sends)
