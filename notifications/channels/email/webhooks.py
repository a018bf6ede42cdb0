"""What the e-mail service reports of mail that came back or was unwanted: its webhook.

Each report is signed by the service, or carries the password that only it was given. What isn't, what can't be read and
what came before changes nothing, and is logged without saying whose it is.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.base import AnymailCoreWebhookView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.channels.suppressions import Report, problem_report
from notifications.types import Reason

logger = logging.getLogger(__name__)

LARGEST = 1_000_000
"""Bytes of one call."""
_FOR_GOOD = {RejectReason.BOUNCED, RejectReason.INVALID}
_SOFT = {"SoftBounce"}
"""What Postmark calls a bounce that may be over by tomorrow; anymail counts it among those that aren't."""
_UNREADABLE = (AnymailConfigurationError, AttributeError, LookupError, TypeError, ValueError, OverflowError)


@csrf_exempt
@require_POST
def mail_events(request: HttpRequest) -> HttpResponse:
    """200 for whatever was read, whether or not it says anything new, so that the service doesn't send it again."""
    if not settings.EMAIL_EVENTS_VIEW:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return HttpResponse(status=413)
    view = import_string(settings.EMAIL_EVENTS_VIEW)()
    try:
        reports = list(_reports(_events(view, request)))
    except AnymailWebhookValidationFailure:
        logger.warning("A report about mail was refused: it isn't signed by the e-mail service.")
        return HttpResponse(status=400)
    except _UNREADABLE as error:
        logger.warning("A report about mail can't be read: %s.", type(error).__name__)
        return HttpResponse(status=400)
    for report in reports:
        if problem_report(report, now=timezone.now()):
            logger.warning("Mail to an address fails (%s); nothing is sent there any more.", report.reason)
        else:
            logger.info("A report about mail says nothing new.")
    return HttpResponse()


def _events(view: AnymailCoreWebhookView, request: HttpRequest) -> list[AnymailTrackingEvent]:
    if request.content_type != "application/json":
        raise ValueError(request.content_type)
    view.run_validators(request)
    events: list[AnymailTrackingEvent] = view.parse_events(request)
    return events


def _reports(events: Iterable[AnymailTrackingEvent]) -> Iterable[Report]:
    for event in events:
        reason = _reason(event)
        if reason is not None:
            yield Report(event.event_id, str(event.recipient), reason, _time(event))


def _reason(event: AnymailTrackingEvent) -> Reason | None:
    if event.event_type == EventType.COMPLAINED:
        return Reason.COMPLAINED
    fails = event.event_type in {EventType.BOUNCED, EventType.REJECTED} and event.reject_reason in _FOR_GOOD
    return Reason.BOUNCED if fails and event.esp_event.get("Type") not in _SOFT else None


def _time(event: AnymailTrackingEvent) -> datetime:
    """When it happened; where a time is signed, as in Mailgun's reports, that one."""
    signature: Any = event.esp_event.get("signature") or {}
    if "timestamp" in signature:
        return datetime.fromtimestamp(float(signature["timestamp"]), tz=UTC)
    at: datetime | None = event.timestamp
    if at is None or at.tzinfo is None:
        raise ValueError("without a time")
    return at
