"""The Huey task of imports. Losing one loses no work: the next minute's sweep finds the rows."""

from functools import partial

from django.utils import timezone
from huey.contrib.djhuey import db_task

from home.imports.acts import CARRY_ON
from home.imports.work import carry_on_next
from home.models import Import
from notifications.work.leases import count_due
from notifications.work.sweep import Unfinished, one_worker, register
from notifications.work.turns import take_turn
from notifications.work.wakeups import WHENEVER, answers_to, wake


@answers_to(CARRY_ON)
@db_task(priority=WHENEVER)
def carry_on_imports() -> None:
    """Carry on the imports that somebody asked to be tried, carried out, undone or started."""
    take_turn(lambda: carry_on_next(now=timezone.now()), again=partial(wake, CARRY_ON))


register(Unfinished(CARRY_ON, one_worker(lambda now: count_due(Import, now=now) > 0), Import))
