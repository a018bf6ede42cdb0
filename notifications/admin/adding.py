"""The page and the button by which staff add a row, in words of what they do: never “New: Stock batch”."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import CreateView


class WordedCreateView(CreateView):
    """`add_words`, such as “Plan a visit”, is its title, its heading and its place among the pages."""

    add_words: Any = ""
    submit_button_label = _("Save")
    submit_button_active_label = _("Saving…")

    def get_page_title(self) -> Any:
        return self.add_words or super().get_page_title()

    def get_page_subtitle(self) -> Any:
        return "" if self.add_words else super().get_page_subtitle()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = super().get_breadcrumbs_items()
        if self.add_words and items:
            items[-1] = {"url": "", "label": str(self.add_words)}
        return items
