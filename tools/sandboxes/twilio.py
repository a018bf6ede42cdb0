"""Twilio's test credentials, which send nothing: their numbers stand for an answer each.

https://www.twilio.com/docs/iam/test-credentials. They are asked at the usual host. Should somebody give the credentials
of a real account instead, no phone rings: the senders are Twilio's, and belong to no account.
"""

import requests

from notifications.channels.sms.gateway import Sms
from notifications.channels.sms.gateways.twilio import TwilioGateway as SmsGateway
from notifications.channels.voice.gateway import Call
from notifications.channels.voice.gateways.twilio import TwilioGateway as VoiceGateway
from tools.sandboxes.question import Means, Question, Read, Sandbox, data_of

SENDER = "+15005550006"
REAL = "+15005550010"
"""No number with a meaning of its own: it is looked at as any other is."""
REFUSAL = frozenset({"code", "message", "more_info", "status"})
"""https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions"""
INVALID = frozenset({400})


def _read(answer: requests.Response) -> Read:
    data = data_of(answer)
    code = data.get("code")
    return Read(code=code if isinstance(code, int) else None, fields=frozenset(data))


def _sms(http: requests.Session, number: str) -> str:
    return SmsGateway().send(
        http, Sms(key="medguard-0", number=number, text="A question of MedGuard’s tests.")
    )


def _call(http: requests.Session, number: str) -> str:
    call = Call(key="medguard-0", number=number, text="A question.", language="en", event_types=())
    return VoiceGateway().place(http, call)


def _questions(
    sender_setting: str,
    *,
    numbers: dict[str, tuple[int, Means, str]],
    senders: dict[str, tuple[int, frozenset[int], str]],
) -> tuple[Question, ...]:
    ours = {sender_setting: SENDER, "BASE_URL": "https://medguard.example"}
    taken = Question(
        about="to a number that is in order",
        number=REAL,
        statuses=frozenset({201}),
        code=None,
        fields=frozenset({"sid", "status"}),
        means=Means.TAKEN,
        given=ours,
    )
    wrong = Question(
        about="with a wrong token",
        number=REAL,
        statuses=frozenset({401}),
        code=20003,
        fields=REFUSAL,
        means=Means.TROUBLE,
        given={**ours, "TWILIO_AUTH_TOKEN": "0" * 32},
    )
    to = (
        Question(
            about=f"to {about}",
            number=number,
            statuses=INVALID,
            code=code,
            fields=REFUSAL,
            means=means,
            given=ours,
        )
        for number, (code, means, about) in numbers.items()
    )
    by = (
        Question(
            about=f"from {about}",
            number=REAL,
            statuses=statuses,
            code=code,
            fields=REFUSAL,
            means=Means.TROUBLE,
            given={**ours, sender_setting: sender},
        )
        for sender, (code, statuses, about) in senders.items()
    )
    return taken, wrong, *to, *by


_NEEDS = {"TWILIO_ACCOUNT_SID": None, "TWILIO_AUTH_TOKEN": None}

SMS = Sandbox(
    name="twilio-sms",
    host="https://api.twilio.com",
    host_setting="TWILIO_URL",
    needs=_NEEDS,
    send=_sms,
    read=_read,
    questions=_questions(
        "TWILIO_FROM",
        numbers={
            "+15005550001": (21211, Means.NUMBER, "a number that is none"),
            "+15005550002": (21612, Means.ELSEWHERE, "a number that it has no way to"),
            "+15005550003": (21408, Means.ELSEWHERE, "a country that the account may not write to"),
            "+15005550004": (21610, Means.STOPPED, "a number that sent STOP"),
            "+15005550009": (21614, Means.NUMBER, "a number that can take no SMS"),
        },
        senders={
            "+15005550001": (21212, INVALID, "a number that is none"),
            "+15005550007": (21606, INVALID, "a number that isn't the account's"),
            # A full queue, for which the status isn't documented.
            "+15005550008": (21611, INVALID | {429}, "a number whose queue is full"),
        },
    ),
)
CALLS = Sandbox(
    name="twilio-calls",
    host="https://api.twilio.com",
    host_setting="TWILIO_URL",
    needs=_NEEDS,
    send=_call,
    read=_read,
    questions=_questions(
        "VOICE_TWILIO_FROM",
        numbers={
            "+15005550001": (21217, Means.NUMBER, "a number that is none"),
            "+15005550002": (21214, Means.NUMBER, "a number that it has no way to"),
            "+15005550003": (21215, Means.ELSEWHERE, "a country that the account may not call"),
            "+15005550004": (21216, Means.ELSEWHERE, "a number that is blocked for the account"),
        },
        senders={
            "+15005550001": (21212, INVALID, "a number that is none"),
            "+15005550007": (21210, INVALID, "a number that isn't the account's"),
        },
    ),
)
