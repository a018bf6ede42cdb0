"""The figures of the clinic's page, as apps register them."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from home.dashboard import figures
from home.dashboard.figures import DashboardFigure, Shown, register_dashboard_figure, shown_figures

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_figures", {})


def test_each_member_of_staff_sees_the_figures_that_they_may() -> None:
    for name, order in (("messages", 40), ("calls", 10)):
        register_dashboard_figure(
            DashboardFigure(
                name, order, f"home.view_{name}", lambda clinics, user, now, name=name: Shown("1", name)
            )
        )
    register_dashboard_figure(DashboardFigure("none", 5, "home.view_calls", lambda *args: None))
    nurse = SimpleNamespace(has_perm=lambda permission: permission == "home.view_calls")
    manager = SimpleNamespace(has_perm=lambda permission: True)

    assert [shown.words for shown in shown_figures([], nurse, NOW)] == ["calls"]
    assert [shown.words for shown in shown_figures([], manager, NOW)] == ["calls", "messages"]


def test_a_name_is_given_once() -> None:
    figure = DashboardFigure("calls", 10, "home.view_patient", lambda *args: None)
    register_dashboard_figure(figure)

    with pytest.raises(ValueError, match="calls"):
        register_dashboard_figure(figure)
