"""The order of the channels: what holds for each category, and where head office changes it."""

from functools import cached_property
from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import log

from notifications.admin.menu import MESSAGES
from notifications.admin.reports.base import ReportMenuItem
from notifications.admin.routing_plans.form import RoutingPlanForm
from notifications.admin.routing_plans.words import in_words
from notifications.models import CategoryChoices, RoutingPlan
from notifications.rules.plans import UNNAMED, Plan
from notifications.selectors.plans import plans, usual_plans
from notifications.types import Category

INDEX = "routing_plans:index"
LABEL = gettext_lazy("Order of channels")


class _PlanPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    model = RoutingPlan
    permission_required: ClassVar[str] = "change"
    header_icon = "list-ol"


class PlansView(_PlanPage, TemplateView):
    """Each category with its plan."""

    page_title = LABEL
    template_name = "notifications/admin/routing_plans/list.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        usual = usual_plans()
        rows = [
            {
                "label": CategoryChoices(category.value).label,
                "steps": in_words(plan),
                "is_usual": plan == usual[category],
                "url": reverse("routing_plans:edit", args=[category.value]),
            }
            for category, plan in plans().items()
        ]
        return super().get_context_data(rows=rows, unnamed=UNNAMED, **kwargs)


class PlanView(_PlanPage, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """Changes the plan of one category, or goes back to the usual one."""

    form_class = RoutingPlanForm
    template_name = "notifications/admin/routing_plans/form.html"

    @cached_property
    def category(self) -> Category:
        """404 for one of which there are no messages."""
        for category in usual_plans():
            if category.value == self.kwargs["category"]:
                return category
        raise Http404

    @cached_property
    def usual(self) -> Plan:
        return usual_plans()[self.category]

    @cached_property
    def now(self) -> Plan:
        return plans()[self.category]

    def get_page_title(self) -> str:
        return str(CategoryChoices(self.category.value).label)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse(INDEX), "label": LABEL}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_title()}]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"plan": self.now}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.path,
            "media": context["form"].media,
            "submit_button_label": _("Save"),
            "submit_button_active_label": _("Saving…"),
            "steps": in_words(self.now),
            "usual": [] if self.now == self.usual else in_words(self.usual),
        }

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        if "usual" in self.request.POST:
            return self.keep(self.usual)
        response: HttpResponse = super().post(*args, **kwargs)
        return response

    def form_valid(self, form: RoutingPlanForm) -> HttpResponse:
        return self.keep(form.plan())

    def keep(self, plan: Plan) -> HttpResponse:
        """Only what isn't the usual plan is a row, so that a category which nobody changed follows it."""
        steps = [list(step) for step in plan]
        with transaction.atomic():
            row, _new = RoutingPlan.objects.update_or_create(
                category=self.category.value, defaults={"steps": steps}
            )
            log(instance=row, action="wagtail.edit", user=self.request.user, data={"steps": steps})
            if plan == self.usual:
                row.delete()
        told = {"category": self.get_page_title(), "plan": " ".join(in_words(plan))}
        messages.success(self.request, _("%(category)s, from now on: %(plan)s") % told)
        return redirect(INDEX)


class RoutingPlanViewSet(ViewSet):
    name = "routing_plans"
    icon = "list-ol"
    menu_label = LABEL
    menu_hook = MESSAGES
    menu_order = 80

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        return ReportMenuItem(
            self.menu_label,
            self.menu_url,
            name=self.name,
            icon_name=self.icon,
            order=self.get_menu_item_order(order),
            model=RoutingPlan,
            permission=PlansView.permission_required,
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", PlansView.as_view(), name="index"),
            path("<str:category>/", PlanView.as_view(), name="edit"),
        ]
