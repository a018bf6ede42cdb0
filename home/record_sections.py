"""What this app adds to a patient's page."""

from django.utils.translation import gettext_lazy as _

from home.admin.wishes import PERMISSION, wishes_url
from home.record.sections import RecordAction, register_record_action

register_record_action(RecordAction(_("How they are reached"), wishes_url, PERMISSION, order=55))
