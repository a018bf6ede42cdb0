"""When a patient's medicine at home runs out, and when people are warned."""

from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.models import Clinic
from medications import formats
from medications.rules.examples.stock import AHEAD, EXPIRIES, FIRST, RUN_OUTS, SOON, Expiring, RunOut
from medications.rules.stock import Batch
from notifications.admin.rule_pages.page import RulePage, Table
from notifications.texts.formats import day, listed

_FORM = "tablet"
_DAYS = Clinic._meta.get_field("low_stock_days").default


def _says() -> list[str]:
    return [
        _("The website counts ahead: it takes each planned dose off what the patient has at home."),
        _("If a dose was skipped, or missed more than a day ago, we count it as still at home."),
        _(
            "The medicine runs out on the first day on which there is no full dose. Half of a dose is not enough."
        ),
        _("The patient and the carers are warned %(days)d days before that day, or at once if it is nearer.")
        % {"days": _DAYS},
        _("Your clinic can choose another number of days."),
        _(
            "A pack is good on its last day, and not after it. If it shows only a month, that is the month’s last day."
        ),
        _("The pack that expires first is used first."),
        _(
            "People are also warned of a pack that expires within %(days)d days, if some of it will be left then."
        )
        % {"days": Clinic._meta.get_field("expiry_days").default},
        _("Once a pack has expired, nobody is warned of it any more. It does not count as medicine at home."),
        _(
            "They get one warning that a medicine runs out. After more was handed out or counted, they get "
            "the next one."
        ),
        _("If nobody ever wrote down what there is of a medicine, nobody is warned."),
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
                _("Warned that it runs out on"),
            ],
            [
                [_home(each.batches), formats.quantity(each.quantity, _FORM), _first(each), _warned(each)]
                for each in RUN_OUTS
            ],
        ),
        Table(
            _("When a warning is sent that a pack expires, counted on %(day)s before the first dose")
            % morning,
            [_("At home"), _("Taken each day at 08:00"), _("Warning that it expires")],
            [
                [_home(each.batches), formats.quantity(Decimal(1), _FORM), _expiring(each)]
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
    ) or _("nothing: all is used up")


def _first(example: RunOut) -> str:
    if example.day is None:
        return _("none in the next %(days)d days") % {"days": AHEAD}
    return day(FIRST + timedelta(days=example.day))


def _warned(example: RunOut) -> str:
    if example.day is None:
        return _("not yet")
    return day(FIRST + timedelta(days=max(0, example.day - _DAYS)))


def _expiring(example: Expiring) -> str:
    said = [
        _("%(quantity)s will be left after the last day, %(day)s.")
        % {"quantity": formats.quantity(each.left, _FORM), "day": day(each.last_usable_day)}
        for each in example.expiring
    ]
    soon = FIRST + timedelta(days=SOON)
    if not said and any(last > soon for _quantity, last in example.batches):
        return _("not yet")
    return " ".join(said) or _("no warning")


LOW_STOCK = RulePage(
    name="low-stock",
    title=gettext_lazy("When medicine at home runs out"),
    order=40,
    says=_says,
    tables=_tables,
)
