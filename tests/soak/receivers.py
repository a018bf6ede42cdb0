"""Where the messages go: a mail server, and an SMS provider that takes one message in one HTTP request."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.faults.smtp_server import SmtpServer


@dataclass
class Receivers:
    mail: SmtpServer
    sms_url: str
    texted: Counter[str] = field(default_factory=Counter)
    """How many SMS each number got."""

    @property
    def environment(self) -> dict[str, str]:
        """What makes the site send to them."""
        return {
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "SMS_PROVIDERS": "http",
            "SMS_HTTP_URL": self.sms_url,
            "SMS_HTTP_FIELDS": json.dumps({"to": "{number}", "text": "{text}", "id": "{key}"}),
            "SMS_HTTP_SUCCESS": "taken",
        }


@contextmanager
def receivers() -> Iterator[Receivers]:
    mail = SmtpServer()
    mail.open()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Taking)
    all_ = Receivers(mail, f"http://127.0.0.1:{server.server_port}/")
    server.receivers = all_  # type: ignore[attr-defined]
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield all_
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
        mail.close()


class _Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.receivers.texted[said["to"]] += 1  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"taken")

    def log_message(self, *_: object) -> None:
        """Nothing is said of each."""
