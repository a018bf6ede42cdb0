"""The form of a medicine: for whom it is, and whether it is there already."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.admin.scope import ClinicScopedForm
from home.models import Clinic
from home.selectors import clinics_managed_by
from medications.models import Medicine
from medications.selectors.catalogue import alike, medicines_seen_by, same

ANOTHER = "is_another"
_SAYS_WHICH = {"clinic", "name_en", "name_af", "strength", "form"}


class MedicineForm(ClinicScopedForm):
    """A manager adds medicines of a clinic of theirs; head office those that all clinics share, or a clinic's."""

    asked: frozenset[str] = frozenset()
    is_another = forms.BooleanField(label=gettext_lazy("It is another medicine: keep both"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        head_office = self.for_user.is_superuser
        clinic: Any = self.fields["clinic"]
        clinic.queryset = clinics_managed_by(self.for_user)
        clinic.required = not head_office
        clinic.empty_label = _("All clinics") if head_office else clinic.empty_label
        clinic.help_text = (
            _("A medicine of one clinic can be prescribed and kept in stock nowhere else.")
            if head_office
            else _(
                "Only your clinic can prescribe it. The medicines that all clinics have are head office’s, also those "
                "that were here before."
            )
        )
        if head_office and self.instance.pk is None:
            self.initial["clinic"] = None
        # Its prescriptions and its stock are of the clinic that has it.
        clinic.disabled = bool(self.instance.pk)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if cleaned.keys() >= _SAYS_WHICH and _SAYS_WHICH.intersection(self.changed_data):
            self._look_for_others(
                Medicine(pk=self.instance.pk, **{name: cleaned[name] for name in _SAYS_WHICH})
            )
        return cleaned

    def _look_for_others(self, medicine: Medicine) -> None:
        others = alike(medicine)
        if twice := next((other for other in others if same(medicine, other)), None):
            self.add_error("name_en", ValidationError(_there_already(twice), code="twice"))
        elif others:
            self.asked = frozenset({ANOTHER})
            if not self.cleaned_data[ANOTHER]:
                said = _("There is %(medicine)s already. Is this another medicine? Then tick it.")
                error = ValidationError(said % {"medicine": named(others[0])}, code="alike")
                self.add_error(ANOTHER, error)


class MedicineField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Medicines to choose from; those that a clinic added are named with it. It offers none until it is told."""

    def __init__(self) -> None:
        super().__init__(queryset=Medicine.objects.none(), label=gettext_lazy("medicine"))

    def offer(self, *, to: Any, chosen_id: int | None) -> None:
        """Offer what this member of staff may prescribe; of a row that is there already, what it has."""
        rows = Medicine.objects.filter(pk=chosen_id) if chosen_id else medicines_seen_by(to)
        self.queryset = rows.select_related("clinic")

    def label_from_instance(self, obj: Medicine) -> str:
        return choice(obj)


def choice(medicine: Medicine) -> str:
    """As "Metformin 500 mg", and of a clinic's own "Cough mixture (Wynberg)". Join the clinic."""
    return f"{medicine} ({medicine.clinic})" if medicine.clinic else str(medicine)


def check_clinic(medicine: Medicine | None, clinic: Clinic | None) -> None:
    """Raise ValidationError when a medicine is another clinic's own."""
    if medicine and medicine.clinic_id and clinic and medicine.clinic_id != clinic.pk:
        said = _("Only patients of %(clinic)s can have this medicine.") % {"clinic": medicine.clinic}
        raise ValidationError(said, code="other_clinic")


def named(medicine: Medicine) -> str:
    """As "Metformin 500 mg, tablet"."""
    return f"{medicine}, {medicine.get_form_display()}"


def _there_already(medicine: Medicine) -> str:
    if medicine.clinic_id is None:
        said = _("Head office has %(medicine)s already: all clinics can prescribe it.")
    else:
        said = _("%(clinic)s has %(medicine)s already.")
    return said % {"medicine": named(medicine), "clinic": medicine.clinic}
