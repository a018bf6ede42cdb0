"""What the providers of SMS, WhatsApp and calls take."""

from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.rules.prices import Price, Unit


class UnitChoices(models.TextChoices):
    SMS_PART = Unit.SMS_PART.value, _("a part of an SMS")
    TEMPLATE = Unit.TEMPLATE.value, _("a WhatsApp message by a template")
    FREE_TEXT = Unit.FREE_TEXT.value, _("a WhatsApp message in free text")
    CALL = Unit.CALL.value, _("a call")
    MINUTE = Unit.MINUTE.value, _("a started minute of a call")


class MessagePrice(models.Model):
    """What a provider takes for one of what it counts, in rand, to numbers that begin with a prefix: +27 for the
    country, +2782 for one network.
    """

    unit = models.CharField(
        _("price of"),
        max_length=10,
        choices=UnitChoices,
        default=UnitChoices.SMS_PART,
        db_default=Unit.SMS_PART.value,
    )
    provider = models.CharField(_("provider"), max_length=40)
    prefix = models.CharField(
        _("numbers that begin with"),
        max_length=16,
        default="+27",
        validators=[RegexValidator(r"^\+\d*$", _("Write it as in +27 or +2782. A + alone is all numbers."))],
        help_text=_("With the country, as in +27. The longest one that fits a number counts."),
    )
    amount = models.DecimalField(
        _("in rand"),
        max_digits=8,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(0))],
    )
    valid_from = models.DateField(_("from"))

    class Meta:
        verbose_name = _("price of messages")
        verbose_name_plural = _("prices of messages")
        ordering = ["unit", "provider", "prefix", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "provider", "prefix", "valid_from"], name="message_price_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_unit_display()}, {self.provider} {self.prefix}"

    @property
    def as_price(self) -> Price:
        return Price(Unit(self.unit), self.provider, self.prefix, self.amount, self.valid_from)
