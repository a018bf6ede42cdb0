"""When the doses of a prescription fall due."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from medications.models.prescription import Prescription
from medications.rules import doses
from medications.rules.errors import RuleError


def validate_rule(rule: Mapping[str, object]) -> None:
    """Raise ValidationError for an impossible dose rule, naming the key that is wrong."""
    try:
        doses.parse(rule)
    except RuleError as error:
        message = gettext(error.message)
        raise ValidationError(
            message % error.params if error.params else message, code=error.field
        ) from error


class DoseSchedule(models.Model):
    """One dose rule (`medications.rules.doses`) of a prescription; a temporary second dose is a second schedule.

    `expanded_until` is the last local date up to which its doses are stored as rows; when it is empty they start
    at the moment of the next expansion.
    """

    prescription = ParentalKey(
        Prescription, on_delete=models.CASCADE, related_name="schedules", verbose_name=_("prescription")
    )
    rule = models.JSONField(_("rule"), validators=[validate_rule])
    expanded_until = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("dose schedule")
        verbose_name_plural = _("dose schedules")
        ordering = ["id"]  # as staff wrote them, on every page

    def __str__(self) -> str:
        return f"{self.prescription_id}: {self.rule.get('kind', '')}"
