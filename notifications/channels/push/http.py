"""Calling push services, by connections that stay open for all that a process sends.

`requests` says once for each service which proxy and certificates the environment asks for, and `urllib3` opens the
connections and keeps them. The call itself is as much of HTTP/1.1 as it takes to hand a message over and to hear what
became of it: by `urllib3` it takes many times as long (docs/decisions/0102).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import requests
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError, ProtocolError

from notifications.channels.idle import Idle
from notifications.channels.push.hosts import origin_of

AT_ONCE = 32
"""Calls at the same time, and so connections to one service (docs/decisions/0102)."""
_PIECE = 16 * 1024
_LONGEST = 16 * _PIECE
"""Bytes of an answer that are read, so that the connection can be used again. What matters stands at its head."""


class NoAnswerError(Exception):
    """The service can't be reached, or what it says is no HTTP; `__cause__` says which."""


class Answer(NamedTuple):
    """What the service says. `retry_after` is its header of that name."""

    status: int
    retry_after: str | None


class Services:
    """The open connections to all services. Safe from several threads."""

    def __init__(self) -> None:
        self._adapter = HTTPAdapter(pool_maxsize=AT_ONCE)
        self._pools: dict[str, HTTPConnectionPool] = {}

    def post(
        self, endpoint: str, body: bytes, headers: Mapping[str, str], *, timeout: tuple[float, float]
    ) -> Answer:
        """The service's answer, whatever it is; no redirect is followed.

        `endpoint` is one of `is_push_service`'s, and so holds no end of a line. `timeout` is seconds to connect, and
        for each piece of the answer. Raises NoAnswerError.
        """
        origin = origin_of(endpoint)
        pool = self._pools.get(origin) or self._pools.setdefault(origin, self._pool(origin))
        # One that is open still, or one that isn't yet. So did `requests` use the pool itself.
        connection: Any = pool._get_conn()
        try:
            if connection.is_closed:
                connection.timeout, read_within = timeout
                _open(pool, connection, origin)
                connection.sock.settimeout(read_within)
            connection.sock.sendall(_request(pool, endpoint, origin, body, headers))
            answer, is_of_use = _answer(connection.sock)
        except (HTTPError, OSError, HttpParserError, HttpParserUpgrade) as error:
            connection.close()
            raise NoAnswerError from error
        else:
            if not is_of_use:
                connection.close()
            return answer
        finally:
            pool._put_conn(connection)

    def close(self) -> None:
        self._adapter.close()

    def _pool(self, origin: str) -> HTTPConnectionPool:
        environment = requests.Session().merge_environment_settings(f"{origin}/", {}, None, None, None)
        request = requests.PreparedRequest()
        request.method, request.url, request.headers = "POST", f"{origin}/", CaseInsensitiveDict()
        return self._adapter.get_connection_with_tls_context(
            request, environment["verify"], environment["proxies"]
        )


class _Heard:
    """What the parser of an answer tells."""

    is_whole = False
    ends_connection = False
    retry_after: str | None = None

    def on_header(self, name: bytes, value: bytes) -> None:
        match name.lower():
            case b"retry-after":
                self.retry_after = value.decode("latin-1")
            case b"connection":
                self.ends_connection = b"close" in value.lower()

    def on_message_complete(self) -> None:
        self.is_whole = True


def _open(pool: HTTPConnectionPool, connection: Any, origin: str) -> None:
    """Connect, through the proxy's tunnel where there is a proxy and the service is encrypted."""
    if pool.proxy is not None and origin.startswith("https:"):
        pool._prepare_proxy(connection)
    else:
        connection.connect()


def _request(
    pool: HTTPConnectionPool, endpoint: str, origin: str, body: bytes, headers: Mapping[str, str]
) -> bytes:
    lines = {"Host": origin.partition("://")[2], "Content-Length": len(body), **headers}
    target = endpoint[len(origin) :]
    if pool.proxy is not None and origin.startswith("http:"):
        # This proxy does more than pass on what is encrypted for the service.
        target = endpoint
        lines |= pool.proxy_headers
    head = "".join([f"{name}: {value}\r\n" for name, value in lines.items()])
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def _answer(sock: Any) -> tuple[Answer, bool]:
    """What it says, and whether the connection can be used again."""
    heard = _Heard()
    parser = HttpResponseParser(heard)
    left = _LONGEST
    while left > 0 and not heard.is_whole:
        piece = sock.recv(_PIECE)
        if not piece:
            # The end of an answer that doesn't say how long it is.
            break
        left -= len(piece)
        parser.feed_data(piece)
        if parser.get_status_code() < 200:
            # The answer itself is still to come (RFC 9110 15.2).
            heard.is_whole = False
    status = parser.get_status_code()
    if status < 200:
        raise ProtocolError("It hung up.")
    return Answer(status, heard.retry_after), heard.is_whole and not heard.ends_connection


_idle = Idle[Services](Services.close)


@contextmanager
def connected() -> Iterator[Services]:
    """The connections for a batch, which are left open for the next one."""
    services = _idle.take() or Services()
    try:
        yield services
    finally:
        _idle.leave(services)
