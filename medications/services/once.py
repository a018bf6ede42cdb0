"""What a form about stock does is done once however often it is sent, and not unseen over somebody else's work."""

from collections.abc import Callable

from medications.models import StockMovement


class ChangedMeanwhileError(Exception):
    """Somebody wrote something else after the form was shown: whoever sent it may have meant just that."""


def once(
    act: Callable[[], object],
    *,
    seen: int | None,
    newest: StockMovement | None,
    did: Callable[[StockMovement], bool],
) -> None:
    """Do `act`, unless `newest` is its own work already, as `did` says of a movement.

    `newest` is the latest movement that the form compares with, read while the stock is held, and `seen` its id when
    the form was shown, 0 where there was none; without `seen` nothing is compared. ChangedMeanwhileError where the
    two differ by other work. Called in the transaction that holds the stock.
    """
    if seen is None or newest is None or newest.pk == seen:
        act()
    elif not did(newest):
        raise ChangedMeanwhileError
