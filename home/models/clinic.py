"""A clinic, to which patients and staff belong."""

from datetime import time
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from home.models.region import Region
from home.slot_times import validate_slot_times
from notifications.timezones import known_zone, validate_timezone

FURTHEST_DAYS_AHEAD = 180
"""Nobody collects a supply for longer, and run-outs are looked for no further."""

_DAYS_AHEAD = [MinValueValidator(1), MaxValueValidator(FURTHEST_DAYS_AHEAD)]


class Clinic(models.Model):
    class DoseSms(models.TextChoices):
        EACH = "each", _("an SMS for each dose")
        WEEKLY = "weekly", _("one question a week")

    name = models.CharField(_("name"), max_length=120, unique=True)
    region = models.ForeignKey(
        Region,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="clinics",
        verbose_name=_("district"),
    )
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
        help_text=_("Only those that differ from 08:00, 14:00, 20:00 and 22:00."),
    )
    low_stock_days = models.PositiveSmallIntegerField(
        _("warn of low stock, days ahead"), default=5, validators=_DAYS_AHEAD
    )
    expiry_days = models.PositiveSmallIntegerField(
        _("warn of expiry, days ahead"), default=5, validators=_DAYS_AHEAD
    )
    move_up_minutes = models.PositiveSmallIntegerField(
        _("waiting list: last moved up, minutes before the start"),
        default=60,
        help_text=_("Nobody is given a free place later than this: they could not come in time."),
    )

    dose_sms = models.CharField(
        _("patients whom only SMS reaches get"),
        max_length=10,
        choices=DoseSms,
        default=DoseSms.EACH,
        help_text=_(
            "The question is “How did this week go?”. Who answers 2, or does not answer within two days, is on the "
            "list of those who need a call. It needs a number that takes answers (SMS_REPLIES)."
        ),
    )
    weekly_check_day = models.PositiveSmallIntegerField(
        _("day of the weekly question"), choices=[*WEEKDAYS.items()], default=0
    )
    weekly_check_time = models.TimeField(_("time of the weekly question"), default=time(10))
    message_budget = models.DecimalField(
        _("budget for messages a month, in rand"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_(
            "What SMS may cost in a month. Managers are told at 80%. At 100% only urgent and clinical messages go by "
            "SMS or WhatsApp until the next month. Empty: no limit."
        ),
    )

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinics")
        ordering = ["name"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        # With what follows from it (home/receivers.py).
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> str:
        """The IANA name of the clinic's time zone; the site's, where what is stored is none."""
        return known_zone(self.timezone)
