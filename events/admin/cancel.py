"""Cancels an event after showing who will be notified."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.log_actions import log

from events.admin.clinic_time import clinic_span
from events.admin.confirmed_change import refuse
from events.admin.plan_page import people_named
from events.admin.plan_words import notified_words
from events.models import CONCERNED, ClinicEvent
from events.selectors.readers import places
from events.services.event import event_cancel
from notifications.web.moments import zone_note


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "Everyone we tell sees this exactly as you write it, whatever their language. Do not name anyone."
        ),
    )


class CancelView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Shows who will be notified, and cancels the event when that is confirmed. The event and its list are kept."""

    model = ClinicEvent
    permission_required = "change"
    form_class = CancelForm
    template_name = "events/admin/cancel.html"
    page_title = gettext_lazy("Cancel the event")
    header_icon = "cross"
    edit_url_name = ""
    index_url_name = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.event: ClinicEvent = get_object_or_404(
            ClinicEvent.objects.select_related("clinic"), pk=kwargs["pk"]
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.event.is_open(timezone.now()):
            return super().dispatch(request, *args, **kwargs)
        # The page of the event says why it is closed.
        return redirect(self.get_success_url())

    def get_page_subtitle(self) -> str:
        return self.event.title

    def get_success_url(self) -> str:
        return reverse(self.edit_url_name, args=[self.event.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {
            "url": reverse(self.index_url_name),
            "label": capfirst(self.model._meta.verbose_name_plural),
        }
        event = {"url": self.get_success_url(), "label": self.event.title}
        return [*self.breadcrumbs_items, index, event, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        zone = self.event.clinic.zone
        concerned = self.event.attendances.filter(state__in=CONCERNED)
        people = people_named(
            {reader.user_id for place in places(concerned).values() for reader in place.readers}
        )
        label = ngettext(
            "Cancel and tell %(people)s person", "Cancel and tell %(people)s people", people.number
        )
        return super().get_context_data(
            event=self.event,
            when=clinic_span(self.event.starts_at, self.event.ends_at, zone, now=timezone.now()),
            zone_note=zone_note(zone),
            people=people,
            told=notified_words(people.number),
            confirm_label=label % {"people": people.number} if people.number else self.page_title,
            back_url=self.get_success_url(),
            **kwargs,
        )

    def form_valid(self, form: CancelForm) -> HttpResponse:
        try:
            event = event_cancel(
                event_id=self.event.pk, now=timezone.now(), reason=form.cleaned_data["reason"]
            )
        except ValidationError as error:
            refuse(form, error)
            return self.form_invalid(form)
        log(instance=event, action="events.cancel", user=self.request.user)
        told = places(event.attendances.filter(state__in=CONCERNED)).values()
        people = {reader.user_id for place in told for reader in place.readers}
        said = {"title": event.title, "told": notified_words(len(people))}
        messages.success(self.request, _("“%(title)s” is cancelled. %(told)s") % said)
        return redirect(self.get_success_url())
