"""Messages that follow a date of each patient, such as a birth: so many days after it, one after the other."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.models.announcement import Approved


class MessageSeries(Approved):
    """`steps` are its messages in their order: `day` after the date, and `title` and `message` by language of pages.

    `start` names the date (`audiences.SeriesStart`), `values` which of those. It is `live` from `begun_at` on, and
    nobody is told any more from `ended_at` on.
    """

    name = models.CharField(_("name"), max_length=120)
    start = models.CharField(_("counted from"), max_length=40)
    values = models.JSONField(_("which"), default=list, blank=True)
    steps = models.JSONField(_("messages"), default=list)
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("series of messages")
        verbose_name_plural = _("series of messages")
        default_permissions = ("publish",)

    def __str__(self) -> str:
        # Logs keep this, and its name may name somebody.
        return gettext("Series of messages %(number)s") % {"number": self.pk}


class SeriesLeaver(models.Model):
    """Somebody (`About.subject_id`) whom staff took out of a series: nobody is told anything of it because of them."""

    series = models.ForeignKey(
        MessageSeries, on_delete=models.CASCADE, related_name="leavers", db_index=False
    )  # what is unique about it begins with it
    subject_id = models.BigIntegerField()
    left_at = models.DateTimeField()
    taken_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["series", "subject_id"], name="series_leaver_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} ← {self.series_id}"
