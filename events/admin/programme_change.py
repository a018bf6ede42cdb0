"""Changes a programme: all of its series at once, at the clinics that one manages."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages

from events.admin.confirmed_change import refuse
from events.admin.programme_change_form import PROGRAMME_CHANGE_FORM, ProgrammeChangeForm, shared_by
from events.admin.programme_change_plan import ProgrammeChangePlan
from events.admin.series import goes_on
from events.exceptions import SeriesRefusedError
from events.models import EventSeries
from events.selectors.programmes import is_managed_whole, series_with_ahead
from events.services.programme import programme_change


class ProgrammeChangeView(ProgrammeChangePlan):
    template_name = "events/admin/programme_change_form.html"
    page_title = gettext_lazy("Change it at all clinics")

    @cached_property
    def edit_handler(self) -> Any:
        return PROGRAMME_CHANGE_FORM.bind_to_model(EventSeries)

    @cached_property
    def living(self) -> list[EventSeries]:
        """Those that go on or have events ahead; of one that is over nothing is left to change."""
        found = series_with_ahead(self.programme.pk, self.request.user, now=timezone.now())
        return [series for series in found if series.has_ahead or goes_on(series)]

    def all_series(self) -> Sequence[EventSeries]:
        return self.living

    def get_form_class(self) -> type[ProgrammeChangeForm]:
        form_class: type[ProgrammeChangeForm] = self.edit_handler.get_form_class()
        return form_class

    def get_form_kwargs(self) -> dict[str, Any]:
        if not self.living:
            raise Http404
        given: dict[str, Any] = super().get_form_kwargs()
        shared = shared_by(self.living)
        return given | {"instance": shared, "for_user": self.request.user, "all_series": self.living}

    def form_valid(self, form: ProgrammeChangeForm) -> HttpResponse:
        if form.is_outdated:
            words = _(
                "Somebody else has changed this in the meantime, so nothing was saved. Here is how it is now."
            )
            messages.warning(self.request, words)
            return redirect(self.request.path)
        try:
            return super().form_valid(form)
        except SeriesRefusedError as error:
            refuse(form.rows[error.series_id], error)
            form.add_error(None, _("Please look at what is marked at the clinics."))
            return self.form_invalid(form)

    def change_all(self, form: ProgrammeChangeForm, seen: str | None) -> list[EventSeries]:
        is_whole = is_managed_whole(self.programme.pk, self.request.user)
        changed = programme_change(
            self.programme,
            self.living,
            form.change_of,
            titles=form.titles if is_whole else {},
            seen=seen,
            now=timezone.now(),
        )
        self.programme.refresh_from_db()
        return changed

    def said(self, number: int) -> str:
        words = ngettext(
            "“%(title)s” is changed at %(count)s clinic.",
            "“%(title)s” is changed at %(count)s clinics.",
            number,
        )
        return words % {"title": self.programme, "count": number}

    def note(self, form: ProgrammeChangeForm, series: EventSeries) -> str:
        if not form.keeps_own(series):
            return ""
        return _("This clinic keeps what it has of its own, also where you changed it for all.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        panel = self.edit_handler.get_bound_panel(
            instance=form.instance, request=self.request, form=form, prefix="panel"
        )
        media = panel.media + form.media
        for row in form.series_rows:
            media += row.media
        return context | {"panel": panel, "media": media}
