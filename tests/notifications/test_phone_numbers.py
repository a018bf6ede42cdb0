import pytest

from notifications.phone_numbers import as_e164, as_phone


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("082 555 0101", "+27825550101"),
        ("+27 82 555 0101", "+27825550101"),
        ("+44 7400 123456", "+447400123456"),
        ("12", None),
        ("STOP", None),
        ("thandi@example.org", None),
        ("", None),
    ],
)
def test_a_number_is_south_african_unless_it_says_otherwise(written: str, read: str | None) -> None:
    assert as_e164(written) == read


def test_a_number_is_one_however_it_is_written() -> None:
    assert as_phone("0821234567") == as_phone("+27 82 123 4567")
