"""Reads: by which plan the messages of a category go."""

import logging
from collections.abc import Mapping

from notifications import registry
from notifications.models import RoutingPlan
from notifications.rules.plans import Plan, usual
from notifications.types import Category, EventType

logger = logging.getLogger(__name__)


def plan_of(event_type: EventType) -> Plan:
    """That of the type's category: staff's own, or the usual one. One query."""
    return _with_own({event_type.category: usual(event_type)})[event_type.category]


def plans() -> dict[Category, Plan]:
    """The same of all categories that there are messages of. One query."""
    return _with_own(usual_plans())


def usual_plans() -> dict[Category, Plan]:
    """The plan of each category that there are messages of, before staff change it."""
    types = map(registry.of_category, Category)
    return {each.category: usual(each) for each in types if each is not None}


def _with_own(usual_ones: Mapping[Category, Plan]) -> dict[Category, Plan]:
    found = dict(usual_ones)
    for row in RoutingPlan.objects.filter(category__in=usual_ones):
        try:
            found[Category(row.category)] = row.plan
        except ValueError:
            # Messages go the usual way rather than nowhere.
            logger.exception("The plan of %(category)s can't be read.", {"category": row.category})
    return found
