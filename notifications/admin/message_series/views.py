"""Series of messages: written, approved, followed, ended; and who is taken out of one."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from notifications import audiences
from notifications.admin.announcements.announcement import asked_about
from notifications.admin.announcements.approvers import approvers_tell
from notifications.admin.announcements.pages import ActView, WritePage, comment_of, send_test
from notifications.admin.menu import MESSAGES
from notifications.admin.message_series.detail import DetailView
from notifications.admin.message_series.form import SeriesForm, steps_form
from notifications.admin.message_series.series import SeriesPageView, start_words, state, visible
from notifications.admin.people import NamesPeople
from notifications.admin.reports.base import ReportView, ReportViewSet
from notifications.announcements import series as acts
from notifications.announcements.approval import RefusedError
from notifications.languages.listed import PAGES
from notifications.models import MessageSeries, Notification
from notifications.types import Priority


class ListView(NamesPeople, ReportView):
    """Those of one's own clinics, the latest first."""

    model = Notification
    permission_required = "schedule"
    default_ordering = ("-id",)

    def get_base_queryset(self) -> QuerySet[MessageSeries]:
        return visible(self.request.user)

    def person_id(self, row: MessageSeries) -> int | None:
        return row.author_id

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        paginator, page, rows, more = super().paginate_queryset(queryset, page_size)
        self._asked = asked_about(MessageSeries, [row.pk for row in rows])
        return paginator, page, rows, more

    @cached_property
    def header_buttons(self) -> list[Button]:
        return [
            HeaderButton(_("New series of messages"), url=reverse("message_series:add"), icon_name="plus")
        ]

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "name",
                label=_("Name"),
                get_url=lambda row: reverse("message_series:detail", args=[row.pk]),
            ),
            Column("start", label=_("Counted from"), accessor=start_words),
            Column("steps", label=_("Messages"), accessor=lambda row: len(row.steps)),
            Column("by", label=_("By"), accessor=self.person),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=lambda row: state(row, self._asked.get(row.pk)),
                primary=lambda row: row.live,
            ),
        ]


class WriteView(WritePage, SeriesPageView, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """The form of a new one."""

    form_class = SeriesForm
    page_title = gettext_lazy("New series of messages")
    template_name = "notifications/admin/message_series/form.html"

    @cached_property
    def series(self) -> MessageSeries | None:
        return None

    @cached_property
    def steps(self) -> Any:
        return steps_form(self.request.POST if self.request.method == "POST" else None, self.series)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("initial")
        return kwargs | {"user": self.request.user, "series": self.series}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "steps": self.steps,
            "action_url": self.request.path,
            "media": context["form"].media + self.steps.media,
            "submit_button_label": _("Save and look at it"),
            "submit_button_active_label": _("Saving…"),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        if not all([form.is_valid(), self.steps.is_valid()]):
            return self.form_invalid(form)
        try:
            saved = acts.series_write(
                series=form.written(self.steps.steps()), by=request.user, seen=form.cleaned_data["seen"]
            )
        except RefusedError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(request, _("It is saved. Nobody is told yet."))
        return redirect("message_series:detail", saved.pk)


class ChangeView(WriteView):
    """The form of a draft."""

    page_title = gettext_lazy("Change the series")

    @cached_property
    def series(self) -> MessageSeries:
        return get_object_or_404(visible(self.request.user), pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.series.live or self.series.workflow_in_progress:
            messages.warning(request, _("It waits for approval or was sent, and can't be changed."))
            return redirect("message_series:detail", self.series.pk)
        return super().get(request, *args, **kwargs)


class _ActView(ActView):
    detail_url = "message_series:detail"
    visible = staticmethod(visible)


class AskView(_ActView):
    def act(self, request: HttpRequest, row: MessageSeries, seen: int | None) -> str:
        acts.series_ask(pk=row.pk, by=request.user, seen=seen)
        count = approvers_tell(row, request.user, title=dict.fromkeys(PAGES, row.name))
        said = ngettext(
            "It waits for approval. %(count)s person is asked, who can approve it.",
            "It waits for approval. %(count)s people are asked, of whom one must approve it.",
            count,
        )
        return said % {"count": count}


class ApproveView(_ActView):
    def act(self, request: HttpRequest, row: MessageSeries, seen: int | None) -> str:
        acts.series_approve(pk=row.pk, by=request.user, seen=seen, now=timezone.now())
        return _("You approved it. It runs from today on.")


class SendBackView(_ActView):
    def act(self, request: HttpRequest, row: MessageSeries, seen: int | None) -> str:
        acts.series_send_back(pk=row.pk, by=request.user, seen=seen, comment=comment_of(request))
        return _("It is sent back to whoever wrote it.")


class WithdrawView(_ActView):
    def act(self, request: HttpRequest, row: MessageSeries, seen: int | None) -> str:
        acts.series_withdraw(pk=row.pk, by=request.user)
        return _("It is a draft again, and can be changed.")


class TestView(_ActView):
    """Sends one of its messages to who asks for it."""

    def act(self, request: HttpRequest, row: MessageSeries, seen: int | None) -> str:
        place = request.POST.get("place", "")
        if place not in map(str, range(len(row.steps))):
            raise RefusedError(_("It has no such message any more. Please look at it again."))
        step = row.steps[int(place)]
        return send_test(request.user, step["title"], step["message"], Priority.NORMAL, row.within)


class EndView(_ActView):
    def act(self, request: HttpRequest, row: MessageSeries, seen: int | None) -> str:
        acts.series_end(pk=row.pk, now=timezone.now())
        return _("It ended. Nobody is told anything of it any more.")


class LeaveView(_ActView):
    """Takes somebody out, by a number of theirs."""

    def act(self, request: HttpRequest, row: MessageSeries, seen: int | None) -> str:
        number = request.POST.get("number", "").strip()[:50]
        found = audiences.read_list([number], row.within).subject_ids if number else frozenset()
        if len(found) != 1:
            raise RefusedError(_("Nobody, or more than one person, has this number here."))
        acts.series_leave(pk=row.pk, subject_id=min(found), by=request.user, now=timezone.now())
        return _("They are taken out. Nothing more of it is sent because of them.")


class MessageSeriesViewSet(ReportViewSet):
    name = "message_series"
    model = Notification
    view_class = ListView
    icon = "history"
    menu_hook = MESSAGES
    menu_label = gettext_lazy("Series of messages")
    menu_order = 12

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(
            verbose_name_plural=gettext_lazy("series of messages"), **kwargs
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("add/", WriteView.as_view(), name="add"),
            path("<int:pk>/", DetailView.as_view(), name="detail"),
            path("<int:pk>/edit/", ChangeView.as_view(), name="edit"),
            path("<int:pk>/ask/", AskView.as_view(), name="ask"),
            path("<int:pk>/test/", TestView.as_view(), name="test"),
            path("<int:pk>/approve/", ApproveView.as_view(), name="approve"),
            path("<int:pk>/send-back/", SendBackView.as_view(), name="send_back"),
            path("<int:pk>/withdraw/", WithdrawView.as_view(), name="withdraw"),
            path("<int:pk>/end/", EndView.as_view(), name="end"),
            path("<int:pk>/leave/", LeaveView.as_view(), name="leave"),
        ]
