"""Wagtail's log of every change, for head office only, because it names rows of all clinics."""

from wagtail.admin.auth import require_admin_access, user_passes_test
from wagtail.admin.views.reports.audit_logging import LogEntriesView

_head_office = user_passes_test(lambda user: user.is_superuser)

site_history = require_admin_access(_head_office(LogEntriesView.as_view()))
site_history_results = require_admin_access(_head_office(LogEntriesView.as_view(results_only=True)))
