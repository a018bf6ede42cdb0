"""What the SMS providers take."""

from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.rules.prices import Price


class SmsPrice(models.Model):
    """The price of a part, in rand, to numbers that begin with a prefix: +27 for the country, +2782 for one network."""

    provider = models.CharField(_("provider"), max_length=40)
    prefix = models.CharField(
        _("numbers that begin with"),
        max_length=16,
        default="+27",
        validators=[RegexValidator(r"^\+\d*$", _("Write it as in +27 or +2782. A + alone is all numbers."))],
        help_text=_("With the country, as in +27. The longest one that fits a number counts."),
    )
    per_part = models.DecimalField(
        _("price of a part, in rand"),
        max_digits=8,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(0))],
    )
    valid_from = models.DateField(_("from"))

    class Meta:
        verbose_name = _("price of SMS")
        verbose_name_plural = _("prices of SMS")
        ordering = ["provider", "prefix", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "prefix", "valid_from"], name="sms_price_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.prefix}"

    @property
    def as_price(self) -> Price:
        return Price(self.provider, self.prefix, self.per_part, self.valid_from)
