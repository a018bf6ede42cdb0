"""What all counterparts of providers share: an HTTP server on this machine that answers as the provider documents."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl

ACCOUNT, TOKEN = "AC" + "0" * 32, "a-token"
"""Of Twilio."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Counterpart(ThreadingHTTPServer):
    """A server on a free port, whose calls the `handler` answers."""

    daemon_threads = True
    handler: "ClassVar[type[Handler]]"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), self.handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def heal(self) -> None:
        """Let go whoever waits for an answer still."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is no news."""

    @contextmanager
    def running(self) -> Iterator[Self]:
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.heal()
            self.shutdown()
            self.server_close()
            thread.join()


class Handler(BaseHTTPRequestHandler):
    """One call. A handler says what is answered, by `answer`."""

    protocol_version: ClassVar[str] = "HTTP/1.1"

    def answer(self, body: str) -> Answer:
        return Answer(404, "no such page")

    def do_POST(self) -> None:
        answer = self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(answer.status)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        written = answer.body.encode()
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def is_ours_at_twilio(self) -> bool:
        """Whether the call names our account and its token."""
        credentials = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {credentials}"

    def log_message(self, *args: Any) -> None:
        """The tests have their own."""


def form_of(body: str) -> dict[str, str]:
    return dict(parse_qsl(body, keep_blank_values=True))


def twilio_refuses(status: int, code: int, message: str) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer(status, json.dumps({"code": code, "message": message, "more_info": more, "status": status}))
