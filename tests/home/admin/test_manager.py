"""The manager's page: whose figures are shown to whom, and what is drawn of them."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from fhir.resources.R4B.measurereport import MeasureReport

from home.models import Clinic, ClinicCount, Region, RegionRole, User
from notifications.models import Spending
from tests.factories import ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def count(clinic: Clinic, name: str, day: date = TODAY, /, **numbers: int) -> None:
    ClinicCount.objects.create(
        clinic=clinic,
        name=name,
        day=day,
        at=NOW,
        numbers={each.replace("__", "."): number for each, number in numbers.items()},
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def manager_of(*clinics: Clinic) -> Client:
    user = UserFactory()
    for clinic in clinics:
        StaffRoleFactory(clinic=clinic, user=user, role="manager")
    return signed_in(user)


def district_manager(region: Region) -> User:
    user: User = RegionRole.objects.create(user=UserFactory(), region=region).user
    return User.objects.get(pk=user.pk)


@pytest.fixture
def north() -> Clinic:
    clinic: Clinic = ClinicFactory(name="Kliniek Noord")
    count(clinic, "doses", date(2026, 11, 2), taken=80, missed=20)
    count(clinic, "doses", date(2026, 10, 30), taken=1, missed=9)
    count(clinic, "visits", date(2026, 11, 3), attended=30, missed=10, attended__reminded=20)
    return clinic


@pytest.fixture
def south() -> Clinic:
    clinic: Clinic = ClinicFactory(name="Kliniek Suid")
    count(clinic, "doses", date(2026, 11, 2), taken=50, missed=50)
    return clinic


def figures(client: Client, **query: str) -> dict[tuple[str, str], dict[str, tuple[str, str]]]:
    """By figure and place, the lines with their numbers, from the page's own values."""
    answer = client.get(reverse("manager"), query)
    assert answer.status_code == 200
    return {
        (each["figure"].name, shown.place.name): {
            line["label"]: (line["amount"], line["of"]) for line in shown.lines
        }
        for _part, own in answer.context["parts"]
        for each in own
        for shown in each["shown"]
    }


def test_a_manager_sees_the_month_that_is_running(north: Clinic, south: Clinic) -> None:
    found = figures(manager_of(north))
    assert found["doses", "Kliniek Noord"]["Doses that were answered"] == ("80", "100")
    assert found["visits", "Kliniek Noord"]["Visits that were kept"] == ("30", "40")
    assert found["reminded", "Kliniek Noord"] == {
        "with a reminder": ("20", "20"),
        "without a reminder": ("10", "20"),
    }
    assert {place for _name, place in found} == {"Kliniek Noord"}


def test_another_month_is_chosen(north: Clinic) -> None:
    found = figures(manager_of(north), month="2026-10")
    assert found["doses", "Kliniek Noord"]["Doses that were answered"] == ("1", "10")


def test_several_clinics_are_added_up_and_stand_one_below_the_other(north: Clinic, south: Clinic) -> None:
    client = manager_of(north, south)
    assert figures(client)["doses", "All clinics"]["Doses that were answered"] == ("130", "200")
    by_clinic = client.get(reverse("manager")).context["by_clinic"]
    assert [(row["name"], row["cells"][0]["percent"]) for row in by_clinic["rows"]] == [
        ("Kliniek Noord", 80),
        ("Kliniek Suid", 50),
    ]


def test_two_clinics_stand_side_by_side(north: Clinic, south: Clinic) -> None:
    found = figures(manager_of(north, south), place=str(north.pk), **{"with": str(south.pk)})
    answered = "Doses that were answered"
    assert found["doses", "Kliniek Noord"][answered] == ("80", "100")
    assert found["doses", "Kliniek Suid"][answered] == ("50", "100")


def test_a_district_manager_sees_the_figures_of_her_clinics_and_nobody_s_record(
    north: Clinic, south: Clinic
) -> None:
    region = Region.objects.create(name="Overberg")
    Clinic.objects.filter(pk=north.pk).update(region=region)
    patient = PatientFactory(clinic=north)
    client = signed_in(district_manager(region))

    assert figures(client)["doses", "Kliniek Noord"]["Doses that were answered"] == ("80", "100")
    assert figures(client, place=f"r{region.pk}")["doses", "Overberg"]["Doses that were answered"] == (
        "80",
        "100",
    )
    assert client.get(reverse("manager"), {"place": str(south.pk)}).status_code == 404
    for name, args in (
        ("patients:index", []),
        ("patients:record", [patient.pk]),
        ("worklist:index", []),
        ("notification_messages:index", []),
        ("access_log:index", []),
        ("clinics:index", []),
    ):
        answer = client.get(reverse(name, args=args))
        assert answer.status_code in (302, 403, 404), name
        assert patient.last_name not in answer.content.decode()


def test_a_manager_sees_no_other_clinic_of_her_district(north: Clinic, south: Clinic) -> None:
    region = Region.objects.create(name="Overberg")
    Clinic.objects.update(region=region)
    district_manager(region)
    assert manager_of(north).get(reverse("manager"), {"place": str(south.pk)}).status_code == 404


def test_a_district_is_chosen_and_head_office_sees_all(north: Clinic, south: Clinic) -> None:
    region = Region.objects.create(name="Overberg")
    east = ClinicFactory(name="Kliniek Oos", region=region)
    Clinic.objects.filter(pk=north.pk).update(region=region)
    office = signed_in(UserFactory(is_superuser=True))
    found = figures(office, place=f"r{region.pk}", **{"with": str(south.pk)})
    assert found["doses", "Overberg"]["Doses that were answered"] == ("80", "100")
    assert found["doses", "Kliniek Suid"]["Doses that were answered"] == ("50", "100")
    assert east.name in office.get(reverse("manager")).content.decode()


def test_whoever_follows_a_district_no_more_sees_nothing(north: Clinic) -> None:
    region = Region.objects.create(name="Overberg")
    Clinic.objects.filter(pk=north.pk).update(region=region)
    user = district_manager(region)
    assert signed_in(user).get(reverse("manager")).status_code == 200
    RegionRole.objects.get(user=user).delete()
    assert signed_in(User.objects.get(pk=user.pk)).get(reverse("manager")).status_code == 302
    assert not user.groups.exists()


@pytest.mark.parametrize(
    "query", [{"place": "999"}, {"place": "r1"}, {"month": "2026-13"}, {"month": "x"}, {"with": "\x00"}]
)
def test_what_is_nowhere_is_not_found(north: Clinic, query: dict[str, str]) -> None:
    assert manager_of(north).get(reverse("manager"), query).status_code == 404


def test_nurses_see_no_figures(north: Clinic) -> None:
    client = signed_in(StaffRoleFactory(clinic=north).user)
    for name in ("manager", "manager_csv", "manager_fhir"):
        assert client.get(reverse(name)).status_code == 302
    assert client.get("/en/figures/").status_code == 403


def test_a_message_leads_there(north: Clinic) -> None:
    answer = manager_of(north).get(f"/en/figures/?place={north.pk}&month=2026-10")
    assert answer["Location"] == f"/admin/manager/?place={north.pk}&month=2026-10"


def test_it_takes_as_many_queries_for_many_as_for_few(north: Clinic) -> None:
    def asked(client: Client) -> int:
        client.get(reverse("manager"))  # fills the caches
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("manager")).status_code == 200
        return len(queries)

    few = asked(manager_of(north, ClinicFactory()))
    others = [ClinicFactory() for _number in range(3)]  # of more the side bar counts nothing
    for clinic in others:
        for day in range(1, 25):
            count(clinic, "doses", date(2026, 11, day), taken=1)
    assert asked(manager_of(north, *others)) == few


def language_split(clinic: Clinic) -> None:
    count(
        clinic,
        "patients",
        all=43,
        reached=40,
        by__sms=40,
        in__en=30,
        in__en__reached=28,
        in__af=10,
        in__af__reached=10,
        in__zu=3,
        in__zu__reached=2,
    )


def test_few_people_of_a_language_are_shown_only_to_who_sees_their_records(north: Clinic) -> None:
    language_split(north)
    region = Region.objects.create(name="Overberg")
    Clinic.objects.filter(pk=north.pk).update(region=region)
    mine = figures(manager_of(north))["patients", "Kliniek Noord"]
    hers = figures(signed_in(district_manager(region)))["patients", "Kliniek Noord"]
    assert mine["reached, of: isiZulu"] == ("2", "3")
    assert hers["reached, of: isiZulu"] == ("", "")
    assert hers["Patients who are reached"] == ("40", "43")


def test_messages_are_shown_by_channel_and_by_what_became_of_them(north: Clinic) -> None:
    count(north, "deliveries", sms__sent=3, sms__delivered=40, sms__failed=2, email__waiting=5)
    found = figures(manager_of(north))["deliveries", "Kliniek Noord"]
    assert found == {
        "Messages that left": ("43", "50"),
        "E-mail: still waiting": ("5", "5"),
        "SMS: sent, no word since": ("3", "45"),
        "SMS: arrived": ("40", "45"),
        "SMS: failed": ("2", "45"),
    }


@pytest.mark.parametrize(
    ("waiting", "said"),
    [
        ({"number": 4, "minutes": 9}, "The oldest waits for 9 minutes."),
        ({"number": 1, "minutes": 1}, "The oldest waits for 1 minute."),
        ({"number": 0, "minutes": 0}, "No message waits that should be out."),
    ],
)
def test_messages_that_should_be_out_are_shown_with_how_long_the_oldest_waits(
    north: Clinic, waiting: dict[str, int], said: str
) -> None:
    count(north, "overdue", **waiting)
    client = manager_of(north)
    found = figures(client)["overdue", "Kliniek Noord"]
    assert found == {"Messages that should be out by now": (str(waiting["number"]), "")}
    assert said in client.get(reverse("manager")).content.decode()
    assert ("overdue", "Kliniek Noord") not in figures(client, month="2026-10"), "it is of now"


def test_answers_within_an_hour_are_shown_by_way_and_together(north: Clinic) -> None:
    count(north, "answered", date(2026, 11, 3), sms=30, sms__answered=12, push=20, push__answered=15)
    assert figures(manager_of(north))["answered", "Kliniek Noord"] == {
        "All ways together": ("27", "50"),
        "Phone notifications": ("15", "20"),
        "SMS": ("12", "30"),
    }


def test_a_shelf_is_shown_by_days_of_supply_and_by_what_expires(north: Clinic) -> None:
    count(north, "shelves", low=3, days_0=1, days_7=2, days_14=4, longer=5, unused=1, expiring_30=2)
    assert figures(manager_of(north))["shelves", "Kliniek Noord"] == {
        "Medicines that are low on the shelf": ("3", "13"),
        "nothing left": ("1", "13"),
        "at least 1 and less than 7 days": ("2", "13"),
        "at least 7 and less than 14 days": ("4", "13"),
        "at least 14 and less than 30 days": ("0", "13"),
        "30 days or more": ("5", "13"),
        "nobody is to take any": ("1", "13"),
        "batches that expire within 30 days": ("2", ""),
        "batches that expire within 90 days": ("0", ""),
    }


def test_the_month_as_csv(north: Clinic) -> None:
    language_split(north)
    Spending.objects.create(
        scope_id=north.pk, month=date(2026, 11, 1), category="system", channel="sms", cost=Decimal("12.50")
    )
    Clinic.objects.filter(pk=north.pk).update(name="=1+1")
    answer = manager_of(north).get(reverse("manager_csv"), {"month": "2026-11"})
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert answer["Content-Disposition"] == 'attachment; filename="figures-11-2026-11.csv"'
    assert ["'=1+1", "2026-11-01", "2026-11-24", "Doses", "taken", "80", "100"] in rows
    assert ["'=1+1", "2026-11-01", "2026-11-24", "What messages cost", "What messages cost", "12.50", ""] in [
        [*row[:5], f"{Decimal(row[5]):.2f}" if row[5][:1].isdigit() else row[5], row[6]] for row in rows[1:]
    ]
    assert [row[5] for row in rows if row[4] == "reached, of: isiZulu"] == ["not said"]
    assert [row[5] for row in rows if row[4] == "reached, of: English"] == ["not said"]  # 2 of 30 are not


def test_the_month_as_a_measure_report(north: Clinic) -> None:
    language_split(north)
    answer = manager_of(north).get(reverse("manager_fhir"), {"month": "2026-11"})
    assert answer["Content-Type"] == "application/fhir+json; charset=utf-8"
    report = json.loads(answer.content)
    MeasureReport.model_validate(report)
    assert (report["type"], report["period"]) == ("summary", {"start": "2026-11-01", "end": "2026-11-24"})
    groups = {group["code"]["coding"][0]["code"]: group for group in report["group"]}
    taken = {
        each["code"]["coding"][0]["code"]: each.get("count") for each in groups["doses.taken"]["population"]
    }
    assert taken == {"denominator": 100, "numerator": 80}
    assert groups["doses.taken"]["measureScore"]["value"] == 80
    [hidden] = groups["patients.in_zu"]["population"]
    assert "count" not in hidden and hidden["_count"]["extension"][0]["valueCode"] == "masked"


def test_what_cannot_be_shown_of_one_figure_is_said_of_the_others(north: Clinic) -> None:
    found = figures(manager_of(north))
    assert "clubs" not in {name for name, _place in found}
    count(north, "clubs", events=2, attended=9, no_show=1)
    assert figures(manager_of(north))["clubs", "Kliniek Noord"]["People who were there"] == ("9", "10")
