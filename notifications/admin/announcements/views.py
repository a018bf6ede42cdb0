"""Announcements: written, looked at in both languages, approved, sent, followed and stopped; and those that were."""

from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import PermissionCheckedMixin
from wagtail.admin.widgets.button import Button, HeaderButton

from notifications import audiences
from notifications.admin.announcements import dates, words
from notifications.admin.announcements.announcement import (
    addressed,
    asked_about,
    chosen,
    named,
    previews,
    stage_words,
    state,
    visible,
)
from notifications.admin.announcements.approvers import approvers_tell
from notifications.admin.announcements.form import AnnouncementForm
from notifications.admin.announcements.pages import ActView, PageView, WritePage, comment_of, send_test
from notifications.admin.announcements.pattern import pages
from notifications.admin.people import NamesPeople
from notifications.admin.reports.base import ReportView
from notifications.admin.reports.paging import KeysetPaginator
from notifications.admin.reports.reasons import reason_words
from notifications.announcements import acts
from notifications.announcements.approval import RefusedError, may_decide
from notifications.announcements.progress import Progress, Stage, progress
from notifications.announcements.reckoning import reckon
from notifications.event_types import ALONE, payload_of
from notifications.exceptions import TemplateTextError
from notifications.languages.listed import DEFAULT, PAGES
from notifications.models import Announcement, Notification
from notifications.texts.formats import rand
from notifications.types import Priority
from notifications.web.moments import shown_moment
from notifications.web.table_file import table_file

INDEX = "announcements:index"
_DRAFT = (Stage.DRAFT, Stage.SENT_BACK)
_NOT_HANDED_OVER = (*_DRAFT, Stage.ASKED, Stage.TEMPLATE)
UNKNOWN_SHOWN = 20
"""Lines of a list that fit nobody, as they are said."""


class AnnouncementFilters(WagtailFilterSet):
    words = django_filters.CharFilter(label=gettext_lazy("Words of the title"), method="with_words")
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        method="in_state",
        choices=[
            ("draft", gettext_lazy("draft")),
            ("pending", gettext_lazy("planned")),
            ("processed", gettext_lazy("sent")),
            ("stopped", gettext_lazy("stopped")),
            ("failed", gettext_lazy("failed")),
            ("template", gettext_lazy("template")),
            ("recurring", gettext_lazy("recurring")),
        ],
    )
    created_at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Written"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Announcement
        fields: list[str] = []

    def with_words(self, rows: QuerySet[Announcement], name: str, value: str) -> QuerySet[Announcement]:
        found = Q()
        for language in PAGES:
            found |= Q(**{f"title__{language}__icontains": value})
        return rows.filter(found)

    def in_state(self, rows: QuerySet[Announcement], name: str, value: str) -> QuerySet[Announcement]:
        stopped = Q(stopped_at__isnull=False) | Q(event_record__state="cancelled")
        wanted = {
            "draft": Q(event_record__isnull=True, is_template=False, begun_at__isnull=True),
            "recurring": Q(begun_at__isnull=False, stopped_at__isnull=True),
            "template": Q(is_template=True),
            "stopped": stopped,
        }
        return rows.filter(wanted.get(value, Q(event_record__state=value, stopped_at__isnull=True)))


class AnnouncementPaginator(KeysetPaginator):
    verbose_name = gettext_lazy("announcement")
    verbose_name_plural = gettext_lazy("announcements")


class ListView(NamesPeople, ReportView):
    """Those of one's own clinics, the latest first."""

    model = Notification
    permission_required = "schedule"
    filterset_class = AnnouncementFilters
    paginator_class = AnnouncementPaginator
    default_ordering = ("-id",)

    def get_base_queryset(self) -> QuerySet[Announcement]:
        return visible(self.request.user)

    def person_id(self, row: Announcement) -> int | None:
        return row.author_id

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        paginator, page, rows, more = super().paginate_queryset(queryset, page_size)
        self._asked = asked_about(Announcement, [row.pk for row in rows])
        zones = audiences.zones([row.within for row in rows])
        self._zones = {row.pk: zone for row, zone in zip(rows, zones, strict=True)}
        return paginator, page, rows, more

    @cached_property
    def header_buttons(self) -> list[Button]:
        return [HeaderButton(_("New announcement"), url=reverse("announcements:add"), icon_name="plus")]

    @cached_property
    def columns(self) -> list[Column]:
        places = audiences.scopes_for(self.request.user)
        now = timezone.now()
        return [
            TitleColumn(
                "title",
                label=_("Title"),
                width="30%",
                accessor=lambda row: row.title[DEFAULT],
                get_url=lambda row: reverse("announcements:detail", args=[row.pk]),
            ),
            Column("to", label=_("To"), accessor=lambda row: addressed(row, places)),
            Column("when", label=_("When"), accessor=lambda row: shown_moment(_when(row), now=now)),
            Column("by", label=_("By"), accessor=self.person),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=lambda row: state(row, self._asked.get(row.pk), self._zones[row.pk]),
                primary=lambda row: row.event_record is None or row.event_record.finished_at is None,
            ),
        ]


def _when(announcement: Announcement) -> Any:
    """When it is or was sent; of a draft for at once, when it was written."""
    record = announcement.event_record
    return record.due_at if record else announcement.at or announcement.created_at


class AnnouncementPageView(PageView):
    index_url, index_label = INDEX, gettext_lazy("Announcements")


class WriteView(WritePage, AnnouncementPageView, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """The form of a new one."""

    form_class = AnnouncementForm
    page_title = gettext_lazy("New announcement")
    template_name = "notifications/admin/announcements/form.html"

    def announcement(self) -> Announcement | None:
        return None

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("initial")
        return kwargs | {"user": self.request.user, "announcement": self.announcement()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.path,
            "media": context["form"].media,
            "site_zone": timezone.get_default_timezone_name(),
            "submit_button_label": _("Save and look at it"),
            "submit_button_active_label": _("Saving…"),
        }

    def form_valid(self, form: AnnouncementForm) -> HttpResponse:
        try:
            previews(form.texts("title"), form.texts("message"), within=form.place.limit)
        except TemplateTextError as error:
            form.add_error(None, _("The texts around announcements can't be used: %s") % error)
            return self.form_invalid(form)
        try:
            saved = acts.announcement_write(
                announcement=form.written(),
                by=self.request.user,
                seen=form.cleaned_data["seen"],
                now=timezone.now(),
            )
        except RefusedError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        if form.unknown:
            said = ngettext(
                "%(count)s number of the list fits nobody: %(numbers)s",
                "%(count)s numbers of the list fit nobody: %(numbers)s",
                len(form.unknown),
            )
            shown = ", ".join(form.unknown[:UNKNOWN_SHOWN])
            more = "…" if len(form.unknown) > UNKNOWN_SHOWN else ""
            messages.warning(self.request, said % {"count": len(form.unknown), "numbers": shown + more})
        messages.success(self.request, _("It is saved. Nobody is told yet."))
        return redirect("announcements:detail", saved.pk)


class ChangeView(WriteView):
    """The form of a draft."""

    page_title = gettext_lazy("Change the announcement")

    def announcement(self) -> Announcement:
        return get_object_or_404(visible(self.request.user), pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        announcement = self.announcement()
        if announcement.live or announcement.workflow_in_progress:
            messages.warning(request, _("It waits for approval or was sent, and can't be changed."))
            return redirect("announcements:detail", announcement.pk)
        return super().get(request, *args, **kwargs)


class DetailView(AnnouncementPageView, TemplateView):
    """One announcement, as its readers see it; whom it reaches, or what became of it; and what can be done."""

    page_title = gettext_lazy("Announcement")
    template_name = "notifications/admin/announcements/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, now = self.request.user, timezone.now()
        announcement = get_object_or_404(visible(user), pk=self.kwargs["pk"])
        how = progress(announcement, now=now)
        stage = how.stage
        decides = stage is Stage.ASKED and may_decide(announcement, user)
        return super().get_context_data(
            announcement=announcement,
            stage=stage,
            addressed=addressed(announcement, audiences.scopes_for(user)),
            chosen=chosen(announcement),
            named=named(announcement),
            when=_when_words(announcement),
            priority=announcement.get_priority_display(),
            previews=_previews(announcement),
            texts=[
                (language, announcement.title[language], announcement.message[language]) for language in PAGES
            ],
            alone=ALONE,
            may_write=stage in (*_DRAFT, Stage.TEMPLATE),
            may_send=stage in _DRAFT,
            may_decide=decides,
            may_withdraw=stage is Stage.ASKED,
            may_stop=stage in (Stage.PLANNED, Stage.SENDING, Stage.STOPPING, Stage.RUNNING),
            comment=_comment(announcement) if stage is Stage.SENT_BACK else "",
            **_shown(announcement, how),
            **kwargs,
        )


def _when_words(announcement: Announcement) -> str:
    if announcement.pattern:
        return pages().words(announcement.pattern)
    if announcement.at or announcement.event_record:
        return shown_moment(_when(announcement), now=timezone.now())
    return _("At once")


def _shown(announcement: Announcement, how: Progress) -> dict[str, Any]:
    """Whom it would reach, or what became of it, or its dates."""
    if how.stage in _NOT_HANDED_OVER:
        return _before(announcement)
    if announcement.begun_at is not None:
        return dates.shown(announcement, now=timezone.now()) | {"state": stage_words(how.stage)}
    return _after(announcement, how)


def _previews(announcement: Announcement) -> list[tuple[str, str]]:
    try:
        return previews(announcement.title, announcement.message, within=announcement.within)
    except TemplateTextError:
        return []  # its words alone are shown


def _comment(announcement: Announcement) -> str:
    """What was said by who sent it back."""
    comment: str = announcement.current_workflow_state.current_task_state.comment
    return comment


def _before(announcement: Announcement) -> dict[str, Any]:
    found = reckon(payload_of(announcement, approved=False), announcement.priority, now=timezone.now())
    return {
        "reckoning": found,
        "reckoned": words.reckoned(found),
        "reckoned_reasons": words.reasons(found.reasons),
        "cost": rand(found.cost),
        "most": rand(found.most),
        "needs_approval": found.people > ALONE,
    }


def _after(announcement: Announcement, how: Progress) -> dict[str, Any]:
    record = announcement.event_record
    return {
        "progress": how,
        "state": stage_words(how.stage),
        "became": words.became(how),
        "became_reasons": words.reasons(how.reasons),
        "reason": reason_words(record) if record else "",
    }


class ProgressView(AnnouncementPageView, TemplateView):
    """How far it has come: what the page asks for anew every few seconds."""

    template_name = "notifications/admin/announcements/progress.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        announcement = get_object_or_404(visible(self.request.user), pk=self.kwargs["pk"])
        how = progress(announcement, now=timezone.now())
        return {"announcement": announcement, **_after(announcement, how)}


class ReportFileView(PermissionCheckedMixin, View):
    """What became of it by each channel, as a file. It names nobody."""

    model = Notification
    permission_required = "schedule"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        announcement = get_object_or_404(visible(request.user), pk=pk)
        table = words.became(progress(announcement, now=timezone.now()))
        return table_file(request.GET, table.headings, table.rows, name=f"announcement-{pk}")


class _ActView(ActView):
    detail_url = "announcements:detail"
    visible = staticmethod(visible)


class SendView(_ActView):
    def act(self, request: HttpRequest, row: Announcement, seen: int | None) -> str:
        done = acts.announcement_send(pk=row.pk, by=request.user, seen=seen, now=timezone.now())
        if done.event_record_id is None and done.begun_at is None:
            count = approvers_tell(done, request.user, title=done.title)
            said = ngettext(
                "It waits for approval. %(count)s person is asked, who can approve it.",
                "It waits for approval. %(count)s people are asked, of whom one must approve it.",
                count,
            )
            return said % {"count": count}
        if done.begun_at:
            return _("It has begun, and is told on each of its dates.")
        return _("It is planned.") if done.at else _("It is being sent.")


class ApproveView(_ActView):
    def act(self, request: HttpRequest, row: Announcement, seen: int | None) -> str:
        done = acts.announcement_approve(pk=row.pk, by=request.user, seen=seen, now=timezone.now())
        if done.begun_at:
            return _("You approved it. It has begun, and is told on each of its dates.")
        return _("You approved it. It is planned.") if done.at else _("You approved it. It is being sent.")


class SendBackView(_ActView):
    def act(self, request: HttpRequest, row: Announcement, seen: int | None) -> str:
        acts.announcement_send_back(pk=row.pk, by=request.user, seen=seen, comment=comment_of(request))
        return _("It is sent back to whoever wrote it.")


class WithdrawView(_ActView):
    def act(self, request: HttpRequest, row: Announcement, seen: int | None) -> str:
        acts.announcement_withdraw(pk=row.pk, by=request.user)
        return _("It is a draft again, and can be changed.")


class StopView(_ActView):
    def act(self, request: HttpRequest, row: Announcement, seen: int | None) -> str:
        stopped = acts.announcement_stop(pk=row.pk, by=request.user, now=timezone.now())
        left = sum(acts.settle(each, clock=timezone.now) for each in stopped)
        if left:
            said = ngettext(
                "It is being stopped. %(count)s message is just on its way to a provider and may still go out.",
                "It is being stopped. %(count)s messages are just on their way to a provider and may still go out.",
                left,
            )
            return said % {"count": left}
        return _("It is stopped. Nothing more of it is sent.")


class TestView(_ActView):
    def act(self, request: HttpRequest, row: Announcement, seen: int | None) -> str:
        return send_test(request.user, row.title, row.message, Priority(row.priority), row.within)


class CopyView(_ActView):
    """Begins a draft, or a template, with what another one says."""

    def act(self, request: HttpRequest, row: Announcement, seen: int | None) -> str:
        as_template = "template" in request.POST
        self.copy = acts.announcement_write(
            announcement=Announcement(
                title=row.title,
                message=row.message,
                audiences=row.audiences,
                filters={name: of for name, of in row.filters.items() if name != audiences.LIST}
                if as_template
                else row.filters,
                within=row.within,
                priority=row.priority,
                pattern=row.pattern,
                is_template=as_template,
                created_at=timezone.now(),
            ),
            by=request.user,
            seen=None,
            now=timezone.now(),
        )
        if not as_template:
            return _("This is a new draft with the same words.")
        if audiences.LIST in row.filters:
            return _(
                "It is saved as a template, without its list of people. What begins with it goes to the whole group, "
                "unless a list is given anew."
            )
        return _("It is saved as a template.")

    def after(self, row: Announcement) -> HttpResponse:
        return redirect("announcements:detail", self.copy.pk)


class DeleteView(_ActView):
    def act(self, request: HttpRequest, row: Announcement, seen: int | None) -> str:
        self.deleted = False
        acts.announcement_delete(pk=row.pk)
        self.deleted = True
        return _("It is deleted. Nobody was told.")

    def after(self, row: Announcement) -> HttpResponse:
        return redirect(INDEX) if self.deleted else super().after(row)
