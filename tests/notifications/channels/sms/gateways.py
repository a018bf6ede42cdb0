"""Both providers on one local server, as they document themselves, with their faults at a switch."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl

ACCOUNT, TOKEN = "AC" + "0" * 32, "a-token"
USERNAME, API_KEY = "medguard", "an-api-key"

Fault = Callable[["Provider", dict[str, str]], "Answer | None"]


@dataclass(frozen=True)
class Answer:
    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Provider:
    """One provider: what it has sent, how often it was asked, and what is wrong with it."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0
    fault: Fault | None = None
    healed: threading.Event = field(default_factory=threading.Event)

    def handle(self, number: str, text: str, form: dict[str, str]) -> Answer | None:
        """The answer of a fault, or None when all is well and the message is on its way."""
        self.asked += 1
        if self.fault and (answer := self.fault(self, form)):
            return answer
        self.sent.append((number, text))
        return None

    def heal(self) -> None:
        self.fault = None
        self.healed.set()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.africastalking = Provider()
        self.twilio = Provider()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version: ClassVar[str] = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        if self.path == "/version1/messaging":
            answer = self.africastalking(form)
        elif self.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            answer = self.twilio(form)
        else:
            answer = Answer(404, "no such page")
        self.send_response(answer.status)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        body = answer.body.encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def africastalking(self, form: dict[str, str]) -> Answer:
        provider = self.server.africastalking
        if (self.headers.get("apiKey"), form.get("username")) != (API_KEY, USERNAME):
            return Answer(401, "The supplied authentication is invalid")
        if self.headers.get("Accept") != "application/json":
            return Answer(200, "<AfricasTalkingResponse/>")
        return provider.handle(form["to"], form["message"], form) or africastalking_says(
            101, "Success", number=form["to"], message_id=f"ATXid_{len(provider.sent)}"
        )

    def twilio(self, form: dict[str, str]) -> Answer:
        provider = self.server.twilio
        credentials = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {credentials}":
            return twilio_refuses(401, 20003, "Authenticate")
        if not (form.get("From") or form.get("MessagingServiceSid")):
            return twilio_refuses(400, 21603, "A 'From' phone number is required.")
        return provider.handle(form["To"], form["Body"], form) or Answer(
            201,
            json.dumps({"sid": f"SM{len(provider.sent):032}", "status": "queued", "num_segments": "1"}),
        )

    def log_message(self, *args: Any) -> None:
        """The tests have their own."""


def africastalking_says(
    code: int, status: str, *, number: str = "+27825550101", message_id: str = "None"
) -> Answer:
    recipient = {
        "statusCode": code,
        "number": number,
        "status": status,
        "cost": "ZAR 0.2500",
        "messageId": message_id,
    }
    data = {"SMSMessageData": {"Message": "Sent to 1/1 Total Cost: ZAR 0.2500", "Recipients": [recipient]}}
    return Answer(201, json.dumps(data))


def africastalking_sends_nothing(message: str) -> Answer:
    return Answer(201, json.dumps({"SMSMessageData": {"Message": message, "Recipients": []}}))


def twilio_refuses(status: int, code: int, message: str) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer(status, json.dumps({"code": code, "message": message, "more_info": more, "status": status}))


def says(answer: Answer) -> Fault:
    return lambda provider, form: answer


def hangs(provider: Provider, form: dict[str, str]) -> None:
    """Takes the message, and says so only when it is well again."""
    provider.healed.clear()
    provider.healed.wait(30)


def hangs_up(provider: Provider, form: dict[str, str]) -> None:
    """Ends the connection instead of an answer."""
    raise ConnectionAbortedError


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.africastalking.heal()
        server.twilio.heal()
        server.shutdown()
        server.server_close()
        thread.join()
