"""Staff say that stock from a file is warned of from now on, also when its import is long gone."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import ModelLogEntry

from home.models import Clinic, User
from medications.models import StockBatch
from medications.services.stock_warnings import send_expiry_warnings
from tests.factories import ClinicFactory, StaffRoleFactory
from tests.medications.factories import NOW, TODAY, MedicineFactory, StockBatchFactory, speaks

pytestmark = pytest.mark.django_db

PAGE, LIST = "/admin/clinic_stock/warnings/", "/admin/clinic_stock/"


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    nurse: User = StaffRoleFactory.create(clinic__name="Delft").user
    client.force_login(nurse)
    return nurse


@pytest.fixture
def clinic(nurse: User) -> Clinic:
    return nurse.staff_roles.get().clinic


def on_shelf(clinic: Clinic, number: str, *, is_silent: bool = True) -> StockBatch:
    batch: StockBatch = StockBatchFactory.create(
        prescription=None,
        clinic=clinic,
        medicine=MedicineFactory.create(name_en=f"Metformin {number}"),
        batch_number=number,
        quantity=Decimal(30),
        expiry_date=TODAY,
        is_silent=is_silent,
    )
    return batch


def shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def silent() -> list[str]:
    return list(
        StockBatch.objects.filter(is_silent=True)
        .order_by("batch_number")
        .values_list("batch_number", flat=True)
    )


def test_the_page_shows_what_is_silent_and_does_nothing(client: Client, clinic: Clinic) -> None:
    on_shelf(clinic, "L1")
    on_shelf(clinic, "L2", is_silent=False)
    page = shown(client, PAGE)
    assert "L1: 30 tablets, until 24 November 2026 (Delft)" in page
    assert "L2" not in page
    assert silent() == ["L1"]


def test_what_is_chosen_is_warned_of_from_now_on_and_the_rest_is_not(client: Client, clinic: Clinic) -> None:
    first, second = on_shelf(clinic, "L1"), on_shelf(clinic, "L2")
    assert send_expiry_warnings(now=NOW) == 0
    response = client.post(PAGE, {"batches": [first.pk]}, follow=True)
    assert "Staff are warned of 1 batch from now on." in response.content.decode()
    assert silent() == ["L2"]
    assert send_expiry_warnings(now=NOW) == 1
    entry = ModelLogEntry.objects.get(action="medications.warn")
    assert (entry.object_id, entry.user) == (str(first.pk), clinic.staff_roles.get().user)
    client.post(PAGE, {"batches": [second.pk]})
    assert silent() == []
    assert "Staff are warned of all stock on the shelf already." in shown(client, PAGE)


def test_nothing_of_another_clinic_is_shown_or_started(client: Client, clinic: Clinic) -> None:
    mine, theirs = on_shelf(clinic, "L1"), on_shelf(ClinicFactory.create(name="Hillbrow"), "L2")
    assert "L2" not in shown(client, PAGE)
    page = client.post(PAGE, {"batches": [mine.pk, theirs.pk]}).content.decode()
    assert f"Select a valid choice. {theirs.pk} is not one of the available choices." in page
    assert silent() == ["L1", "L2"]


def test_choosing_nothing_is_said_beside_the_choice(client: Client, clinic: Clinic) -> None:
    on_shelf(clinic, "L1")
    assert "This field is required." in client.post(PAGE, {}).content.decode()
    assert silent() == ["L1"]


def test_the_list_says_so_and_leads_there_as_long_as_there_is_any(client: Client, clinic: Clinic) -> None:
    batch = on_shelf(clinic, "L1")
    page = shown(client, LIST)
    assert "not started" in page
    assert PAGE in page
    client.post(PAGE, {"batches": [batch.pk]})
    page = shown(client, LIST)
    assert "not started" not in page
    assert PAGE not in page


def test_who_may_not_change_stock_starts_no_warnings(client: Client, clinic: Clinic) -> None:
    batch = on_shelf(clinic, "L1")
    for group in clinic.staff_roles.get().user.groups.all():
        group.permissions.remove(Permission.objects.get(codename="change_stockbatch"))
    assert PAGE not in shown(client, LIST)
    client.post(PAGE, {"batches": [batch.pk]})
    assert silent() == ["L1"]


def test_in_afrikaans(client: Client, nurse: User, clinic: Clinic) -> None:
    on_shelf(clinic, "L1")
    speaks(nurse, "af")
    page = shown(client, PAGE)
    assert "Begin waarskuwings" in page
    assert "Hierdie voorraad kom uit ’n lêer." in page
    translation.activate("en")


def test_it_asks_as_often_for_many_batches_as_for_two(client: Client, clinic: Clinic) -> None:
    def count(numbers: range) -> int:
        for number in numbers:
            on_shelf(clinic, f"L{number}")
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        return len(captured)

    client.get(PAGE)
    assert count(range(2)) == count(range(2, 20))
