"""A push service of the tests' own: it takes what browsers' services take (RFC 8030, 8291, 8292), checks who sends, and
reads the message as the browser would."""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from notifications.channels.push.vapid import from_base64, to_base64

LIMIT = 4096
A_DAY = 24 * 3600
HANGS_UP = 0
"""A status: it ends the connection instead of an answer."""


@dataclass
class Browser:
    """One subscription, with the keys that only the browser has, and how its service answers for it."""

    name: str
    service: "PushService"
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    status: int = 201
    answer_headers: dict[str, str] = field(default_factory=dict)
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    calls: int = 0

    @property
    def endpoint(self) -> str:
        return f"{self.service.origin}/push/{self.name}"

    @property
    def keys(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": to_base64(point), "auth": to_base64(self.secret)}

    @property
    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` gives it."""
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": self.keys}

    def names(self) -> set[str]:
        """The key of each message that it got: what comes twice is shown once."""
        return {each["key"] for each in self.got}

    def take(self, headers: dict[str, str], body: bytes) -> None:
        assert headers["content-encoding"] == "aes128gcm"
        read = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        self.got.append(json.loads(read))
        self.headers.append(headers)
        self.sizes.append(len(body))


class PushService:
    """Listens on a port of its own. Its answers are the browsers'; `hang` is how long it waits before one."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.problems: list[str] = []
        self.subjects: list[str] = []
        self.key = ""
        self.hang = threading.Event()
        self.hang.set()
        self.connections = 0
        self.targets: list[str] = []
        """What it was asked for, as a proxy is with the whole address."""
        self.proxied = ""
        """The service for which it stands as a proxy."""
        service = self

        class Handler(BaseHTTPRequestHandler):
            # Its connections stay open, as those of browsers' services do.
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                service.connections += 1

            def do_POST(self) -> None:
                service.take(self)

            def log_message(self, *arguments: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://localhost:{self._server.server_address[1]}"

    def browser(self, name: str, **values: Any) -> Browser:
        self.browsers[name] = Browser(name, self, **values)
        return self.browsers[name]

    def take(self, request: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = request.rfile.read(int(headers["content-length"]))
        browser = self.browsers[request.path.rpartition("/")[2]]
        browser.calls += 1
        self.targets.append(request.path)
        self.hang.wait(30)
        status = browser.status
        if status == HANGS_UP:
            request.close_connection = True
            return
        if problem := self._problem(headers):
            self.problems.append(problem)
            status = 403
        elif len(body) > LIMIT:
            status = 413
        elif status == 201:
            browser.take(headers, body)
        request.send_response(status)
        for name, value in browser.answer_headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _problem(self, headers: dict[str, str]) -> str:
        """What is wrong with who says it is (RFC 8292 2 and 4)."""
        scheme, _, parts = headers.get("authorization", "").partition(" ")
        named = dict(part.strip().split("=", 1) for part in parts.split(","))
        if scheme != "vapid" or named.keys() != {"t", "k"}:
            return "no vapid"
        if self.key and named["k"] != self.key:
            return "another key than the one it subscribed with"
        signed, _, signature = named["t"].rpartition(".")
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64(named["k"]))
        raw = from_base64(signature)
        pair = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        public.verify(pair, signed.encode(), ec.ECDSA(SHA256()))
        header, claims = (json.loads(from_base64(part)) for part in signed.split("."))
        if header["alg"] != "ES256":
            return "signed in another way"
        if claims["aud"] != (self.proxied or self.origin):
            return f"meant for {claims['aud']}"
        if not time.time() < claims["exp"] <= time.time() + A_DAY:
            return "expired, or for more than a day"
        self.subjects.append(claims["sub"])
        return ""

    @contextmanager
    def running(self) -> Iterator["PushService"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.hang.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()
