"""The ledger of stock: what each act writes, and that quantities are its sums, whatever happens in which order."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import ProtectedError, RestrictedError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from home.models import Patient, Relation, User
from medications.models import Dose, DoseSchedule, Prescription, StockBatch, StockMovement
from medications.selectors.ledger import batch_ledger, home_ledger, rounded, shelf_ledger, unbalanced
from medications.selectors.supply import supply_of
from medications.services.answers import dose_take, dose_undo
from medications.services.expansion import expand_doses
from medications.services.ledger import owed_of
from medications.services.prescriptions import prescription_changed
from medications.services.refill import refill_record
from medications.services.stock import stock_receive, stock_take
from medications.services.stock_acts import stock_correct, stock_count, stock_hand_out, stock_waste
from tests.factories import CareRoleFactory, ClinicFactory, UserFactory
from tests.medications.factories import NOW, TODAY, DoseFactory, DoseScheduleFactory, MedicineFactory

pytestmark = pytest.mark.django_db

LATER = date(2027, 6, 30)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Home:
    """A prescription of one tablet, whose patient answers."""

    def __init__(self) -> None:
        self.schedule: DoseSchedule = DoseScheduleFactory()
        self.prescription: Prescription = self.schedule.prescription
        self.user: User = CareRoleFactory(patient=self.prescription.patient).user
        self.next_due = NOW

    def receive(self, quantity: str, expiry_date: date = LATER) -> StockBatch:
        return stock_receive(
            medicine=self.prescription.medicine,
            prescription=self.prescription,
            quantity=Decimal(quantity),
            expiry_date=expiry_date,
            now=NOW + HOUR,
            user=self.user,
        )

    def take(self, quantity: str = "1") -> Dose:
        self.next_due += timedelta(minutes=1)
        dose: Dose = DoseFactory(schedule=self.schedule, due_at=self.next_due, quantity=Decimal(quantity))
        return dose_take(dose_id=dose.id, user=self.user, now=NOW + HOUR)

    def undo(self, dose: Dose) -> None:
        dose_undo(dose_id=dose.id, user=self.user, now=NOW + HOUR)

    def count(self, *quantities: str) -> None:
        ids = (
            StockBatch.objects.filter(prescription=self.prescription)
            .order_by("id")
            .values_list("id", flat=True)
        )
        stock_count(
            counts={id_: Decimal(each) for id_, each in zip(ids, quantities, strict=True)},
            user=self.user,
            now=NOW + HOUR,
        )

    @property
    def quantities(self) -> list[Decimal]:
        rows = StockBatch.objects.filter(prescription=self.prescription).order_by("id")
        return list(rows.values_list("quantity", flat=True))

    @property
    def owed(self) -> Decimal:
        found = supply_of([self.prescription.pk], now=NOW)[self.prescription.pk].shortfall
        assert found == sum((each.quantity for each in owed_of(self.prescription.pk)), Decimal(0))
        return found

    @property
    def kinds(self) -> list[tuple[str, Decimal]]:
        rows = StockMovement.objects.filter(prescription=self.prescription).order_by("id")
        return list(rows.values_list("kind", "quantity"))


@pytest.fixture
def home() -> Home:
    return Home()


class TestCount:
    def test_it_settles_what_was_owed(self, home: Home) -> None:
        home.receive("1")
        for _ in range(4):
            home.take()
        assert home.owed == 3
        home.count("10")
        assert (home.quantities, home.owed) == ([10], 0)
        pack = home.receive("28")
        assert pack.quantity == 28
        assert supply_of([home.prescription.pk], now=NOW)[home.prescription.pk].quantity == 38

    def test_it_is_kept_also_when_it_finds_what_was_expected(self, home: Home) -> None:
        home.receive("5")
        home.count("5")
        assert home.kinds == [("received", 5), ("counted", 0)]

    def test_what_was_taken_before_it_is_not_given_back(self, home: Home) -> None:
        """The count said what is there; that somebody had only tapped "taken" is in it already."""
        home.receive("10")
        dose = home.take()
        home.count("10")
        home.undo(dose)
        assert home.quantities == [10]
        dose_take(dose_id=dose.id, user=home.user, now=NOW + HOUR)
        assert home.quantities == [9]
        home.undo(dose)
        assert home.quantities == [10]

    def test_what_was_owed_before_it_is_not_given_back_either(self, home: Home) -> None:
        home.receive("0.5")
        dose = home.take()
        home.count("3")
        home.undo(dose)
        assert (home.quantities, home.owed) == ([3], 0)

    def test_it_is_by_what_is_there_now_and_not_by_what_a_page_showed(self, home: Home) -> None:
        home.receive("10")
        home.take()
        home.count("9")
        assert home.kinds[-1] == ("counted", 0)

    def test_it_is_of_one_stock(self, home: Home) -> None:
        mine, other = home.receive("1"), Home().receive("1")
        with pytest.raises(ValidationError):
            stock_count(counts={mine.pk: Decimal(2), other.pk: Decimal(2)}, user=None, now=NOW)
        with pytest.raises(ValidationError):
            stock_count(counts={mine.pk: Decimal(-1)}, user=None, now=NOW)
        assert home.quantities == [1]


class TestOwnDay:
    def test_a_dose_after_midnight_is_taken_from_what_was_usable_on_its_day(self, home: Home) -> None:
        """Due at 22:00 of a batch's last day, answered at 00:10."""
        old = home.receive("1", expiry_date=TODAY)
        dose = DoseFactory(schedule=home.schedule, due_at=NOW + 14 * HOUR)
        dose_take(dose_id=dose.id, user=home.user, now=NOW + 16 * HOUR + timedelta(minutes=10))
        refill = home.receive("28")
        old.refresh_from_db()
        assert (old.quantity, refill.quantity, home.owed) == (0, 28, 0)

    def test_what_is_owed_is_not_taken_from_what_had_expired_by_then(self, home: Home) -> None:
        home.receive("0", expiry_date=LATER)
        home.take()
        expired = home.receive("5", expiry_date=TODAY - DAY)
        assert (expired.quantity, home.owed) == (5, 1)
        assert home.receive("5").quantity == 4

    def test_the_day_is_that_of_the_patients_zone(self, home: Home) -> None:
        Patient.objects.filter(pk=home.prescription.patient_id).update(timezone="America/New_York")
        # 06:00 UTC is 01:00 there; five hours earlier it is the evening before.
        home.receive("1", expiry_date=TODAY - DAY)
        schedule = DoseSchedule.objects.get(pk=home.schedule.pk)
        dose = DoseFactory(schedule=schedule, due_at=NOW - 5 * HOUR)
        dose_take(dose_id=dose.id, user=home.user, now=NOW)
        assert home.quantities == [0]

    def test_it_stays_that_day_wherever_the_patient_goes(self, home: Home) -> None:
        home.receive("1", expiry_date=TODAY - DAY)
        dose = DoseFactory(schedule=home.schedule, due_at=NOW - 10 * HOUR)  # 22:00 of the day before
        Patient.objects.filter(pk=home.prescription.patient_id).update(timezone="Asia/Tokyo")
        dose_take(dose_id=dose.id, user=home.user, now=NOW)
        assert home.quantities == [0]

    def test_what_was_taken_before_a_count_and_is_written_down_after_it_takes_nothing(
        self, home: Home
    ) -> None:
        home.receive("11")
        dose = DoseFactory(schedule=home.schedule, due_at=NOW - 6 * HOUR)
        [batch] = StockBatch.objects.filter(prescription=home.prescription)
        stock_count(counts={batch.pk: Decimal(10)}, user=None, now=NOW - 2 * HOUR)
        dose_take(dose_id=dose.id, user=home.user, now=NOW, taken_at=NOW - 6 * HOUR)
        assert home.quantities == [10]
        dose_undo(dose_id=dose.id, user=home.user, now=NOW)
        assert home.quantities == [10]


class TestOwed:
    def test_a_refill_makes_good_a_part(self, home: Home) -> None:
        home.receive("0")
        home.take("3")
        home.receive("2")
        assert (home.quantities, home.owed) == ([0, 0], 1)
        home.receive("5")
        assert (home.quantities, home.owed) == ([0, 0, 4], 0)

    def test_nothing_is_owed_where_nobody_counts(self, home: Home) -> None:
        home.take()
        assert not StockMovement.objects.exists()
        assert home.receive("28").quantity == 28

    def test_an_undo_frees_the_stock_for_what_was_taken_after(self, home: Home) -> None:
        home.receive("1")
        first = home.take()
        home.take()
        home.undo(first)
        assert (home.quantities, home.owed) == ([0], 0)

    def test_a_movement_is_added_and_none_is_changed(self, home: Home) -> None:
        home.receive("1")
        home.take("3")
        before = list(StockMovement.objects.order_by("id").values())
        home.receive("10")
        home.count("0", "8")
        assert list(StockMovement.objects.order_by("id").values())[: len(before)] == before

    def test_a_service_takes_for_a_day_with_a_reason(self, home: Home) -> None:
        home.receive("1", expiry_date=TODAY - DAY)
        missing = stock_take(
            prescription_id=home.prescription.pk,
            quantity=Decimal("1.5"),
            day=TODAY - DAY,
            user=home.user,
            now=NOW,
            why="Vomited, taken again.",
        )
        assert missing == Decimal("0.5")
        rows = StockMovement.objects.filter(kind="taken").order_by("id")
        assert list(rows.values_list("quantity", "taken_on", "by", "why")) == [
            (-1, TODAY - DAY, home.user.pk, "Vomited, taken again."),
            (Decimal("-0.5"), TODAY - DAY, home.user.pk, "Vomited, taken again."),
        ]


class TestWasteAndCorrection:
    def test_waste_has_its_reason(self, home: Home) -> None:
        pack = home.receive("28")
        stock_waste(batch_id=pack.pk, quantity=Decimal(3), user=home.user, now=NOW, why=" fell into water ")
        movement = StockMovement.objects.latest("id")
        assert (movement.kind, movement.quantity, movement.why, movement.by) == (
            "wasted",
            -3,
            "fell into water",
            home.user,
        )
        assert home.quantities == [25]

    def test_a_correction_upwards_makes_good_what_was_owed(self, home: Home) -> None:
        pack = home.receive("2")
        home.take("3")
        stock_correct(batch_id=pack.pk, difference=Decimal(26), user=None, now=NOW, why="28, not 2")
        assert (home.quantities, home.owed) == ([25], 0)

    @pytest.mark.parametrize(
        ("act", "field"),
        [
            (
                lambda pk: stock_waste(batch_id=pk, quantity=Decimal(6), user=None, now=NOW, why="x"),
                "quantity",
            ),
            (
                lambda pk: stock_waste(batch_id=pk, quantity=Decimal(0), user=None, now=NOW, why="x"),
                "quantity",
            ),
            (
                lambda pk: stock_waste(batch_id=pk, quantity=Decimal(-1), user=None, now=NOW, why="x"),
                "quantity",
            ),
            (lambda pk: stock_waste(batch_id=pk, quantity=Decimal(1), user=None, now=NOW, why="  "), "why"),
            (
                lambda pk: stock_correct(batch_id=pk, difference=Decimal(-6), user=None, now=NOW, why="x"),
                "quantity",
            ),
            (
                lambda pk: stock_correct(batch_id=pk, difference=Decimal(0), user=None, now=NOW, why="x"),
                "quantity",
            ),
            (lambda pk: stock_correct(batch_id=pk, difference=Decimal(1), user=None, now=NOW, why=""), "why"),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_field(
        self, home: Home, act: Callable[[int], object], field: str
    ) -> None:
        pack = home.receive("5")
        with pytest.raises(ValidationError) as refused:
            act(pack.pk)
        assert list(refused.value.error_dict) == [field]
        assert home.quantities == [5]
        assert StockMovement.objects.count() == 1


class TestHandOut:
    @pytest.fixture
    def shelf(self, home: Home) -> StockBatch:
        return stock_receive(
            medicine=home.prescription.medicine,
            clinic=home.prescription.patient.clinic,
            quantity=Decimal(100),
            expiry_date=LATER,
            batch_number="S1",
            now=NOW,
        )

    def hand_out(self, home: Home, shelf: StockBatch, quantity: str = "28") -> StockBatch:
        return stock_hand_out(
            batch_id=shelf.pk,
            prescription_id=home.prescription.pk,
            quantity=Decimal(quantity),
            user=home.user,
            now=NOW,
        )

    def test_it_moves_both(self, home: Home, shelf: StockBatch) -> None:
        pack = self.hand_out(home, shelf)
        shelf.refresh_from_db()
        assert (shelf.quantity, pack.quantity) == (72, 28)
        assert (pack.batch_number, pack.expiry_date) == ("S1", LATER)
        out = shelf.movements.get(kind="handed_out")
        into = pack.movements.get()
        assert (out.quantity, into.quantity, into.kind, into.from_shelf, into.by) == (
            -28,
            28,
            "handed_out",
            out,
            home.user,
        )

    def test_it_makes_good_what_was_owed(self, home: Home, shelf: StockBatch) -> None:
        home.receive("1")
        home.take("3")
        assert self.hand_out(home, shelf).quantity == 26
        assert home.owed == 0

    @pytest.mark.parametrize("quantity", ["101", "0", "-1"])
    def test_never_more_than_is_there(self, home: Home, shelf: StockBatch, quantity: str) -> None:
        with pytest.raises(ValidationError) as refused:
            self.hand_out(home, shelf, quantity)
        assert list(refused.value.error_dict) == ["quantity"]
        shelf.refresh_from_db()
        assert (shelf.quantity, home.quantities) == (100, [])

    @pytest.mark.parametrize(
        "change", [{"expiry_date": TODAY - DAY}, {"clinic": None}, {"medicine": None}], ids=str
    )
    def test_not_what_is_expired_or_somewhere_or_something_else(
        self, home: Home, shelf: StockBatch, change: dict[str, object]
    ) -> None:
        others = {"clinic": ClinicFactory, "medicine": MedicineFactory}
        StockBatch.objects.filter(pk=shelf.pk).update(
            **{name: value or others[name]() for name, value in change.items()}
        )
        with pytest.raises(ValidationError) as refused:
            self.hand_out(home, shelf)
        assert list(refused.value.error_dict) == ["batch"]

    def test_not_for_what_has_ended(self, home: Home, shelf: StockBatch) -> None:
        Prescription.objects.filter(pk=home.prescription.pk).update(ended_at=NOW)
        with pytest.raises(ValidationError):
            self.hand_out(home, shelf)

    def test_not_from_somebody_elses_home(self, home: Home) -> None:
        other = Home()
        pack = other.receive("28")
        with pytest.raises(ValidationError):
            self.hand_out(home, pack)
        assert other.quantities == [28]

    def test_a_patient_who_was_given_something_is_not_deleted(self, home: Home, shelf: StockBatch) -> None:
        """They are erased, and the shelf keeps what it gave."""
        self.hand_out(home, shelf)
        with pytest.raises(ProtectedError):
            home.prescription.patient.delete()
        assert [each.quantity for each in shelf.movements.order_by("id")] == [100, -28]

    def test_a_batch_with_a_past_is_not_deleted(self, shelf: StockBatch) -> None:
        with pytest.raises(RestrictedError):
            shelf.delete()


class TestBalance:
    def test_each_line_says_what_was_there_after_it(self, home: Home) -> None:
        home.receive("1")
        home.take("3")
        home.receive("10")
        ledger = [(row.kind, rounded(row.balance)) for row in home_ledger(home.prescription)][::-1]
        assert [ledger[0], ledger[1], ledger[2], ledger[3], ledger[-1]] == [
            ("received", 1),
            ("taken", 0),
            ("taken", -2),
            ("received", 8),
            ("taken", 8),
        ]

    def test_of_a_batch_and_of_its_shelf(self, home: Home) -> None:
        clinic, medicine = ClinicFactory(), MedicineFactory()
        first, second = (
            stock_receive(medicine=medicine, clinic=clinic, quantity=Decimal(n), expiry_date=LATER, now=NOW)
            for n in (5, 7)
        )
        assert [rounded(row.balance) for row in batch_ledger(second)] == [7]
        assert [rounded(row.balance) for row in shelf_ledger(first)] == [12, 5]

    def test_a_quantity_that_is_not_the_sum_is_found(self, home: Home) -> None:
        sound, unsound = home.receive("0.3"), home.receive("1")
        for _ in range(3):
            home.take("0.1")
        StockBatch.objects.filter(pk=unsound.pk).update(quantity=Decimal("1.001"))
        assert unbalanced() == {unsound.pk: Decimal("0.001")}
        sound.refresh_from_db()
        assert sound.quantity == 0


QUANTITIES = st.sampled_from(["0.5", "1", "1.5", "2", "7", "0.1", "28"])
DAYS = st.integers(-2, 3)
ACTS = st.one_of(
    st.tuples(st.just("receive"), QUANTITIES, DAYS),
    st.tuples(st.just("hand_out"), QUANTITIES, DAYS),
    st.tuples(st.just("take"), QUANTITIES, DAYS),
    st.tuples(st.just("undo"), st.integers(0, 5)),
    st.tuples(st.just("retake"), st.integers(0, 5)),
    st.tuples(st.just("count"), st.lists(QUANTITIES, min_size=3, max_size=3)),
    st.tuples(st.just("waste"), st.integers(0, 3), QUANTITIES),
    st.tuples(st.just("correct"), st.integers(0, 3), st.sampled_from(["-1", "-0.5", "0.5", "26"])),
)


def play(home: Home, shelf: StockBatch, act: tuple[object, ...], doses: list[Dose]) -> None:
    """One act; one that is refused changes nothing."""
    name, *rest = act
    batches = list(StockBatch.objects.filter(prescription=home.prescription).order_by("id"))
    try:
        match name, rest:
            case "receive", [quantity, days]:
                home.receive(str(quantity), TODAY + timedelta(days=int(str(days))))
            case "hand_out", [quantity, days]:
                StockBatch.objects.filter(pk=shelf.pk).update(
                    expiry_date=TODAY + timedelta(days=int(str(days)))
                )
                stock_hand_out(
                    batch_id=shelf.pk, prescription_id=home.prescription.pk, quantity=Decimal(str(quantity)),
                    user=None, now=NOW,
                )  # fmt: skip
            case "take", [quantity, days]:
                home.next_due += timedelta(minutes=1)
                due_at = home.next_due + timedelta(days=int(str(days)))
                dose = DoseFactory(schedule=home.schedule, due_at=due_at, quantity=Decimal(str(quantity)))
                doses.append(dose_take(dose_id=dose.pk, user=home.user, now=NOW))
            case (("undo" | "retake"), [int(number)]) if number < len(doses):
                change = dose_undo if name == "undo" else dose_take
                change(dose_id=doses[number].pk, user=home.user, now=NOW)
            case "count", [list(counted)]:
                counts = {batch.pk: Decimal(n) for batch, n in zip(batches, counted, strict=False)}
                stock_count(counts=counts, user=None, now=NOW)
            case "waste", [int(number), quantity] if number < len(batches):
                stock_waste(
                    batch_id=batches[number].pk, quantity=Decimal(str(quantity)), user=None, now=NOW, why="x"
                )
            case "correct", [int(number), difference] if number < len(batches):
                stock_correct(
                    batch_id=batches[number].pk,
                    difference=Decimal(str(difference)),
                    user=None,
                    now=NOW,
                    why="x",
                )
    except ValidationError:
        pass


@given(acts=st.lists(ACTS, max_size=12))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_quantities_are_the_sums_of_the_ledger_whatever_happens(acts: list[tuple[object, ...]]) -> None:
    home = Home()
    shelf = stock_receive(
        medicine=home.prescription.medicine,
        clinic=home.prescription.patient.clinic,
        quantity=Decimal(50),
        expiry_date=LATER,
        now=NOW,
    )
    doses: list[Dose] = []
    for act in acts:
        before = list(StockMovement.objects.order_by("id").values())
        play(home, shelf, act, doses)
        assert list(StockMovement.objects.order_by("id").values())[: len(before)] == before
    assert unbalanced() == {}
    without_a_batch = StockMovement.objects.filter(prescription=home.prescription, batch__isnull=True)
    owed = -sum(without_a_batch.values_list("quantity", flat=True), Decimal(0))
    assert owed >= 0
    assert owed == sum((each.quantity for each in owed_of(home.prescription.pk)), Decimal(0))
    gone = StockMovement.objects.filter(kind="handed_out").values_list("quantity", flat=True)
    assert sum(gone, Decimal(0)) == 0
    # What is owed could not be taken from anything that is there.
    for each in owed_of(home.prescription.pk):
        usable = StockBatch.objects.filter(
            prescription=home.prescription, quantity__gt=0, expiry_date__gte=each.day
        )
        assert not usable.exists() or any(name in ("count", "correct") for name, *_ in acts)


def at_once(*calls: Callable[[], object]) -> list[Exception]:
    """Call all of these at the same time, each with a connection of its own; what was refused."""
    start, refused = Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        start.wait()
        try:
            call()
        except ValidationError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.django_db(transaction=True)
def test_two_who_hand_out_the_last_at_once_give_it_once() -> None:
    home = Home()
    shelf = stock_receive(
        medicine=home.prescription.medicine,
        clinic=home.prescription.patient.clinic,
        quantity=Decimal(30),
        expiry_date=LATER,
        now=NOW,
    )

    def hand_out() -> None:
        stock_hand_out(
            batch_id=shelf.pk, prescription_id=home.prescription.pk, quantity=Decimal(28), user=None, now=NOW
        )

    refused = at_once(*[hand_out] * 4)
    shelf.refresh_from_db()
    assert (len(refused), shelf.quantity, home.quantities) == (3, 2, [28])
    assert unbalanced() == {}


@pytest.mark.django_db(transaction=True)
def test_a_refill_that_is_sent_four_times_at_once_is_noted_once() -> None:
    home = Home()
    user = UserFactory()

    def note() -> None:
        refill_record(
            prescription=home.prescription,
            quantity=Decimal(28),
            expiry_date=LATER,
            batch_number="B1",
            seen=0,
            user=user,
            now=NOW,
        )

    assert at_once(*[note] * 4) == []
    assert home.quantities == [28]


@pytest.mark.django_db(transaction=True)
def test_all_that_happens_to_a_home_at_once_is_in_the_ledger() -> None:
    home = Home()
    pack = home.receive("3")
    people = [
        CareRoleFactory(patient=home.prescription.patient, relation=Relation.CARER).user for _ in range(4)
    ]
    doses = [DoseFactory(schedule=home.schedule, due_at=NOW + timedelta(minutes=n)) for n in range(4)]
    nurse = UserFactory()
    refused = at_once(
        *(lambda dose=dose, user=user: dose_take(dose_id=dose.pk, user=user, now=NOW)
          for dose, user in zip(doses, people, strict=True)),
        lambda: home.receive("5"),
        lambda: stock_waste(batch_id=pack.pk, quantity=Decimal("0.5"), user=nurse, now=NOW, why="broken"),
        lambda: stock_correct(batch_id=pack.pk, difference=Decimal(1), user=nurse, now=NOW, why="one more"),
    )  # fmt: skip
    wasted = Decimal("0.5") * (1 - len(refused))
    assert sum(home.quantities) - home.owed == 3 - 4 + 5 + 1 - wasted
    assert unbalanced() == {}


def test_acts_take_as_many_queries_however_long_the_ledger(home: Home) -> None:
    home.receive("100")

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            home.undo(home.take())
        return len(captured)

    count()
    few = count()
    for _ in range(20):
        home.undo(home.take())
    assert count() == few


@pytest.mark.django_db(transaction=True)
def test_who_answers_and_who_changes_the_plan_do_not_wait_for_each_other() -> None:
    """Each needs the dose and the stock; a circle would end one of them with an error."""
    home = Home()
    home.receive("30")
    expand_doses(now=NOW)
    doses = list(Dose.objects.order_by("due_at")[:4])
    at_once(
        *(lambda dose=dose: _answered(dose, home.user) for dose in doses),
        *[lambda: prescription_changed(prescription_id=home.prescription.pk, now=NOW)] * 3,
        lambda: home.receive("5"),
    )
    assert unbalanced() == {}
    assert sum(home.quantities) == 35 - Dose.objects.filter(state="taken").count()


def _answered(dose: Dose, user: User) -> None:
    """Unless the plan was changed first: then it is another dose."""
    with suppress(Dose.DoesNotExist):
        dose_take(dose_id=dose.pk, user=user, now=NOW)
