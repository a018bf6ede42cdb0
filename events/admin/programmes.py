"""Programmes: the same series at several clinics, planned, seen, changed and ended as one by whoever manages them."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, Table, TitleColumn
from wagtail.admin.views.generic import IndexView, PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button, HeaderButton

from events.admin.confirmed_change import refuse
from events.admin.programme_change import ProgrammeChangeView
from events.admin.programme_end import ProgrammeEndView
from events.admin.programme_form import PROGRAMME_FORM, ProgrammeForm
from events.admin.programme_log import log_each
from events.admin.programme_plan import clinic_plans
from events.admin.series import goes_on, rows_for, shown_columns
from events.models import EventSeries, Programme
from events.selectors.programmes import programmes_of, series_of
from events.services.generation import WEEKS
from events.services.programme import ClinicRefusedError, programme_create
from home.admin.confirming import CONFIRM, EDIT, repeated
from home.admin.scope import ClinicScopedViewSet


class ProgrammeIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[Any]:
        return programmes_of(self.request.user)

    @cached_property
    def columns(self) -> list[Column]:
        title = self._get_title_column_class(TitleColumn)
        return [
            title("title", label=_("Title"), get_url=self.get_edit_url),
            Column("clinics", label=_("Clinics")),
            DateColumn("created_at", label=_("Created")),
        ]


class ProgrammeCreateView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Asks once for all clinics, shows what will be at each, and makes all of it when that is confirmed."""

    model = Programme
    permission_required = "add"
    template_name = "events/admin/programme_form.html"
    page_title = gettext_lazy("Plan a series for several clinics")
    header_icon = "calendar-alt"
    index_url_name = ""
    edit_url_name = ""

    @cached_property
    def edit_handler(self) -> Any:
        return PROGRAMME_FORM.bind_to_model(EventSeries)

    def get_form_class(self) -> type[ProgrammeForm]:
        form_class: type[ProgrammeForm] = self.edit_handler.get_form_class()
        return form_class

    def get_form_kwargs(self) -> dict[str, Any]:
        given: dict[str, Any] = super().get_form_kwargs()
        return given | {"instance": EventSeries(), "for_user": self.request.user}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse(self.index_url_name), "label": capfirst(Programme._meta.verbose_name_plural)}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.page_title}]

    def form_valid(self, form: ProgrammeForm) -> HttpResponse:
        if EDIT in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        try:
            return self._made(form) if CONFIRM in self.request.POST else self._shown(form)
        except ClinicRefusedError as error:
            row = next(row for row in form.clinics if row.clinic == error.clinic)
            refuse(row, error)
            form.add_error(None, _("Please look at what is marked at the clinics."))
            return self.form_invalid(form)

    def _shown(self, form: ProgrammeForm) -> HttpResponse:
        now = timezone.now()
        plans = clinic_plans(form.at_clinics(), title=form.cleaned_data["title_en"], now=now)
        context = self.get_context_data(form=form) | {
            "plans": plans,
            "made": sum(plan.dates.made for plan in plans),
            "weeks": WEEKS,
            "form_data": repeated(self.request.POST),
            "confirm_label": _("Create it at all of these clinics"),
        }
        return TemplateResponse(self.request, "events/admin/programme_plan.html", context)

    def _made(self, form: ProgrammeForm) -> HttpResponse:
        said = form.cleaned_data
        begun = programme_create(
            key=said["key"],
            title=said["title_en"],
            title_af=said["title_af"] or "",
            description=said["description_en"] or "",
            description_af=said["description_af"] or "",
            reminders=said["reminders"],
            clinics=form.at_clinics(),
            now=timezone.now(),
        )
        if not begun.is_new:
            words = _(
                "This form was sent before: “%(title)s” is planned already, and nothing was made again."
            )
            messages.warning(self.request, words % {"title": begun.programme})
            return redirect(self.edit_url_name, begun.programme.pk)
        log_each(begun.programme.series.all(), action="wagtail.create", user=self.request.user)
        number = len(form.chosen)
        words = ngettext(
            "“%(title)s” is planned at %(count)s clinic.",
            "“%(title)s” is planned at %(count)s clinics.",
            number,
        )
        messages.success(self.request, words % {"title": begun.programme, "count": number})
        return redirect(self.edit_url_name, begun.programme.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        panel = self.edit_handler.get_bound_panel(
            instance=form.instance, request=self.request, form=form, prefix="panel"
        )
        media = panel.media + form.media
        for row in form.clinics:
            media += row.media
        return context | {
            "panel": panel,
            "media": media,
            "action_url": self.request.path,
            "submit_button_label": _("See what will happen"),
            "submit_button_active_label": _("See what will happen"),
        }


class ProgrammeDetailView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """The series of a programme, clinic by clinic."""

    model = Programme
    permission_required = "view"
    template_name = "events/admin/programme.html"
    header_icon = "calendar-alt"
    index_url_name = ""
    change_url_name = ""
    end_url_name = ""

    @cached_property
    def programme(self) -> Any:
        return programmes_of(self.request.user).get(pk=self.kwargs["pk"])

    def get_page_title(self) -> str:
        return str(self.programme)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse(self.index_url_name), "label": capfirst(Programme._meta.verbose_name_plural)}
        return [*self.breadcrumbs_items, index, {"url": "", "label": str(self.programme)}]

    @cached_property
    def header_buttons(self) -> list[Button]:
        if not self.user_has_permission("change"):
            return []
        change, end = (
            reverse(name, args=[self.programme.pk]) for name in (self.change_url_name, self.end_url_name)
        )
        buttons = [HeaderButton(_("End it at all clinics"), url=end, icon_name="cross")]
        if any(row.ahead or goes_on(row) for row in self.rows):
            buttons.insert(0, HeaderButton(_("Change it at all clinics"), url=change, icon_name="edit"))
        return buttons

    @cached_property
    def rows(self) -> list[Any]:
        ids = series_of(self.programme.pk, self.request.user).values("pk")
        return list(rows_for(self.request.user).filter(pk__in=ids).order_by("clinic__name", "id"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"table": Table(self.columns(), self.rows)}

    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "clinic",
                label=_("Clinic"),
                accessor="clinic",
                get_url=lambda row: reverse("event_series:edit", args=[row.pk]),
            ),
            Column("place", label=_("Venue")),
            Column("capacity", label=_("Places"), accessor=lambda row: row.capacity or "–"),
            *shown_columns(),
        ]


class ProgrammeViewSet(ClinicScopedViewSet):
    """Not in the side bar: who manages one clinic needs none of it, and the list of series leads here."""

    model = Programme
    add_words = gettext_lazy("Plan a series for several clinics")
    icon = "calendar-alt"
    add_to_admin_menu = False
    index_view_class = ProgrammeIndexView
    search_fields = ["title_en", "title_af"]
    ordering = ["-id"]
    form_fields = ["title"]

    def visible_to(self, user: Any) -> QuerySet[Any]:
        return programmes_of(user)

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(**kwargs) | {"delete_url_name": None}

    def get_urlpatterns(self) -> list[URLPattern]:
        lists = [each for each in super().get_urlpatterns() if each.name in ("index", "index_results")]
        index, edit = self.get_url_name("index"), self.get_url_name("edit")
        create = ProgrammeCreateView.as_view(index_url_name=index, edit_url_name=edit)
        shown = ProgrammeDetailView.as_view(
            index_url_name=index,
            change_url_name=self.get_url_name("change"),
            end_url_name=self.get_url_name("end"),
        )
        change = ProgrammeChangeView.as_view(index_url_name=index, edit_url_name=edit)
        end = ProgrammeEndView.as_view(index_url_name=index, edit_url_name=edit)
        return [
            *lists,
            path("new/", create, name="add"),
            path("<int:pk>/", self._of_visible_rows(shown), name="edit"),
            path("<int:pk>/change/", self._of_visible_rows(change), name="change"),
            path("<int:pk>/end/", self._of_visible_rows(end), name="end"),
        ]
