"""How the database is, on the first page of head office, in words for somebody who asks others to mend it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.permissions import policy_registry

from notifications.models import PeriodicTask
from notifications.selectors.database_state import hot_tables, transactions
from notifications.selectors.overdue import oldest_overdue

LATE = timedelta(minutes=5)
"""The sweep hands out forgotten work in two minutes; later than this nobody works at all, or too few do."""


class DatabasePanel(Component):
    """What holds up everybody and is seen on no other page, for who may look after the periodic tasks.

    A constant number of queries.
    """

    name = "database"
    template_name = "notifications/admin/database_panel.html"
    order = 260

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        if not policy_registry.get_by_type(PeriodicTask).user_has_permission(user, "view"):
            return {"shown": False}
        now = timezone.now()
        waited = timedelta(seconds=oldest_overdue(now=now))
        found = transactions()
        return {
            "shown": True,
            "late_since": now - waited if waited > LATE else None,
            "is_measured": found is not None,
            "open_since": now - timedelta(seconds=found.oldest_seconds)
            if found is not None and found.are_too_old
            else None,
            "hidden": found.hidden if found is not None else 0,
            "untidy": [table for table in hot_tables() if table.is_untidy],
        }
