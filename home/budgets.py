"""What a clinic may spend on messages in a month, and how its managers hear that it runs out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from home.models import Clinic
from home.selectors import managers_of
from notifications import bus
from notifications.budgets import Budget, register_budgets
from notifications.rules.prices import month_of
from notifications.selectors.spending import spent
from notifications.timezones import known_zone
from notifications.types import About, Publication, Recipient

BUDGET = "clinic.budget"
LEVELS = (100, 80)
"""Percent of the budget at which managers are told, each once a month."""


def budgets_of_clinics(clinic_ids: Collection[int]) -> Mapping[int, Budget]:
    rows = Clinic.objects.filter(pk__in=clinic_ids).order_by()
    return {
        id_: Budget(amount, known_zone(zone))
        for id_, amount, zone in rows.values_list("pk", "message_budget", "timezone")
    }


def level_of(used: Decimal, budget: Decimal) -> int | None:
    """The highest of LEVELS that is reached; None below them. A budget of nothing is used up."""
    return next((level for level in LEVELS if used * 100 >= budget * level), None)


def warn_managers(*, now: datetime) -> int:
    """Tell the managers of each clinic whose budget is nearly or wholly used, once for each level and month; how many
    clinics are new among them. Three queries, and what it takes to publish.
    """
    rows = Clinic.objects.filter(message_budget__isnull=False).order_by("pk")
    budgets = rows.values_list("pk", "message_budget", "timezone")
    clinics = {id_: (amount, known_zone(zone)) for id_, amount, zone in budgets if amount is not None}
    months = {id_: month_of(now, zone) for id_, (_amount, zone) in clinics.items()}
    reached = [
        (id_, level, used, clinics[id_][0])
        for id_, used in spent(months).items()
        if (level := level_of(used, clinics[id_][0])) is not None
    ]
    return bus.publish_many(
        BUDGET,
        [
            (
                {"clinic_id": id_, "percent": level, "spent": str(used), "budget": str(budget)},
                f"{months[id_]:%Y-%m}:{id_}:{level}",
            )
            for id_, level, used, budget in reached
        ],
        now=now,
    )


def recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The managers of the clinic. Two queries."""
    ids = {publication.payload["clinic_id"] for publication in publications}
    names = dict(Clinic.objects.filter(pk__in=ids).values_list("pk", "name"))
    managers = managers_of(names)
    for publication in publications:
        payload = publication.payload
        clinic_id = payload["clinic_id"]
        params = {
            "clinic": names.get(clinic_id, ""),
            "percent": payload["percent"],
            "spent": Decimal(payload["spent"]),
            "budget": Decimal(payload["budget"]),
        }
        for user_id in managers.get(clinic_id, ()):
            yield Recipient(
                publication.id,
                user_id,
                params,
                dedupe_key=f"budget:{publication.id:012d}",
                related_object_type="clinic",
                related_object_id=clinic_id,
                about=About(clinic_id),
            )


register_budgets(budgets_of_clinics)
