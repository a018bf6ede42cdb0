"""Claims the visits about which something is due: reminds of them, and takes those for missed whose day is over.

A publication and the claim of its visit commit together: no reminder is published twice, and none is forgotten.
"""

import logging
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction

from events.models import Visit
from events.rules.visit_times import Step, due_step, next_step_at
from events.visits.publications import publish_missed, publish_reminders
from events.visits.refusals import today_at

logger = logging.getLogger(__name__)

VISITS = 500
"""At most so many visits in one transaction."""
_TRY_AGAIN = timedelta(days=1)


def pass_visits(*, now: datetime) -> str:
    """Publish the reminders that are due, and mark as missed what nobody came to; a line on what was done.

    Of what was missed while nothing ran, the latest alone counts. Visits of people who died or left are cancelled. Safe
    to repeat and to run twice at once.
    """
    done: Counter[str] = Counter()
    while claimed := _claim(now):
        done += claimed
    return f"{done['reminded']} reminders of visits, {done['missed']} missed, {done['cancelled']} cancelled"


def _claim(now: datetime) -> Counter[str]:
    done: Counter[str] = Counter()
    with transaction.atomic():
        # Locked in one order, waiting for each other, as for the notices of events.
        due = Visit.objects.select_for_update(of=("self",)).filter(next_step_at__lte=now)
        visits = list(due.select_related("patient", "clinic").order_by("id")[:VISITS])
        if not visits:
            return done
        reminded: list[tuple[Visit, Step]] = []
        missed: list[Visit] = []
        for visit in visits:
            try:
                step = _step(visit, now)
            except Exception:
                # One that can't be read must not take the others with it. Tomorrow somebody may have put it right.
                logger.exception("Nothing can be done about visit %(visit)s.", {"visit": visit.pk})
                visit.next_step_at = now + _TRY_AGAIN
                continue
            if step is Step.OVER:
                missed.append(visit)
            elif step:
                reminded.append((visit, step))
            done["cancelled"] += visit.state == Visit.State.CANCELLED
        Visit.objects.bulk_update(
            visits, ["state", "decided_at", "decided_by", "decided_side", "next_step_at"], batch_size=VISITS
        )
        publish_missed(missed, now=now)
        done["reminded"] += publish_reminders(reminded, now=now)
        done["missed"] += len(missed)
        done["claimed"] += len(visits)
    return done


def _step(visit: Visit, now: datetime) -> Step | None:
    """What is to be done now; the visit gets what follows from it."""
    if not visit.is_planned:
        visit.next_step_at = None
        return None
    if not visit.patient.is_here:
        visit.decide(Visit.State.CANCELLED, by=None, side="", now=now)
        return None
    zone, planned_on = visit.clinic.zone, today_at(visit.clinic, visit.planned_at)
    step = due_step(visit.day, zone, planned_on=planned_on, now=now)
    if step is Step.OVER:
        visit.decide(Visit.State.MISSED, by=None, side="", now=now)
    else:
        visit.next_step_at = next_step_at(visit.day, zone, planned_on=planned_on, now=now)
    return step
