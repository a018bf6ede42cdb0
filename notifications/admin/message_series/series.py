"""How the pages of series show one: who may see it, how far it has come, what it is counted from."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import WorkflowState

from notifications import audiences
from notifications.admin.announcements.announcement import stage_words
from notifications.admin.announcements.pages import PageView
from notifications.announcements.progress import Stage
from notifications.models import MessageSeries

INDEX = "message_series:index"


def visible(user: Any) -> QuerySet[MessageSeries]:
    """The series to whose people this member of staff may speak."""
    mine = Q(pk__in=[])
    for within in audiences.scopes_for(user):
        mine |= Q(within=dict(within.limit))
    return MessageSeries.objects.filter(mine)


def state(series: MessageSeries, asked: str | None) -> str:
    """How far it has come, in words; `asked` as `asked_about` has it."""
    if series.ended_at is not None:
        return _("ended")
    if series.live:
        return _("running")
    if asked is None:
        return stage_words(Stage.DRAFT)
    return stage_words(Stage.ASKED if asked == WorkflowState.STATUS_IN_PROGRESS else Stage.SENT_BACK)


def start_words(series: MessageSeries) -> str:
    """What it is counted from; what no app declares any more by its name."""
    return next((str(each.label) for each in audiences.starts() if each.name == series.start), series.start)


class SeriesPageView(PageView):
    index_url, index_label = INDEX, gettext_lazy("Series of messages")
