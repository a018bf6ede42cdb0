"""How many patients are reached, by which channels, and in which language. In sets; for the background."""

from collections.abc import Collection, Mapping

from django.conf import settings
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf

from home.carers import may_be_told
from home.models import CareRole, Relation
from home.reach.rows import reached
from home.selectors import patients_here
from notifications.channels import registry as channels
from notifications.selectors.people import SWITCHES

NO_LANGUAGE = "none"
"""Of whom nobody has an account: there is nobody to write to."""


def reached_patients(clinic_ids: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """Of each of these clinics' patients who are expected how many there are, how many are reached, and by which
    channels and in which languages ("all", "reached", "by.sms", "in.af", "in.af.reached"); without those at 0. Two
    queries.

    Somebody is reached by several channels, and counts under each. Their language is that of the first person who is
    told, themselves before others.
    """
    roles = CareRole.objects.filter(patient=OuterRef("pk"))
    here = patients_here(clinic_ids)
    used = [name for name in SWITCHES if name in channels.outside()]
    by_channel = here.values_list("clinic_id").annotate(
        all=Count("pk"),
        **{f"by_{name}": Count("pk", filter=Q(Exists(reached(roles, name)))) for name in used},
    )
    found: dict[int, dict[str, int]] = {}
    for clinic_id, number, *each in by_channel:
        found[clinic_id] = {
            "all": number,
            **{f"by.{name}": count for name, count in zip(used, each, strict=True)},
        }
    by_language = (
        here.annotate(language=Coalesce(_language(), Value(NO_LANGUAGE)), is_reached=Exists(reached(roles)))
        .values_list("clinic_id", "language", "is_reached")
        .annotate(number=Count("pk"))
    )
    for clinic_id, language, is_reached, number in by_language:
        own = found.setdefault(clinic_id, {})
        own[f"in.{language}"] = own.get(f"in.{language}", 0) + number
        if is_reached:
            own[f"in.{language}.reached"] = number
            own["reached"] = own.get("reached", 0) + number
    return {id_: {name: number for name, number in own.items() if number} for id_, own in found.items()}


def _language() -> Subquery:
    """Of whoever is told first, themselves before others; None where nobody is."""
    self_first = Case(
        When(relation=Relation.SELF, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    told = CareRole.objects.filter(may_be_told(), patient=OuterRef("pk"), user__is_active=True)
    saved = "user__notification_preferences"
    chosen = Coalesce(
        NullIf(F(f"{saved}__message_language"), Value("")),
        F(f"{saved}__language"),
        Value(settings.LANGUAGE_CODE),
    )
    return Subquery(told.order_by(self_first, "pk").annotate(chosen=chosen).values("chosen")[:1])
