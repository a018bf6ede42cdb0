"""Africa's Talking's sandbox, which has a host of its own and the username “sandbox”, and reaches a simulator alone.

https://developers.africastalking.com/docs/sms/sending/bulk has the answers. Voice is left out: whether it has a sandbox
is said one way and the other.
"""

import requests

from notifications.channels.sms.gateway import Sms
from notifications.channels.sms.gateways.africastalking import AfricasTalkingGateway
from tools.sandboxes.question import Means, Question, Read, Sandbox, data_of

OURS = {"AFRICASTALKING_SENDER_ID": ""}
NUMBER = "+27825550101"
MADE = frozenset({201})
ABOUT_ALL = frozenset({"SMSMessageData", "Message", "Recipients"})
ABOUT_ONE = ABOUT_ALL | {"statusCode", "number", "status", "cost", "messageId"}


def _read(answer: requests.Response) -> Read:
    data = data_of(answer)
    about = data.get("SMSMessageData")
    recipients = about.get("Recipients") if isinstance(about, dict) else None
    first = recipients[0] if isinstance(recipients, list) and recipients else {}
    code = first.get("statusCode")
    fields = frozenset(data) | frozenset(about if isinstance(about, dict) else ()) | frozenset(first)
    return Read(code=code if isinstance(code, int) else None, fields=fields)


def _sms(http: requests.Session, number: str) -> str:
    sms = Sms(key="medguard-0", number=number, text="A question of MedGuard’s tests.")
    return AfricasTalkingGateway().send(http, sms)


SMS = Sandbox(
    name="africastalking-sms",
    host="https://api.sandbox.africastalking.com",
    host_setting="AFRICASTALKING_URL",
    needs={"AFRICASTALKING_USERNAME": "sandbox", "AFRICASTALKING_API_KEY": None},
    send=_sms,
    read=_read,
    questions=(
        Question(
            about="to a number that is in order",
            number=NUMBER,
            statuses=MADE,
            code=101,
            fields=ABOUT_ONE,
            means=Means.TAKEN,
            given=OURS,
        ),
        Question(
            about="to a number that is none",
            number="+27825",
            statuses=MADE,
            code=403,
            fields=ABOUT_ONE,
            means=Means.NUMBER,
            given=OURS,
        ),
        Question(
            about="from a name that it doesn't know",
            number=NUMBER,
            statuses=MADE,
            code=None,
            fields=ABOUT_ALL,
            means=Means.TROUBLE,
            given={"AFRICASTALKING_SENDER_ID": "NotOurs"},
        ),
        Question(
            about="with a wrong key",
            number=NUMBER,
            statuses=frozenset({401}),
            code=None,
            fields=frozenset(),
            means=Means.TROUBLE,
            given={**OURS, "AFRICASTALKING_API_KEY": "no-key"},
        ),
    ),
)
