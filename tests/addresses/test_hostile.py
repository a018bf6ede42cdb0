"""All pages as each kind of person, in a clinic whose names are hostile, and all their forms with hostile values.

Nothing breaks, nothing of a name is markup or a template, and no table for a spreadsheet begins a cell with a formula.
"""

import csv
from collections.abc import Iterator
from itertools import cycle

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.addresses.forms import Form, forms_of
from tests.addresses.routes import Address
from tests.addresses.table import CARER, HEAD_OFFICE, OTHER_NURSE, PATIENT, ROLES, STRANGER, classified
from tests.addresses.visitor import Answer, Visitor

WORD = "=1+1\"><img src=q onerror=x>{{ 7|add:7001 }}'--\u202e"
RAW = (b"<img src=q", b"7008")
"""What would be in a page if a name were markup, or a template."""
TYPED = (
    WORD,
    "\0",
    "a\0b",
    "{% now 'Y' %}{{ settings.SECRET_KEY }}",
    "x'; DROP TABLE home_user; --",
    "\u202e\u200f\ufeff",
    "9" * 40,
    "-1e999",
    "ab " * 3000,
)
ON_PURPOSE = {"wagtailadmin_error_test", "health:ready"}
LONG_SEARCH = "?q=" + "word%20" * 1500 + "&p=" + "9" * 30
ODD_SEARCH = (
    "?q=a%00b&p=x&ordering=%00&id=word&id=" + "9" * 30 + "&collection_id=word&tag=%00&content_type=word"
)
SEARCHED = (
    "index",
    "list",
    "results",
    "choose",
    "chosen",
    "search",
    "usage",
    "explore",
    "workflows:edit",
    "history",
)
WHO = dict(classified())
FEWEST = {"anonymous": 2, PATIENT: 8, CARER: 8, STRANGER: 4, OTHER_NURSE: 10}
"""Forms that a person has to come across, or the crawl has not begun."""


@pytest.mark.parametrize("role", ROLES)
def test_no_page_and_no_form_breaks(
    every_address: list[Address], visitors: dict[str, Visitor], role: str
) -> None:
    visitor, sent, faults = visitors[role], set(), []
    for address in every_address:
        if role not in WHO.get(address.name, ()) or address.name in ON_PURPOSE:
            continue
        page = visitor.asks("GET", address.path)
        faults += [f"{address}: {fault}" for fault in faults_of(page)]
        for form in forms_of(page, address.path):
            key = (form.path, *form.values)
            if form.method == "POST" and form.path.startswith(("/admin/", "/en/")) and key not in sent:
                sent.add(key)
                for values in hostile(form):
                    answer = visitor.asks("POST", form.action, values)
                    faults += [f"{address}, POST {form.path}: {fault}" for fault in faults_of(answer)]
    assert len(sent) > FEWEST.get(role, 40)
    assert not faults, "\n".join(faults)


def hostile(form: Form) -> Iterator[dict[str, list[str]]]:
    """What people type; then everything, what the page itself keeps in its form too."""
    typed = cycle(TYPED)
    yield {
        name: [next(typed) for _value in values] if is_typed(name, values) else values
        for name, values in form.values.items()
    }
    yield {name: [next(typed)] for name in form.values}


def is_typed(name: str, values: list[str]) -> bool:
    kept = ("_FORMS", "-count", "-id", "-type", "-ORDER", "-order", "-deleted")
    return not name.endswith(kept) and name != "csrfmiddlewaretoken" and not any(map(str.isdigit, values))


def faults_of(answer: Answer) -> Iterator[str]:
    if answer.status >= 500:
        yield f"{answer.status}"
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("text/html"):
        yield from (f"{raw!r} in the page" for raw in RAW if raw in answer.content)
    if kind.startswith("text/csv"):
        rows = csv.reader(answer.content.decode("utf-8-sig").splitlines())
        yield from (
            f"a formula: {cell}" for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))
        )


def test_staff_are_told_what_cannot_be_read(
    every_address: list[Address], visitors: dict[str, Visitor]
) -> None:
    """Empty forms, ids that are none and searches of 1,500 words, by whoever may do everything."""
    visitor, faults = visitors[HEAD_OFFICE], []
    for address in every_address:
        if not address.path.startswith("/admin/") or address.name in ON_PURPOSE:
            continue
        asked = [("POST", ""), *(("GET", q) for q in (LONG_SEARCH, ODD_SEARCH) if has_search(address))]
        for verb, query in asked:
            answer = visitor.asks(verb, address.path + query)
            if answer.status >= 500:
                faults.append(f"{address}: {verb} {query[:20]}: {answer.status}")
    assert not faults, "\n".join(faults)


def has_search(address: Address) -> bool:
    return any(part in address.name for part in SEARCHED)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin/patient_chooser/chosen/word/", 404),
        ("/admin/patient_chooser/chosen-multiple/?id=word", 200),
        ("/admin/images/chooser/chosen/word/", 400),
        ("/admin/documents/chooser/chosen-multiple/?id=word", 400),
        ("/admin/choose-page/chosen-multiple/?id=word", 400),
        ("/admin/pages/4/revisions/987654/revert/", 404),
        ("/admin/patients/edit/" + "9" * 30 + "/", 404),
    ],
)
def test_an_id_that_is_none_is_said_to_be_none(visitors: dict[str, Visitor], path: str, status: int) -> None:
    assert visitors[HEAD_OFFICE].asks("GET", path).status == status


@pytest.mark.parametrize("start", [b"GIF89a" + b"\1" * 20, b"\x89PNG\r\n\x1a\n" + b"\0" * 30])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("images/add/", "file"),
        ("images/multiple/add/", "files[]"),
        ("images/chooser/create/", "image-chooser-upload-file"),
    ],
)
def test_a_picture_that_is_none_is_refused(
    visitors: dict[str, Visitor], path: str, field: str, start: bytes
) -> None:
    data = {
        field: SimpleUploadedFile("a.gif", start, "image/gif"),
        "title": "A",
        "image-chooser-upload-title": "A",
    }
    answer = visitors[HEAD_OFFICE].asks("POST", f"/admin/{path}", data)
    assert answer.status in (200, 400) and b'"success": true' not in answer.content
