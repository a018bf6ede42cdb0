"""Numbers to points."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import translation

from medications.presentation.plots import level_plot

START = date(2026, 11, 24)


def levels(*left: str) -> list[tuple[date, Decimal]]:
    return [(START + timedelta(days=number), Decimal(value)) for number, value in enumerate(left)]


def test_the_line_sinks_from_the_top_left_to_the_bottom() -> None:
    plot = level_plot(Decimal(4), levels("3", "2", "1", "0", "0"), ends_on=START + timedelta(days=4))
    assert plot.line.split() == [
        "8.0,24.0",
        "68.8,46.0",
        "129.6,68.0",
        "190.4,90.0",
        "251.2,112.0",
        "312.0,112.0",
    ]
    assert plot.end == ("251.2", "112.0")


def test_the_end_is_where_the_last_of_the_day_is_gone() -> None:
    plot = level_plot(Decimal(3), levels("1", "0", "0"), ends_on=START + timedelta(days=1))
    assert plot.end is not None
    assert plot.end == tuple(plot.line.split()[2].split(","))


def test_without_an_end_there_is_no_mark() -> None:
    assert level_plot(Decimal(3), levels("3"), ends_on=None).end is None


def test_an_empty_stock_is_drawn_on_the_axis() -> None:
    assert level_plot(Decimal(0), levels("0"), ends_on=START).line == "8.0,112.0 312.0,112.0"


def test_coordinates_have_points_in_every_language() -> None:
    with translation.override("af"):
        assert "8.0,24.0" in level_plot(Decimal(1), levels("0.5"), ends_on=None).line


def test_the_label_of_the_end_stays_inside() -> None:
    first = level_plot(Decimal(1), levels(*["0"] * 30), ends_on=START)
    last = level_plot(
        Decimal(30), levels(*[str(29 - n) for n in range(30)]), ends_on=START + timedelta(days=29)
    )
    assert 60 < float(first.end_label_x) < 70
    assert float(last.end_label_x) < 290
