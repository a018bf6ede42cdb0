"""The clinic's visits: today and what comes, with a button for each thing that happens at the desk."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Model, QuerySet
from django.middleware.csrf import get_token
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.views.generic import EditView, IndexView
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.log_actions import log

from events.admin import visit_words
from events.admin.collection_plan import CollectionPlanView
from events.admin.visit_acts import CancelView, MarkView, MoveView
from events.admin.visit_form import EDIT_PANELS, NEW_PANELS
from events.admin.visit_print import VisitPrintView
from events.models import Visit
from events.visits.plan import visit_edit, visit_plan
from home.admin.birth_dates import born_column
from home.admin.scope import ClinicScopedViewSet, PatientRowCreateView, RefusedInForm
from notifications.rules.written_dates import WrittenDateError, read_day
from notifications.web.date_fields import DayField

_TODAY, _WEEK, _PAST = "today", "week", "past"
_ONE_WEEK = timedelta(days=7)
DAYS = [
    (_TODAY, gettext_lazy("today")),
    (_WEEK, gettext_lazy("the next 7 days")),
    (_PAST, gettext_lazy("days that are past")),
]


class DayFilter(django_filters.Filter):
    field_class = DayField


class VisitFilters(WagtailFilterSet):
    days = django_filters.ChoiceFilter(label=gettext_lazy("When"), choices=DAYS, method="of_days")
    day = DayFilter(label=gettext_lazy("Day"), widget=forms.TextInput)
    kind = django_filters.ChoiceFilter(label=gettext_lazy("What for"), choices=Visit.Kind.choices)
    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=Visit.State.choices)

    class Meta:
        model = Visit
        fields: list[str] = []

    def of_days(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        today = timezone.localdate()
        if value == _PAST:
            return rows.filter(day__lt=today).order_by("-day", F("at").asc(nulls_last=True), "id")
        if value == _TODAY:
            return rows.filter(day=today)
        return rows.filter(day__gte=today, day__lte=today + _ONE_WEEK)


class ActsColumn(BaseColumn):
    """The buttons of a row."""

    cell_template_name = "events/admin/visit_acts_cell.html"

    def __init__(self, today: date, may_change: bool) -> None:
        super().__init__("acts", label=_("What happened"))
        self._today, self._may_change = today, may_change

    def get_cell_context_data(self, instance: Visit, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        request = parent_context["request"]
        return (
            context
            | {"csrf_token": get_token(request), "next": request.get_full_path()}
            | acts_of(instance, today=self._today, may_change=self._may_change)
        )


def acts_of(visit: Visit, *, today: date, may_change: bool) -> dict[str, Any]:
    """What `visit_acts.html` offers for a visit."""
    is_over = visit.day < today
    came, missed, cancelled = Visit.State.ATTENDED, Visit.State.MISSED, Visit.State.CANCELLED
    return {
        "visit": visit,
        "may_come": may_change and visit.state in (Visit.State.PLANNED, missed),
        "may_miss": may_change and visit.is_planned and visit.day <= today,
        "may_move": may_change and visit.is_planned,
        "may_undo": may_change
        and (visit.state == came or (not is_over and visit.state in (missed, cancelled))),
        "is_second": visit.state == missed or visit.day > today,
        "after_all": visit.state == missed,
    }


def _with_buttons(index_view: type[IndexView]) -> type[IndexView]:
    class VisitIndexView(index_view):
        """Today first, then what comes. What is past is found by its day, its patient, or the filter."""

        def get_base_queryset(self) -> QuerySet[Visit]:
            rows = super().get_base_queryset()
            asked = self.request.GET
            if self.is_searching or any(asked.get(name) for name in ("q", "days", "day", "state")):
                return rows
            # What is planned is its patient's clinic's, wherever they go. Said, so that the database finds it by that.
            return rows.filter(day__gte=timezone.localdate(), clinic=F("patient__clinic"))

        def order_queryset(self, queryset: QuerySet[Visit]) -> QuerySet[Visit]:
            if self.ordering:
                return super().order_queryset(queryset)
            at = F("at").asc(nulls_last=True)
            newest = any(self.request.GET.get(name) for name in ("q", "state")) or (
                self.request.GET.get("days") == _PAST
            )
            return queryset.order_by("-day" if newest else "day", at, "id")

        @cached_property
        def columns(self) -> list[Any]:
            today = timezone.localdate()
            title = self._get_title_column_class(TitleColumn)
            return [
                title("patient", label=_("Patient"), accessor="patient", get_url=self._record_url),
                born_column(),
                Column(
                    "when",
                    label=_("When"),
                    accessor=lambda row: visit_words.when(row, today=today),
                    sort_key="day",
                ),
                Column("kind", label=_("What for"), accessor="get_kind_display"),
                Column("state", label=_("State"), accessor=visit_words.state_and_reason),
                Column("place", label=_("Where it is collected"), accessor=_place),
                ActsColumn(today, self.user_has_permission("change")),
            ]

        def _record_url(self, visit: Visit) -> str:
            return reverse("patients:record", args=[visit.patient_id])

        @cached_property
        def header_buttons(self) -> list[Button]:
            printed = HeaderButton(_("Print the list"), url=reverse("visits:print"), icon_name="doc-full")
            return [*super().header_buttons, printed]

        def get_list_more_buttons(self, instance: Visit) -> list[MenuItem]:
            buttons = super().get_list_more_buttons(instance)
            if instance.is_planned and self.user_has_permission("change"):
                cancel = reverse("visits:cancel", args=[instance.pk])
                buttons.append(MenuItem(_("Cancel the visit"), url=cancel, icon_name="cross", priority=30))
            return buttons

    return VisitIndexView


def _place(visit: Visit) -> str:
    plan = getattr(visit.patient, "collection_plan", None)
    return (plan.pickup_point if plan else "") or _("at the clinic")


class VisitCreateView(PatientRowCreateView):
    """Plans the visit; `?day=` and `?kind=` fill the form as `?patient=` does."""

    refused_beside = None
    page_title = gettext_lazy("Plan a visit")
    submit_button_label = gettext_lazy("Plan the visit")
    submit_button_active_label = gettext_lazy("Saving…")

    def get_page_subtitle(self) -> str:
        return str(self.page_title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        return [*items[:-1], {"url": "", "label": self.page_title}]

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        asked = self.request.GET
        if asked.get("kind") in Visit.Kind.values:
            initial["kind"] = asked["kind"]
        try:
            initial["day"] = read_day(asked.get("day", ""))
        except WrittenDateError:
            pass
        return initial

    def save_instance(self) -> Model:
        row = self.form.instance
        self.form.instance = visit_plan(
            patient_id=row.patient_id,
            kind=row.kind,
            day=row.day,
            at=row.at,
            note=row.note,
            by=self.request.user,
            now=timezone.now(),
        )
        return super().save_instance()

    def get_success_url(self) -> str:
        return reverse("patients:record", args=[self.object.patient_id])

    def get_success_message(self, instance: Visit) -> str:
        today = timezone.localdate()
        said = {"patient": instance.patient, "when": visit_words.when(instance, today=today)}
        return _("%(patient)s is expected on %(when)s.") % said


class VisitEditView(RefusedInForm, EditView):
    """Leads on to moving and cancelling."""

    def save_instance(self) -> Visit:
        """These two fields alone: meanwhile the patient may have cancelled it."""
        said = self.form.cleaned_data
        visit = visit_edit(visit_id=self.object.pk, kind=said["kind"], note=said["note"])
        log(
            instance=visit,
            action="wagtail.edit",
            user=self.request.user,
            content_changed=self.form.has_changed(),
        )
        return visit

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        if self.object.is_planned:
            move, cancel = (reverse(f"visits:{name}", args=[self.object.pk]) for name in ("move", "cancel"))
            buttons = [
                *buttons,
                Button(_("Move the visit"), url=move, icon_name="date", priority=15),
                Button(_("Cancel the visit"), url=cancel, icon_name="cross", priority=16),
            ]
        return buttons


class VisitViewSet(ClinicScopedViewSet):
    model = Visit
    add_words = gettext_lazy("Plan a visit")
    clinic_lookup = "patient__clinic"
    patient_lookup = "patient"
    icon = "calendar-check"
    menu_label = gettext_lazy("Visits")
    menu_order = 90
    index_template_name = "events/admin/visit_index.html"
    index_results_template_name = "events/admin/visit_results.html"
    add_view_class = VisitCreateView
    edit_view_class = VisitEditView
    filterset_class = VisitFilters
    list_select_related = ["patient__collection_plan", "patient__clinic", "clinic"]
    search_fields = ["patient__first_name", "patient__last_name"]
    list_per_page = 50
    edit_handler = NEW_PANELS

    @property
    def index_view_class(self) -> type[IndexView]:
        return _with_buttons(super().index_view_class)

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(**kwargs) | {"delete_url_name": None}

    def get_edit_view_kwargs(self) -> dict[str, Any]:
        panel = EDIT_PANELS.bind_to_model(Visit)
        return super().get_edit_view_kwargs() | {"panel": panel, "form_class": panel.get_form_class()}

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns = [pattern for pattern in super().get_urlpatterns() if pattern.name != "delete"]
        acts = [(f"{act}/", act, MarkView, {"act": act}) for act in ("came", "missed", "undo")]
        pages: list[tuple[str, str, Any, dict[str, Any]]] = [
            ("move/", "move", MoveView, {}),
            ("cancel/", "cancel", CancelView, {}),
        ]
        for address, name, view, more in (*acts, *pages):
            guarded = self._of_visible_rows(self.construct_view(view, model=Visit, **more))
            patterns.append(path(f"<int:pk>/{address}", guarded, name=name))
        return [
            *patterns,
            path("print/", self.construct_view(VisitPrintView), name="print"),
            path("collection/<int:patient_id>/", self.construct_view(CollectionPlanView), name="collection"),
        ]
