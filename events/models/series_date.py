"""What became of one date of a series when its events were created."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.models.series import EventSeries


class SeriesDate(models.Model):
    """A date that a pattern gives, and whether an event was made for it; if not, why.

    `starts_at` (aware) is the start that the pattern gives it, as an occurrence's `original_start`; of a series that
    can't be expanded it is the moment of the run. `noted_at` is when this became of it. What staff do with the event
    afterwards, the event itself says.
    """

    part_of = EventSeries
    """A series that was made by mistake takes its dates along."""

    class Outcome(models.TextChoices):
        MADE = "made", pgettext_lazy("a date of a series", "created")
        SKIPPED_DATE = "skipped date", pgettext_lazy("a date of a series", "left out by staff")
        PUBLIC_HOLIDAY = "public holiday", pgettext_lazy("a date of a series", "public holiday")
        REMOVED = "removed", pgettext_lazy("a date of a series", "moved or taken out with its series")
        FAILED = "failed", pgettext_lazy("a date of a series", "the pattern can’t be read")

    # No index of its own: the unique constraint begins with it.
    series = models.ForeignKey(
        EventSeries,
        on_delete=models.CASCADE,
        related_name="dates",
        db_index=False,
        verbose_name=_("series"),
    )
    # That of the series, which never changes. No index of its own: that of clinic and start begins with it.
    clinic = models.ForeignKey(
        "home.Clinic", on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("clinic")
    )
    starts_at = models.DateTimeField(_("date"))
    outcome = models.CharField(_("what became of it"), max_length=20, choices=Outcome)
    noted_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("date of a series")
        verbose_name_plural = _("dates of series")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["series", "starts_at"], name="series_date_once"),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="series_date_start"),
            models.Index(fields=["clinic", "starts_at"], name="series_date_clinic_start"),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.starts_at:%Y-%m-%d %H:%M}: {self.outcome}"
