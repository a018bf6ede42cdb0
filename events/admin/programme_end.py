"""Ends a programme: all of its series at once, at the clinics that one manages."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from events.admin.programme_change_plan import ProgrammeChangePlan
from events.admin.series_end import EndForm
from events.models import EventSeries
from events.selectors.programmes import series_of
from events.services.programme import change_all


class ProgrammeEndView(ProgrammeChangePlan):
    form_class = EndForm
    template_name = "events/admin/series_end.html"
    page_title = gettext_lazy("End it at all clinics")

    def all_series(self) -> Sequence[EventSeries]:
        return list(series_of(self.programme.pk, self.request.user))

    def change_all(self, form: EndForm, seen: str | None) -> list[EventSeries]:
        return change_all(self.all_series(), form.change_of, seen=seen, now=timezone.now())

    def said(self, number: int) -> str:
        words = ngettext(
            "“%(title)s” is ended at %(count)s clinic.", "“%(title)s” is ended at %(count)s clinics.", number
        )
        return words % {"title": self.programme, "count": number}
