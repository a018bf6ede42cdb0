"""The sections and actions of a patient's page, as apps register them."""

import pytest

from home.record import sections
from home.record.sections import RecordSection, record_sections, register_record_section


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_sections", {})


def section(name: str, order: int) -> RecordSection:
    return RecordSection(name, name, order, "home.view_patient", lambda reading: {}, "home/none.html")


def test_sections_stand_in_their_order() -> None:
    register_record_section(section("messages", 60))
    register_record_section(section("medicines", 20))

    assert [each.name for each in record_sections()] == ["medicines", "messages"]


def test_a_name_is_given_once() -> None:
    register_record_section(section("medicines", 20))

    with pytest.raises(ValueError, match="medicines"):
        register_record_section(section("medicines", 30))
