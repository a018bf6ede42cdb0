"""A patient: somebody whom a clinic and the people close to them care for."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel

from home.models.clinic import Clinic
from home.names import searchable
from home.slot_times import validate_slot_times
from notifications.encryption.fields import EncryptedPhoneField, EncryptedTextField, IndexOf
from notifications.texts.formats import isolated
from notifications.timezones import known_zone, validate_timezone


class Sex(models.TextChoices):
    FEMALE = "f", _("female")
    MALE = "m", _("male")
    OTHER = "x", _("other")


class Left(models.TextChoices):
    """Why somebody who lives is not treated at their clinic any more."""

    MOVED = "moved", _("moved away")
    LOST = "lost", _("lost to follow-up")


def in_care(patient: str = "") -> Q:
    """Who is treated: neither dead nor moved away. `patient` is the path to the patient, empty for patients themselves.

    Whoever is lost to follow-up is treated still, as soon as they come (docs/decisions/0092).
    """
    path = f"{patient}__" if patient else ""
    return Q(**{f"{path}deceased_on__isnull": True}) & ~Q(**{f"{path}left_why": Left.MOVED})


def is_here(patient: str = "") -> Q:
    """Who is expected: neither dead, nor moved away, nor lost to follow-up, nor erased. `patient` as for `in_care`."""
    path = f"{patient}__" if patient else ""
    gone = ("deceased_on", "left_on", "erased_at")
    return Q(**{f"{path}{name}__isnull": True for name in gone})


class SearchableName(models.TextField[Any, Any]):
    """What a search by name looks into: follows the names whenever a row is saved, also in bulk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"editable": False, "default": "", **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        patient: Any = model_instance
        found = searchable(patient.first_name, patient.last_name)
        setattr(patient, self.attname, found)
        return found


class Patient(ClusterableModel):
    """Belongs to one clinic. The care roles say who sees a patient and gets their reminders."""

    objects: ClassVar[models.Manager["Patient"]]  # of a base without types

    clinic = models.ForeignKey(
        Clinic, on_delete=models.PROTECT, related_name="patients", verbose_name=_("clinic")
    )
    first_name = models.CharField(_("first name"), max_length=150)
    last_name = models.CharField(_("last name"), max_length=150, blank=True, default="")
    """Empty for somebody who has one name."""
    name_searched = SearchableName(_("name, as a search reads it"))
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    born_about = models.BooleanField(_("date of birth is estimated"), default=False, editable=False)
    """Only an age was said: the day is one on which somebody of that age may have been born."""
    sex = models.CharField(_("sex"), max_length=1, choices=Sex, blank=True, default="")
    folder_number = EncryptedTextField(_("folder number"), null=True, blank=True, indexed=True)
    id_number = EncryptedTextField(_("identity number"), null=True, blank=True, indexed=True)
    phone = EncryptedPhoneField(_("phone number"), null=True, blank=True, max_length=20, indexed=True)
    """By which the clinic calls. Messages go to the addresses of the accounts that care for this patient."""
    timezone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[validate_timezone],
        help_text=_("Only where it differs from the clinic's."),
    )
    slot_times = models.JSONField(
        _("times of day"),
        default=dict,
        blank=True,
        validators=[validate_slot_times],
        help_text=_("Only those that differ from the clinic’s."),
    )
    deceased_on = models.DateField(_("deceased on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True, editable=False)
    left_why = models.CharField(_("why"), max_length=10, choices=Left, blank=True, default="", editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    """From then on nobody's name, birth date or wishes are here: the row is what doses and stock hang on."""

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering = ["last_name", "first_name", "id"]
        constraints = [
            models.UniqueConstraint(F("clinic"), IndexOf("folder_number"), name="patient_folder_once"),
            models.UniqueConstraint(F("clinic"), IndexOf("id_number"), name="patient_id_number_once"),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "last_name", "first_name", "id"],
                condition=is_here(),
                name="patient_here_by_name",
            ),
        ]

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None and {"first_name", "last_name"}.intersection(update_fields):
            update_fields = {*update_fields, "name_searched"}
        # With what follows from it (home/receivers.py).
        with transaction.atomic(savepoint=False):
            super().save(*args, update_fields=update_fields, **kwargs)

    def __str__(self) -> str:
        return isolated(self.get_full_name()) or gettext("Erased person")

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_in_care(self) -> bool:
        """As `in_care`."""
        return self.deceased_on is None and self.left_why != Left.MOVED

    @property
    def is_here(self) -> bool:
        """As `is_here`."""
        return not (self.deceased_on or self.left_on or self.erased_at)

    @property
    def zone(self) -> str:
        """The IANA name of this patient's time zone: their own, else the clinic's. Join the clinic.

        One that is stored and unknown counts as none.
        """
        return known_zone(self.timezone, self.clinic.zone)

    @property
    def slots(self) -> dict[str, str]:
        """Slots to "HH:MM" where they differ from the defaults: the clinic's, the patient's over them."""
        return {**self.clinic.slot_times, **self.slot_times}
