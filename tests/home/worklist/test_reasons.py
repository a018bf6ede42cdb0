"""The reasons to call somebody, as apps register them."""

import pytest

from home.worklist import reasons
from home.worklist.reasons import (
    WorklistReason,
    register_worklist_reason,
    worklist_reason,
    worklist_reasons,
)


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "_reasons", {})


def reason(name: str, pressing: int) -> WorklistReason:
    return WorklistReason(name, name, pressing, lambda clinics, now: [], lambda facts: name)


def test_the_most_pressing_comes_first() -> None:
    register_worklist_reason(reason("visit_missed", 50))
    register_worklist_reason(reason("wrote", 100))

    assert [each.name for each in worklist_reasons()] == ["wrote", "visit_missed"]


def test_a_name_is_given_once() -> None:
    register_worklist_reason(reason("wrote", 100))

    with pytest.raises(ValueError, match="wrote"):
        register_worklist_reason(reason("wrote", 10))


def test_what_nobody_registers_any_more_is_no_reason() -> None:
    assert worklist_reason("wrote") is None
