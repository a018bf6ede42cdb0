"""Rows that name a person by id alone."""

from typing import Any

from django.contrib.auth import get_user_model


class NamesPeople:
    """For a list: finds the people whom the rows of a page name, in one query."""

    def person_id(self, row: Any) -> int | None:
        raise NotImplementedError

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        paginator, page, rows, more = super().paginate_queryset(queryset, page_size)  # type: ignore[misc]  # the list's
        ids = {id_ for id_ in map(self.person_id, rows) if id_ is not None}
        self._people = get_user_model()._default_manager.in_bulk(ids)
        return paginator, page, rows, more

    def person(self, row: Any) -> Any:
        """The person, or a dash where there is none, or none any more."""
        return self._people.get(self.person_id(row), "–")
