"""The home supply as a falling curve, with the sentence that says it and the table behind it."""

from typing import Any

from django.utils import dateformat

from medications import formats
from medications.presentation.plots import level_plot
from medications.presentation.stock_words import stock_sentence
from medications.selectors.outlook import Outlook
from notifications.texts.formats import weekday_day

_SHOWN_BEYOND = 3
"""Days that a plot goes on after the stock has run out."""
_SHOWN_WITHOUT_END = 28
_ROWS = 14
"""Of the table behind a plot, about."""


def stock_plot(outlook: Outlook) -> dict[str, Any]:
    """The values of `medications/stock_plot.html` and `stock_table.html`. `plot` is None where there is no curve."""
    form = outlook.prescription.medicine.form
    days_left = outlook.days_left
    levels = outlook.levels(_SHOWN_WITHOUT_END if days_left is None else days_left + _SHOWN_BEYOND)
    every = max(1, -(-len(levels) // _ROWS))
    quantity = outlook.supply.quantity
    return {
        "sentence": stock_sentence(outlook),
        "quantity": formats.quantity(quantity, form),
        "plot": level_plot(quantity, levels, ends_on=outlook.run_out_on)
        if quantity and outlook.demand
        else None,
        "run_out_label": dateformat.format(outlook.run_out_on, "j M") if outlook.run_out_on else "",
        "levels": [
            (weekday_day(day), formats.quantity(left, form))
            for number, (day, left) in enumerate(levels)
            if number % every == 0 or day == outlook.run_out_on
        ],
    }
