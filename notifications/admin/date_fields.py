"""Puts our date fields in the place of Django's, in every form that Wagtail makes of a model."""

from django.db import models
from wagtail.admin.forms.models import register_form_field_override
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from notifications.web.date_fields import DayField, MomentField


def register_date_fields() -> None:
    """Call it before the first form is made."""
    day = {"form_class": DayField, "widget": AdminDateInput}
    moment = {"form_class": MomentField, "widget": AdminDateTimeInput}
    register_form_field_override(models.DateField, override=day)
    register_form_field_override(models.DateTimeField, override=moment)
