"""Webhooks of the WhatsApp providers: signed, of a limited size, and safe to repeat.

The log names providers, never people.
"""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications.channels.gateways import MalformedError
from notifications.channels.receipts import note, taken_after_all
from notifications.channels.sms.numbers import owner_of
from notifications.channels.whatsapp.effects import take
from notifications.channels.whatsapp.gateway import Event, Gateway, Judged, Received, Status, Taken, Template
from notifications.channels.whatsapp.gateways.registry import GATEWAYS
from notifications.channels.whatsapp.refusals import is_there
from notifications.channels.whatsapp.templates import Chosen, mark
from notifications.database_errors import AWAY
from notifications.models import Delivery, InboundMessage
from notifications.phone_numbers import as_e164
from notifications.work.wakeups import Wakeup, wake_on_commit

logger = logging.getLogger(__name__)

NAME = "whatsapp"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """What people write, and what became of our messages; and, asked by GET, whether this address is ours."""
    if provider not in GATEWAYS:
        return _refused(403, provider, "is of no provider of ours")
    gateway = GATEWAYS[provider]()
    if request.method == "GET":
        challenge = gateway.challenge(request)
        if challenge is None:
            return _refused(403, provider, "doesn't know our token")
        return HttpResponse(challenge, content_type="text/plain")
    length = request.headers.get("Content-Length") or "0"
    if (
        not length.isdecimal()
        or int(length) > gateway.largest_call
        or len(request.body) > gateway.largest_call
    ):
        return _refused(413, provider, "is too large")
    # The address as the provider knows it, whatever a proxy has made of it.
    if not gateway.is_genuine(request, url=f"{settings.BASE_URL}{request.get_full_path()}"):
        return _refused(403, provider, "isn't signed by it")
    try:
        _take_all(gateway, gateway.events(request))
    except MalformedError as error:
        return _refused(400, provider, f"is malformed ({error})")
    return HttpResponse(status=200)


def _take_all(gateway: Gateway, events: Iterable[Event]) -> None:
    """Each by itself: one that is bad is logged, and takes no others with it."""
    for event in events:
        try:
            _take(gateway, event)
        except AWAY:
            raise  # the database is away, which no event is to blame for: the provider comes again
        except Exception:
            logger.exception("A part of a call for %(provider)s failed.", {"provider": gateway.name})


def _take(gateway: Gateway, event: Event) -> None:
    is_news = True
    match event:
        case MalformedError():
            logger.error(
                "A part of a call for %(provider)s is malformed (%(what)s); it changed nothing.",
                {"provider": gateway.name, "what": str(event)},
            )
        case Received():
            is_news = _received(gateway, event)
        case Taken():
            is_news = taken_after_all(NAME, event.key, gateway.name, event.provider_id, now=timezone.now())
        case Status():
            is_news = _status(gateway, event)
        case Judged():
            is_news = mark(event.name, event.language, state=event.state, problem=event.reason)
    if not is_news:
        # Providers repeat themselves when our answer got lost; so may others what they overheard.
        logger.info(
            "A part of a call for %(provider)s says nothing new; it changed nothing.",
            {"provider": gateway.name},
        )


def _received(gateway: Gateway, event: Received) -> bool:
    """A message from somebody: kept, and dealt with by a worker."""
    now = timezone.now()
    sender = as_e164(event.sender) or event.sender
    _row, is_new = InboundMessage.objects.get_or_create(
        provider=gateway.name,
        provider_id=event.provider_id,
        defaults={
            "channel": NAME,
            "sender": sender,
            "text": event.text,
            "button": event.button,
            "in_reply_to": event.in_reply_to,
            "received_at": now,
            "due_at": now,
        },
    )
    if is_new:
        if user_id := owner_of(sender):
            is_there(user_id)
        wake_on_commit(Wakeup.ANSWER_SMS)
    return is_new


def _status(gateway: Gateway, event: Status) -> bool:
    """What became of a message that the provider took, with what an error means beyond it."""
    now = timezone.now()
    taken_after_all(NAME, event.key, gateway.name, event.receipt.provider_id, now=now)
    if not note(NAME, gateway.name, event.receipt, now=now):
        return False
    if event.effect:
        sent = Delivery.objects.filter(
            channel=NAME, provider=gateway.name, provider_id=event.receipt.provider_id
        ).select_related("notification")
        for row in sent:
            chosen = Chosen.read(row.subject)
            take(
                event.effect,
                provider=gateway.name,
                user_id=row.notification.recipient_id,
                number=row.address,
                template=Template(chosen.name, chosen.language) if chosen else None,
                said=event.receipt.reason,
                sent_at=row.sent_at or now,
                now=now,
            )
    return True


def _refused(code: int, provider: str, why: str) -> HttpResponse:
    logger.warning("A call for %(provider)s %(why)s; it changed nothing.", {"provider": provider, "why": why})
    return HttpResponse(status=code)
