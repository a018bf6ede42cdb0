"""What goes to each provider, word for word, and what is done about each error that it documents."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from notifications.channels.gateways import BREATHER, REST, GatewayError
from notifications.channels.whatsapp.gateway import Effect, Outgoing, Template, WhatsAppError
from notifications.channels.whatsapp.gateways.registry import in_use
from tests.notifications.channels.counterpart import Answer, twilio_refuses
from tests.notifications.channels.whatsapp.provider import (
    Fault,
    Known,
    Server,
    hangs,
    hangs_up,
    meta_refuses,
    says,
)

NUMBER = "+27825550101"
TEMPLATE = Template("visit_reminder", "af", ("Vrydag 4 Desember",), ("token:a", "token:b"))
REMINDER = Outgoing("medguard-1", NUMBER, "U besoek is Vrydag 4 Desember.", TEMPLATE)
TEXT = Outgoing("medguard-2", NUMBER, "Noted: taken. Thank you.")

ONE_MINUTE = timedelta(minutes=1)
META: list[tuple[int, int, dict[str, Any]]] = [
    *[(400, code, {"rest": REST}) for code in (0, 10, 33, 190, 200, 299, 368, 131031, 131042)],
    *[(500, code, {"rest": REST}) for code in (3, 131045)],
    *[(400, code, {"rest": BREATHER, "retry_after": BREATHER}) for code in (4, 80007, 130429, 131048)],
    (400, 131056, {"retry_after": ONE_MINUTE}),
    *[
        (status, code, {})
        for status, code in ((400, 1), (503, 2), (500, 131000), (500, 131016), (500, 131057))
    ],
    (400, 131026, {"permanent": True, "effect": Effect.NOT_THERE}),
    (400, 131050, {"permanent": True, "effect": Effect.STOPPED}),
    *[(400, code, {"permanent": True}) for code in (131047, 131049, 131021, 130472, 131051, 131009, 100)],
    *[(400, code, {"permanent": True, "effect": Effect.PAUSED}) for code in (132000, 132005, 132007, 132015)],
    *[(404, code, {"permanent": True, "effect": Effect.REJECTED}) for code in (132001, 132016)],
    # A new one.
    (400, 139999, {"permanent": True}),
    (403, 139999, {"rest": REST}),
    (500, 139999, {"rest": REST}),
]
TWILIO: list[tuple[int, int, dict[str, Any]]] = [
    *[(400, code, {"rest": REST}) for code in (63001, 63007, 63008, 63020, 63022, 20003, 30002, 21703)],
    *[(400, code, {"rest": BREATHER, "retry_after": BREATHER}) for code in (63017, 63018, 63038, 20429)],
    *[(400, code, {}) for code in (63009, 63010, 63012, 63023)],
    *[(400, code, {"permanent": True, "effect": Effect.STOPPED}) for code in (21610, 63014)],
    *[(400, code, {"permanent": True, "effect": Effect.NOT_THERE}) for code in (63003, 63024, 21211)],
    *[(400, code, {"permanent": True}) for code in (63016, 63013, 63032, 63049)],
    *[(400, code, {"permanent": True, "effect": Effect.PAUSED}) for code in (63028, 63041)],
    *[(400, code, {"permanent": True, "effect": Effect.REJECTED}) for code in (21655, 63027, 63040, 63042)],
    (401, 69999, {"rest": REST}),
    (400, 69999, {"permanent": True}),
]
DOWN: dict[str, Fault] = {
    "500": says(Answer(500, "<html>")),
    "hangs": hangs,
    "hangs up": hangs_up,
    "no id": says(Answer(200, "{}")),
}


def refusal(outgoing: Outgoing = REMINDER) -> WhatsAppError:
    with requests.Session() as http, pytest.raises(WhatsAppError) as caught:
        in_use().send(http, outgoing)
    return caught.value


def decision(error: WhatsAppError) -> dict[str, Any]:
    """What it says to do, without what is left out."""
    found = {name: getattr(error, name) for name in ("permanent", "rest", "retry_after", "effect")}
    return {name: value for name, value in found.items() if value}


def test_a_template_goes_to_meta_with_its_values_and_what_its_buttons_send_back(whatsapp: Server) -> None:
    whatsapp.provider.approved[("visit_reminder", "af")] = Known(1, 2)
    with requests.Session() as http:
        assert in_use().send(http, REMINDER) == "wamid.0001"
    button = {"type": "button", "sub_type": "quick_reply"}
    assert whatsapp.provider.sent == [
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "biz_opaque_callback_data": REMINDER.key,
            "to": NUMBER,
            "type": "template",
            "template": {
                "name": "visit_reminder",
                "language": {"code": "af"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "Vrydag 4 Desember"}]},
                    {**button, "index": "0", "parameters": [{"type": "payload", "payload": "token:a"}]},
                    {**button, "index": "1", "parameters": [{"type": "payload", "payload": "token:b"}]},
                ],
            },
        }
    ]


def test_free_text_goes_to_meta_as_text(whatsapp: Server) -> None:
    whatsapp.provider.windows.add(NUMBER)
    with requests.Session() as http:
        in_use().send(http, TEXT)
    [sent] = whatsapp.provider.sent
    assert (sent["type"], sent["text"]) == ("text", {"preview_url": False, "body": TEXT.text})


def test_a_template_goes_to_twilio_by_its_sid_with_numbered_values(by_twilio: Server) -> None:
    by_twilio.provider.approved[("visit_reminder", "")] = Known(1)
    with requests.Session() as http:
        assert in_use().send(http, REMINDER) == f"SM{1:032}"
    [sent] = by_twilio.provider.sent
    assert (sent["From"], sent["To"]) == ("whatsapp:+27105550100", f"whatsapp:{NUMBER}")
    assert (sent["ContentSid"], json.loads(sent["ContentVariables"])) == (
        "visit_reminder",
        {"1": "Vrydag 4 Desember"},
    )
    assert sent["StatusCallback"] == f"https://clinic.example/whatsapp/twilio/?key={REMINDER.key}"
    assert "Body" not in sent


def test_free_text_goes_to_twilio_as_body(by_twilio: Server) -> None:
    by_twilio.provider.windows.add(NUMBER)
    with requests.Session() as http:
        in_use().send(http, TEXT)
    [sent] = by_twilio.provider.sent
    assert sent["Body"] == TEXT.text and "ContentSid" not in sent


@pytest.mark.parametrize(("status", "code", "decided"), META)
def test_each_error_of_meta_has_its_decision(
    whatsapp: Server, status: int, code: int, decided: dict[str, Any]
) -> None:
    whatsapp.provider.approved[("visit_reminder", "af")] = Known(1, 2)
    whatsapp.provider.fault = says(meta_refuses(status, code, "An error"))
    assert decision(refusal()) == decided


@pytest.mark.parametrize(("status", "code", "decided"), TWILIO)
def test_each_error_of_twilio_has_its_decision(
    by_twilio: Server, status: int, code: int, decided: dict[str, Any]
) -> None:
    by_twilio.provider.approved[("visit_reminder", "")] = Known(1)
    by_twilio.provider.fault = says(twilio_refuses(status, code, "An error"))
    assert decision(refusal()) == decided


@pytest.mark.parametrize("provider", ["meta", "twilio"])
@pytest.mark.parametrize("fault", DOWN.values(), ids=DOWN.keys())
def test_one_that_gives_no_answer_is_left_alone(
    whatsapp: Server, settings: Any, provider: str, fault: Fault
) -> None:
    settings.WHATSAPP_PROVIDER = provider
    settings.SMS_TIMEOUT = 0.5
    whatsapp.provider.windows.add(NUMBER)
    whatsapp.provider.fault = fault
    with requests.Session() as http, pytest.raises(GatewayError) as caught:
        in_use().send(http, TEXT)
    assert caught.value.rest == REST and not caught.value.permanent


@pytest.mark.parametrize("provider", ["meta", "twilio"])
def test_one_that_has_too_much_to_do_says_how_long_to_wait(
    whatsapp: Server, settings: Any, provider: str
) -> None:
    settings.WHATSAPP_PROVIDER = provider
    whatsapp.provider.windows.add(NUMBER)
    whatsapp.provider.fault = says(Answer(429, "", {"Retry-After": "90"}))
    error = refusal(TEXT)
    assert error.retry_after == error.rest == timedelta(seconds=90)


def test_what_an_error_says_names_nobody(whatsapp: Server) -> None:
    whatsapp.provider.fault = says(meta_refuses(400, 131026, f"{NUMBER} is unknown"))
    whatsapp.provider.windows.add(NUMBER)
    assert str(refusal(TEXT)) == "It answered 400, error 131026."


def test_to_try_it_out_each_message_is_a_file(folder: Path) -> None:
    with requests.Session() as http:
        name = in_use().send(http, REMINDER)
    assert (folder / name).read_text() == (
        f"To: {NUMBER}\nTemplate: visit_reminder (af)\nValue: Vrydag 4 Desember\nButton: token:a\nButton: token:b\n\n"
        f"{REMINDER.text}\n"
    )
