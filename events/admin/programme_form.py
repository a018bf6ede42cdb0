"""A programme as it is planned: one series, and for each clinic whether, where, when and for how many."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList

from events.admin.pattern_fields import DatesField, time_field
from events.admin.series_form import ASKS_FOR_DATES, NEXT_DATES, PLACES, TEXTS, WHEN, PlannedForm
from events.models import EventSeries
from events.rules.config import RecurringConfig
from events.services.programme import AtClinic
from home.models import Clinic
from home.selectors import clinics_managed_by
from notifications.web.visible import validate_visible

MOST_PLACES = 100_000


class OwnFields(forms.Form):
    """What is a clinic's own of a series at several: where, when and for how many."""

    place = forms.CharField(label=_("Venue"), max_length=200, required=False, validators=[validate_visible])
    start_time = time_field(_("Starts at"), required=False)
    end_time = time_field(_("Ends at"), required=False)
    capacity = forms.IntegerField(
        label=_("Number of places"), required=False, validators=[MinValueValidator(1)], max_value=MOST_PLACES
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = [name for name in ("start_time", "end_time") if cleaned.get(name)]
        if len(given) == 1:
            other = "end_time" if given == ["start_time"] else "start_time"
            if other not in self.errors:
                self.add_error(other, _("Give both times, or neither."))
        return cleaned


class ClinicRow(OwnFields):
    """What is left empty is as above; of a clinic that isn't chosen nothing is read."""

    chosen = forms.BooleanField(label=_("Plan it here"), required=False)
    skip_dates = DatesField(
        label=_("Also not on these dates"),
        required=False,
        help_text=_("Local holidays, one date on each line."),
    )

    def __init__(self, clinic: Clinic, data: Any, *, place: str) -> None:
        super().__init__(data, prefix=f"clinic-{clinic.pk}", initial={"place": place})
        self.clinic = clinic

    @cached_property
    def is_chosen(self) -> bool:
        return self.is_bound and bool(self["chosen"].data)

    def at_clinic(self, config: RecurringConfig, capacity: int | None) -> AtClinic:
        """What it says, and the rest as it is for all."""
        said = self.cleaned_data
        own = replace(
            config,
            start_time=said["start_time"] or config.start_time,
            end_time=said["end_time"] or config.end_time,
            skip_dates=config.skip_dates | said["skip_dates"],
        )
        return AtClinic(
            clinic=self.clinic,
            recurring_config=own.as_json(),
            place=said["place"],
            capacity=said["capacity"] or capacity,
        )


class ProgrammeForm(PlannedForm):
    """Accepts no clinic but those that the signed-in person manages. Each form has a `key` of its own."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("start_date", timezone.localdate())
        self.initial.setdefault("key", uuid4())
        data = self.data if self.is_bound else None
        self.clinics = [
            ClinicRow(clinic, data, place=clinic.last_place or "") for clinic in _managed(self.for_user)
        ]

    @property
    def chosen(self) -> list[ClinicRow]:
        return [row for row in self.clinics if row.is_chosen]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.chosen:
            self.add_error(None, _("Choose at least one clinic."))
        if any([not row.is_valid() for row in self.chosen]):  # noqa: C419 - all of them, so that each says what is wrong
            self.add_error(None, _("Please look at what is marked at the clinics."))
        return cleaned

    def at_clinics(self) -> list[AtClinic]:
        """What is planned at each clinic that was chosen, of a valid form."""
        config, capacity = self.cleaned_data["config"], self.cleaned_data["capacity"]
        return [row.at_clinic(config, capacity) for row in self.chosen]


def _managed(user: Any) -> QuerySet[Any]:
    """The clinics, each with the venue of its latest series. One query."""
    latest = EventSeries.objects.filter(clinic=OuterRef("pk")).exclude(place="").order_by("-id")
    return clinics_managed_by(user).annotate(last_place=Subquery(latest.values("place")[:1])).order_by("name")


PROGRAMME_FORM = ObjectList(
    [
        MultiFieldPanel([*TEXTS, PLACES], heading=_("What"), icon="group"),
        WHEN,
        NEXT_DATES,
        MultiFieldPanel([FieldPanel("reminders")], heading=_("Messages"), icon="mail"),
    ],
    base_form_class=ProgrammeForm,
    attrs=ASKS_FOR_DATES,
)
