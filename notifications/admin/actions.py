"""A button in each row of a list: it posts, says what came of it, and leaves the reader where they were."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views import View
from wagtail.admin.ui.tables import Column
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic import PermissionCheckedMixin


class ActionColumn(Column):
    """A button a row. `url` gives the address that it posts to, or nothing where there is no button.

    `label` stands on the button, the row's `about` (read out, not shown) after it; the column has no heading. Where
    there is no button, `instead` may say why.
    """

    cell_template_name = "notifications/admin/action_cell.html"

    def __init__(
        self,
        name: str,
        *,
        label: Any,
        url: Callable[[Any], str],
        about: Callable[[Any], Any] = str,
        instead: Callable[[Any], str] = lambda row: "",
    ) -> None:
        super().__init__(name, label="", accessor=url)
        self.button = label
        self.about = about
        self.instead = instead

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        request, table = context["request"], context["table"]
        return context | {
            "about": self.about(instance),
            "instead": self.instead(instance),
            "csrf_token": get_token(request),
            "next": back_to(request, table.base_url),
        }


def back_to(request: HttpRequest, address: str) -> str:
    """The list with the filters and the page that are in this request, which may be for its results alone."""
    query = request.GET.copy()
    query.pop("_w_filter_fragment", None)
    return f"{address}?{query.urlencode()}" if query else address


class ActionView(PermissionCheckedMixin, View):
    """Does one thing, on POST only; `act` does it and tells the reader."""

    http_method_names = ["post"]
    model: Any = None
    permission_required = "change"
    index_url_name = ""

    def act(self, request: HttpRequest, pk: int) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.act(request, pk)
        return HttpResponseRedirect(get_valid_next_url_from_request(request) or reverse(self.index_url_name))
