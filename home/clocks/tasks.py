"""The Huey task of changed clocks. Losing one loses no work: the next minute's sweep finds the rows."""

from functools import partial

from django.utils import timezone
from huey.contrib.djhuey import db_task

from home.clocks.moving import MOVE_CLOCKS, clocks_move_next
from home.models import ClockChange
from notifications.work.leases import count_due
from notifications.work.sweep import Unfinished, one_worker, register
from notifications.work.turns import take_turn
from notifications.work.wakeups import SOON, answers_to, wake


@answers_to(MOVE_CLOCKS)
@db_task(priority=SOON)
def move_clocks() -> None:
    """Move what hangs on the clocks that changed."""
    take_turn(lambda: clocks_move_next(now=timezone.now()), again=partial(wake, MOVE_CLOCKS))


register(Unfinished(MOVE_CLOCKS, one_worker(lambda now: count_due(ClockChange, now=now) > 0), ClockChange))
