"""Staff count, write off, correct and hand out, and read what has happened to a stock."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import Relation, User
from medications.models import Prescription, StockBatch, StockMovement
from medications.services.answers import dose_take
from medications.services.stock import stock_receive
from medications.services.stock_acts import stock_waste
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import NOW, TODAY, DoseFactory, DoseScheduleFactory

pytestmark = pytest.mark.django_db

LATER = date(2027, 6, 30)


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse(client: Client) -> User:
    nurse = StaffRoleFactory(user__first_name="Nomsa", user__last_name="Dube").user
    client.force_login(nurse)
    return nurse


@pytest.fixture
def prescription(nurse: User) -> Prescription:
    patient = PatientFactory(clinic=nurse.staff_roles.get().clinic, first_name="Thandi", last_name="Nkosi")
    return DoseScheduleFactory(prescription__patient=patient).prescription


def received(prescription: Prescription, quantity: str, *, shelf: bool = False, **more: Any) -> StockBatch:
    holder: Any = {"clinic": prescription.patient.clinic} if shelf else {"prescription": prescription}
    return stock_receive(
        medicine=prescription.medicine, quantity=Decimal(quantity), now=NOW,
        **{"expiry_date": LATER, "batch_number": "S1" if shelf else "H1", **holder, **more},
    )  # fmt: skip


def home(prescription: Prescription, page: str = "") -> str:
    return f"/admin/prescriptions/{prescription.pk}/stock/{page}"


def shelf(batch: StockBatch, page: str = "") -> str:
    return f"/admin/clinic_stock/{batch.pk}/stock/{page}"


def take(prescription: Prescription, number: int) -> None:
    user = CareRoleFactory(patient=prescription.patient, relation=Relation.CARER).user
    before = prescription.doses.count()
    for each in range(number):
        due_at = NOW - timedelta(minutes=before + each)
        dose = DoseFactory(schedule=prescription.schedules.get(), due_at=due_at)
        dose_take(dose_id=dose.pk, user=user, now=NOW)


class TestCount:
    def test_it_says_what_is_there_and_settles_what_was_owed(
        self, client: Client, nurse: User, prescription: Prescription
    ) -> None:
        pack = received(prescription, "1")
        take(prescription, 4)
        answer = client.post(home(prescription, "count/"), {f"batch_{pack.pk}": "10"})
        assert answer.status_code == 302 and answer["Location"] == home(prescription)
        assert received(prescription, "28").quantity == 28
        assert sum(prescription.batches.values_list("quantity", flat=True)) == 38
        assert StockMovement.objects.filter(kind="counted", batch=pack).get().by == nurse
        assert "H1, until 30 June 2027, 10 tablets" in client.get(home(prescription)).content.decode()

    @pytest.mark.parametrize("typed", ["", "-1", "1e3", "many"])
    def test_what_is_no_number_is_refused_beside_its_field(
        self, client: Client, prescription: Prescription, typed: str
    ) -> None:
        pack = received(prescription, "5")
        answer = client.post(home(prescription, "count/"), {f"batch_{pack.pk}": typed})
        assert answer.status_code == 200
        assert list(answer.context["form"].errors) == [f"batch_{pack.pk}"]
        assert StockMovement.objects.count() == 1

    def test_of_a_shelf(self, client: Client, prescription: Prescription) -> None:
        batch = received(prescription, "100", shelf=True)
        client.post(shelf(batch, "count/"), {f"batch_{batch.pk}": "98,5"})
        batch.refresh_from_db()
        assert batch.quantity == Decimal("98.5")

    def test_where_nothing_was_received_there_is_nothing_to_count(
        self, client: Client, prescription: Prescription
    ) -> None:
        assert "There are no packs here." in client.get(home(prescription, "count/")).content.decode()
        assert client.post(home(prescription, "count/"), {}).status_code == 302
        assert not StockMovement.objects.exists()


class TestHandOut:
    def test_the_soonest_expiry_is_offered_first_and_nothing_expired(
        self, client: Client, prescription: Prescription
    ) -> None:
        late, soon = received(prescription, "50", shelf=True), None
        soon = received(prescription, "30", shelf=True, expiry_date=TODAY, batch_number="S2")
        received(prescription, "9", shelf=True, expiry_date=TODAY - timedelta(days=1), batch_number="S3")
        form = client.get(home(prescription, "hand-out/")).context["form"]
        assert [pk for pk, _ in form.fields["batch"].choices] == [soon.pk, late.pk]
        assert form["batch"].value() == soon.pk

    def test_it_moves_both_in_one_act(self, client: Client, nurse: User, prescription: Prescription) -> None:
        batch = received(prescription, "50", shelf=True)
        answer = client.post(home(prescription, "hand-out/"), {"batch": batch.pk, "quantity": "28"})
        assert answer.status_code == 302, answer.context["form"].errors
        batch.refresh_from_db()
        assert (batch.quantity, prescription.batches.get().quantity) == (22, 28)
        page = client.get(shelf(batch)).content.decode()
        assert "to Thandi Nkosi" in page and "Nomsa Dube" in page

    @pytest.mark.parametrize(
        "fields", [{"quantity": "51"}, {"quantity": "0"}, {"quantity": "1e1"}, {"batch": "0"}]
    )
    def test_what_cannot_be_is_refused_beside_its_field(
        self, client: Client, prescription: Prescription, fields: dict[str, str]
    ) -> None:
        batch = received(prescription, "50", shelf=True)
        data = {"batch": str(batch.pk), "quantity": "28", **fields}
        answer = client.post(home(prescription, "hand-out/"), data)
        assert answer.status_code == 200
        assert list(answer.context["form"].errors) == list(fields)
        assert not prescription.batches.exists()

    def test_another_clinics_shelf_is_not_offered(self, client: Client, prescription: Prescription) -> None:
        other = received(prescription, "50", shelf=True, clinic=ClinicFactory())
        answer = client.post(home(prescription, "hand-out/"), {"batch": other.pk, "quantity": "1"})
        assert "nothing of this medicine" in answer.content.decode()
        assert not prescription.batches.exists()


class TestWasteAndCorrection:
    def test_they_ask_for_a_reason(self, client: Client, prescription: Prescription) -> None:
        pack = received(prescription, "28")
        for page in ("write-off/", "correct/"):
            data = {"batch": pack.pk, "quantity": "1", "why": " ", "more": "1"}
            assert list(client.post(home(prescription, page), data).context["form"].errors) == ["why"]

    def test_both_are_in_the_ledger(self, client: Client, prescription: Prescription) -> None:
        pack = received(prescription, "82")
        correct = {"batch": pack.pk, "more": "-1", "quantity": "54", "why": "28, not 82"}
        assert client.post(home(prescription, "correct/"), correct).status_code == 302
        waste = {"batch": pack.pk, "quantity": "½", "why": "Broken"}
        assert client.post(home(prescription, "write-off/"), waste).status_code == 302
        rows = StockMovement.objects.order_by("id").values_list("kind", "quantity", "why")
        assert list(rows)[1:] == [("corrected", -54, "28, not 82"), ("wasted", Decimal("-0.5"), "Broken")]
        page = " ".join(client.get(home(prescription)).content.decode().split())
        for text in ("−54", "28, not 82", "−0.5", "27.5 tablets"):
            assert text in page

    def test_what_has_expired_can_be_written_off_and_its_ledger_stays(
        self, client: Client, prescription: Prescription
    ) -> None:
        batch = received(prescription, "5", shelf=True, expiry_date=TODAY - timedelta(days=1))
        data = {"batch": batch.pk, "quantity": "5", "why": "expired"}
        assert client.post(shelf(batch, "write-off/"), data).status_code == 302
        page = client.get(shelf(batch)).content.decode()
        assert "Nothing is left." in page and "−5" in page

    def test_never_more_than_is_there(self, client: Client, prescription: Prescription) -> None:
        batch = received(prescription, "5", shelf=True)
        answer = client.post(shelf(batch, "write-off/"), {"batch": batch.pk, "quantity": "6", "why": "lost"})
        assert list(answer.context["form"].errors) == ["quantity"]


def acts(prescription: Prescription) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each page that changes a stock, of a home with 28 and a shelf with 100, and what is typed there."""
    pack, batch = received(prescription, "28"), received(prescription, "100", shelf=True)
    lost = {"batch": pack.pk, "quantity": "5", "why": "wet"}
    return {
        "count": (home(prescription, "count/"), {f"batch_{pack.pk}": "20"}),
        "write off": (home(prescription, "write-off/"), lost),
        "correct": (home(prescription, "correct/"), {**lost, "more": "-1"}),
        "hand out": (home(prescription, "hand-out/"), {"batch": batch.pk, "quantity": "28"}),
        "count a shelf": (shelf(batch, "count/"), {f"batch_{batch.pk}": "90"}),
        "write off a shelf": (shelf(batch, "write-off/"), {**lost, "batch": batch.pk}),
    }


def seen(client: Client, page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', client.get(page).content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize(
    "name", ["count", "write off", "correct", "hand out", "count a shelf", "write off a shelf"]
)
class TestSentTwice:
    def test_it_is_done_once(self, client: Client, prescription: Prescription, name: str) -> None:
        page, typed = acts(prescription)[name]
        form = {**typed, "seen": seen(client, page)}
        assert client.post(page, form).status_code == 302
        there = StockMovement.objects.count()
        assert client.post(page, form).status_code == 302
        assert StockMovement.objects.count() == there

    def test_what_a_colleague_did_meanwhile_is_looked_at_first(
        self, client: Client, prescription: Prescription, name: str
    ) -> None:
        page, typed = acts(prescription)[name]
        before = seen(client, page)
        for batch in StockBatch.objects.all():
            stock_waste(batch_id=batch.pk, quantity=Decimal(2), user=UserFactory(), now=NOW, why="broken")
        there = StockMovement.objects.count()

        answer = client.post(page, {**typed, "seen": before})
        assert "This stock was changed meanwhile. Look at what is there now, and save again." in (
            answer.content.decode()
        )
        assert StockMovement.objects.count() == there
        assert client.post(page, {**typed, "seen": answer.context["seen"]}).status_code == 302
        assert StockMovement.objects.count() > there

    def test_a_dose_that_is_taken_meanwhile_stops_nobody(
        self, client: Client, prescription: Prescription, name: str
    ) -> None:
        page, typed = acts(prescription)[name]
        before = seen(client, page)
        take(prescription, 1)
        assert client.post(page, {**typed, "seen": before}).status_code == 302


class TestLedger:
    def test_it_is_as_many_queries_however_long(self, client: Client, prescription: Prescription) -> None:
        received(prescription, "100")

        def count(number: int) -> int:
            take(prescription, number)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(home(prescription)).status_code == 200
            return len(captured)

        count(1)
        assert count(1) == count(9)

    def test_a_long_one_has_pages(self, client: Client, prescription: Prescription) -> None:
        received(prescription, "100")
        take(prescription, 55)
        assert "?p=2" in client.get(home(prescription)).content.decode()
        assert "received" in client.get(f"{home(prescription)}?p=2").content.decode()

    def test_of_the_whole_shelf(self, client: Client, prescription: Prescription) -> None:
        batch = received(prescription, "5", shelf=True)
        received(prescription, "7", shelf=True, batch_number="Lot-2")
        assert "Lot-2" not in client.get(shelf(batch)).content.decode()
        page = client.get(f"{shelf(batch)}?all=1").content.decode()
        assert "Lot-2" in page and "12 tablets" in page

    def test_lists_and_forms_lead_to_it(self, client: Client, prescription: Prescription) -> None:
        batch = received(prescription, "5", shelf=True)
        assert home(prescription) in client.get("/admin/prescriptions/").content.decode()
        assert home(prescription, "hand-out/") in client.get("/admin/prescriptions/").content.decode()
        takers = "/admin/prescriptions/?q=Metformin"
        assert takers in client.get(shelf(batch)).content.decode()
        assert home(prescription, "hand-out/") in client.get(takers).content.decode()
        assert shelf(batch) in client.get("/admin/clinic_stock/").content.decode()
        for page in (
            f"/admin/prescriptions/edit/{prescription.pk}/",
            f"/admin/clinic_stock/edit/{batch.pk}/",
        ):
            assert "/stock/" in client.get(page).content.decode()

    def test_who_may_only_look_may_not_change(self, client: Client, prescription: Prescription) -> None:
        looks = UserFactory(is_staff=True)
        StaffRoleFactory(user=looks, clinic=prescription.patient.clinic)
        looks.groups.clear()
        names = ("access_admin", "view_prescription", "view_stockbatch")
        looks.user_permissions.add(*Permission.objects.filter(codename__in=names))
        client.force_login(looks)
        received(prescription, "5")
        page = client.get(home(prescription))
        assert page.status_code == 200
        assert home(prescription, "count/") not in page.content.decode()
        for name in ("count/", "hand-out/", "write-off/", "correct/"):
            assert client.get(home(prescription, name)).status_code in (302, 403)


class TestForms:
    """The line of a batch in the form of its prescription, and the form of a shelf's batch."""

    def lines(self, prescription: Prescription, **line: Any) -> dict[str, Any]:
        schedule = prescription.schedules.get()
        shown = {"id": schedule.pk, "kind": "times", "quantity": "1", "other_times": "08:00"}
        data: dict[str, Any] = {
            "start_date": "2026-11-01", "reminders_enabled": "on", "instructions_en": "", "instructions_af": "",
        }  # fmt: skip
        for prefix, form in (("schedules", shown), ("batches", line)):
            data |= {f"{prefix}-TOTAL_FORMS": 1, f"{prefix}-INITIAL_FORMS": 1}
            data |= {f"{prefix}-MIN_NUM_FORMS": 0, f"{prefix}-MAX_NUM_FORMS": 1000}
            data |= {f"{prefix}-0-{name}": value for name, value in form.items()}
        return data

    def test_another_number_is_a_count_that_settles_what_was_owed(
        self, client: Client, nurse: User, prescription: Prescription
    ) -> None:
        pack = received(prescription, "1")
        take(prescription, 4)
        line = {"id": pack.pk, "quantity": "10", "shown_quantity": "0.000", "expiry_date": "2027-06-30"}
        answer = client.post(
            f"/admin/prescriptions/edit/{prescription.pk}/", self.lines(prescription, **line)
        )
        assert answer.status_code == 302
        assert received(prescription, "28").quantity == 28
        counted = StockMovement.objects.get(kind="counted", batch=pack)
        assert (counted.quantity, counted.by) == (10, nurse)

    def test_what_is_taken_between_is_not_overwritten(
        self, client: Client, prescription: Prescription
    ) -> None:
        pack = received(prescription, "28")
        take(prescription, 1)
        line = {"id": pack.pk, "quantity": "28", "shown_quantity": "28.000", "expiry_date": "2027-07-31"}
        client.post(f"/admin/prescriptions/edit/{prescription.pk}/", self.lines(prescription, **line))
        pack.refresh_from_db()
        assert (pack.quantity, pack.expiry_date) == (27, date(2027, 7, 31))

    @pytest.mark.parametrize("wrong", [{"quantity": "1e3"}, {"quantity": "-1"}, {"DELETE": "on"}])
    def test_what_cannot_be_is_refused_beside_its_field(
        self, client: Client, prescription: Prescription, wrong: dict[str, str]
    ) -> None:
        pack = received(prescription, "28")
        line = {"id": pack.pk, "quantity": "28", "shown_quantity": "28", "expiry_date": "2027-06-30", **wrong}
        answer = client.post(
            f"/admin/prescriptions/edit/{prescription.pk}/", self.lines(prescription, **line)
        )
        assert answer.status_code == 200
        assert list(answer.context["form"].formsets["batches"].forms[0].errors) == ["quantity"]
        assert pack.movements.count() == 1

    def test_a_shelfs_batch_keeps_its_clinic_and_its_medicine(
        self, client: Client, nurse: User, prescription: Prescription
    ) -> None:
        batch = received(prescription, "28", shelf=True)
        other = DoseScheduleFactory().prescription
        data = {"clinic": other.patient.clinic_id, "medicine": other.medicine_id, "quantity": "30"}
        data |= {"expiry_date": "2027-06-30", "shown_quantity": "28.000"}
        assert client.post(f"/admin/clinic_stock/edit/{batch.pk}/", data).status_code == 302
        batch.refresh_from_db()
        assert (batch.clinic, batch.medicine) == (prescription.patient.clinic, prescription.medicine)
        assert [each.kind for each in batch.movements.order_by("id")] == ["received", "counted"]


def test_a_clinic_warns_no_further_ahead_than_can_be_seen(client: Client, prescription: Prescription) -> None:
    clinic = prescription.patient.clinic
    client.force_login(UserFactory(is_superuser=True))
    data = {"name": clinic.name, "timezone": clinic.timezone, "low_stock_days": "181", "expiry_days": "5"}
    answer = client.post(f"/admin/clinics/edit/{clinic.pk}/", data)
    assert answer.status_code == 200
    assert "low_stock_days" in answer.context["form"].errors
