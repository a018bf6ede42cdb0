"""The people who care for a patient, on the patient's page in the admin: what each does, or that they no longer do.

Nobody is added here. Whoever is to care for a patient is invited, and says yes (docs/decisions/0076).
"""

from typing import Any

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext_lazy as _
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.panels import InlinePanel, Panel


class LinkedPeople(BaseChildFormSet):
    """Forms for the care roles that there are; what a request adds to them is not read."""

    def total_form_count(self) -> int:
        return int(self.initial_form_count())

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields[DELETION_FIELD_NAME].label = _("Remove: this person no longer cares for the patient")


class CareRolesPanel(InlinePanel):
    """Plain fields for each person, without Wagtail's buttons that add forms."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = LinkedPeople
        return options

    class BoundPanel(InlinePanel.BoundPanel):
        template_name = "home/admin/care_roles_panel.html"
        telepath_adapter_name = Panel.BoundPanel.telepath_adapter_name

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            for form in self.formset.forms:
                form.fields[DELETION_FIELD_NAME].widget = forms.CheckboxInput()

        def js_opts(self) -> dict[str, Any]:
            """For Wagtail's script this is a panel like others: it looks for no button and no empty form."""
            options: dict[str, Any] = Panel.BoundPanel.js_opts(self)
            return options

        def telepath_pack(self, context: Any) -> tuple[str, list[dict[str, Any]]]:
            return self.telepath_adapter_name, [self.js_opts()]
