"""The forms by which staff count, write off, correct and hand out stock. Each has `act`, which calls the service."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from home.models import User
from medications.admin.stock_holder import StockHolder, batch_name
from medications.models import StockMovement
from medications.number_field import NumberField, QuantityField
from medications.services.ledger import Kind, hold_home, lock_of
from medications.services.once import once
from medications.services.stock_acts import stock_correct, stock_count, stock_hand_out, stock_waste


class StockActForm(forms.Form):
    """A form about the batches of one stock. `act` raises ValidationError by field."""

    def __init__(self, *args: Any, holder: StockHolder, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holder = holder
        self.now = now

    @property
    def is_possible(self) -> bool:
        """Whether there is anything to do it with."""
        return bool(self._asked())

    def _asked(self) -> list[Any]:
        """The batches that it is about."""
        return list(self.holder.batches)

    def act_once(self, *, user: User, seen: int | None) -> None:
        """`act`, once however often it is sent. ChangedMeanwhileError where somebody did something with the stock since
        the form was shown with `seen`, the id of its newest act.
        """
        with transaction.atomic():
            if self.holder.prescription is not None:
                hold_home(self.holder.prescription.pk)
            elif self.holder.batches:
                lock_of(self.holder.batches[0].pk)
            once(
                lambda: self.act(user=user),
                seen=seen,
                newest=self.holder.newest_act(),
                did=lambda movement: movement.by_id == user.pk and self.did(movement),
            )

    def act(self, *, user: User) -> None:
        raise NotImplementedError

    def did(self, movement: StockMovement) -> bool:
        """Whether this movement is what `act` writes last."""
        raise NotImplementedError


class CountForm(StockActForm):
    """Asks of every batch what is there. Nothing is filled in: a number that is there already is not counted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for batch in self._asked():
            self.fields[f"batch_{batch.pk}"] = NumberField(
                label=_("How many are there of %(batch)s?") % {"batch": batch_name(batch)},
                help_text=_("By our count: %(quantity)s.") % {"quantity": self.holder.left_words(batch)},
                max_digits=9,
                decimal_places=3,
                min_value=Decimal(0),
                error_messages={
                    "required": _("Write how many there are, or 0."),
                    "min_value": _("The quantity must not be negative."),
                },
            )

    def _asked(self) -> list[Any]:
        """Those with something left; when all are empty, the newest."""
        left = [batch for batch in self.holder.batches if batch.quantity]
        return left or sorted(self.holder.batches, key=lambda batch: batch.pk)[-1:]

    def act(self, *, user: User) -> None:
        counts = {batch.pk: self.cleaned_data[f"batch_{batch.pk}"] for batch in self._asked()}
        stock_count(counts=counts, user=user, now=self.now)

    def did(self, movement: StockMovement) -> bool:
        if movement.kind != Kind.COUNTED or movement.batch_id is None:
            return False
        there = {batch.pk: batch.quantity for batch in lock_of(movement.batch_id)}
        return all(there[batch.pk] == self.cleaned_data[f"batch_{batch.pk}"] for batch in self._asked())


class _BatchActForm(StockActForm):
    """About one of the batches: the field is left out where there is one."""

    batch = forms.TypedChoiceField(label=_("Which pack?"), coerce=int, widget=forms.RadioSelect)
    quantity = QuantityField(label=_("How many?"))
    why = forms.CharField(
        label=_("Why?"), max_length=200, error_messages={"required": _("Write the reason.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(batch.pk, self.holder.batch_words(batch)) for batch in self._asked()]
        self.fields["batch"].choices = choices  # type: ignore[attr-defined]
        self.fields["batch"].error_messages["required"] = _("Choose a pack.")
        if len(choices) == 1:
            self.initial["batch"] = choices[0][0]

    def _is(self, movement: StockMovement, kind: str, quantity: Decimal) -> bool:
        return (movement.kind, movement.batch_id, movement.quantity) == (
            kind,
            self.cleaned_data["batch"],
            quantity,
        )


class WasteForm(_BatchActForm):
    """Of an empty pack nothing can be lost."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].label = _("How many are lost?")
        self.fields["why"].help_text = _("For example: expired, broken, lost.")

    def _asked(self) -> list[Any]:
        return [batch for batch in self.holder.batches if batch.quantity]

    def act(self, *, user: User) -> None:
        given = self.cleaned_data
        stock_waste(
            batch_id=given["batch"], quantity=given["quantity"], user=user, now=self.now, why=given["why"]
        )

    def did(self, movement: StockMovement) -> bool:
        return self._is(movement, Kind.WASTED, -self.cleaned_data["quantity"])


class CorrectForm(_BatchActForm):
    more = forms.TypedChoiceField(
        label=_("What was wrong?"),
        choices=[("1", _("Too few were written down")), ("-1", _("Too many were written down"))],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what was wrong.")},
    )
    field_order = ["batch", "more", "quantity", "why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].label = _("By how many?")
        self.fields["why"].help_text = _("For example: 28 collected, but 82 written down.")

    def act(self, *, user: User) -> None:
        given = self.cleaned_data
        stock_correct(
            batch_id=given["batch"],
            difference=given["more"] * given["quantity"],
            user=user,
            now=self.now,
            why=given["why"],
        )

    def did(self, movement: StockMovement) -> bool:
        return self._is(movement, Kind.CORRECTED, self.cleaned_data["more"] * self.cleaned_data["quantity"])


class HandOutForm(StockActForm):
    """Asks which pack of the clinic's shelf, the soonest expiry chosen, and how many."""

    batch = forms.TypedChoiceField(
        label=_("Which pack?"),
        help_text=_("The one that expires first is chosen."),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a pack.")},
    )
    quantity = QuantityField(label=_("How many are handed out?"))
    why = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = self.holder.to_hand_out(self.now)
        choices = [(batch.pk, self.holder.batch_words(batch)) for batch in self.offered]
        self.fields["batch"].choices = choices  # type: ignore[attr-defined]
        if choices:
            self.initial["batch"] = choices[0][0]

    @property
    def is_possible(self) -> bool:
        return bool(self.offered)

    def act(self, *, user: User) -> None:
        given, prescription = self.cleaned_data, self.holder.prescription
        if prescription is not None:
            stock_hand_out(
                batch_id=given["batch"],
                prescription_id=prescription.pk,
                quantity=given["quantity"],
                user=user,
                now=self.now,
                why=given["why"],
            )

    def did(self, movement: StockMovement) -> bool:
        shelf = movement.from_shelf
        return shelf is not None and (shelf.batch_id, movement.quantity) == (
            self.cleaned_data["batch"],
            self.cleaned_data["quantity"],
        )
