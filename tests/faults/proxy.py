"""A proxy that stands before a server and breaks connections, as networks do, at moments that a seed decides."""

import asyncio
import random
import re
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any, Self

Address = tuple[str, int] | str
"""Host and port; or the path of a socket."""
Framing = Callable[[bytes], int]
"""How many of these bytes are the first whole request; 0 when it isn't all there."""
Counts = Callable[[bytes], bool]

LATE = 0.2
"""Seconds."""
CHUNK = 1 << 16


class Fault(Enum):
    """What becomes of one request. All but LATE and REPEATED are the end of its connection."""

    SWALLOWED = "its answer is swallowed"
    """The server has carried it out."""
    LATE = "its answer is late"
    HALVED = "half of its answer comes"
    RESET = "its connection is reset"
    """The server hasn't seen it."""
    SILENT = "its connection falls silent"
    """Neither side hears of the other any more, or that it is gone. The server hasn't seen the request."""
    REPEATED = "it comes twice"


def as_it_comes(waiting: bytes) -> int:
    """For protocols whose requests are so short that each comes in one piece."""
    return len(waiting)


def http(waiting: bytes) -> int:
    """One request of HTTP/1.1 with its body (RFC 9112, 6.2)."""
    head, end, _body = waiting.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    whole = len(head) + len(end) + (int(length[1]) if length else 0)
    return whole if end and len(waiting) >= whole else 0


def postgresql(waiting: bytes) -> int:
    """Messages up to the first that PostgreSQL answers: of an extended query, up to its Sync (Message Flow, 54.2)."""
    whole = 0
    for kind, _content, whole in _messages(waiting):
        if kind not in UNANSWERED:
            return whole
    return 0


UNANSWERED = {b"P", b"B", b"D", b"E", b"C"}
"""Parse, Bind, Describe, Execute, Close."""


def is_commit(request: bytes) -> bool:
    """Whether a request to PostgreSQL is a COMMIT, as a simple query or as an extended one."""
    for kind, content, _end in _messages(request):
        # A Query is the statement; a Parse has the name of what it prepares before it.
        statement = {b"Q": 0, b"P": 1}.get(kind)
        if statement is not None and content.split(b"\0")[statement].strip(b" ;").upper() == b"COMMIT":
            return True
    return False


def _messages(waiting: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Kind, content and end of each whole message; those with which a connection begins have no kind."""
    end = 0
    while waiting[end:]:
        kind = waiting[end : end + 1].strip(b"\0")
        content = end + len(kind) + 4
        if len(waiting) < content:
            return
        end = content - 4 + int.from_bytes(waiting[content - 4 : content], "big")
        if len(waiting) < end:
            return
        yield kind, waiting[content:end], end


class Proxy:
    """Stands before one server. What goes through it goes through unchanged until it is told what to break."""

    def __init__(self, server: Address, framing: Framing = as_it_comes) -> None:
        self.server = server
        self.framing = framing
        self.port = 0
        self.strikes = 0
        """How many requests the fault has met since it was begun."""
        self._fault: Fault | None = None
        self._counts: Counts = bool
        self._random = random.Random()
        self._gap = (1, 1)
        self._left = 0
        self._connections: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """On a port of its own, in a thread of its own."""
        thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        thread.start()
        listening = self._run(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = listening.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self._run(self._end(listening))
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def begin(self, fault: Fault, *, seed: int, gap: tuple[int, int], counts: Counts = bool) -> None:
        """From now on a request meets the fault, then one after so many others as the seed says, within `gap`. Requests
        for which `counts` is false are left alone and not counted.
        """
        self._random, self._gap, self._counts = random.Random(seed), gap, counts
        self._left, self.strikes, self._fault = self._random.randint(*gap), 0, fault

    def heal(self) -> None:
        """From now on nothing is broken. What is silent still is reset on both sides, as by a router that came back."""
        self._fault = None
        self._run(self._reset_silent())

    def meets(self, request: bytes) -> Fault | None:
        """The fault that this request meets, if any."""
        if self._fault is None or not self._counts(request):
            return None
        self._left -= 1
        if self._left:
            return None
        self._left = self._random.randint(*self._gap)
        self.strikes += 1
        return self._fault

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.server, str):
            return await asyncio.open_unix_connection(self.server)
        return await asyncio.open_connection(*self.server)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server = await self.connect()
        except OSError:
            _reset(writer)
            return
        connection = _Connection(self, (reader, writer), server)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    async def _reset_silent(self) -> None:
        for connection in self._connections:
            if connection.fault is Fault.SILENT:
                connection.reset()

    async def _end(self, listening: asyncio.Server) -> None:
        listening.close()
        for connection in self._connections:
            connection.reset()
        while self._connections:
            await asyncio.sleep(0.01)

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


class _Connection:
    """A client's, and the one that was opened to the server for it."""

    def __init__(
        self,
        proxy: Proxy,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self.proxy = proxy
        self.from_client, self.to_client = client
        self.from_server, self.to_server = server
        self.fault: Fault | None = None
        """What the last request has met."""
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Until either side ends it, or the proxy does."""
        ways = [asyncio.create_task(each) for each in (self._requests(), self._answers(), self._over.wait())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self.to_client.close()
        self.to_server.close()

    def reset(self) -> None:
        """Both sides are told that the connection is gone, and lose what was on its way."""
        _reset(self.to_client)
        _reset(self.to_server)
        self._over.set()

    async def _requests(self) -> None:
        waiting = b""
        while data := await self.from_client.read(CHUNK):
            waiting += data
            while whole := self.proxy.framing(waiting):
                request, waiting = waiting[:whole], waiting[whole:]
                await self._pass_on(request)

    async def _pass_on(self, request: bytes) -> None:
        self.fault = self.proxy.meets(request)
        if self.fault is Fault.RESET:
            self.reset()
        if self.fault in (Fault.RESET, Fault.SILENT):
            await self._over.wait()
            return
        if self.fault is Fault.REPEATED:
            await self._ask(request)
        self.to_server.write(request)
        await self.to_server.drain()

    async def _answers(self) -> None:
        while data := await self.from_server.read(CHUNK):
            if self.fault is Fault.SWALLOWED:
                return
            if self.fault is Fault.HALVED:
                self.to_client.write(data[: len(data) // 2])
                await self.to_client.drain()
                return
            if self.fault is Fault.LATE:
                await asyncio.sleep(LATE)
            if self.fault is not Fault.SILENT:
                self.to_client.write(data)
                await self.to_client.drain()

    async def _ask(self, request: bytes) -> None:
        """Have the server carry it out by a connection of its own, as a proxy does that tries again, and forget what
        it says.
        """
        from_server, to_server = await self.proxy.connect()
        to_server.write(request)
        await from_server.read(CHUNK)
        to_server.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """With nothing to linger for, an end is a reset (socket(7), SO_LINGER)."""
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
    writer.transport.abort()
