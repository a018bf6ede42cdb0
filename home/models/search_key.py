"""By what a patient is found whose numbers are encrypted: keyed digests of them, and of their last digits."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from home.models.patient import Patient


class SearchKey(models.Model):
    """One digest of a patient's number, or of the number of a person who may care for patients (home/search_keys.py).

    Which number it is of can't be told without the site's key, and equal numbers have equal digests.
    """

    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, null=True, related_name="search_keys", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="search_keys",
        db_index=False,
    )
    digest = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, patient__isnull=False)
                | Q(user__isnull=False, patient__isnull=True),
                name="search_key_of_one",
            ),
            models.UniqueConstraint(
                fields=["patient", "digest"],
                condition=Q(patient__isnull=False),
                name="search_key_of_patient_once",
            ),
            models.UniqueConstraint(
                fields=["user", "digest"], condition=Q(user__isnull=False), name="search_key_of_user_once"
            ),
        ]
        indexes = [models.Index(fields=["digest", "patient", "user"], name="search_key_digest")]

    def __str__(self) -> str:
        return f"{self.patient_id or self.user_id}: {self.digest}"
