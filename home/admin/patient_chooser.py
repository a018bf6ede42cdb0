"""Chooses among the patients of one's own clinics, wherever an admin form points to a patient."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import (
    ChooseResultsView,
    ChooseView,
    ChosenMultipleView,
    ChosenView,
)
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets import BaseChooser

from home.admin.birth_dates import born_column, with_birth_date
from home.models import Patient
from home.patient_search import said_of_patient
from home.selectors import patients_visible_to_staff
from notifications.web.numbers import whole_number


class PatientFilterForm(BaseFilterForm):
    q = forms.CharField(label=_("Search term"), widget=forms.TextInput(), required=False)

    def filter(self, objects: QuerySet[Patient]) -> QuerySet[Patient]:
        objects = super().filter(objects)
        self.search_query = self.cleaned_data["q"]
        self.is_searching = bool(self.search_query.strip())
        return objects.filter(said_of_patient(self.search_query))


class _OwnClinics:
    filter_form_class = PatientFilterForm

    @property
    def columns(self) -> list[Column]:
        name, *rest = super().columns  # type: ignore[misc]  # of the view beside this
        name.label = _("Name")
        return [name, *rest, born_column(of_row=False)]

    def get_object_list(self) -> QuerySet[Patient]:
        return patients_visible_to_staff(self.request.user)

    def get_object(self, pk: str) -> Patient:
        return self.get_objects([pk]).get()

    def get_objects(self, pks: list[str]) -> QuerySet[Patient]:
        """What is no number is nobody's."""
        return self.get_object_list().filter(pk__in=filter(None, map(whole_number, pks)))


class PatientChooseView(_OwnClinics, ChooseView):
    pass


class PatientChooseResultsView(_OwnClinics, ChooseResultsView):
    pass


class PatientChosenView(_OwnClinics, ChosenView):
    def get_display_title(self, instance: Patient) -> str:
        return with_birth_date(instance)


class PatientChosenMultipleView(_OwnClinics, ChosenMultipleView):
    pass


class PatientChooser(BaseChooser):
    """Shows what was chosen only if it may be chosen: what else is posted is nobody's name, and no error."""

    def get_instance(self, value: Any) -> Patient | None:
        if value is None or isinstance(value, Patient):
            return value
        rows: QuerySet[Patient] = getattr(self.choices, "queryset", Patient.objects.none())
        number = whole_number(str(value))
        return None if number is None else rows.filter(pk=number).first()

    def get_display_title(self, instance: Patient) -> str:
        return with_birth_date(instance)


class PatientChooserViewSet(ChooserViewSet):
    model = Patient
    icon = "user"
    choose_one_text = _("Choose a patient")
    choose_another_text = _("Choose another patient")
    edit_item_text = _("Edit this patient")
    base_widget_class = PatientChooser
    choose_view_class = PatientChooseView
    choose_results_view_class = PatientChooseResultsView
    chosen_view_class = PatientChosenView
    chosen_multiple_view_class = PatientChosenMultipleView
