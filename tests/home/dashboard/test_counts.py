"""Numbers that are counted in the background."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from home.dashboard import counts
from home.dashboard.counts import Numbers, count_all, counted, register_count
from home.models import Clinic
from tests.factories import ClinicFactory

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "_counts", {})


def one_each(clinics: Sequence[Clinic], now: datetime) -> Mapping[int, Numbers]:
    return {clinic.pk: {"visits": 1} for clinic in clinics}


def test_a_name_is_given_once() -> None:
    register_count("visits", one_each)
    with pytest.raises(ValueError, match="visits"):
        register_count("visits", one_each)


@pytest.mark.django_db
def test_of_clinics_is_said_what_they_have_together_as_it_was_counted_last() -> None:
    here, there, elsewhere = (ClinicFactory() for _number in range(3))
    register_count("visits", one_each)
    assert counted("visits", [here], since=NOW) == {}

    count_all(now=NOW)
    assert count_all(now=NOW) == 3

    assert counted("visits", [here, there], since=NOW) == {"visits": 2}
    assert counted("visits", [elsewhere], since=NOW + timedelta(seconds=1)) == {}


@pytest.mark.django_db
def test_what_cannot_be_counted_takes_nothing_else_with_it(caplog: pytest.LogCaptureFixture) -> None:
    clinic = ClinicFactory()
    register_count("broken", lambda clinics, now: {clinics[0].pk: {"visits": 1 // 0}})
    register_count("visits", one_each)

    assert count_all(now=NOW) == 1

    assert counted("visits", [clinic], since=NOW) == {"visits": 1}
    assert "broken" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_count() -> None:
    ClinicFactory()
    inside = []

    def count(clinics: Sequence[Clinic], now: datetime) -> Mapping[int, Numbers]:
        inside.append(connection.in_atomic_block)
        return one_each(clinics, now)

    register_count("visits", count)

    assert count_all(now=NOW) == 1
    assert inside == [False]


@pytest.mark.django_db
def test_many_clinics_are_counted_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "CLINICS", 2)
    clinics = [ClinicFactory() for _number in range(5)]
    register_count("visits", one_each)

    assert count_all(now=NOW) == 5
    assert counted("visits", clinics, since=NOW) == {"visits": 5}
