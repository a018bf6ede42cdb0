"""Pages of a person's messages, newest first, in which none is missed or comes twice while others arrive."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from notifications.models import Notification
from notifications.selectors.cursor import Cursor

PAGE = 25
_EXAMPLE = "https://clinic.example.org/api/notifications/"
# As many digits as a date and a row's id may have.
_TOKEN = re.compile(r"(?P<direction>[on])(?P<cursor>[0-9]{1,17}-[0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Place:
    """Beside one message: the page of those that are older, or of those that are newer."""

    older: bool
    cursor: Cursor

    @classmethod
    def parse(cls, token: str) -> "Place":
        """The reverse of `str`; ValueError when it isn't one."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise ValueError(token)
        return cls(match["direction"] == "o", Cursor.parse(match["cursor"]))

    def __str__(self) -> str:
        return f"{'o' if self.older else 'n'}{self.cursor}"

    def page(self, messages: QuerySet[Notification]) -> QuerySet[Notification]:
        """Those next to this place, nearest first."""
        if self.older:
            return self.cursor.older(messages).order_by("-sent_at", "-id")
        return self.cursor.newer(messages).order_by("sent_at", "id")


class MessagePages(BasePagination):
    """`?cursor=…`, as `next` and `previous` give it; {"next", "previous", "results"}. One query a page."""

    def paginate_queryset(
        self, queryset: QuerySet[Notification], request: Request, view: Any = None
    ) -> list[Notification]:
        place = _place(request.query_params.get("cursor", ""))
        found = list((place.page(queryset) if place else queryset)[: PAGE + 1])
        page, more = found[:PAGE], len(found) > PAGE
        backwards = place is not None and not place.older
        if backwards:
            page.reverse()
        self._address = request.build_absolute_uri()
        self._next = self._beside(page, older=True) if backwards or more else None
        self._previous = self._beside(page, older=False) if (more if backwards else place) else None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next, "previous": self._previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "example": f"{_EXAMPLE}?cursor=o1795500000000000-17"},
                "previous": {**link, "example": None},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "Where a page begins, as `next` and `previous` say it.",
                "schema": {"type": "string"},
            }
        ]

    def _beside(self, page: Sequence[Notification], *, older: bool) -> str | None:
        if not page:
            return None
        edge = page[-1] if older else page[0]
        return replace_query_param(self._address, "cursor", str(Place(older, Cursor.of(edge))))


def _place(token: str) -> Place | None:
    try:
        return Place.parse(token) if token else None
    except ValueError:
        raise ValidationError({"cursor": [_("This cursor is not valid.")]}) from None
