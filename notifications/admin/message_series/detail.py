"""The page of one series: its messages, whom it would reach, or what became of it."""

from datetime import timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column

from notifications import audiences, registry
from notifications.admin.announcements.announcement import asked_about
from notifications.admin.announcements.words import Table, reasons
from notifications.admin.export import TableExport
from notifications.admin.message_series import tables
from notifications.admin.message_series.series import SeriesPageView, start_words, state, visible
from notifications.announcements.approval import may_decide
from notifications.announcements.series_ahead import ahead
from notifications.announcements.series_report import SeriesReport, messages_of, report
from notifications.event_types import ANNOUNCEMENT
from notifications.exceptions import MessageError
from notifications.languages.listed import PAGES
from notifications.models import MessageSeries
from notifications.texts.formats import rand

LATELY = timedelta(days=30)


class DetailView(TableExport, SeriesPageView, TemplateView):
    """One series: its messages, whom it would reach, or what became of it, also as a file; and what can be done."""

    page_title = gettext_lazy("Series of messages")
    template_name = "notifications/admin/message_series/detail.html"
    show_export_buttons = False  # they stand beside the report

    @cached_property
    def series(self) -> MessageSeries:
        return get_object_or_404(visible(self.request.user), pk=self.kwargs["pk"])

    @cached_property
    def became(self) -> Table:
        return tables.became(self.report, tables.message_names(self.series))

    @cached_property
    def report(self) -> SeriesReport:
        return report(self.series)

    @cached_property
    def columns(self) -> list[Column]:
        return tables.columns(self.became)

    def get_filename(self) -> str:
        return f"series-{self.series.pk}-{timezone.localdate():%Y-%m-%d}"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.is_export and self.series.live:
            return self.as_file(self.became.rows)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, now, series = self.request.user, timezone.now(), self.series
        asked = series.workflow_in_progress
        is_draft = not series.live and not asked
        back = series.current_workflow_state if is_draft else None
        places = audiences.scopes_for(user)
        return super().get_context_data(
            series=series,
            state=state(series, asked_about(MessageSeries, [series.pk]).get(series.pk)),
            where=next((each.label for each in places if each.limit == series.within), ""),
            start=start_words(series),
            chosen=_chosen(series),
            texts=[
                (
                    step["day"],
                    [(language, step["title"][language], step["message"][language]) for language in PAGES],
                )
                for step in series.steps
            ],
            people=_in_it(series),
            told=messages_of(series).filter(created_at__gte=now - LATELY).count(),
            **(self._after() if series.live else _before(series)),
            comment=back.current_task_state.comment if back is not None else "",
            may_write=is_draft,
            may_decide=asked and may_decide(series, user),
            may_withdraw=asked,
            may_end=series.live and series.ended_at is None,
            **kwargs,
        )

    def _after(self) -> dict[str, Any]:
        """What became of it."""
        return {
            "became": tables.shown(self.became),
            "became_reasons": reasons(self.report.reasons),
            "kept_days": registry.get(ANNOUNCEMENT).retention.days,
            "csv_url": self.csv_export_url,
            "xlsx_url": self.xlsx_export_url,
        }


def _before(series: MessageSeries) -> dict[str, Any]:
    """Whom it would reach if it began today; nothing where that can't be known."""
    try:
        found = ahead(series, now=timezone.now())
    except MessageError:
        return {}
    names = tables.message_names(series)
    return {
        "ahead": found,
        "weeks_ahead": tables.weeks_ahead(found, names),
        "channels_ahead": tables.channels_ahead(found, names),
        "reasons_ahead": tables.reasons_ahead(found),
        "cost": rand(found.cost),
        "most": rand(found.most),
    }


def _chosen(series: MessageSeries) -> str:
    start = next((each for each in audiences.starts() if each.name == series.start), None)
    if start is None or start.choices is None:
        return ""
    labels = dict(start.choices(series.within, timezone.now()))
    return ", ".join(str(labels.get(value, _("no longer there"))) for value in series.values)


def _in_it(series: MessageSeries) -> int:
    """For how many patients a message of it may come today or later, by what is known today."""
    start = next((each for each in audiences.starts() if each.name == series.start), None)
    last = max((step["day"] for step in series.steps), default=0)
    if start is None:
        return 0
    [zone] = audiences.zones([series.within])
    today = timezone.localdate(timezone=ZoneInfo(zone))
    days = [today - timedelta(days=ago) for ago in range(last + 1)]
    left = set(series.leavers.values_list("subject_id", flat=True))
    return len({each.subject_id for each in start.starts(series.values, series.within, days)} - left)
