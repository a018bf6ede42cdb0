"""Announcements: written, looked at in both languages, announced; and those that were."""

from functools import cached_property
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button, HeaderButton

from notifications import audiences, bus
from notifications.admin.actions import ActionColumn, ActionView
from notifications.admin.announcements.announcement import (
    addressed,
    announce_once,
    is_planned,
    previews,
    state,
    visible,
)
from notifications.admin.announcements.form import AnnouncementForm
from notifications.admin.people import NamesPeople
from notifications.admin.reports.base import ReportView
from notifications.admin.reports.paging import KeysetPaginator
from notifications.admin.reports.reasons import reason_words
from notifications.event_types import ANNOUNCEMENT
from notifications.exceptions import TemplateTextError
from notifications.languages.listed import DEFAULT, PAGES
from notifications.models import EventRecord, Notification
from notifications.web.moments import shown_moment

INDEX = "announcements:index"
STATES = [
    (EventRecord.State.PENDING.value, gettext_lazy("planned")),
    (EventRecord.State.PROCESSED.value, gettext_lazy("sent")),
    (EventRecord.State.CANCELLED.value, EventRecord.State.CANCELLED.label),
    (EventRecord.State.FAILED.value, EventRecord.State.FAILED.label),
]


class AnnouncementFilters(WagtailFilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=STATES)
    due_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("When"), widget=DateRangePickerWidget)

    class Meta:
        model = EventRecord
        fields: list[str] = []


class AnnouncementPaginator(KeysetPaginator):
    verbose_name = gettext_lazy("announcement")
    verbose_name_plural = gettext_lazy("announcements")


class ListView(NamesPeople, ReportView):
    """Those of one's own clinics, the latest first."""

    model = Notification
    permission_required = "schedule"
    filterset_class = AnnouncementFilters
    paginator_class = AnnouncementPaginator
    default_ordering = ("-due_at", "-id")

    def get_base_queryset(self) -> QuerySet[EventRecord]:
        return visible(self.request.user)

    def person_id(self, row: EventRecord) -> int | None:
        announced_by: int | None = row.payload["announced_by"]
        return announced_by

    @cached_property
    def header_buttons(self) -> list[Button]:
        return [HeaderButton(_("New announcement"), url=reverse("announcements:add"), icon_name="plus")]

    @cached_property
    def columns(self) -> list[Column]:
        places = audiences.scopes_for(self.request.user)
        return [
            TitleColumn(
                "title",
                label=_("Title"),
                width="30%",
                accessor=lambda record: record.payload["title"][DEFAULT],
                get_url=lambda record: reverse("announcements:detail", args=[record.pk]),
            ),
            Column("to", label=_("To"), accessor=lambda record: addressed(record, places)),
            Column(
                "when",
                label=_("When"),
                accessor=lambda record: shown_moment(record.due_at, now=timezone.now()),
            ),
            Column("by", label=_("By"), accessor=self.person),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor=state,
                primary=lambda record: record.state == EventRecord.State.PENDING,
            ),
            ActionColumn(
                "cancel",
                label=_("Cancel"),
                url=lambda record: (
                    reverse("announcements:cancel", args=[record.pk]) if is_planned(record) else ""
                ),
                about=lambda record: record.payload["title"][DEFAULT],
            ),
        ]


class _PageView(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    model = Notification
    permission_required = "schedule"
    header_icon = "comment"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse(INDEX), "label": _("Announcements")}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_title()}]


class AnnounceView(_PageView, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """The form; its preview, which carries it along; and, confirmed there, the announcement."""

    form_class = AnnouncementForm
    page_title = gettext_lazy("New announcement")
    template_name = "notifications/admin/announcements/form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.path,
            "media": context["form"].media,
            "submit_button_label": _("Preview"),
            "submit_button_active_label": _("Preview"),
        }

    def form_valid(self, form: AnnouncementForm) -> HttpResponse:
        if "edit" in self.request.POST:
            return self.form_invalid(form)
        if "announce" in self.request.POST:
            return self.announce(form)
        return self.preview(form)

    def preview(self, form: AnnouncementForm) -> HttpResponse:
        try:
            pages = previews(form.texts("title"), form.texts("message"), within=form.place.limit)
        except TemplateTextError as error:
            form.add_error(None, _("The texts around announcements can't be used: %s") % error)
            return self.form_invalid(form)
        chosen = form.cleaned_data
        labels = dict(form.fields["audiences"].choices)
        context = self.get_context_data(
            form=form,
            previews=pages,
            people=form.people(),
            groups=[labels[name] for name in chosen["audiences"]],
            within=form.place.label,
            priority=dict(form.fields["priority"].choices)[chosen["priority"]],
            at=shown_moment(chosen["at"], now=timezone.now()) if chosen["at"] else "",
        )
        self.template_name = "notifications/admin/announcements/preview.html"
        return self.render_to_response(context)

    def announce(self, form: AnnouncementForm) -> HttpResponse:
        chosen = form.cleaned_data
        record = announce_once(
            title=form.texts("title"),
            message=form.texts("message"),
            names=chosen["audiences"],
            within=form.place.limit,
            priority=chosen["priority"],
            at=chosen["at"],
            user=self.request.user,
        )
        told = {"title": form.texts("title")[DEFAULT], "when": shown_moment(chosen["at"], now=timezone.now())}
        if record is None:
            messages.warning(
                self.request, _("You announced “%(title)s” a moment ago. It isn't announced twice.") % told
            )
        elif chosen["at"]:
            messages.success(self.request, _("“%(title)s” is planned for %(when)s.") % told)
        else:
            messages.success(self.request, _("“%(title)s” is being sent.") % told)
        return redirect(INDEX)


class DetailView(_PageView, TemplateView):
    """One announcement, as its readers see it."""

    page_title = gettext_lazy("Announcement")
    template_name = "notifications/admin/announcements/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record = get_object_or_404(visible(self.request.user), pk=self.kwargs["pk"])
        return super().get_context_data(
            record=record,
            reason=reason_words(record),
            state=state(record),
            addressed=addressed(record, audiences.scopes_for(self.request.user)),
            when=shown_moment(record.due_at, now=timezone.now()),
            texts=[
                (language, record.payload["title"][language], record.payload["message"][language])
                for language in PAGES
            ],
            may_cancel=is_planned(record),
            **kwargs,
        )


class CancelView(ActionView):
    """Calls off what is planned."""

    model = Notification
    permission_required = "schedule"

    def act(self, request: HttpRequest, pk: int) -> None:
        record = get_object_or_404(visible(request.user), pk=pk)
        told = {"title": record.payload["title"][DEFAULT]}
        if bus.withdraw(ANNOUNCEMENT, record.dedupe_key):
            messages.success(request, _("“%(title)s” is cancelled. Nobody will be told.") % told)
        else:
            messages.warning(request, _("“%(title)s” is no longer planned.") % told)
