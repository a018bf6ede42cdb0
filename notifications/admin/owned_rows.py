"""Admin pages of rows that belong to head office or to one place: more people may look at a row than may change it."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from wagtail.permission_policies import ModelPermissionPolicy

Rows = Callable[[Any], QuerySet[Any]]


class OwnedRowsPolicy(ModelPermissionPolicy):
    """Asks of each action but "view" whether the row is one that this person writes, beside the permission itself.

    `seen` and `written` take a user and give rows; `writes` says whether there is anything at all that they may add.
    """

    def __init__(
        self, model: type[Model], *, seen: Rows, written: Rows, writes: Callable[[Any], bool]
    ) -> None:
        super().__init__(model)
        self.seen = seen
        self.written = written
        self.writes = writes

    def user_has_permission(self, user: Any, action: str) -> bool:
        return super().user_has_permission(user, action) and (action == "view" or self.writes(user))

    def user_has_any_permission(self, user: Any, actions: Collection[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        rows = self.seen if action == "view" else self.written
        return super().user_has_permission_for_instance(user, action, instance) and (
            rows(user).filter(pk=instance.pk).exists()
        )

    def guard(self, patterns: list[URLPattern]) -> list[URLPattern]:
        """These addresses, each with a key in it only for its writers, whichever a later Wagtail adds.

        Who doesn't see the row finds nothing there, on any verb.
        """
        for pattern in patterns:
            pattern.callback = self._of_written_rows(pattern.callback)
        return patterns

    def _of_written_rows(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "pk" in kwargs:
                self._check(request.user, unquote(str(kwargs["pk"])))
            return view(request, *args, **kwargs)

        return guarded

    def _check(self, user: Any, pk: str) -> None:
        # One of Wagtail's patterns takes any word for a key.
        if not pk.isdecimal() or not self.seen(user).filter(pk=pk).exists():
            raise Http404
        if not self.written(user).filter(pk=pk).exists():
            raise PermissionDenied
