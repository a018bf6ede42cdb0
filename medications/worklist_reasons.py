"""Why a patient who takes medicine needs a call. Found at start."""

from django.utils.translation import gettext_lazy as _

from home.worklist.reasons import WorklistReason, register_worklist_reason
from medications.selectors.weekly_checks import call_words, needs_call

register_worklist_reason(
    WorklistReason("weekly_check", _("Weekly question"), pressing=60, select=needs_call, words=call_words)
)
