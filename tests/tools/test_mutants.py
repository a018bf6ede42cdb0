"""What is said of mutants: how many were noticed, and which survived without an explanation."""

import pytest

from tools.mutants import Mutant, becomes, explanations, function_of, report

SHARE = "notifications.rules.plans.x_held_back__mutmut_"
METHOD = "medications.rules.dose_kinds.times.xǁTimesRuleǁperiod__mutmut_3"
DIFFERENCE = """\
# notifications.rules.plans.x_held_back__mutmut_1: survived
--- notifications/rules/plans.py
+++ notifications/rules/plans.py
@@ -9,7 +9,7 @@
     expiring = []
-        if  step < turn.step:
+        if step <= turn.step:
"""
LINE = "if step <= turn.step:"
EXPLAINED = {Mutant("notifications.rules.plans.held_back", LINE): "No other has its step."}


def said(statuses: dict[str, str], explained: dict[Mutant, str] | None = None) -> list[tuple[str, bool]]:
    return list(report(statuses, lambda name: DIFFERENCE, explained or {}))


def of(killed: int, *others: str) -> dict[str, str]:
    every = ["killed"] * killed + list(others)
    return {f"{SHARE}{number}": status for number, status in enumerate(every, 1)}


def test_a_mutant_is_known_by_its_function_and_what_it_becomes() -> None:
    assert function_of(f"{SHARE}1") == "notifications.rules.plans.held_back"
    assert function_of(METHOD) == "medications.rules.dose_kinds.times.TimesRule.period"
    with pytest.raises(ValueError, match="no mutant's name"):
        function_of("notifications.rules.plans")
    assert becomes(DIFFERENCE) == LINE
    assert becomes("--- a\n+++ b\n@@ -1 +1 @@\n-    return  None\n") == "- return None"


@pytest.mark.parametrize(("survived", "is_right"), [(5, True), (6, False)])
def test_95_of_100_are_noticed(survived: int, is_right: bool) -> None:
    statuses = of(100 - survived - 1, "timeout", *["survived"] * survived)
    assert said(statuses, EXPLAINED) == [
        (f"notifications.rules.plans: {100 - survived} of 100", True),
        (f"noticed: {100 - survived} of 100, {100 - survived}.0%", is_right),
    ]


def test_one_that_survives_is_explained() -> None:
    assert said(of(99, "survived"))[-1] == (
        f"survived, and not explained: notifications.rules.plans.held_back: {LINE}",
        False,
    )
    assert said(of(99, "no tests"))[-1][1] is False


def test_what_is_explained_and_noticed_since_is_taken_out() -> None:
    assert said(of(100), EXPLAINED)[-1] == (
        f"explained, and gone: notifications.rules.plans.held_back: {LINE}",
        False,
    )


def test_of_a_part_nothing_is_said_about_the_rest() -> None:
    found = said(of(100, "not checked"), EXPLAINED)
    assert all(is_right for _line, is_right in found)
    assert found[-1] == ("not tried: 1", True)


def test_where_nothing_was_tried_it_is_not_well() -> None:
    assert ("noticed: 0 of 0, 0.0%", False) in said(of(0, "not checked"))


def test_each_explanation_names_a_function_and_says_why() -> None:
    found = explanations()
    assert found
    assert all(why and mutant.becomes and ".rules." in mutant.function for mutant, why in found.items())
