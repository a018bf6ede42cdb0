"""Which messages of an inbox a person wants to see."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from notifications.models import CategoryChoices

OFFERED = ("all", "unread", "dismissed")


@dataclass(frozen=True, slots=True)
class Filter:
    """A status or a category; an address without either shows all."""

    status: str = "all"
    category: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Filter":
        """As an address says it; Http404 for what isn't offered."""
        chosen = cls(query.get("status", "all"), query.get("category", ""))
        if chosen.status not in OFFERED or chosen.category not in ("", *CategoryChoices.values):
            raise Http404
        return chosen

    def url(self, **more: str) -> str:
        """The address of the inbox seen through this filter."""
        return reverse("notifications:inbox") + self.query(**more)

    def query(self, **more: str) -> str:
        """What stands behind that of the inbox, from the question mark on."""
        query = {"status": self.status if self.status != "all" else "", "category": self.category, **more}
        asked = {name: value for name, value in query.items() if value}
        return f"?{urlencode(asked)}" if asked else ""

    @property
    def chips(self) -> list[dict[str, Any]]:
        """All the filters, this one marked."""
        offered = [
            (_("All"), Filter()),
            (_("Unread"), Filter("unread")),
            *((category.label, Filter(category=category.value)) for category in CategoryChoices),
            (_("Dismissed"), Filter("dismissed")),
        ]
        inbox = reverse("notifications:inbox")
        return [
            {"label": label, "href": inbox + each.query(), "current": each == self} for label, each in offered
        ]

    @property
    def takes_arrivals(self) -> bool:
        """Whether a new message belongs into it."""
        return self.status != "dismissed"
