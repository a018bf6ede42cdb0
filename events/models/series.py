"""A series of events that recur: a club, a group session, an outreach day."""

from collections.abc import Mapping

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.exceptions import refusal
from events.models.config_errors import for_people
from events.models.programme import Programme
from events.rules.config import RecurringConfig, parse
from events.rules.errors import ConfigError

MOST_REMINDERS = 5
LONGEST_REMINDER = 60 * 24 * 28
"""In minutes before the start. Occurrences are made four weeks ahead."""


def default_reminders() -> list[int]:
    """A day and an hour before."""
    return [1440, 60]


def read_config(value: object) -> RecurringConfig:
    """The pattern of a recurring_config; EventRefusedError under "config" names the key that is wrong."""
    if not isinstance(value, Mapping | RecurringConfig):
        raise for_people(ConfigError("recurring_config", "mapping"))
    try:
        return value if isinstance(value, RecurringConfig) else parse(value)
    except ConfigError as error:
        raise for_people(error) from error


def validate_reminders(value: object) -> None:
    """Accept a list of different whole minutes before the start, at most `MOST_REMINDERS`."""
    good = (
        isinstance(value, list)
        and len(value) <= MOST_REMINDERS
        and all(type(each) is int and 0 < each <= LONGEST_REMINDER for each in value)
        and len(set(value)) == len(value)
    )
    if not good:
        raise refusal(
            "reminders",
            _("Give at most %(most)s different numbers of minutes before the start, none above %(longest)s."),
            "reminders",
            most=MOST_REMINDERS,
            longest=LONGEST_REMINDER,
        )


class EventSeries(models.Model):
    """A pattern (`config`, a recurring_config) and the details that its occurrences are made with.

    Title and description are translated. `capacity` is empty for no limit. `reminders` are minutes before the
    start. A series that was split from another one `follows` it. Those of a `programme` were planned together.
    """

    clinic = models.ForeignKey(
        "home.Clinic", on_delete=models.PROTECT, related_name="event_series", verbose_name=_("clinic")
    )
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), default="", blank=True)
    place = models.CharField(_("venue"), max_length=200, default="", blank=True)
    config = models.JSONField(_("pattern"))
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    reminders = models.JSONField(_("reminders, minutes before"), default=default_reminders, blank=True)
    follows = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="followed_by",
        verbose_name=_("split from"),
    )
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="series",
        verbose_name=_("programme"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event series")
        verbose_name_plural = _("event series")
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuses an invalid recurring_config or list of reminders, naming what is wrong."""
        read_config(self.config)
        validate_reminders(self.reminders)
