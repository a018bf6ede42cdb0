"""The data that a browser would post of a form on a page."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.select: str | None = None
        self.textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name = has.get("name")
        if tag == "option":
            if self.select and "selected" in has:
                self._add(self.select, has.get("value"))
        elif name and "disabled" not in has:
            if tag == "select":
                self.select = name
            elif tag == "textarea":
                self.textarea = name
                self._add(name, "")
            elif tag == "input" and has.get("type") not in ("checkbox", "radio"):
                self._add(name, has.get("value"))
            elif tag == "input" and "checked" in has:
                self._add(name, has.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = None
        elif tag == "textarea":
            self.textarea = None

    def handle_data(self, data: str) -> None:
        if self.textarea:
            # A line break right after the tag is not part of the text.
            self.fields[self.textarea] = [(self.fields[self.textarea][0] + data).removeprefix("\n")]

    def _add(self, name: str, value: str | None) -> None:
        self.fields.setdefault(name, []).append(value or "")


def filled_in(html: str) -> dict[str, list[str]]:
    """The names and values of a page's fields, without those of Wagtail's own search in its menu."""
    reader = _Reader()
    reader.feed(html)
    return {
        name: values for name, values in reader.fields.items() if name not in ("q", "csrfmiddlewaretoken")
    }
