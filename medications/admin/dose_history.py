"""What was answered to the doses of a prescription, for staff: a panel on its page, and a page with all of it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.panels import Panel
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from home.admin.scope import ClinicScopedViewSet
from medications.models import Prescription
from medications.presentation.history_lines import history_lines
from medications.selectors.medicines import over_limit_since, whole_history
from medications.selectors.people import Person

PER_PAGE = 50
LATEST = 5
"""Doses on the prescription's own page."""


class DoseHistoryPanel(Panel):
    """The latest doses with their answers, and those that were taken although it was too early or too much."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "medications/admin/dose_history_panel.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            now = timezone.now()
            prescription: Prescription = self.instance
            doses = whole_history(prescription, now=now)[:LATEST]
            return context | {
                "lines": history_lines(
                    doses, Person(prescription.patient, False), self.request.user, now=now
                ),
                "over_limit": over_limit_since(prescription, now=now),
                "history_url": reverse("prescriptions:doses", args=[prescription.pk]),
            }


class DoseHistoryView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """All doses of a prescription, the latest first, with all that was ever answered to them."""

    model = Prescription
    index_url_name = ""
    edit_url_name = ""
    page_title = gettext_lazy("Doses and answers")
    header_icon = "history"
    template_name = "medications/admin/dose_history.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm("medications.change_prescription"):
            raise PermissionDenied
        found = Prescription.objects.select_related("patient__clinic", "medicine")
        self.prescription = get_object_or_404(found, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return str(self.prescription)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {
            "url": reverse(self.index_url_name),
            "label": capfirst(Prescription._meta.verbose_name_plural),
        }
        edit_url = reverse(self.edit_url_name, args=[self.prescription.pk])
        edit = {"url": edit_url, "label": str(self.prescription)}
        return [*self.breadcrumbs_items, index, edit, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        doses = whole_history(self.prescription, now=now)
        page = Paginator(doses, PER_PAGE).get_page(self.request.GET.get("p"))
        person = Person(self.prescription.patient, False)
        context: dict[str, Any] = super().get_context_data(
            prescription=self.prescription,
            page=page,
            lines=history_lines(page.object_list, person, self.request.user, now=now),
            over_limit=over_limit_since(self.prescription, now=now),
            **kwargs,
        )
        return context


def dose_history_patterns(viewset: ClinicScopedViewSet) -> list[URLPattern]:
    """The address of the page, for prescriptions of the reader's own clinics alone."""
    view = viewset.construct_view(DoseHistoryView)
    return [path("<int:pk>/doses/", viewset._of_visible_rows(view), name="doses")]
