"""A process that dies leaves what it has committed, and nothing else."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from home.models import Region
from tests.simulation import deaths
from tests.simulation.deaths import Kill

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _processes_can_die() -> Iterator[None]:
    with transaction.atomic(), deaths.processes_can_die():
        yield


def add(*names: str) -> None:
    """In one transaction, with one inside it for each."""
    with transaction.atomic():
        for name in names:
            with transaction.atomic():
                Region.objects.create(name=name)


def there() -> list[str]:
    return list(Region.objects.order_by("name").values_list("name", flat=True))


def test_what_was_not_committed_is_gone() -> None:
    def work() -> None:
        add("north")
        add("east", "south")
        add("west")

    assert not deaths.run(work, Kill("commit", 2))
    assert there() == ["north"]


def test_what_was_committed_stays() -> None:
    def work() -> None:
        add("north")
        add("east", "south")
        add("west")

    assert not deaths.run(work, Kill("committed", 2))
    assert there() == ["east", "north", "south"]


def test_a_statement_by_itself_is_a_commit() -> None:
    add("north", "south")

    def work() -> None:
        Region.objects.filter(name="north").update(name="1")
        Region.objects.filter(name="south").update(name="2")

    assert not deaths.run(work, Kill("commit", 2))
    assert there() == ["1", "south"]


def test_it_may_die_in_one_step_of_its_work_alone() -> None:
    def work() -> None:
        deaths.begin("first")
        add("north")
        deaths.begin("second")
        add("south")

    assert not deaths.run(work, Kill("commit", 1, "second"))
    assert there() == ["north"]


def test_whoever_is_dead_writes_nothing_more() -> None:
    def work() -> None:
        try:
            deaths.reach("send")
        finally:
            add("north")

    assert not deaths.run(work, Kill("send", 1))
    assert there() == []


def test_what_waits_for_a_commit_is_done_by_whoever_lives() -> None:
    def work(name: str) -> None:
        with transaction.atomic():
            Region.objects.create(name=name)
            transaction.on_commit(lambda: add(f"{name} followed"))

    assert deaths.run(lambda: work("north"), Kill("commit", 9))
    assert not deaths.run(lambda: work("south"), Kill("committed", 1))
    assert there() == ["north", "north followed", "south"]


def test_what_goes_back_by_itself_is_no_commit() -> None:
    def work() -> None:
        with transaction.atomic():
            Region.objects.create(name="north")
            transaction.set_rollback(True)
        add("south")

    assert not deaths.run(work, Kill("committed", 1))
    assert there() == ["south"]


def test_another_process_works_while_one_is_at_something() -> None:
    def work() -> None:
        assert deaths.run(lambda: add("north"), Kill("commit", 2))
        add("south")
        add("west")

    assert not deaths.run(work, Kill("commit", 2))
    assert there() == ["north", "south"]
