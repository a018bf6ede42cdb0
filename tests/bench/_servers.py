"""Counterparts of the channels, each a process of its own: they take what comes, and keep nothing."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from aiosmtpd.smtp import SMTP, Envelope, Session


@contextmanager
def smtp() -> Iterator[int]:
    """A mail server; gives its port."""
    with _serving(lambda: SMTP(_Mailbox(), hostname="localhost", decode_data=False)) as port:
        yield port


@contextmanager
def push(latency: float = 0.0) -> Iterator[int]:
    """A push service over HTTP that answers 201 after so many seconds; gives its port."""
    with _serving(lambda: _PushService(latency)) as port:
        yield port


class _Mailbox:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 OK"


class _PushService(asyncio.Protocol):
    """As much of HTTP/1.1 as it takes to answer calls that come one after the other on each connection."""

    def __init__(self, latency: float) -> None:
        self._latency = latency

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._got = b""

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self._got = body[length:]
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        self._transport.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")  # type: ignore[attr-defined]


@contextmanager
def _serving(protocol: Callable[[], asyncio.Protocol]) -> Iterator[int]:
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(protocol, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(protocol: Callable[[], asyncio.Protocol], port: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
