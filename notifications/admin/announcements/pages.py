"""What the pages of announcements and of series have in common."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from notifications import audiences
from notifications.announcements.approval import RefusedError
from notifications.models import Notification
from notifications.selectors.people import language_of
from notifications.services import NotificationService
from notifications.types import Priority
from notifications.web.numbers import whole_number


class PageView(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page below a list, for who may speak to many."""

    model = Notification
    permission_required = "schedule"
    header_icon = "comment"
    index_url = ""
    index_label: Any = ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse(self.index_url), "label": self.index_label}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_title()}]


class WritePage(PageView):
    """One with a long form: above it is said that something is wrong, which may stand far below."""

    request: HttpRequest

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.error(self.request, _("Not saved yet: first put right what is marked in red below."))
        page: HttpResponse = super().form_invalid(form)
        return page


class ActView(PermissionCheckedMixin, View):
    """Does one thing with one row, on POST only, and leads back to it. A row that isn't `visible` is a 404."""

    http_method_names = ["post"]
    model = Notification
    permission_required = "schedule"
    detail_url = ""
    visible: Callable[[Any], QuerySet[Any]]

    def act(self, request: HttpRequest, row: Any, seen: int | None) -> str:
        """What was done, in words; `seen` is the revision on the page. RefusedError and PermissionDenied are said to
        whoever asked.
        """
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.visible(request.user), pk=pk)
        try:
            said = self.act(request, row, whole_number(request.POST.get("seen", "")))
        except RefusedError as error:
            messages.error(request, str(error))
        except PermissionDenied:
            messages.error(
                request, _("Somebody else must approve it: not who wrote it or asked for approval.")
            )
        else:
            messages.success(request, said)
        return self.after(row)

    def after(self, row: Any) -> HttpResponse:
        return redirect(self.detail_url, row.pk)


def send_test(
    user: Any,
    title: Mapping[str, str],
    message: Mapping[str, str],
    priority: Priority,
    within: Mapping[str, Any],
) -> str:
    """Send what would be told within this limit to who wrote it alone, in their language; what was done, in words."""
    language = language_of(user.pk)
    said = _("Test: %(title)s") % {"title": title[language]}
    NotificationService.send(
        users=[user],
        title=said[:200],
        message=message[language],
        notif_type="system.announcement",
        priority=priority.name.lower(),
        about=audiences.about(within),
    )
    return _("A test is on its way to you, and to nobody else.")


def comment_of(request: HttpRequest) -> str:
    """What somebody says who sends a draft back."""
    comment = request.POST.get("comment", "").strip()[:1000]
    if not comment or "\0" in comment:
        raise RefusedError(_("Say what is to be changed, so that it can be."))
    return comment
