"""When a patient's medicine at home runs out, and when people are warned."""

from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.models import Clinic
from medications import formats
from medications.rules.examples.stock import AHEAD, EXPIRIES, FIRST, RUN_OUTS, RunOut
from medications.rules.stock import Batch, ExpiringBatch
from notifications.admin.rule_pages.page import RulePage, Table
from notifications.texts.formats import day, listed

_FORM = "tablet"


def _says() -> list[str]:
    return [
        _(
            "The site takes each planned dose from what is at home, until there is not enough for a full dose."
        ),
        _("Half of a dose is not enough. A pack is good on its last day, and not after it."),
        _("The pack that expires first is used first."),
        _("People are warned when that day is %(days)d days away. Your clinic can choose another number.")
        % {"days": Clinic._meta.get_field("low_stock_days").default},
        _("They are warned of a pack that expires within %(days)d days, if some of it will be left.")
        % {"days": Clinic._meta.get_field("expiry_days").default},
        _("They are warned once of each, and again after a refill or a count that finds more."),
        _("Where nothing was ever handed out or counted, nobody is warned."),
    ]


def _tables() -> list[Table]:
    morning = {"day": day(FIRST)}
    return [
        Table(
            _("How long it lasts, on the morning of %(day)s") % morning,
            [_("At home"), _("Taken each day at 08:00"), _("First day without a full dose")],
            [
                [_home(each.batches), formats.quantity(each.quantity, _FORM), _first(each)]
                for each in RUN_OUTS
            ],
        ),
        Table(
            _("When a warning is sent that a pack expires, on the morning of %(day)s") % morning,
            [_("At home"), _("Taken each day at 08:00"), _("The warning says")],
            [
                [_home(each.batches), formats.quantity(Decimal(1), _FORM), _expiring(each.expiring)]
                for each in EXPIRIES
            ],
        ),
    ]


def _home(batches: tuple[Batch, ...]) -> str:
    return listed(
        [
            _("%(quantity)s (last day %(day)s)")
            % {"quantity": formats.quantity(quantity, _FORM), "day": day(last)}
            for quantity, last in batches
        ]
    ) or _("nothing")


def _first(example: RunOut) -> str:
    if example.day is None:
        return _("none in the next %(days)d days") % {"days": AHEAD}
    return day(FIRST + timedelta(days=example.day))


def _expiring(batches: tuple[ExpiringBatch, ...]) -> str:
    return " ".join(
        _("%(quantity)s will be left when the pack expires on %(day)s.")
        % {"quantity": formats.quantity(each.left, _FORM), "day": day(each.last_usable_day)}
        for each in batches
    ) or _("no warning")


LOW_STOCK = RulePage(
    name="low-stock",
    title=gettext_lazy("When medicine at home runs out"),
    order=40,
    says=_says,
    tables=_tables,
)
