"""What a browser would send from a page: each of its forms, as it is filled in there."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from tests.addresses.visitor import Answer

FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
NOT_SENT = {"file", "image", "reset", "button"}


@dataclass(frozen=True)
class Form:
    """`method` is in capitals; `action` is a path with its query. `values` has a list for each name, as QueryDict."""

    method: str
    action: str
    values: dict[str, list[str]]

    @property
    def path(self) -> str:
        return urlsplit(self.action).path


def forms_of(answer: Answer, page: str) -> Iterator[Form]:
    """Those of what was answered for this path. A site's page is large, so that only its forms are read."""
    if not answer.headers.get("Content-Type", "").startswith(("text/html", "application/json")):
        return
    for text in FORM.findall(_html(answer)):
        form = BeautifulSoup(text, "html.parser").form
        assert form is not None
        action = urljoin(page, str(form.get("action") or page))
        yield Form(str(form.get("method") or "GET").upper(), action, _values(form))


def _html(answer: Answer) -> str:
    """Wagtail's dialogs come as JSON, with their page in it."""
    text: str = answer.content.decode()
    if answer.headers["Content-Type"].startswith("application/json"):
        said = json.loads(text)
        text = str(said.get("html", "")) if isinstance(said, dict) else ""
    return text


def _values(form: Tag) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    sent_by = False
    for field in form.find_all(["input", "select", "textarea", "button"]):
        name, kind = str(field.get("name") or ""), str(field.get("type") or "submit").lower()
        if not name or field.has_attr("disabled") or field.find_parent("template"):
            continue
        if field.name == "button" or (kind == "submit" and field.name == "input"):
            # A browser sends the one that was pressed.
            if kind == "submit" and not sent_by:
                sent_by = True
                values.setdefault(name, []).append(str(field.get("value") or ""))
        elif field.name == "select":
            values.setdefault(name, []).extend(_chosen(field))
        elif field.name == "textarea":
            values.setdefault(name, []).append(field.get_text().removeprefix("\n"))
        elif kind in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                values.setdefault(name, []).append(str(field.get("value", "on")))
        elif kind not in NOT_SENT:
            values.setdefault(name, []).append(str(field.get("value") or ""))
    return values


def _chosen(field: Tag) -> list[str]:
    options = [each for each in field.find_all("option") if not each.has_attr("disabled")]
    chosen = [each for each in options if each.has_attr("selected")]
    if not chosen and not field.has_attr("multiple"):
        chosen = options[:1]
    return [str(each.get("value", each.get_text())) for each in chosen]
