"""A clinic, to which patients and staff belong."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from home.slot_times import validate_slot_times
from notifications.timezones import validate_timezone

FURTHEST_DAYS_AHEAD = 180
"""Nobody collects a supply for longer, and run-outs are looked for no further."""

_DAYS_AHEAD = [MinValueValidator(1), MaxValueValidator(FURTHEST_DAYS_AHEAD)]


class Clinic(models.Model):
    name = models.CharField(_("name"), max_length=120, unique=True)
    address = models.TextField(_("address"), blank=True)
    phone = PhoneNumberField(_("phone number"), blank=True, max_length=20)
    timezone = models.CharField(
        _("time zone"), max_length=64, default="Africa/Johannesburg", validators=[validate_timezone]
    )
    slot_times = models.JSONField(
        _("times of day"),
        default=dict,
        blank=True,
        validators=[validate_slot_times],
        help_text=_('Where they differ from 08:00, 14:00, 20:00 and 22:00, as in {"morning": "07:30"}.'),
    )
    low_stock_days = models.PositiveSmallIntegerField(
        _("warn of low stock, days ahead"), default=5, validators=_DAYS_AHEAD
    )
    expiry_days = models.PositiveSmallIntegerField(
        _("warn of expiry, days ahead"), default=5, validators=_DAYS_AHEAD
    )

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinics")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
