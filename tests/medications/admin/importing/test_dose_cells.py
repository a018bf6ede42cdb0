"""How much, at which times and on which days, as they stand in a spreadsheet."""

import pytest

from medications.admin.importing.dose_cells import Amount, Days, Times, read_amount, read_days, read_times


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("1", "1", ""),
        ("0,5", "0,5", ""),
        ("½", "½", ""),
        ("1/2", "½", ""),
        ("1 1/2 tablette", "1½", "tablette"),
        ("3/4 tab.", "¾", "tab"),
        ("10ml", "10", "ml"),
        ("500 mg", "500", "mg"),
        ("2/3", "2/3", ""),
        ("01/02/2026", "01/02/2026", ""),
        ("a few", "a few", ""),
        ("", "", ""),
    ],
)
def test_an_amount_and_its_unit(text: str, number: str, unit: str) -> None:
    assert read_amount(text) == Amount(number, unit)


@pytest.mark.parametrize(
    ("text", "slots", "others"),
    [
        ("08:00, 20:00", (), ("08:00", "20:00")),
        ("8am en 8nm", (), ("08:00", "20:00")),
        ("8 a.m. and 8:30 p.m.", (), ("08:00", "20:30")),
        ("8h00;14h;20.15", (), ("08:00", "14:00", "20:15")),
        ("08:00:00", (), ("08:00",)),
        ("7 vm/7 nm", (), ("07:00", "19:00")),
        ("Morning & evening", ("morning", "evening"), ()),
        ("soggens en 22:00", ("morning",), ("22:00",)),
        ("BD", ("morning", "evening"), ()),
        ("2x daily", ("morning", "evening"), ()),
        ("twee keer per dag", ("morning", "evening"), ()),
        ("tds", ("morning", "afternoon", "evening"), ()),
        ("drie maal ’n dag", ("morning", "afternoon", "evening"), ()),
        ("", (), ()),
    ],
)
def test_times_of_a_day(text: str, slots: tuple[str, ...], others: tuple[str, ...]) -> None:
    assert read_times(text) == Times(slots, others)


@pytest.mark.parametrize(
    "text", ["8", "20", "12am", "12 nm", "nocte", "13pm", "0am", "8:0", "0.25", "٨:٠٠", "once a day"]
)
def test_what_may_be_two_times_stays_as_it_is_written(text: str) -> None:
    assert "".join(read_times(text).others) == text.replace(" ", "")


@pytest.mark.parametrize("text", ["PRN", "as needed", "Soos nodig", "indien nodig."])
def test_as_needed(text: str) -> None:
    assert read_times(text).as_needed


@pytest.mark.parametrize(
    ("text", "weekdays", "n"),
    [
        ("", (), None),
        ("Daily", (), None),
        ("elke dag", (), None),
        ("weekdays", (0, 1, 2, 3, 4), None),
        ("Mon-Fri", (0, 1, 2, 3, 4), None),
        ("Maandag tot Woensdag", (0, 1, 2), None),
        ("Thu, Mon", (0, 3), None),
        ("Maandae en Donderdae", (0, 3), None),
        ("Mo/We/Fr", (0, 2, 4), None),
        ("every 3 days", (), 3),
        ("every second day", (), 2),
        ("al om die ander dag", (), 2),
        ("elke 10 dae", (), 10),
        ("weekly", (), 7),
        ("een keer per week", (), 7),
    ],
)
def test_days(text: str, weekdays: tuple[int, ...], n: int | None) -> None:
    assert read_days(text) == Days(weekdays, n)


@pytest.mark.parametrize(
    "text", ["2", "sometimes", "Fri to Mon", "Mon, maybe", "every few days", "monthly", "T"]
)
def test_no_days(text: str) -> None:
    assert read_days(text) is None
