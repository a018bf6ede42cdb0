"""The form fields that say who a patient is, at registering and on the edit form: what can't be true is refused."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.phonenumber import PhoneNumber

from home.ages import read_age
from home.identity_number import Identity, IdentityNumberError, read_identity_number
from home.models import Clinic, Patient
from home.patient_search import taken_by
from home.search_keys import folder_form, plain
from notifications.encryption.cipher import is_unreadable
from notifications.phone_numbers import as_phone
from notifications.texts import formats
from notifications.web.date_fields import DayField

SOUTH_AFRICA = 27
_ABOUT = 2
"""Years by which an estimated date of birth may be wrong."""


class EstimatedDay(date):
    """A day that was worked out from an age."""


class BirthField(DayField):
    """A date of birth, or an age, from which a day is estimated: its value is an `EstimatedDay` then."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": gettext_lazy("Date of birth or age"),
                "required": False,
                "help_text": gettext_lazy("Such as 12/03/1961, or an age: 34, or 8 months."),
                "widget": forms.TextInput(attrs={"autocomplete": "off"}),
                **kwargs,
            }
        )

    def prepare_value(self, value: Any) -> Any:
        """Day first, as it is typed."""
        return f"{value:%d/%m/%Y}" if isinstance(value, date) else value

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str) and (about := read_age(plain(value), today=timezone.localdate())):
            return EstimatedDay(about.year, about.month, about.day)
        return super().to_python(plain(value) if isinstance(value, str) else value)


class NameField(forms.CharField):
    """A name as its owner writes it, without what was pasted along: it has a letter at least."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"max_length": 150, "widget": forms.TextInput(attrs={"autocomplete": "off"}), **kwargs}
        )

    def to_python(self, value: Any) -> str:
        name = " ".join(_without_marks(super().to_python(value) or "").split())
        if name and not any(each.isalpha() for each in name):
            raise ValidationError(_("Please write the name in letters."), code="no_name")
        return name


class CellphoneField(forms.CharField):
    """A South African number in any spelling; its value is a `PhoneNumber`, or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": gettext_lazy("Cellphone"),
                "required": False,
                "max_length": 40,
                "widget": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
                **kwargs,
            }
        )

    def prepare_value(self, value: Any) -> Any:
        return value.as_national if isinstance(value, PhoneNumber) and value.is_valid() else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, PhoneNumber):
            return value
        text = plain(super().to_python(value) or "")
        if not text:
            return None
        number = as_phone(text)
        if number is None:
            raise ValidationError(_("Enter a phone number, for example 082 123 4567."), code="invalid")
        if number.country_code != SOUTH_AFRICA:
            raise ValidationError(
                _(
                    "This is a number of another country (+%(code)s). We can write to South African numbers only."
                )
                % {"code": number.country_code},
                code="another_country",
            )
        return number

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((self.to_python(data) or "") != (initial or ""))
        except ValidationError:
            return True


class FolderNumberField(forms.CharField):
    """As it stands on the folder; None for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": gettext_lazy("Folder number"),
                "required": False,
                "max_length": 40,
                "widget": forms.TextInput(attrs={"autocomplete": "off"}),
                **kwargs,
            }
        )

    def to_python(self, value: Any) -> Any:
        text = plain(super().to_python(value) or "")
        if text and not folder_form(text):
            raise ValidationError(_("A folder number has digits or letters."), code="no_folder_number")
        return text or None


class IdentityNumberField(forms.CharField):
    """A South African identity number that can be one: 13 digits, or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": gettext_lazy("SA identity number"),
                "required": False,
                "max_length": 40,
                "help_text": gettext_lazy("If it is at hand. It gives the date of birth and the sex."),
                "widget": forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
                **kwargs,
            }
        )

    def to_python(self, value: Any) -> Any:
        text = plain(super().to_python(value) or "")
        if not text:
            return None
        try:
            return read_identity_number(text, today=timezone.localdate()).number
        except IdentityNumberError as error:
            raise ValidationError(_wrong_identity(error.code), code=error.code) from error


def _wrong_identity(code: str) -> str:
    if code == "length":
        return _("An identity number has 13 digits. Please count them.")
    if code == "date":
        return _("The first six digits are no date of birth. Please look at the card again.")
    return _("There is no such identity number: a digit is wrong. Please look at the card again.")


def identity_settle(form: forms.BaseForm) -> None:
    """Take date of birth and sex from the identity number where they weren't given; say beside it where they differ."""
    cleaned = form.cleaned_data
    number = cleaned.get("id_number")
    if not number or is_unreadable(number):
        return
    identity = read_identity_number(number, today=timezone.localdate())
    born, sex = cleaned.get("date_of_birth"), cleaned.get("sex")
    if "date_of_birth" not in form.errors:
        if meant := _meant(identity, born):
            cleaned["date_of_birth"] = meant
        else:
            said = _("By this identity number the date of birth is %(day)s. One of the two is wrong.")
            form.add_error(
                "id_number", ValidationError(said % {"day": formats.day(identity.born)}, code="born")
            )
    if not sex:
        cleaned["sex"] = identity.sex
    elif sex in ("f", "m") and sex != identity.sex:
        said = (
            _("By this identity number the patient is female. One of the two is wrong.")
            if identity.sex == "f"
            else _("By this identity number the patient is male. One of the two is wrong.")
        )
        form.add_error("id_number", ValidationError(said, code="sex"))


def _meant(identity: Identity, born: date | None) -> date | None:
    """The day that number and form mean; None where they contradict each other."""
    if born is None:
        return identity.born
    if isinstance(born, EstimatedDay):
        near = (day for day in identity.births if abs(day.year - born.year) <= _ABOUT)
        return next(near, None)
    return born if born in identity.births else None


def numbers_check(
    form: forms.BaseForm,
    clinic: Clinic | None,
    *,
    but: int | None = None,
    find: Callable[..., Patient | None] = taken_by,
) -> set[int]:
    """Say beside the field whose folder or identity number it is already, with a link to that patient; the keys of
    those who are named. `find` looks for who has one.
    """
    named: set[int] = set()
    if clinic is None:
        return named
    for name in ("folder_number", "id_number"):
        value = form.cleaned_data.get(name)
        if not value or is_unreadable(value):
            continue
        other = find(clinic, **{name: value})
        if other is not None and other.pk != but:
            form.add_error(name, ValidationError(already(name, other), code="taken"))
            named.add(other.pk)
    return named


def already(name: str, patient: Patient) -> str:
    words = (
        _("This folder number is taken by {patient}.")
        if name == "folder_number"
        else _("This identity number is that of {patient}.")
    )
    link = format_html(
        '<a href="{}"><bdi>{}</bdi></a>',
        reverse("patients:record", args=[patient.pk]),
        patient.get_full_name(),
    )
    return format_html(words, patient=link)


def _without_marks(text: str) -> str:
    """Without zero-width and control characters, and those that turn the direction of what follows."""
    return re.sub(
        r"[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]", " ", text
    )
