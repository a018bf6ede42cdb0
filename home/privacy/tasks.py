"""The Huey tasks of downloads and erasures. Losing one loses no work: the next minute's sweep finds the rows."""

from functools import partial

from django.utils import timezone
from huey.contrib.djhuey import db_task

from home.models import DataExport, Erasure
from home.privacy.erasure import CARRY_OUT_ERASURES, carry_out_next_erasure
from home.privacy.export import MAKE_EXPORTS, make_next_export
from notifications.work.leases import count_due
from notifications.work.sweep import Unfinished, one_worker, register
from notifications.work.turns import take_turn
from notifications.work.wakeups import WHENEVER, answers_to, wake


@answers_to(MAKE_EXPORTS)
@db_task(priority=WHENEVER)
def make_data_exports() -> None:
    """Put together the downloads that people asked for."""
    take_turn(lambda: make_next_export(now=timezone.now()), again=partial(wake, MAKE_EXPORTS))


@answers_to(CARRY_OUT_ERASURES)
@db_task(priority=WHENEVER)
def carry_out_erasures() -> None:
    """Carry out the erasures that were accepted."""
    take_turn(lambda: carry_out_next_erasure(now=timezone.now()), again=partial(wake, CARRY_OUT_ERASURES))


register(Unfinished(MAKE_EXPORTS, one_worker(lambda now: count_due(DataExport, now=now) > 0), DataExport))
register(
    Unfinished(
        CARRY_OUT_ERASURES,
        one_worker(lambda now: count_due(Erasure, now=now, state=Erasure.State.ACCEPTED) > 0),
        Erasure,
    )
)
