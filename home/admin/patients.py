"""The admin pages of patients and of the people who care for them."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.views.generic import DeleteView, IndexView

from home.admin.care_roles_panel import CareRolesPanel
from home.admin.clock_form import ClockForm, clock_panel
from home.admin.consents import ConsentsPanel
from home.admin.departures import DepartureView
from home.admin.invitations import invitation_send_at_desk
from home.admin.invitations_panel import InvitationsPanel
from home.admin.lookalikes import FIELD, SomebodyElseField, lookalikes
from home.admin.number import CardView, NumberView
from home.admin.patient_edit import LoggedEditView
from home.admin.patient_list import PatientIndexView, with_reached
from home.admin.person_fields import (
    BirthField,
    CellphoneField,
    EstimatedDay,
    FolderNumberField,
    IdentityNumberField,
    NameField,
    identity_settle,
    numbers_check,
)
from home.admin.question_panel import QuestionPanel
from home.admin.record import ChangesView, RecordView
from home.admin.register import RegisterView
from home.admin.scope import ClinicScopedViewSet
from home.admin.transfers import TransferAskView
from home.life_dates import life_date_problems
from home.models import Patient, Relation
from home.privacy.access_log import Kind, note
from home.record.departures import Departure
from home.registration import number_changed, taken_meanwhile

_SAYS_WHO = {"first_name", "last_name", "date_of_birth"}


class PatientForm(ClockForm):
    asked: frozenset[str] = frozenset()
    named: frozenset[int] = frozenset()
    """The keys of the patients whom the form shows when it asks or refuses."""
    first_name = NameField(label=_("First names"))
    last_name = NameField(label=_("Surname"), required=False)
    date_of_birth = BirthField()
    folder_number = FolderNumberField()
    id_number = IdentityNumberField()
    phone = CellphoneField()
    somebody_else = SomebodyElseField()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        born = cleaned.get("date_of_birth")
        if born and self.instance.born_about and "date_of_birth" not in self.changed_data:
            cleaned["date_of_birth"] = EstimatedDay(born.year, born.month, born.day)
        identity_settle(self)
        self.named |= numbers_check(self, cleaned.get("clinic"), but=self.instance.pk)
        problems = life_date_problems(
            born=cleaned.get("date_of_birth"), died=self.instance.deceased_on, today=timezone.localdate()
        )
        if problems:
            self.add_error("date_of_birth", ValidationError(next(iter(problems.values())), code="life_dates"))
        self._check_roles()
        return cleaned

    def _post_clean(self) -> None:
        """The instance has the new values from here on."""
        super()._post_clean()
        self.instance.born_about = isinstance(self.cleaned_data.get("date_of_birth"), EstimatedDay)
        if not self.errors and _SAYS_WHO.intersection(self.changed_data):
            self._ask_about_lookalikes()

    def _ask_about_lookalikes(self) -> None:
        found = lookalikes(self.instance, user=self.for_user)
        self.fields[FIELD].ask_about(found)
        self.asked = frozenset({FIELD} if found else ())
        self.named |= {patient.pk for patient in found}
        if not {str(patient.pk) for patient in found}.issubset(self.cleaned_data[FIELD]):
            said = _("Is it one of these? Open their page. Or tick who is somebody else.")
            self.add_error(FIELD, ValidationError(said, code="lookalike"))

    def _check_roles(self) -> None:
        relations = [
            form.cleaned_data["relation"]
            for form in self.formsets["care_roles"].forms
            if form.is_valid() and not form.cleaned_data.get("DELETE")
        ]
        if relations.count(Relation.SELF) > 1:
            raise ValidationError(
                _("Only one person can be the patient themselves."), code="care_role_one_self"
            )


class EraseInsteadView(DeleteView):
    """Patients are never deleted: it would take their treatment along, and leave their name in many other places."""

    def run_before_hook(self) -> HttpResponse:
        messages.info(
            self.request,
            _(
                "A patient is not deleted but erased: the name goes everywhere, and what was done stays as numbers. "
                "Say how it was asked for; then you see the plan, and decide."
            ),
        )
        return redirect(f"{reverse('erasures:add')}?{urlencode({'patient': self.object.pk})}")


class PatientEditView(LoggedEditView):
    """Who is told another phone number asks it for a yes; until then messages go where they went."""

    def form_valid(self, form: PatientForm) -> HttpResponse:
        response: HttpResponse
        try:
            response = super().form_valid(form)
        except ValidationError as error:
            form.add_error("phone", error)
        except IntegrityError:
            form.add_error(None, taken_meanwhile())
        else:
            return response
        self.produced_error_message = self.get_error_message()
        response = self.form_invalid(form)
        return response

    def form_invalid(self, form: PatientForm) -> HttpResponse:
        note(self.request, form.named, Kind.LISTED)
        response: HttpResponse = super().form_invalid(form)
        return response

    def save_instance(self) -> Patient:
        is_new_number = "phone" in self.form.changed_data
        patient: Patient = super().save_instance()
        user: Any = self.request.user
        self.asked_number = (
            number_changed(patient=patient, by=user, now=timezone.now()) if is_new_number else None
        )
        return patient

    def save_action(self) -> HttpResponse:
        response: HttpResponse = super().save_action()
        if self.asked_number:
            # Its row is committed by now, so that no transaction is open while the provider is waited for.
            invitation_send_at_desk(self.request, self.asked_number)
            return redirect("patients:record", self.object.pk)
        return response


class PatientViewSet(ClinicScopedViewSet):
    model = Patient
    edit_view_class = PatientEditView
    delete_view_class = EraseInsteadView
    patient_lookup = "pk"
    icon = "user"
    menu_order = 10
    created_words = _("%(object)s is registered.")
    list_select_related = ["clinic"]
    search_fields = ["name_searched"]  # the list searches by numbers too (home/patient_search.py)
    ordering = ["last_name", "first_name", "id"]

    def visible_to(self, user: Any) -> QuerySet[Patient]:
        return super().visible_to(user).filter(erased_at__isnull=True)

    @property
    def index_view_class(self) -> type[IndexView]:
        class ScopedIndexView(PatientIndexView, super().index_view_class):  # type: ignore[misc]
            def get_base_queryset(self) -> QuerySet[Patient]:
                return with_reached(super().get_base_queryset())

        return ScopedIndexView

    @property
    def add_view(self) -> Callable[..., HttpResponseBase]:
        view: Callable[..., HttpResponseBase] = self.construct_view(RegisterView)
        return view

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            self._of_one("", RecordView, "record"),
            self._of_one("number/", NumberView, "number"),
            self._of_one("card/", CardView, "card"),
            self._of_one("changes/", ChangesView, "changes"),
            self._of_one("transfer/", TransferAskView, "transfer"),
            *(self._of_one(f"{what}/", DepartureView, what.value, what=what) for what in Departure),
        ]

    def _of_one(self, end: str, view: Any, name: str, **kwargs: Any) -> URLPattern:
        """The address of a page about one patient."""
        guarded = self._of_visible_rows(self.construct_view(view, **kwargs))
        return path(f"<int:pk>/{end}", guarded, name=name)

    edit_handler = ObjectList(
        [
            FieldPanel("clinic"),
            FieldRowPanel([FieldPanel("first_name"), FieldPanel("last_name")]),
            FieldRowPanel([FieldPanel("date_of_birth"), FieldPanel("sex")]),
            FieldRowPanel([FieldPanel("folder_number"), FieldPanel("id_number")]),
            FieldPanel("phone"),
            QuestionPanel(FIELD),
            CareRolesPanel(
                "care_roles",
                [FieldPanel("relation"), FieldPanel("alert_missed")],
                heading=_("Who cares for this patient"),
                label=_("person"),
            ),
            InvitationsPanel(heading=_("Invitations")),
            ConsentsPanel(heading=_("Consents")),
            clock_panel(
                _("When this patient takes medicine. Where a time is empty, the clinic’s time is used.")
            ),
        ],
        base_form_class=PatientForm,
    )
