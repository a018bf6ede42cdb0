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
_DAYS = Clinic._meta.get_field("low_stock_days").default


def _says() -> list[str]:
    return [
        _("The website counts ahead: each planned dose takes its part off what is at home."),
        _("The medicine runs out on the first day without a full dose."),
        _("Your clinic can choose how many days before that day people are warned."),
        _("Usually the patient and the carers are warned %(days)d days before, or at once if it is nearer.")
        % {"days": _DAYS},
        _("Half of a dose is not enough. A pack is good on its last day, and not after it."),
        _("An expired pack is not counted as medicine at home, and no new warning is sent for it."),
        _("The pack that expires first is used first."),
        _(
            "They are warned of a pack whose last day is at most %(days)d days away, if some of it will be left."
        )
        % {"days": Clinic._meta.get_field("expiry_days").default},
        _(
            "They are warned once. They are warned again only if more was handed out or counted, and that runs out too."
        ),
        _("Where nothing was ever handed out or counted, nobody is warned."),
    ]


def _tables() -> list[Table]:
    morning = {"day": day(FIRST)}
    return [
        Table(
            _("How long it lasts, counted on %(day)s before the first dose") % morning,
            [
                _("At home"),
                _("Taken each day at 08:00"),
                _("First day without a full dose"),
                _("Warned on"),
            ],
            [
                [_home(each.batches), formats.quantity(each.quantity, _FORM), _first(each), _warned(each)]
                for each in RUN_OUTS
            ],
        ),
        Table(
            _("When a warning is sent that a pack expires, counted on %(day)s before the first dose")
            % morning,
            [_("At home"), _("Taken each day at 08:00"), _("Warning")],
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
    ) or _("nothing left")


def _first(example: RunOut) -> str:
    if example.day is None:
        return _("none in the next %(days)d days") % {"days": AHEAD}
    return day(FIRST + timedelta(days=example.day))


def _warned(example: RunOut) -> str:
    if example.day is None:
        return _("not yet")
    return day(FIRST + timedelta(days=max(0, example.day - _DAYS)))


def _expiring(batches: tuple[ExpiringBatch, ...]) -> str:
    return " ".join(
        _("%(quantity)s will be left after the last day, %(day)s.")
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
