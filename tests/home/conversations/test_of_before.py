"""What people wrote before there were conversations is put into some, once."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from home.conversations.threads import texts_of
from home.models import Conversation, User
from notifications.encryption.cipher import is_unreadable
from notifications.models import InboundMessage
from tests.home.conftest import Cast
from tests.home.conversations.conftest import NOW, NUMBER, STRANGER, conversation, write

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def migrate() -> None:
    import_module("home.migrations.0034_conversations_of_before").forward(apps, None)


def came(text: str, *, ago: timedelta, sender: str = NUMBER, **fields: Any) -> InboundMessage:
    """As it was dealt with then."""
    at = NOW - ago
    values = {"interpretation": "unknown_words", "state": "done", "finished_at": at, **fields}
    row: InboundMessage = InboundMessage.objects.create(
        provider="file",
        provider_id=f"{text} {at}",
        sender=sender,
        text=text,
        received_at=at,
        due_at=at,
        **values,
    )
    return row


@pytest.fixture
def about_pieter(cast: Cast, anna: User) -> dict[str, Any]:
    return {"user": anna, "scope_id": cast.clinic.pk, "subject_id": cast.pieter.pk}


def test_all_that_one_person_wrote_about_one_patient_is_one_conversation(
    cast: Cast, about_pieter: dict[str, Any]
) -> None:
    texts = [
        came(text, ago=ago * HOUR, **about_pieter) for text, ago in (("Can he come?", 30), ("Hello?", 5))
    ]
    for _ in range(2):
        migrate()
    row = conversation()
    assert (row.clinic, row.patient, row.user) == (cast.clinic, cast.pieter, about_pieter["user"])
    assert (row.state, row.is_waiting, row.read_at, row.channel) == ("open", True, None, "sms")
    assert (row.opened_at, row.last_at, row.last_text) == (NOW - 30 * HOUR, NOW - 5 * HOUR, texts[1])
    assert set(texts_of(row)) == set(texts)


def test_one_that_there_is_already_stays_as_it_is(cast: Cast, about_pieter: dict[str, Any]) -> None:
    came("Can he come?", ago=30 * HOUR, **about_pieter)
    latest = write("and on Monday?")
    migrate()
    assert (conversation().opened_at, conversation().last_text) == (NOW, latest)


@pytest.mark.parametrize(
    "changes",
    [
        {"text": ""},
        {"ago": timedelta(days=32)},
        {"interpretation": "answer"},
        {"subject_id": 99_999},
        {"scope_id": 99_999},
    ],
    ids=["wiped", "long ago", "understood", "patient gone", "clinic gone"],
)
def test_what_nobody_has_to_read_any_more(about_pieter: dict[str, Any], changes: dict[str, Any]) -> None:
    came(**{"text": "Can he come?", "ago": HOUR, **about_pieter, **changes})
    migrate()
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    ("text", "sender", "is_kept"),
    [
        ("Is this the clinic?", STRANGER, True),
        ("STOP", STRANGER, False),
        ("1", STRANGER, False),
        ("[image]", STRANGER, False),
        ("Your balance is R5", "MTN", False),
    ],
)
def test_a_number_that_is_nobodys(cast: Cast, text: str, sender: str, is_kept: bool) -> None:
    row = came(text, ago=HOUR, sender=sender, interpretation="stranger")
    migrate()
    found = list(Conversation.objects.values_list("user", "clinic", "number", "last_text"))
    assert found == ([(None, None, STRANGER, row.pk)] if is_kept else [])


@pytest.mark.parametrize("column", ["sender", "text"])
def test_one_that_cannot_be_read_takes_no_others_with_it(
    cast: Cast, about_pieter: dict[str, Any], column: str
) -> None:
    poisoned = came("Is this the clinic?", ago=2 * HOUR, sender=STRANGER, interpretation="stranger")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE notifications_inboundmessage SET {column} = %s WHERE id = %s",  # noqa: S608 - names of ours
            ["enc1:nobody:knows", poisoned.pk],
        )
    assert is_unreadable(getattr(InboundMessage.objects.get(pk=poisoned.pk), column))
    came("Can he come?", ago=HOUR, **about_pieter)
    migrate()
    assert [row.patient for row in Conversation.objects.all()] == [cast.pieter]
