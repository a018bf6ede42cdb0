"""What others may see of a mail before it is opened names no medicine, dose or condition, unless its reader says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from notifications import registry
from notifications.channels.base import Send
from notifications.channels.email.channel import EmailChannel
from notifications.models import Delivery, NotificationPreferences
from notifications.pipeline import insert, relevance
from notifications.pipeline.compose import compose
from notifications.pipeline.deliver import deliver, deliver_held
from notifications.texts.rendering import RenderRequest, render_many
from notifications.types import Category, Detail, EventType, Message, Recipient, SendResult
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

TYPES = list(registry.event_types())
LANGUAGES = ("en", "af")


class Shelf(EmailChannel):
    """E-mail that is kept instead of sent."""

    mails: ClassVar[list[Message]] = []

    @contextmanager
    def session(self) -> Iterator[Send]:
        yield self._keep

    def _keep(self, message: Message) -> SendResult:
        Shelf.mails.append(message)
        return SendResult("shelf", message.key)


@pytest.fixture(autouse=True)
def _shelf(settings: Any) -> None:
    settings.NOTIFICATION_CHANNELS = [f"{__name__}.Shelf"]
    Shelf.mails = []


def values(event_type: EventType, language: str, *, secret: bool = False) -> set[str]:
    """What the message says of its reader, as it is written in that language; of their treatment alone, if it is to be
    `secret`: a day on which they come may be said.
    """
    shown = set()
    for param in event_type.params:
        if secret and param.discreet:
            continue
        probe = f"{{{{ {param.name} }}}}"
        texts = {code: type(each)(*[probe] * 5, "", "") for code, each in event_type.texts.items()}
        request = RenderRequest(
            {p.name: p.sample for p in event_type.params}, language, "Africa/Johannesburg", Detail.DETAILED
        )
        [rendered] = render_many(event_type, texts, [request])
        shown.add(rendered.email_subject.strip())
    # A bare number says nothing by itself, nor does “your”.
    return {text for text in shown if (len(text) > 3 and text != text.lower()) or ":" in text or " " in text}


def tell(event_type: EventType, language: str, detail: str, *, times: int, **wishes: Any) -> list[Message]:
    user = UserFactory()
    NotificationPreferences.objects.create(user=user, language=language, detail=detail, **wishes)
    params = {param.name: param.sample for param in event_type.params}
    recipients = [
        Recipient(None, user.pk, params, dedupe_key=f"{user.pk}:{number}", path="/inbox/")
        for number in range(times)
    ]
    insert.insert(compose(event_type, recipients, now=timezone.now(), requested=frozenset({"email"})))
    Delivery.objects.update(due_at=timezone.now())
    deliver("email", now=timezone.now())
    deliver_held("email", now=timezone.now())
    return Shelf.mails


@pytest.fixture
def always_relevant(monkeypatch: pytest.MonkeyPatch) -> None:
    """The samples are about nothing that is in the database."""
    monkeypatch.setattr(relevance, "_stale", lambda deliveries: {})


@pytest.mark.usefixtures("always_relevant")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event_type", TYPES, ids=lambda event_type: event_type.name)
def test_a_subject_names_nothing_unless_its_reader_wants_it(event_type: EventType, language: str) -> None:
    [discreet] = tell(event_type, language, "discreet", times=1)
    named = values(event_type, language)
    assert named
    secret = values(event_type, language, secret=True)
    assert {text for text in secret if text in discreet.subject} == set()
    Shelf.mails.clear()
    [detailed] = tell(event_type, language, "detailed", times=1)
    assert {text for text in named if text in detailed.subject}, detailed.subject


@pytest.mark.usefixtures("always_relevant")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "event_type", [each for each in TYPES if not each.time_critical], ids=lambda event_type: event_type.name
)
def test_nor_does_the_subject_of_a_digest(event_type: EventType, language: str) -> None:
    evening = {"email_time": "evening"}
    named = values(event_type, language)
    [discreet] = tell(event_type, language, "discreet", times=3, **evening)
    assert len(discreet.items) == 3
    assert (
        discreet.subject
        == {
            "en": "You have 3 messages from your clinic",
            "af": "U het 3 boodskappe van u kliniek",
        }[language]
    )
    Shelf.mails.clear()
    [detailed] = tell(event_type, language, "detailed", times=3, **evening)
    assert {text for text in named if text in detailed.subject}, detailed.subject
    assert len(detailed.subject) <= 150


def test_each_category_has_a_type_that_is_tried() -> None:
    assert {event_type.category for event_type in TYPES} == set(Category)
