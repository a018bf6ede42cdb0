"""A vaccination whose day has passed is asked about again, twice, and never twice for the same reason."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from home.models import Patient
from medications.models import VaccinationRecord
from medications.services import overdue_vaccinations
from medications.services.overdue_vaccinations import ask_about_overdue_vaccinations
from notifications import registry
from notifications.models import EventRecord, Notification
from notifications.pipeline.fan_out import fan_out
from notifications.types import Publication
from tests.factories import CareRoleFactory, PatientFactory
from tests.medications.factories import NOW, TODAY, VaccinationRecordFactory, VaccineFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]

DAY = timedelta(days=1)


@pytest.fixture
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def asked() -> list[str]:
    return list(
        EventRecord.objects.filter(event_type="vaccination.overdue").values_list("dedupe_key", flat=True)
    )


def everything_told(now: datetime = NOW) -> None:
    while EventRecord.objects.filter(finished_at=None, due_at__lte=now).exists():
        fan_out(now=now)


def days_asked(record: VaccinationRecord, *, until: int) -> list[int]:
    """On which days after its date it was asked about, with a run each morning."""
    found = []
    for day in range(until):
        if ask_about_overdue_vaccinations(now=NOW + day * DAY):
            found.append((NOW.date() + day * DAY - record.next_due_date).days)
    return found


def test_it_is_asked_about_after_seven_and_twenty_eight_days() -> None:
    record = VaccinationRecordFactory(next_due_date=TODAY)
    assert days_asked(record, until=90) == [7, 28]
    assert asked() == [f"{record.pk}:{TODAY}:7", f"{record.pk}:{TODAY}:28"]


@override_settings(VACCINATION_OVERDUE_DAYS=(14,))
def test_the_days_are_a_setting() -> None:
    assert days_asked(VaccinationRecordFactory(next_due_date=TODAY), until=60) == [14]


@override_settings(VACCINATION_OVERDUE_DAYS=())
def test_without_days_nobody_is_asked() -> None:
    assert days_asked(VaccinationRecordFactory(next_due_date=TODAY), until=60) == []


@pytest.mark.parametrize(
    ("overdue", "days"), [(6, None), (7, 7), (13, 7), (14, None), (27, None), (28, 28), (34, 28), (35, None)]
)
def test_after_an_outage_it_is_asked_within_a_week(overdue: int, days: int | None) -> None:
    record = VaccinationRecordFactory(next_due_date=TODAY - overdue * DAY)
    assert ask_about_overdue_vaccinations(now=NOW) == (days is not None)
    assert asked() == ([f"{record.pk}:{record.next_due_date}:{days}"] if days else [])


def test_again_and_again_changes_nothing() -> None:
    VaccinationRecordFactory(next_due_date=TODAY - 7 * DAY)
    assert [ask_about_overdue_vaccinations(now=NOW + timedelta(hours=hour)) for hour in range(4)] == [
        1,
        0,
        0,
        0,
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"date_given": TODAY},
        {"next_due_date": None},
        {"next_due_date": TODAY + DAY},
        {"patient__deceased_on": TODAY},
    ],
)
def test_what_is_given_moved_or_over_is_not_asked_about(change: dict[str, date | None]) -> None:
    VaccinationRecordFactory(**{"next_due_date": TODAY - 7 * DAY} | change)
    assert ask_about_overdue_vaccinations(now=NOW) == 0


@pytest.mark.parametrize(
    ("code", "number", "born", "asks"),
    [
        ("rv", 1, date(2023, 11, 20), 0),
        ("bcg", 1, date(2023, 11, 20), 0),
        ("pcv", 1, date(2023, 11, 20), 1),
        ("pcv", 2, date(2023, 11, 20), 0),
        ("hexavalent", 1, date(2023, 11, 20), 1),
        ("hexavalent", 1, date(2013, 11, 17), 1),  # set by the clinic on the day of the 13th birthday
        ("hexavalent", 1, date(2013, 11, 18), 0),
        ("hexavalent", 5, date(2023, 11, 20), 1),  # a number from before numbers were checked
        ("hexavalent", 5, date(2020, 11, 20), 0),
        ("rv", 1, None, 1),  # nobody knows how old: the clinic says
        ("flu", 1, date(1984, 5, 2), 1),
    ],
)
def test_nothing_follows_from_what_is_no_longer_given(code: str, number: int, born: date, asks: int) -> None:
    VaccinationRecordFactory(
        vaccine__code=code, dose_number=number, patient__date_of_birth=born, next_due_date=TODAY - 7 * DAY
    )
    assert ask_about_overdue_vaccinations(now=NOW) == asks


def test_what_another_record_has_given_is_not_asked_about() -> None:
    bcg = VaccineFactory(code="bcg")
    patient = PatientFactory(date_of_birth=date(2026, 9, 1))
    VaccinationRecordFactory(patient=patient, vaccine=bcg, date_given=date(2026, 9, 2))
    VaccinationRecordFactory(patient=patient, vaccine=bcg, repeat=1, next_due_date=TODAY - 7 * DAY)
    assert ask_about_overdue_vaccinations(now=NOW) == 0


def test_the_day_is_the_patients_own() -> None:
    VaccinationRecordFactory(next_due_date=TODAY - 7 * DAY, patient__timezone="Pacific/Kiritimati")
    late = datetime(2026, 11, 23, 12, tzinfo=UTC)  # the 24th there
    assert ask_about_overdue_vaccinations(now=late) == 1


def test_one_row_that_makes_no_sense_takes_no_other_with_it() -> None:
    poisoned = VaccinationRecordFactory(next_due_date=TODAY - 7 * DAY)
    Patient.objects.filter(pk=poisoned.patient_id).update(timezone="US/Pacific-New")
    VaccinationRecordFactory(next_due_date=TODAY - 7 * DAY)
    for born in (date.min, date.max):
        VaccinationRecordFactory(
            vaccine__code="hexavalent" if born == date.min else "pcv",
            next_due_date=TODAY - 7 * DAY,
            patient__date_of_birth=born,
        )
    VaccinationRecord.objects.filter(patient__date_of_birth=date.max).update(dose_number=99)
    assert ask_about_overdue_vaccinations(now=NOW) == 3
    everything_told()
    assert not EventRecord.objects.filter(finished_at=None).exists()


def test_it_works_in_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    for number in (2, 30):
        EventRecord.objects.all().delete()
        for _ in range(number):
            VaccinationRecordFactory(next_due_date=TODAY - 7 * DAY)
        with CaptureQueriesContext(connection) as queries:
            ask_about_overdue_vaccinations(now=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    monkeypatch.setattr(overdue_vaccinations, "CHUNK", 5)
    EventRecord.objects.all().delete()
    assert ask_about_overdue_vaccinations(now=NOW) == 32


def test_the_patients_people_are_told_once() -> None:
    role = CareRoleFactory(relation="guardian", patient__first_name="Lwazi", patient__last_name="Nkosi")
    record = VaccinationRecordFactory(patient=role.patient, next_due_date=TODAY - 7 * DAY)
    ask_about_overdue_vaccinations(now=NOW)
    fan_out(now=NOW)
    message = Notification.objects.get(event_type="vaccination.overdue")
    assert message.recipient_id == role.user_id
    assert message.title == "Still due: Measles and rubella"
    assert "was due for Lwazi Nkosi on Tuesday 17 November" in message.body
    assert message.valid_until == datetime(2026, 11, 25, 22, tzinfo=UTC)  # the end of the day after
    still_relevant = registry.get("vaccination.overdue").still_relevant
    assert list(still_relevant([message.data])) == [True]
    record.next_due_date = TODAY + DAY
    record.save()
    assert list(still_relevant([message.data])) == [False]


def test_it_is_not_sent_for_a_dose_that_is_no_longer_given_by_the_end_of_its_message() -> None:
    born = date(2026, 6, 10)  # 24 weeks old on 25 November
    role = CareRoleFactory(patient__date_of_birth=born)
    rota = VaccineFactory(code="rv")
    VaccinationRecordFactory(patient=role.patient, vaccine=rota, next_due_date=TODAY - 7 * DAY)
    assert ask_about_overdue_vaccinations(now=NOW) == 1
    everything_told()
    assert not Notification.objects.exists()


def test_nobody_is_reminded_of_what_is_no_longer_given() -> None:
    role = CareRoleFactory(patient__date_of_birth=date(2023, 11, 20))
    VaccinationRecordFactory(patient=role.patient, vaccine__code="rv", next_due_date=TODAY + DAY)
    VaccinationRecordFactory(patient=role.patient, vaccine__code="hexavalent", next_due_date=TODAY + DAY)
    everything_told(NOW + timedelta(hours=2))
    assert Notification.objects.count() == 1


def test_a_stranger_to_the_message_costs_no_more_queries() -> None:
    recipients = registry.get("vaccination.overdue").recipients
    counts = []
    for number in (1, 20):
        said = [
            Publication(
                id=index,
                payload={
                    "vaccination_record_id": VaccinationRecordFactory(
                        next_due_date=TODAY - 7 * DAY, patient=CareRoleFactory().patient
                    ).pk,
                    "due_on": str(TODAY - 7 * DAY),
                    "asked_on": str(TODAY),
                },
            )
            for index in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            assert len(list(recipients(said, NOW))) == number
        counts.append(len(queries))
    assert counts == [4, 4]
