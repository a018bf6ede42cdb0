"""A call, from the moment when somebody picks up: what they hear, and what becomes of the keys that they press.

A provider asks at each step what to say next. Nothing of a call is kept between two steps but the place in the address
of the second; so a step that is repeated is harmless.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.channels.gateways import MalformedError
from notifications.channels.voice import outcome, script
from notifications.channels.voice.gateway import Event, Kind, Line, VoiceGateway
from notifications.channels.voice.gateways.registry import GATEWAYS
from notifications.encryption.cipher import is_unreadable
from notifications.models import Delivery
from notifications.preferences.settings import preferences_update
from notifications.quick_replies import Outcome, token_for
from notifications.replies.reading import message_read
from notifications.replies.reply_links import answer_given
from notifications.rules.phone_call import Place, Step, next_move
from notifications.selectors.people import people
from notifications.types import Detail

logger = logging.getLogger(__name__)

LARGEST = 64 * 1024
"""Bytes. What a provider says of a call is a tenth of this."""


@csrf_exempt
@never_cache
@require_POST
def call(request: HttpRequest, provider: str) -> HttpResponse:
    """What a provider tells us of a call, answered with what to say next where it asks that."""
    if provider not in GATEWAYS:
        return _refused(403, provider, "is of no provider of ours")
    gateway = GATEWAYS[provider]()
    if len(request.body) > LARGEST:
        return _refused(413, provider, "is too large")
    # The address as the provider knows it, whatever a proxy has made of it.
    url = f"{settings.BASE_URL}{request.get_full_path()}"
    if not gateway.is_genuine(url=url, form=request.POST, headers=request.headers):
        return _refused(403, provider, "isn't signed by it")
    try:
        event = gateway.event(request.GET, request.POST)
    except MalformedError as error:
        return _refused(400, provider, f"is malformed ({error})")
    now = timezone.now()
    if event is None:
        return HttpResponse(status=204)
    outcome.placed_after_all(provider, event.provider_id, event.call, now=now)
    if event.kind is Kind.OVER:
        outcome.charged(provider, event.provider_id, event.seconds)
        if not outcome.ended(provider, event.provider_id, event.reason, now=now):
            logger.info("The end of a call by %(provider)s is no news.", {"provider": provider})
        return HttpResponse(status=204)
    place, lines = _Talk(gateway, event, now).next()
    document = gateway.document(tuple(lines), call=event.call, place=place)
    return HttpResponse(document, content_type="application/xml")


@dataclass
class _Talk:
    """One step of a call, with what there is to say in it."""

    gateway: VoiceGateway
    event: Event
    now: datetime

    def next(self) -> tuple[Place | None, list[Line]]:
        """Where a key is asked for next, and what is said before that; nothing to a machine, or of an unknown call."""
        place = self.event.place
        is_known = bool(self.rows) and (place is None or place.number <= len(self.rows))
        if self.event.kind is Kind.MACHINE or not is_known:
            return None, []
        row = self._row(place)
        replies = script.replies_by_key(row.notification.event_type) if row else {}
        move = next_move(place, self.event.key, messages=len(self.rows), answers=replies)
        return move.place, list(self._said(move.step, move.place, row))

    def _said(self, step: Step, place: Place | None, row: Delivery | None) -> Iterator[Line]:
        if step is Step.STOPPED:
            self._stop()
            yield from self.speaker.fixed(script.STOPPED)
        if step is Step.ANSWERED and row:
            yield from self._answer(row)
        if step is Step.ASK_AGAIN and self.event.key:
            yield from self.speaker.fixed(script.NOT_UNDERSTOOD)
        if place is not None and place.number == 0:
            yield from self.speaker.fixed(script.GREETING)
        elif place is not None:
            yield from self._message(self.rows[place.number - 1])
        else:
            yield from self.speaker.fixed(script.GOODBYE)

    @cached_property
    def rows(self) -> Sequence[Delivery]:
        return outcome.placed(self.gateway.name, self.event.provider_id, self.event.call)

    @cached_property
    def speaker(self) -> script.Speaker:
        return script.Speaker(self.rows[0].notification.language, script.clips(), self.gateway.voices)

    def _row(self, place: Place | None) -> Delivery | None:
        """The message that is answered at that place; none at the greeting."""
        return self.rows[place.number - 1] if place is not None and place.number else None

    def _message(self, row: Delivery) -> Iterator[Line]:
        notification = row.notification
        person = people([notification.recipient_id]).get(notification.recipient_id)
        body = "" if is_unreadable(row.body) else row.body
        detail = person.wishes.detail if person else Detail.DISCREET
        yield from self.speaker.message(notification.event_type, body, detail)
        yield from self.speaker.fixed(script.KEYS)
        outcome.heard(row, self.gateway.name, self.event.provider_id, now=self.now)
        message_read(message_id=notification.pk, user_id=notification.recipient_id, now=self.now)

    def _answer(self, row: Delivery) -> Iterator[Line]:
        chosen = script.replies_by_key(row.notification.event_type)[self.event.key]
        given = answer_given(token=token_for(row.notification_id, chosen.name), now=self.now)
        counts = given.outcome in (Outcome.DONE, Outcome.ALREADY)
        yield from self.speaker.outcome(script.THANKS if counts else script.TOO_LATE, given.said)

    def _stop(self) -> None:
        user_id = self.rows[0].notification.recipient_id
        preferences_update(user_id=user_id, changes={"voice_enabled": False}, now=self.now, how="voice")


def _refused(code: int, provider: str, why: str) -> HttpResponse:
    logger.warning("A call for %(provider)s %(why)s; it changed nothing.", {"provider": provider, "why": why})
    return HttpResponse(status=code)
