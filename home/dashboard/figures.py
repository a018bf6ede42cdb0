"""The figures on the clinic's page. Each app registers its own, in its module `dashboard_figures`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from home.models import Clinic, User


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure, in the reader's language: "31", "of 38", "visits today have come", and the page behind it."""

    number: str
    words: str
    of: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class DashboardFigure:
    """A figure for staff who have `permission`; `select` makes a constant number of queries, None shows nothing."""

    name: str
    order: int
    permission: str
    select: Callable[[Sequence[Clinic], User, datetime], Shown | None]


_figures: dict[str, DashboardFigure] = {}


def register_dashboard_figure(figure: DashboardFigure) -> None:
    """Show this figure; ValueError when there is one of its name."""
    if figure.name in _figures:
        raise ValueError(f"The clinic's page has a figure “{figure.name}” already.")
    _figures[figure.name] = figure


def dashboard_figures() -> Sequence[DashboardFigure]:
    """All figures in their order."""
    return sorted(_figures.values(), key=lambda figure: figure.order)


def shown_figures(clinics: Sequence[Clinic], user: Any, now: datetime) -> list[Shown]:
    """What this member of staff sees of the clinics."""
    permitted = [each for each in dashboard_figures() if user.has_perm(each.permission)]
    return [shown for each in permitted if (shown := each.select(clinics, user, now)) is not None]
