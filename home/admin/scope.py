"""Admin views in which staff see the rows of their own clinics only.

They are plain model viewsets, not snippets: those bring bulk actions and counts that know nothing of clinics.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import DeleteView, IndexView
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from home.admin.deleting import refusal
from home.admin.patient_pages import record_url
from home.models import Clinic, Patient
from home.patient_search import said_of_patient
from home.privacy.access_log import Kind, note
from home.selectors import clinics_known, clinics_of_staff, patients_visible_to_staff
from notifications.admin.adding import WordedCreateView
from notifications.admin.export import ExportingViewSet, ListExport
from notifications.web.numbers import whole_number


class ClinicPermissionPolicy(ModelPermissionPolicy):
    """For the views of Wagtail that belong to no model, such as the one that says who else is editing a row."""

    def __init__(self, model: type[Model], visible_to: Callable[[Any], QuerySet[Any]]) -> None:
        super().__init__(model)
        self.visible_to = visible_to

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        allowed = super().user_has_permission_for_instance(user, action, instance)
        return allowed and self.visible_to(user).filter(pk=instance.pk).exists()


class RowCreateView(WordedCreateView):
    """Notes for the access log that a patient got this row."""

    patient_lookup = ""

    def save_instance(self) -> Model:
        row: Model = super().save_instance()
        if self.patient_lookup:
            note(self.request, [getattr(row, _attribute(self.patient_lookup))], Kind.CHANGED)
        return row


class RefusedInForm:
    """For a view that adds or edits a row: what only saving finds out stands in the form."""

    refused_beside: str | None = None
    """The field beside which it stands, where the refusal names none; none for above them all."""

    def form_valid(self, form: forms.Form) -> HttpResponse:
        view: Any = self
        response: HttpResponse
        try:
            response = super().form_valid(form)  # type: ignore[misc]  # Wagtail's
        except ValidationError as error:
            form.add_error(self.refused_beside, error)
            view.produced_error_message = view.get_error_message()
            response = view.form_invalid(form)
        return response


class PatientRowCreateView(RefusedInForm, RowCreateView):
    """For a row of a patient: `?patient=` chooses the patient."""

    def get_initial(self) -> dict[str, Any]:
        patient = whole_number(self.request.GET.get("patient", ""))
        initial: dict[str, Any] = super().get_initial()
        return initial if patient is None else initial | {"patient": patient}


class RowDeleteView(DeleteView):
    """Tells staff when a row can't be deleted because others belong to it, before they are asked if they are sure."""

    def run_before_hook(self) -> HttpResponse | None:
        if said := refusal(self.object):
            messages.error(self.request, said)
            return HttpResponseRedirect(self.get_success_url())
        response: HttpResponse | None = super().run_before_hook()
        return response

    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The verb does as the button."""
        response: HttpResponse = self.post(request, *args, **kwargs)
        return response

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except (PermissionDenied, ProtectedError, RestrictedError):
            # Wagtail's reference index raises the first, the database the others.
            message = _("%(name)s can't be deleted, because other records belong to it.")
            messages.error(self.request, message % {"name": self.object})
            return HttpResponseRedirect(self.get_success_url())
        return response


class PatientListExport(ListExport):
    """Writes down whose records left in the file."""

    patient_lookup = ""

    def note_export(self, rows: Sequence[Any]) -> None:
        if self.patient_lookup:
            key = _attribute(self.patient_lookup)
            patients = {getattr(row, key) for row in rows} - {None}
            note(self.request, patients, Kind.EXPORTED)


class ClinicScopedViewSet(ExportingViewSet):
    """Index, add, edit, delete, history, usage, of the rows that `visible_to` gives.

    Set `model` and `clinic_lookup`, the path from it to the clinic ("clinic", "patient__clinic"); or override
    `visible_to`. Every address with a key in it, also those that a later Wagtail adds, is 404 for other rows, and goes
    into the access log where the row is a patient's (`patient_lookup`); so do those that are added, and a search's.
    """

    clinic_lookup = "clinic"
    patient_lookup = ""
    """The row's own field: "patient", or "pk" where the row is the patient; empty where it is about nobody."""
    copy_view_enabled = False
    inspect_view_enabled = False
    search_backend_name = None
    add_view_class = RowCreateView
    delete_view_class = RowDeleteView
    exporting = PatientListExport
    created_words: Any = None
    """What is said when a row was added, with `%(object)s`; None says that it is saved."""
    opens_row = ""
    """The column of the list that leads to the row's own page. The patient's name leads to the patient's."""
    list_select_related: list[str] = []
    """What the list joins to its rows. Wagtail joins nothing, so it would ask for each row's patient anew."""

    def visible_to(self, user: Any) -> QuerySet[Any]:
        """Without what is left of patients who were erased: it is nobody's any more."""
        model: type[Model] = self.model
        of_patient, _dot, _clinic = self.clinic_lookup.rpartition("__")
        living = {f"{of_patient}__erased_at": None} if of_patient else {}
        return model._default_manager.filter(**{f"{self.clinic_lookup}__in": clinics_known(user)}, **living)

    @property
    def index_view_class(self) -> type[IndexView]:
        visible_to, joined, to_patient = self.visible_to, self.list_select_related, self.patient_lookup
        opens_row = self.opens_row

        class ScopedIndexView(IndexView):
            def get_base_queryset(self) -> QuerySet[Any]:
                rows = visible_to(self.request.user)
                return rows.select_related(*joined) if joined else rows

            def _get_title_column(
                self, field_name: str, column_class: Any = TitleColumn, **kwargs: Any
            ) -> Any:
                if field_name != to_patient:
                    return super()._get_title_column(field_name, column_class, **kwargs)
                with_buttons = self._get_title_column_class(column_class)
                return super()._get_custom_column(
                    field_name, with_buttons, get_url=lambda row: record_url(row.patient_id), **kwargs
                )

            def _get_custom_column(self, field_name: str, column_class: Any = Column, **kwargs: Any) -> Any:
                if field_name == opens_row:
                    column_class, kwargs = TitleColumn, {**kwargs, "get_url": self.get_edit_url}
                return super()._get_custom_column(field_name, column_class, **kwargs)

            def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
                """A row of a patient is found by what finds the patient too."""
                found: QuerySet[Any] = super().search_queryset(queryset)
                if not (to_patient and self.is_searching):
                    return found
                at = "" if to_patient == "pk" else f"{to_patient}__"
                return found | queryset.filter(said_of_patient(self.search_query, at))

            def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
                context: dict[str, Any] = super().get_context_data(**kwargs)
                if to_patient and self.is_searching:
                    # Whoever searches is after somebody; a list that is only leafed through is after nobody.
                    key = _attribute(to_patient)
                    note(self.request, {getattr(row, key) for row in context["object_list"]}, Kind.LISTED)
                return context

        return ScopedIndexView

    def get_add_view_kwargs(self) -> dict[str, Any]:
        given: dict[str, Any] = super().get_add_view_kwargs()
        if self.created_words is not None:
            given["success_message"] = self.created_words
        return given | {"patient_lookup": self.patient_lookup} if self.patient_lookup else given

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_index_view_kwargs(**kwargs)
        return given | {"patient_lookup": self.patient_lookup}

    def on_register(self) -> None:
        register_permission_policy(self.model, ClinicPermissionPolicy(self.model, self.visible_to))
        super().on_register()

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns: list[URLPattern] = super().get_urlpatterns()
        for pattern in patterns:
            pattern.callback = self._of_visible_rows(pattern.callback)
        return patterns

    def _of_visible_rows(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "pk" in kwargs:
                self._admit(request, unquote(str(kwargs["pk"])))
            return view(request, *args, **kwargs)

        return guarded

    def _admit(self, request: HttpRequest, pk: str) -> None:
        """To the row with this key, or else Http404; and note whose it is."""
        visible = self.visible_to(request.user).filter(pk=pk)
        found = visible.values_list(self.patient_lookup or "pk", flat=True).first()
        if found is None:
            raise Http404
        if self.patient_lookup:
            note(request, [found])


def _attribute(patient_lookup: str) -> str:
    """The attribute of a row that is its patient's key."""
    return "pk" if patient_lookup == "pk" else f"{patient_lookup}_id"


class ClinicScopedForm(WagtailAdminModelForm):
    """Accepts no clinic and no patient but those that the signed-in person may see.

    Staff of a single clinic find it chosen.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            asked = field.queryset if isinstance(field, forms.ModelChoiceField) else None
            if asked is not None and asked.model in _VISIBLE:
                rows = field.queryset = _VISIBLE[asked.model](self.for_user)
                if asked.model is Clinic and self.instance.pk is None and not self.initial.get(name):
                    self.initial[name] = _only(rows)


def _only(rows: QuerySet[Any]) -> Any:
    """The one row that there is."""
    found = list(rows[:2])
    return found[0] if len(found) == 1 else None


_VISIBLE: dict[type, Callable[[Any], QuerySet[Any]]] = {
    Clinic: clinics_of_staff,
    Patient: patients_visible_to_staff,
}
