"""Imports as work: stopped, taken over, found again by the sweep, one after the other at a clinic."""

import gc
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection

from home.imports import work as module
from home.imports.acts import import_check, import_discard, import_run, import_stop
from home.imports.tasks import carry_on_imports
from home.imports.work import carry_on_next
from home.models import Import, ImportRow, Patient
from notifications.privacy import retentions
from notifications.work.leases import claim
from notifications.work.sweep import sweep
from tests.home.conftest import Cast
from tests.home.imports.conftest import NOW, work
from tests.home.imports.files import FATIMA, SIPHO, csv_file, people
from tests.home.transactional import phones, queued  # noqa: F401 - fixtures
from tests.unheard import unheard_commit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]

Made = Callable[..., Import]
LEASE_AND_MORE = timedelta(minutes=15)
"""By then whoever held an import holds it no more, and what failed is due again."""


def imported() -> int:
    return Patient.objects.filter(folder_number__isnull=False).count()


def test_what_was_stopped_meanwhile_is_not_carried_out(tried: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tried(csv_file(people(3)))
    import_run(import_id=run.pk, now=NOW)
    rows = module._next_rows

    def stopped_first(*args: Any, **given: Any) -> Any:
        assert import_stop(import_id=run.pk, now=NOW)
        return rows(*args, **given)

    monkeypatch.setattr(module, "_next_rows", stopped_first)
    carry_on_next(now=NOW)
    run.refresh_from_db()
    assert (run.state, imported()) == ("stopped", 0)


def test_whoever_lost_the_lease_writes_nothing(tried: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tried(csv_file(people(3)))
    import_run(import_id=run.pk, now=NOW)
    rows = module._next_rows

    def taken_over(*args: Any, **given: Any) -> Any:
        Import.objects.update(lease_owner="another")
        return rows(*args, **given)

    monkeypatch.setattr(module, "_next_rows", taken_over)
    carry_on_next(now=NOW)
    assert imported() == 0


def test_what_nobody_finished_is_found_by_the_sweep(tried: Made) -> None:
    run = tried(csv_file(people(2)))
    import_run(import_id=run.pk, now=NOW)
    assert "carry_on_imports" in str(sweep(now=NOW))
    carry_on_imports.call_local()
    run.refresh_from_db()
    assert (run.state, imported()) == ("done", 2)
    assert "carry_on_imports" not in str(sweep(now=NOW))


def test_a_batch_that_fails_for_the_database_is_tried_again(
    tried: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tried(csv_file(people(2)))
    import_run(import_id=run.pk, now=NOW)

    def away(*args: Any) -> None:
        raise OperationalError("The connection is gone.")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_carry_out", away)
        carry_on_next(now=NOW)
    run.refresh_from_db()
    assert (run.state, run.failures, run.finished_at) == ("running", 1, None)
    assert set(run.rows.values_list("state", flat=True)) == {"new"}
    work(run.due_at)
    assert imported() == 2


@pytest.mark.django_db(transaction=True)
def test_rows_whose_commit_nobody_heard_of_are_imported_once(tried: Made) -> None:
    run = tried(csv_file(people(2)))
    import_run(import_id=run.pk, now=NOW)
    number, later = 1, NOW
    while True:
        with unheard_commit(number=number) as commits, suppress(DatabaseError):
            carry_on_next(now=later)
        if len(commits) < number:
            break
        number, later = number + 1, later + LEASE_AND_MORE
    work(later + LEASE_AND_MORE)
    run.refresh_from_db()
    assert (number > 2, run.state, imported()) == (True, "done", 2)


def test_a_row_that_somebody_imports_at_the_same_time_is_asked_about(tried: Made, cast: Cast) -> None:
    """The second of two imports sees what the first has made since both were tried."""
    one, other = tried(csv_file([FATIMA])), tried(csv_file([FATIMA, SIPHO]), by=cast.manager)
    for run in (one, other):
        import_run(import_id=run.pk, now=NOW)
    work()
    assert dict(other.rows.values_list("number", "state")) == {2: "same", 3: "done"}
    assert Patient.objects.filter(first_name="Fatima").count() == 1


def test_the_clinic_is_held_while_a_batch_is_carried_out(
    tried: Made, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        assert connection.features.has_select_for_update is False
        return
    run = tried(csv_file([FATIMA]))
    import_run(import_id=run.pk, now=NOW)
    held: list[str] = []

    def look(*args: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT relation::regclass::text FROM pg_locks WHERE mode = 'RowShareLock'")
            held.extend(name for (name,) in cursor.fetchall())

    monkeypatch.setattr(module, "_carry_out", look)
    carry_on_next(now=NOW)
    assert {"home_clinic", "home_import"} <= set(held)


def test_a_file_of_which_nothing_was_carried_out_can_be_forgotten(tried: Made, done: Made) -> None:
    run = tried(csv_file([FATIMA]))
    assert import_discard(import_id=run.pk)
    assert not ImportRow.objects.exists()
    assert not import_discard(import_id=done(csv_file([FATIMA])).pk)


def test_files_are_kept_for_thirty_days(done: Made) -> None:
    run = done(csv_file([FATIMA]))
    [retention] = [each for each in retentions() if each.name == "imports"]
    assert not retention.due(NOW).exists()
    assert list(retention.due(NOW + Import.KEPT)) == [run]
    retention.due(NOW + Import.KEPT).delete()
    assert Patient.objects.filter(first_name="Fatima").exists()


def test_two_workers_never_have_the_same_import(tried: Made) -> None:
    run = tried(csv_file([FATIMA]))
    import_run(import_id=run.pk, now=NOW)
    assert claim(Import, now=NOW, limit=1).ids == (run.pk,)
    assert not claim(Import, now=NOW, limit=1)


def test_memory_does_not_grow_with_rows(upload: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the marks of the rows before, of which ten thousand take some megabytes."""
    monkeypatch.setitem(module.AT_ONCE, "checking", 8)
    monkeypatch.setitem(module.AT_ONCE, "running", 8)

    def peak(rows: list[tuple[str, ...]]) -> int:
        run = upload(csv_file(rows))
        import_check(import_id=run.pk, matched=run.matched, now=NOW)
        gc.collect()
        tracemalloc.start()
        while carry_on_next(now=NOW):
            gc.collect()
        import_run(import_id=run.pk, now=NOW)
        while carry_on_next(now=NOW):
            gc.collect()
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return int(most)

    few = peak(people(16))
    assert peak(people(80, start=1_000)) < 1.3 * few + 128 * 1024
