"""The pages that explain the site and its rules to a nurse, in her words."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from home.models import StaffRole
from notifications.admin.rule_pages.page import RulePage, rule_page, rule_pages


class HelpView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "home/admin/help.html"
    page_title = _("Help")
    header_icon = "help"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the managers of the reader's clinics: they are whom to ask."""
        reader: Any = self.request.user
        clinics = StaffRole.objects.filter(user=reader).values("clinic_id")
        managers = StaffRole.objects.filter(
            clinic__in=clinics, role=StaffRole.Role.MANAGER, user__is_active=True
        )
        return super().get_context_data(
            managers=managers.select_related("user", "clinic").order_by("clinic__name", "user__last_name"),
            rules=[(page.title, reverse("staff_rule", args=[page.name])) for page in rule_pages()],
            **kwargs,
        )


class RuleView(WagtailAdminTemplateMixin, TemplateView):
    """One rule of the site: in sentences, and by the examples that the tests run. 404 for one that there isn't."""

    template_name = "home/admin/rule.html"
    header_icon = "help"

    @cached_property
    def rule(self) -> RulePage:
        if found := rule_page(self.kwargs["rule"]):
            return found
        raise Http404

    def get_page_title(self) -> Any:
        return self.rule.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(says=self.rule.says(), tables=self.rule.tables(), **kwargs)
