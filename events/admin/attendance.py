"""The attendance list of an event, as a nurse uses it at the door, on a phone or on paper."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.forms.models import formfield_for_dbfield
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from events.admin.attendance_lines import counts, lines
from events.admin.clinic_time import clinic_moment, clinic_span
from events.models import Attendance, ClinicEvent
from events.selectors.events import attendance_list, event_for
from events.services.attendance import (
    DOOR_OPENS,
    attendance_mark,
    attendance_withdraw,
    event_join,
    patient_join,
)
from home.admin.person_field import PersonField
from home.admin.scope import ClinicScopedForm
from home.models import User
from home.privacy.access_log import Kind, note
from home.privacy.selectors import patients_themselves
from home.selectors import patients_visible_to_staff
from notifications.web.moments import zone_note
from notifications.web.numbers import whole_number
from notifications.web.table_file import XLSX

State = Attendance.State
_NOT_OF_THIS_CLINIC = gettext_lazy("Nobody at this clinic signs in with this e-mail address or phone number.")


class AddForm(ClinicScopedForm):
    """Adds a patient, with or without an account, or another person who came without having joined.

    The patients of all clinics where the reader works can be chosen: a club takes in those of another one.
    """

    user = PersonField(
        label=gettext_lazy("Or somebody who is no patient: e-mail address or phone number"),
        required=False,
        error_messages={"unknown": _NOT_OF_THIS_CLINIC},
    )

    class Meta:
        model = Attendance
        fields = ("patient",)

    def __init__(self, *args: Any, event_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event_id = event_id
        # Wagtail knows the chooser only once all apps have registered theirs, which is after this class was made.
        patient: Any = formfield_for_dbfield(Attendance._meta.get_field("patient"))
        patient.queryset = patients_visible_to_staff(self.for_user)
        self.fields["patient"] = patient
        self.order_fields(["patient", "user"])

    def clean_user(self) -> User | None:
        """A person of another clinic is refused in the same words as an unknown one."""
        user: User | None = self.cleaned_data["user"]
        if user is not None and event_for(user, self.event_id) is None:
            raise ValidationError(_NOT_OF_THIS_CLINIC, code="unknown")
        return user

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not cleaned.get("patient") and not cleaned.get("user"):
            self.add_error("patient", ValidationError(_("Choose who comes."), code="required"))
        if cleaned.get("patient") and cleaned.get("user"):
            self.add_error("user", ValidationError(_("Give one person at a time."), code="two"))
        return cleaned


class EventPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page that belongs to one event."""

    model = Attendance
    edit_url_name = ""
    index_url_name = ""
    header_icon = "group"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.event: ClinicEvent = get_object_or_404(
            ClinicEvent.objects.select_related("clinic"), pk=kwargs["pk"]
        )

    def note_access(self, attendances: Iterable[Attendance], kind: Kind) -> None:
        """Note for the access log that these people's places were seen."""
        rows = list(attendances)
        accounts = {each.user_id for each in rows if each.user_id and each.patient_id is None}
        patients = {each.patient_id for each in rows if each.patient_id}
        note(self.request, patients.union(patients_themselves(accounts)), kind)


class AttendanceView(EventPage, TemplateView):
    """The list, with its buttons; with ?print=1 a sheet for the door."""

    permission_required = "view"
    page_title = gettext_lazy("Who is coming")
    template_name = "events/admin/attendance.html"
    add_form: AddForm | None = None

    def get_template_names(self) -> list[str]:
        if "print" in self.request.GET:
            return ["events/admin/attendance_print.html"]
        return super().get_template_names()

    def get_page_subtitle(self) -> str:
        return self.event.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        event_names = ClinicEvent._meta.verbose_name_plural
        index = {"url": reverse(self.index_url_name), "label": capfirst(event_names)}
        event = {"url": reverse(self.edit_url_name, args=[self.event.pk]), "label": self.event.title}
        return [*self.breadcrumbs_items, index, event, {"url": "", "label": self.page_title}]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        export = reverse("clinic_events:export", args=[self.event.pk])
        return [
            HeaderButton(_("Print"), url="?print=1", icon_name="doc-full"),
            HeaderButton(_("Download CSV"), url=export, icon_name="download"),
            HeaderButton(_("Download XLSX"), url=f"{export}?export={XLSX}", icon_name="download"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event, now = self.event, timezone.now()
        zone = event.clinic.zone
        attendances = list(attendance_list(event.pk))
        self.note_access(attendances, Kind.PRINTED if "print" in self.request.GET else Kind.LISTED)
        listed = lines(attendances, zone, now=now)
        is_open, may_change = event.is_open(now), self.user_has_permission("change")
        return super().get_context_data(
            event=event,
            when=clinic_span(event.starts_at, event.ends_at, zone, now=now),
            zone_note=zone_note(zone),
            with_place=[line for line in listed if line.state != State.WAITING],
            waiting=[line for line in listed if line.state == State.WAITING],
            counts=counts(event, listed),
            closed=_closed(event, now),
            moves_up=event.moves_up(now),
            may_mark=may_change and not _closed(event, now),
            may_withdraw=may_change and is_open,
            add_form=(self.add_form or self._empty_form()) if may_change and is_open else None,
            **kwargs,
        )

    def _empty_form(self) -> AddForm:
        """`?patient=` chooses the patient."""
        patient = whole_number(self.request.GET.get("patient", ""))
        return AddForm(event_id=self.event.pk, for_user=self.request.user, initial={"patient": patient})


class PutOnListView(AttendanceView):
    """Adds a person to the list or the waiting list; they are notified as if they had joined themselves."""

    permission_required = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.add_form = AddForm(request.POST, event_id=pk, for_user=request.user)
        if not self.add_form.is_valid():
            return self.render_to_response(self.get_context_data())
        patient, user = (self.add_form.cleaned_data[name] for name in ("patient", "user"))
        now = timezone.now()
        try:
            if patient:
                note(request, [patient.pk], Kind.CHANGED)
                attendance = patient_join(event_id=pk, patient_id=patient.pk, now=now)
            else:
                attendance = event_join(event_id=pk, user=user, now=now)
        except ValidationError as error:
            _say_refused(request, error)
        else:
            said = {"person": patient or user, "state": attendance.get_state_display()}
            messages.success(request, _("%(person)s: %(state)s.") % said)
        return redirect(reverse("clinic_events:attendance", args=[pk]))


class _LineView(EventPage, View):
    """A button in a line of the list. It posts, and redirects to that line."""

    permission_required = "change"
    http_method_names = ["post"]

    def act(self, attendance: Attendance, now: datetime) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int, attendance_id: int) -> HttpResponse:
        rows = Attendance.objects.select_related("user", "patient")
        attendance = get_object_or_404(rows, event_id=pk, pk=attendance_id)
        try:
            self.act(attendance, timezone.now())
        except ValidationError as error:
            _say_refused(request, error)
        return redirect(f"{reverse('clinic_events:attendance', args=[pk])}#person-{attendance_id}")


class MarkView(_LineView):
    """Marks a person as present or absent, or takes the mark back."""

    def act(self, attendance: Attendance, now: datetime) -> None:
        state = self.request.POST.get("state", "")
        attendance_mark(attendance_id=attendance.pk, state=state, now=now)


class WithdrawView(_LineView):
    """Withdraws a person; the first on the waiting list gets the place."""

    def act(self, attendance: Attendance, now: datetime) -> None:
        attendance_withdraw(attendance_id=attendance.pk, event_id=attendance.event_id, now=now)
        messages.success(
            self.request, _("%(person)s was taken off the list.") % {"person": attendance.person}
        )


def _closed(event: ClinicEvent, now: datetime) -> str:
    """The reason why nobody can be marked; empty when people can be."""
    if event.state == ClinicEvent.State.CANCELLED:
        return _("This event was cancelled.")
    opens = event.starts_at - DOOR_OPENS
    if now < opens:
        moment = clinic_moment(opens, event.clinic.zone, now=now)
        return _("You can mark who is there from an hour before the start: %(moment)s.") % {"moment": moment}
    return ""


def _say_refused(request: HttpRequest, error: ValidationError) -> None:
    messages.error(request, " ".join(error.messages))
