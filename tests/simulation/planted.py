"""Bugs that were put in on purpose, each as somebody could make it: how many seeds it takes to find one.

`python -m tests.simulation --planted` makes each of them in a copy of the project, as `python -m tests.breaks` does.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.breaks.copy import broken, copied
from tests.breaks.edit import Break

_FOUND = re.compile(r"^Seed (\d+) fails.*\n  (.*)", re.MULTILINE)


def planted(name: str, file: str, old: str, new: str) -> Break:
    """No test is named: the simulation alone must find it."""
    return Break(name, file, old, new, ())


DOSES = "medications/recipients/doses.py"
ANSWERS = "medications/services/answers.py"
BATCH = "notifications/pipeline/batch.py"
COMPOSE = "notifications/pipeline/compose.py"
RELEVANCE = "notifications/pipeline/relevance.py"
LEASES = "notifications/work/leases.py"

PLANTED = (
    planted(
        "mark_before_send",
        BATCH,
        "        return call(message(outgoing, self.channel, self.found))\n",
        "        self.taken.finish(outgoing.ids, state=Delivery.State.SENT, sent_at=self.taken.clock())\n"
        "        return call(message(outgoing, self.channel, self.found))\n",
    ),
    planted(
        "acknowledge_without_the_lease",
        "notifications/work/one_row.py",
        "WHERE id = %s AND lease_owner = %s",
        "WHERE id = %s AND (lease_owner = %s OR TRUE)",
    ),
    planted(
        "an_answer_loses_to_a_retry",
        RELEVANCE,
        "_stale([row for row in rows if row.pk not in found or found[row.pk].until])",
        "_stale([row for row in rows if not row.failures])",
    ),
    planted(
        "scope_by_person",
        DOSES,
        "        about = About(rows[0].clinic_id, patient_id)\n"
        "        for values, user_id, path, told in _for_each(in_",
        "        about = About(rows[0].clinic_id, min((each.user_id for each in carers), default=None))\n"
        "        for values, user_id, path, told in _for_each(in_",
    ),
    planted(
        "period_by_utc_day",
        "medications/rules/plan.py",
        "                day=wall.date(),\n",
        "                day=due_at.date(),\n",
    ),
    planted(
        "what_is_too_late_is_sent",
        RELEVANCE,
        "        if valid_until and valid_until <= now:\n",
        "        if valid_until and valid_until <= now - (now - now.min.replace(tzinfo=now.tzinfo)) / 2:\n",
    ),
    planted(
        "a_plan_goes_on_when_it_was_read",
        "notifications/work/plan.py",
        "    seen = _seen({row.notification_id for row in rows})\n",
        "    seen: set[int] = set()\n",
    ),
    planted(
        "what_a_dead_worker_had_stays",
        LEASES,
        "Q(lease_until__isnull=True) | Q(lease_until__lt=now, crashes__lt=MAX_CRASHES - 1)",
        "Q(lease_until__isnull=True)",
    ),
    planted(
        "a_lease_keeps_nobody_away",
        LEASES,
        "Q(lease_until__isnull=True) | Q(lease_until__lt=now, crashes__lt=MAX_CRASHES - 1)",
        "Q(crashes__lt=MAX_CRASHES - 1)",
    ),
    planted(
        "quiet_hours_by_utc",
        RELEVANCE,
        "quiet_until(quiet_hours, wishes.timezone, now), Reason.QUIET_HOURS",
        'quiet_until(quiet_hours, "UTC", now), Reason.QUIET_HOURS',
    ),
    planted(
        "undo_gives_nothing_back",
        ANSWERS,
        "                stock_give_back(dose=dose, user=user, now=now)\n                dose.refresh",
        "                dose.refresh",
    ),
    planted(
        "the_last_answer_wins",
        ANSWERS,
        "is_open = Dose.objects.filter(id=dose_id, state__in=OPEN_STATES)",
        "is_open = Dose.objects.filter(id=dose_id)",
    ),
    planted(
        "later_after_an_answer",
        ANSWERS,
        "id=dose_id, due_at__lte=now, state__in=(Dose.State.SCHEDULED, Dose.State.UNANSWERED)",
        "id=dose_id, due_at__lte=now",
    ),
    planted(
        "anybody_answers",
        ANSWERS,
        'theirs = Dose.objects.filter(patient__in=patients_of(user).order_by().values("pk"))',
        "theirs = Dose.objects.all()",
    ),
    planted(
        "one_message_for_two_patients",
        DOSES,
        'key = f"{publication_id}:{patient_id}:{stamp(due_at)}"',
        'key = f"{publication_id}:{stamp(due_at)}"',
    ),
    planted(
        "a_key_for_each_attempt",
        DOSES,
        'key = f"{publication_id}:{patient_id}:{stamp(due_at)}"',
        'key = f"{publication_id}:{patient_id}:{stamp(due_at)}:{now.isoformat()}"',
    ),
    planted(
        "published_after_the_commit",
        "medications/services/reminders.py",
        '        bus.publish("medication.dose_due", told, now=now)',
        '        transaction.on_commit(partial(bus.publish, "medication.dose_due", told, now=now))',
    ),
    planted(
        "processed_before_anybody_is_told",
        "notifications/pipeline/fan_out.py",
        "    now = taken.clock()\n    for id_ in ids:\n",
        "    now = taken.clock()\n    taken.finish(ids, state=EventRecord.State.PROCESSED)\n    for id_ in ids:\n",
    ),
    planted(
        "what_arrived_failed",
        "notifications/channels/receipts.py",
        "    failed = rows.filter(state=State.SENT)\n",
        "    failed = rows.all()\n",
    ),
    planted(
        "early_receipts_are_forgotten",
        BATCH,
        "        if answered and self.channel.gives_receipts():\n",
        "        if answered and not self.channel.gives_receipts():\n",
    ),
    planted(
        "everybody_reads_english",
        COMPOSE,
        "RenderRequest(recipient.params, person.language, ",
        'RenderRequest(recipient.params, "en", ',
    ),
    planted(
        "everybody_sees_the_details",
        COMPOSE,
        "person.wishes.timezone, person.wishes.detail)",
        'person.wishes.timezone, type(person.wishes.detail)("detailed"))',
    ),
    planted(
        "the_last_place_goes_twice",
        "events/services/attendance.py",
        "    is_full = places_free(event) == 0\n",
        "    is_full = places_free(event) == -1\n",
    ),
    planted(
        "a_visit_that_was_moved_is_reminded_of",
        "events/visit_recipients.py",
        '    return [planned.get(each["visit_id"]) == each["day"] for each in data]',
        "    return [planned is not None for each in data]",
    ),
    planted(
        "a_choice_counts_when_it_is_planned",
        RELEVANCE,
        "        elif _is_off(row, person.wishes):\n",
        "        elif row.failures and _is_off(row, person.wishes):\n",
    ),
    planted(
        "consent_counts_when_it_is_planned",
        RELEVANCE,
        "    not_agreed = gate.barred(by_channel)\n",
        "    not_agreed = gate.barred({})\n",
    ),
    planted(
        "a_moved_dose_is_reminded_of_at_its_old_time",
        DOSES,
        'return bool(times) and ("due_at" not in data or ',
        'return bool(times) and ("due_at" in data or ',
    ),
    planted(
        "doses_by_the_clock_of_the_clinic",
        "medications/selectors/replanning.py",
        "        timezone=patient.zone,\n",
        "        timezone=patient.clinic.zone,\n",
    ),
    planted(
        "a_clock_is_followed_before_anything_is_moved",
        "home/clocks/moving.py",
        "        with transaction.atomic():\n            ours, left",
        '        taken.finish(ids, error="")\n        with transaction.atomic():\n            ours, left',
    ),
    planted(
        "missed_although_it_was_answered",
        DOSES,
        '    found = set(_doses(ids, (Dose.State.MISSED,)).values_list("id", flat=True))\n',
        "    found = ids\n",
    ),
)


def hunt(chosen: Sequence[Break], *, seeds: int, kept: Path) -> list[str]:
    """Make each of these, one after the other, and say in a line how many seeds it took; the names of those unfound."""
    missed = []
    with copied() as copy:
        for each in chosen:
            began = time.monotonic()
            with broken(copy, each):
                said = _run(copy, seeds, kept)
            found = _FOUND.search(said)
            taken = time.monotonic() - began
            if found is None:
                missed.append(each.name)
                print(f"MISSED {each.name} in {seeds} seeds, {taken:.0f} s\n{said[-500:]}", flush=True)
            else:
                print(f"found  {each.name} within {int(found[1]) + 1}, {taken:.0f} s: {found[2]}", flush=True)
    return missed


def _run(copy: Path, seeds: int, kept: Path) -> str:
    command = [sys.executable, "-m", "tests.simulation", "--seeds", str(seeds), "--first-failure"]
    # What was compiled is that of the copy as it is unbroken.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    ran = subprocess.run(
        [*command, "--kept", str(kept)],
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return ran.stdout
