"""Calling push services, by connections that stay open for all that a process sends.

`requests` says once for each service which proxy and certificates the environment asks for, and `urllib3` opens the
connections. The call itself is as much of HTTP/1.1 as it takes to hand a message over and to hear what became of it,
and many calls wait for their answers in one thread (docs/decisions/0102).
"""

import asyncio
import ssl
import weakref
from collections import defaultdict
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

_PIECE = 16 * 1024
_LONGEST = 16 * _PIECE
"""Bytes of an answer that are read, so that the connection can be used again. What matters stands at its head."""
_NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError)


class NoAnswerError(Exception):
    """The service can't be reached, or what it says is no HTTP; `__cause__` says which."""


class Answer(NamedTuple):
    """What the service says. `retry_after` is its header of that name."""

    status: int
    retry_after: str | None


class Services:
    """The open connections to all services, for the coroutines of one event loop at a time."""

    def __init__(self) -> None:
        self._adapter = HTTPAdapter()
        self._pools: dict[str, HTTPConnectionPool] = {}
        self._free: dict[str, list[_Line]] = defaultdict(list)
        self.close = weakref.finalize(self, _close, self._free, self._adapter)
        """Also called when the process ends, as `urllib3` does for what it keeps itself."""

    async def post(
        self, endpoint: str, body: bytes, headers: Mapping[str, str], *, timeout: tuple[float, float]
    ) -> Answer:
        """The service's answer, whatever it is; no redirect is followed.

        `endpoint` is one of `is_push_service`'s, and so holds no end of a line. `timeout` is seconds to connect, and
        for the answer. Raises NoAnswerError.
        """
        origin = origin_of(endpoint)
        connect_within, answer_within = timeout
        try:
            line = self._open_line(origin) or await self._new_line(origin, connect_within)
            request = _request(self._pools[origin], endpoint, origin, body, headers)
            answer = await line.call(request, within=answer_within)
        except (HTTPError, OSError, HttpParserError, HttpParserUpgrade) as error:
            raise NoAnswerError from error
        if line.is_open:
            self._free[origin].append(line)
        return answer

    def _open_line(self, origin: str) -> "_Line | None":
        """One that waits for its next call."""
        free = self._free[origin]
        while free:
            line = free.pop()
            if line.answers_here():
                return line
        return None

    async def _new_line(self, origin: str, within: float) -> "_Line":
        # Beside the others: a service that is slow to let us in must not hold up their calls.
        line = _Line(await asyncio.to_thread(self._connected, origin, within))
        line.answers_here()
        return line

    def _connected(self, origin: str, within: float) -> Any:
        """A connection of urllib3's, through the proxy's tunnel where there is a proxy and the service is encrypted."""
        pool = self._pools.get(origin) or self._pools.setdefault(origin, self._pool(origin))
        connection: Any = pool._new_conn()
        connection.timeout = within
        try:
            if pool.proxy is not None and origin.startswith("https:"):
                pool._prepare_proxy(connection)
            else:
                connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection

    def _pool(self, origin: str) -> HTTPConnectionPool:
        environment = requests.Session().merge_environment_settings(f"{origin}/", {}, None, None, None)
        request = requests.PreparedRequest()
        request.method, request.url, request.headers = "POST", f"{origin}/", CaseInsensitiveDict()
        return self._adapter.get_connection_with_tls_context(
            request, environment["verify"], environment["proxies"]
        )


def _close(free: Mapping[str, "list[_Line]"], adapter: HTTPAdapter) -> None:
    for lines in free.values():
        for line in lines:
            line.close()
    adapter.close()


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


class _Line:
    """An open connection. It carries one call at a time, and closes when one goes wrong or the service hangs up."""

    def __init__(self, connection: Any) -> None:
        self.is_open = True
        self._connection = connection
        self._sock = connection.sock
        self._sock.settimeout(0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answer: asyncio.Future[Answer] | None = None

    def answers_here(self) -> bool:
        """Have the loop that runs listen to it; False if the service hung up since it was last used."""
        loop = asyncio.get_running_loop()
        if self.is_open and self._loop is not loop:
            # Nobody listened in between.
            self._listen()
            if self.is_open:
                self._loop = loop
                loop.add_reader(self._sock, self._listen)
        return self.is_open

    async def call(self, request: bytes, *, within: float) -> Answer:
        """The answer to it; raises what went wrong, and is closed then."""
        loop = asyncio.get_running_loop()
        self._heard, self._left, self._answer = _Heard(), _LONGEST, loop.create_future()
        self._parser = HttpResponseParser(self._heard)
        late = loop.call_later(within, self._fail, TimeoutError())
        try:
            # Whoever answered the call before has made room for all of this one.
            if self._sock.send(request) < len(request):
                raise BlockingIOError
            return await self._answer
        except BaseException:
            self.close()
            raise
        finally:
            late.cancel()
            self._answer = None

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            if self._loop is not None:
                self._loop.remove_reader(self._sock)
            self._connection.close()

    def _listen(self) -> None:
        """Take in what there is to read. What is said unasked could be taken for the answer to the next call."""
        try:
            piece = self._sock.recv(_PIECE)
            if self._answer is None or self._answer.done():
                self.close()
            else:
                self._hear(piece, self._answer)
        except _NOTHING_YET:
            return
        except (OSError, HTTPError, HttpParserError, HttpParserUpgrade) as error:
            self._fail(error)

    def _hear(self, piece: bytes, answer: "asyncio.Future[Answer]") -> None:
        """Read on until the answer is whole, or there is nothing more to read."""
        while True:
            if piece:
                self._left -= len(piece)
                self._parser.feed_data(piece)
            status = self._parser.get_status_code()
            if status < 200:
                # The answer itself is still to come (RFC 9110 15.2).
                self._heard.is_whole = False
            if self._heard.is_whole or self._left <= 0 or not piece:
                break
            piece = self._sock.recv(_PIECE)
        if status < 200:
            raise ProtocolError("It hung up.")
        answer.set_result(Answer(status, self._heard.retry_after))
        # An answer that doesn't say how long it is ends with the connection.
        if self._heard.ends_connection or not self._heard.is_whole:
            self.close()

    def _fail(self, error: Exception) -> None:
        if self._answer is None or self._answer.done():
            self.close()
        else:
            self._answer.set_exception(error)


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


_idle = Idle[Services](lambda services: services.close())


@contextmanager
def connected() -> Iterator[Services]:
    """The connections for a batch, which are left open for the next one."""
    services = _idle.take() or Services()
    try:
        yield services
    finally:
        _idle.leave(services)
