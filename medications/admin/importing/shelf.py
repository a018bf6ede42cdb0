"""What is on a clinic's shelf, from a file."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from home.imports.cells import CellError, read_last_day
from home.imports.importable import Column, Importable, Made, Problem, Reading, Row, State, Verdict
from home.imports.verdicts import CELLS
from home.names import folded
from medications.admin.batches import BatchQuantityField
from medications.admin.expiry import check_year
from medications.admin.typed_medicine import TypedMedicineField, typed_as
from medications.formats import quantity
from medications.models import Medicine, StockBatch
from medications.selectors.catalogue import medicines_of_clinic
from medications.services.stock import stock_receive
from medications.services.stock_from_files import stock_take_away, stock_warn_of
from notifications.encryption.cipher import index_of
from notifications.web.date_fields import DayField

_Pack = tuple[int, str, date]
"""By what a batch of a shelf is known again: its medicine, its number in small letters, and its last day."""


class ShelfRowForm(forms.Form):
    """What the page asks of a batch, with the medicine as it is typed in words."""

    medicine = TypedMedicineField()
    quantity = BatchQuantityField()
    expiry_date = DayField()
    batch_number = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, medicines: Sequence[Medicine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed: Any = self.fields["medicine"]
        typed.offered = medicines

    def clean_expiry_date(self) -> date:
        expiry_date: date = self.cleaned_data["expiry_date"]
        check_year(expiry_date, today=timezone.localdate())
        return expiry_date


class Shelf(Importable):
    """Each row is a batch that comes onto the shelf. One that is there already, by its medicine, number and last day,
    is left as it is: a file is older than a count.
    """

    name: ClassVar[str] = "shelf"
    label: ClassVar[Any] = gettext_lazy("Stock on the clinic’s shelf")
    permission: ClassVar[str] = "medications.add_stockbatch"
    held: ClassVar[Any] = gettext_lazy(
        "Nobody is told yet when this stock runs out or expires. Start the warnings once it is right."
    )
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            "medicine",
            gettext_lazy("Medicine"),
            (
                "medicine name",
                "item",
                "description",
                "drug",
                "product",
                "middel",
                "medisynenaam",
                "item naam",
            ),
            required=True,
        ),
        Column("strength", gettext_lazy("Strength"), ("dosage strength", "dose strength", "sterkte")),
        Column(
            "quantity",
            gettext_lazy("Quantity"),
            ("qty", "units", "stock on hand", "soh", "on hand", "hoeveelheid", "aantal", "voorraad"),
            required=True,
        ),
        Column(
            "expiry_date",
            gettext_lazy("Expiry date"),
            ("expiry", "expires", "exp", "exp date", "use by", "verval", "vervaldatum", "verval op"),
            required=True,
        ),
        Column(
            "batch_number",
            gettext_lazy("Batch number"),
            ("batch", "batch no", "lot", "lot number", "lot no", "lotnommer", "lot nr", "bondel"),
        ),
    )

    def check(self, rows: Sequence[Row], reading: Reading) -> list[tuple[Verdict, Any]]:
        medicines = medicines_of_clinic(reading.clinic.pk)
        there = StockBatch.objects.filter(clinic=reading.clinic, medicine__in=medicines)
        known = {
            (medicine_id, folded(number), expires): left
            for medicine_id, number, expires, left in there.order_by("id").values_list(
                "medicine_id", "batch_number", "expiry_date", "quantity"
            )
        }
        return [_check(row, medicines, known) for row in rows]

    def carry_out(self, checked: Any, reading: Reading) -> Made:
        batch = stock_receive(
            **checked, clinic=reading.clinic, user=reading.by, now=reading.now, is_silent=True
        )
        return Made(None, {"batch": batch.pk}, sends=True)

    def undo(self, made: Sequence[Made], reading: Reading) -> list[str]:
        kept = stock_take_away(batch_ids=[each.facts["batch"] for each in made])
        said = _("Somebody has done something with this stock since.")
        return [said if each.facts["batch"] in kept else "" for each in made]

    def start_words(self, count: int) -> str:
        said = ngettext(
            "Start warnings about %(count)d batch", "Start warnings about these %(count)d batches", count
        )
        return said % {"count": count}

    def start(self, made: Made, now: datetime) -> None:
        stock_warn_of(batch_ids=[made.facts["batch"]])


def _check(row: Row, medicines: Sequence[Medicine], known: dict[_Pack, Any]) -> tuple[Verdict, Any]:
    values = row.values
    text = " ".join(filter(None, (values.get("medicine", ""), values.get("strength", ""))))
    number = values.get("batch_number", "")
    verdict = Verdict(State.NEW, name=", ".join(filter(None, (text, number))))
    try:
        day = read_last_day(values.get("expiry_date", ""))
    except CellError as error:
        verdict.state = State.REFUSED
        verdict.problems.append(Problem("expiry_date", str(CELLS[error.code])))
        return verdict, None
    data = {
        "medicine": text if values.get("medicine") else "",
        "quantity": values.get("quantity", ""),
        "expiry_date": day.text,
        "batch_number": number,
    }
    form = ShelfRowForm(data, medicines=medicines)
    verdict.problems += [Problem(name, str(words)) for name, said in form.errors.items() for words in said]
    if verdict.problems:
        verdict.state = State.REFUSED
        return verdict, None
    cleaned = form.cleaned_data
    medicine = cleaned["medicine"]
    verdict.name = ", ".join(filter(None, (str(medicine), number)))
    was = _("“%(was)s” was read as %(now)s.")
    if folded(text) not in (folded(str(medicine)), folded(typed_as(medicine))):
        verdict.notes.append(was % {"was": text, "now": typed_as(medicine)})
    if day.was:
        verdict.notes.append(was % {"was": day.was, "now": day.text})
    pack = (medicine.pk, folded(cleaned["batch_number"]), cleaned["expiry_date"])
    verdict.marks = {"batch_number": index_of(f"import batch_number {pack}")}
    if pack in known:
        verdict.state = State.SAME
        said = _("This is on the shelf already, with %(quantity)s left by our count, which stays as it is.")
        verdict.notes.append(said % {"quantity": quantity(known[pack], medicine.form)})
        return verdict, None
    return verdict, cleaned
