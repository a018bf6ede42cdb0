"""Vaccines, and the vaccinations of patients that were given or are due."""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from medications.rules.vaccinations import Given, OpenDose


class Vaccine(models.Model):
    """A vaccine; its code is that of `medications.rules.vaccine_table`, its name is translated."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("vaccine")
        verbose_name_plural = _("vaccines")

    def __str__(self) -> str:
        return self.name


class VaccinationRecords(models.QuerySet["VaccinationRecord"]):
    def given_to(self, patient_ids: Iterable[int]) -> dict[int, list[Given]]:
        """What each of these patients was given, as the rules take it; an empty list for nothing. One query."""
        found: dict[int, list[Given]] = {patient_id: [] for patient_id in patient_ids}
        rows = self.filter(patient_id__any_of=set(found), date_given__isnull=False)
        for patient_id, code, number, day in rows.values_list(
            "patient_id", "vaccine__code", "dose_number", "date_given"
        ):
            if day:
                found[patient_id].append(Given(vaccine=code, dose_number=number, on=day))
        return found


class VaccinationRecord(models.Model):
    """One dose of one vaccine for one patient: given on a date, or due on one, or neither yet.

    A dose that didn't count is given again, which is a record of its own: its `repeat` is 1 more. However a record is
    saved, its reminder follows (medications/receivers.py).
    """

    objects = VaccinationRecords.as_manager()

    patient = models.ForeignKey(
        "home.Patient",
        on_delete=models.PROTECT,
        related_name="vaccinations",
        db_index=False,  # the unique constraint begins with it
        verbose_name=_("patient"),
    )
    vaccine = models.ForeignKey(
        Vaccine, on_delete=models.PROTECT, related_name="records", verbose_name=_("vaccine")
    )
    dose_number = models.PositiveSmallIntegerField(_("dose number"))
    date_given = models.DateField(_("date given"), null=True, blank=True)
    next_due_date = models.DateField(_("due on"), null=True, blank=True)
    batch_number = models.CharField(_("batch number"), max_length=60, default="", blank=True)
    repeat = models.PositiveSmallIntegerField(_("repeat"), default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("vaccination")
        verbose_name_plural = _("vaccinations")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "vaccine", "dose_number", "repeat"],
                name="vaccination_once_per_dose",
                violation_error_message=_("This patient already has a record of this dose."),
            ),
        ]
        indexes = [
            # Of those that wait, for the daily look at what is overdue.
            models.Index(
                fields=["next_due_date"],
                condition=models.Q(date_given__isnull=True),
                name="vaccination_open_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vaccine} {self.dose_number}"

    @property
    def open_dose(self) -> OpenDose | None:
        """As the rules take it; None without a due date, and once it was given. Join the vaccine."""
        if self.date_given or self.next_due_date is None:
            return None
        return OpenDose(vaccine=self.vaccine.code, dose_number=self.dose_number, due_on=self.next_due_date)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and set or withdraw its reminder in the same transaction."""
        with transaction.atomic():
            super().save(*args, **kwargs)


class VaccinationReminder(models.Model):
    """The due date for which a reminder was published.

    Not on the record itself, because saving an older copy of that would restore an older date.
    """

    record = models.OneToOneField(
        VaccinationRecord, on_delete=models.CASCADE, primary_key=True, related_name="reminder"
    )
    due_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.record_id}: {self.due_on}"
