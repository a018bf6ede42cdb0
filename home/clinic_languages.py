"""Where the languages are switched on that only messages are in, and by whose word."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from home.models import Clinic, ClinicLanguage, User
from notifications.languages.listed import label, of_messages_alone
from notifications.languages.switches import register_switches
from notifications.texts.lacking import lacking

ACTION = "home.language"
"""The entry in a clinic's history."""


def switched_on(clinic_ids: Collection[int | None]) -> Mapping[int | None, frozenset[str]]:
    """The languages that are on for each of these clinics, None being what belongs to no clinic. One query."""
    whose = Q(clinic_id__in=[id_ for id_ in clinic_ids if id_ is not None])
    if None in clinic_ids:
        whose |= Q(clinic_id__isnull=True)
    found: dict[int | None, set[str]] = defaultdict(set)
    for id_, language in ClinicLanguage.objects.filter(whose, is_on=True).values_list(
        "clinic_id", "language"
    ):
        found[id_].add(language)
    return {id_: frozenset(languages.intersection(of_messages_alone())) for id_, languages in found.items()}


def language_switch_on(
    *,
    clinic: Clinic | None,
    language: str,
    checked_by: str,
    checked_on: date,
    by: User,
    now: datetime,
    today: date,
) -> None:
    """From now on, messages of this clinic (None: of no clinic) are in this language for whoever wants it.

    `checked_by` is who speaks it and read its texts on that day, which isn't after `today`. Raises ValidationError by
    field, with nothing changed, where its texts aren't complete or nobody is named.
    """
    if language not in of_messages_alone():
        raise ValidationError({"language": _("There is no such language.")})
    if lacking(language):
        said = _(
            "%(language)s still lacks texts, so it can’t be switched on. What is missing is listed here."
        )
        raise ValidationError({"language": said % {"language": label(language)}})
    if not checked_by.strip():
        raise ValidationError(
            {"checked_by": _("Who speaks this language and has read its texts? Give their name.")}
        )
    if checked_on > today:
        raise ValidationError({"checked_on": _("This day is still to come.")})
    _switch(clinic, language, by, now, is_on=True, checked_by=checked_by.strip(), checked_on=checked_on)


def language_switch_off(*, clinic: Clinic | None, language: str, by: User, now: datetime) -> None:
    """From now on, whoever wants this language gets the messages of this clinic in that of their pages."""
    if ClinicLanguage.objects.filter(clinic=clinic, language=language, is_on=True).exists():
        _switch(clinic, language, by, now, is_on=False)


def _switch(
    clinic: Clinic | None, language: str, by: User, now: datetime, *, is_on: bool, **checked: object
) -> None:
    with transaction.atomic():
        ClinicLanguage.objects.update_or_create(
            clinic=clinic,
            language=language,
            defaults={"is_on": is_on, "changed_by": by, "changed_at": now, **checked},
        )
        if clinic is not None:
            log(instance=clinic, action=ACTION, user=by, data={"language": language, "is_on": is_on})


register_switches(switched_on)
