"""One event: its form, the plan of what was changed there, and the change."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.views.generic import EditView
from wagtail.admin.widgets.button import Button, HeaderButton

from events.admin.clinic_time import clinic_span
from events.admin.confirmed_change import ConfirmedChange
from events.admin.event_form import EventForm
from events.admin.plan_words import detail_words
from events.models import ClinicEvent
from events.services.changes.change import change_apply, plan_change
from events.services.changes.plan import Applied, Change, Plan
from notifications.web.moments import zone_note


def is_open(event: ClinicEvent) -> bool:
    """Whether it may still be changed."""
    return event.is_open(timezone.now())


def event_state(event: ClinicEvent) -> str:
    """The state in words. An event that is over is shown as completed before the next minute marks it so."""
    over = event.state == ClinicEvent.State.PLANNED and not is_open(event)
    return str(ClinicEvent.State.COMPLETED.label) if over else event.get_state_display()


class EventEditView(ConfirmedChange, EditView):
    """Saves a change after showing its plan. An event that is cancelled or over can only be read."""

    object: ClinicEvent
    submit_button_label = gettext_lazy("See what will happen")
    submit_button_active_label = gettext_lazy("See what will happen")
    outdated_message = gettext_lazy(
        "Somebody else has changed this event in the meantime, so your changes were not saved. Here is the "
        "current version."
    )

    def get_queryset(self) -> QuerySet[ClinicEvent]:
        return ClinicEvent.objects.select_related("clinic", "series")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        return super().get(request, *args, **kwargs) if is_open(self.object) else self.closed()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        if not is_open(self.object):
            messages.error(request, _("This event can no longer be changed."))
            return redirect(self.get_edit_url())
        return super().post(request, *args, **kwargs)

    def closed(self) -> HttpResponse:
        """The page of an event that is cancelled or over."""
        event = self.object
        self.template_name = "events/admin/event_closed.html"
        return self.render_to_response(
            self.get_context_data(
                event=event,
                state=event_state(event),
                when=clinic_span(event.starts_at, event.ends_at, event.clinic.zone, now=timezone.now()),
                zone_note=zone_note(event.clinic.zone),
                capacity=detail_words("capacity", event.capacity),
            )
        )

    def form_valid(self, form: EventForm) -> HttpResponse:
        self.form = form
        self.produced_error_message = self.get_error_message()
        return self.planned(form)

    def plan(self, form: Any, change: Change, *, now: datetime) -> Plan:
        return plan_change(event_id=self.object.pk, scope=form.scope_chosen(), change=change, now=now)

    def apply(self, form: Any, change: Change, *, now: datetime) -> Applied:
        return change_apply(event_id=self.object.pk, scope=form.scope_chosen(), change=change, now=now)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        listed = reverse("clinic_events:attendance", args=[self.object.pk])
        return [HeaderButton(_("Who is coming"), url=listed, icon_name="group")]

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        event, buttons = self.object, []
        if event.series_id is not None:
            series = reverse("event_series:edit", args=[event.series_id])
            buttons.append(Button(_("The series"), url=series, icon_name="calendar-alt", priority=10))
        if is_open(event):
            cancel = reverse("clinic_events:cancel", args=[event.pk])
            buttons.append(Button(_("Cancel the event"), url=cancel, icon_name="cross", priority=20))
        return buttons
