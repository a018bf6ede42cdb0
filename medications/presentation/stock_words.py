"""How long the stock lasts, in a word and in sentences. In the active language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medications import formats
from medications.selectors.outlook import LOOKS_AHEAD_DAYS, Outlook
from notifications.texts.formats import weekday_day


@dataclass(frozen=True, slots=True)
class Tag:
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Notice:
    heading: str
    text: str
    kind: str


def stock_tag(outlook: Outlook) -> Tag:
    """Red when nothing is left for the next dose, yellow when the stock is low."""
    if outlook.is_out:
        return Tag(_("None left") if not outlook.supply.quantity else _("Runs out today"), "stop")
    days_left = outlook.days_left
    if days_left is None:
        left = formats.quantity(outlook.supply.quantity, outlook.prescription.medicine.form)
        return Tag(_("%(quantity)s left") % {"quantity": left}, "go" if outlook.demand else "")
    words = ngettext("%(days)d day left", "%(days)d days left", days_left) % {"days": days_left}
    return Tag(words, "sun" if outlook.is_low else "go")


def stock_sentence(outlook: Outlook) -> str:
    """Until when it lasts."""
    if not outlook.supply.quantity:
        return _("Nothing is left.")
    if outlook.run_out_on:
        return _("It runs out on %(day)s.") % {"day": weekday_day(outlook.run_out_on)}
    if not outlook.demand:
        return _("No doses are planned ahead, so we can’t say when it runs out.")
    end = outlook.prescription.end_date
    if end and end <= outlook.today + timedelta(days=LOOKS_AHEAD_DAYS):
        return _("There is enough to finish the course.")
    return _("It lasts for more than %(days)d days.") % {"days": LOOKS_AHEAD_DAYS}


def stock_notices(outlook: Outlook) -> list[Notice]:
    """The notices that ask the reader to do something."""
    level = _level_notice(outlook)
    return [*([level] if level else []), *_expiry_notices(outlook)]


def _level_notice(outlook: Outlook) -> Notice | None:
    """The most pressing about how much is left."""
    values = {"day": weekday_day(outlook.run_out_on) if outlook.run_out_on else ""}
    if outlook.supply.shortfall:
        form = outlook.prescription.medicine.form
        values["quantity"] = formats.quantity(outlook.supply.shortfall, form)
        return Notice(
            _("Did you collect more?"),
            _("Taken since our count reached 0: %(quantity)s. Tell us what you collected.") % values,
            "sun",
        )
    if outlook.is_out:
        text = _("Ask your clinic for more today. If you have already collected more, tell us below.")
        heading = _("Nothing is left") if not outlook.supply.quantity else _("It runs out today")
        return Notice(heading, text, "stop")
    if outlook.is_low and outlook.days_left:
        return Notice(
            _("It runs out %(when)s") % {"when": formats.in_days(outlook.days_left)},
            _("What you have is not enough for %(day)s. Collect more before then.") % values,
            "sun",
        )
    return None


def _expiry_notices(outlook: Outlook) -> Iterator[Notice]:
    by_id = {batch.pk: batch for batch in outlook.batches}
    for expiring in outlook.supply.expiring:
        batch = by_id[outlook.supply.batch_ids[expiring.position]]
        yield Notice(
            _("Some of it expires soon"),
            _(
                "Batch %(batch)s expires after %(day)s. %(quantity)s will still be left then. Ask your "
                "clinic what to do."
            )
            % {
                "quantity": formats.quantity(expiring.left, outlook.prescription.medicine.form),
                "batch": batch.batch_number or "–",
                "day": weekday_day(expiring.last_usable_day),
            },
            "sun",
        )
