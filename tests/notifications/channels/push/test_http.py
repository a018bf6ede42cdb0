"""What a service may say over HTTP/1.1, in whatever pieces, and what becomes of the connection."""

import asyncio
import socket
import ssl
from asyncio import TaskGroup
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from notifications.channels.push.http import Answer, NoAnswerError, Services

TAKEN = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
SOON = (5.0, 5.0)


@contextmanager
def _service(*calls: Sequence[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Answers one call after the other with these pieces; hangs up after an empty one. Gives its address and what it
    was sent, with a word for each connection."""
    got: list[bytes] = []
    left = list(calls)

    def serve() -> None:
        while left:
            connection, _ = listening.accept()
            got.append(b"connected")
            with connection:
                while left and (request := connection.recv(65536)):
                    got.append(request)
                    pieces = left.pop(0)
                    for piece in pieces:
                        connection.sendall(piece)
                    if not pieces[-1]:
                        break

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/push/1", got
        thread.join(10)
        assert not thread.is_alive()


def _post(services: Services, endpoint: str) -> Answer:
    return asyncio.run(_posted(services, endpoint))


async def _posted(services: Services, endpoint: str) -> Answer:
    return await services.post(endpoint, b"sealed", {"TTL": "7"}, timeout=SOON)


def test_a_call_is_one_piece_with_its_headers_and_the_connection_is_used_again() -> None:
    services = Services()
    with _service([TAKEN], [b"HTTP/1.1 429 Later\r\nretry-after: 30\r\nContent-Length: 2\r\n\r\nno"]) as (
        at,
        got,
    ):
        assert _post(services, at) == Answer(201, None)
        assert _post(services, at) == Answer(429, "30")
        services.close()
    host = at.split("/")[2]
    request = f"POST /push/1 HTTP/1.1\r\nHost: {host}\r\nContent-Length: 6\r\nTTL: 7\r\n\r\nsealed".encode()
    assert got == [b"connected", request, request]


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [
        ([b"HTTP/1.1 100 Continue\r\n\r\n", TAKEN], Answer(201, None)),
        ([b"HTTP/1.1 100 Continue\r\n\r\n" + TAKEN], Answer(201, None)),
        ([bytes([each]) for each in TAKEN], Answer(201, None)),
        (
            [b"HTTP/1.1 404 Gone\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nyes\r\n0\r\n\r\n"],
            Answer(404, None),
        ),
        ([b"HTTP/1.1 204 Nothing\r\n\r\n"], Answer(204, None)),
    ],
    ids=["a word before", "a word before in one piece", "byte for byte", "in chunks", "without a body"],
)
def test_an_answer_is_read_to_its_end_and_the_next_call_gets_its_own(
    pieces: list[bytes], answer: Answer
) -> None:
    services = Services()
    with _service(pieces, [TAKEN]) as (at, got):
        assert _post(services, at) == answer
        assert _post(services, at) == Answer(201, None)
        services.close()
    assert got.count(b"connected") == 1


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"],
        [b"HTTP/1.1 201 Created\r\n\r\nas long as it takes", b""],
        [b"HTTP/1.1 201 Created\r\nContent-Length: 9999\r\n\r\ncut", b""],
    ],
    ids=["it says so", "its answer has no length", "its answer is cut"],
)
def test_a_service_that_ends_the_connection_is_called_by_another(pieces: list[bytes]) -> None:
    services = Services()
    with _service(pieces, [TAKEN]) as (at, got):
        assert _post(services, at).status == 201
        assert _post(services, at).status == 201
        services.close()
    assert got.count(b"connected") == 2


@pytest.mark.parametrize(
    "pieces",
    [
        [b"SSH-2.0\r\n", b""],
        [b""],
        [b"HTTP/1.1 100 Continue\r\n\r\n", b""],
        [b"HTTP/1.1 101 Other\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", b""],
    ],
    ids=["another language", "nothing", "a word before and no more", "another protocol"],
)
def test_what_is_no_answer_is_said_and_the_next_call_gets_another_connection(pieces: list[bytes]) -> None:
    services = Services()
    with _service(pieces, [TAKEN]) as (at, got):
        with pytest.raises(NoAnswerError):
            _post(services, at)
        assert _post(services, at).status == 201
        services.close()
    assert got.count(b"connected") == 2


# Many at a time ----------------------------------------------------------------------------------------------


class _Busy:
    """A service in the loop of those who call it: what it does with a call is by its path."""

    def __init__(self) -> None:
        self.connections = 0
        self.may_answer = asyncio.Event()
        self.said_all = asyncio.Event()
        self.ended = TaskGroup()

    def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.ended.create_task(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begin = await reader.read(5)
        while begin == b"POST ":
            path, _, _ = (await reader.readuntil(b"sealed")).partition(b" ")
            if path == b"/slow":
                await self.may_answer.wait()
            writer.write(TAKEN)
            if path == b"/chatter":
                await self.may_answer.wait()
                writer.write(TAKEN.replace(b"201", b"410"))
                self.said_all.set()
            begin = b"" if path == b"/bye" else await reader.read(5)
        if begin:
            # No HTTP, but the beginning of a handshake that it never answers.
            await self.may_answer.wait()
        writer.close()
        await writer.wait_closed()
        self.said_all.set()


@asynccontextmanager
async def _busy() -> AsyncIterator[tuple[_Busy, int, Services]]:
    service, services = _Busy(), Services()
    async with service.ended, await asyncio.start_server(service.connect, "127.0.0.1", 0) as server:
        yield service, server.sockets[0].getsockname()[1], services
        services.close()


def test_one_that_is_slow_to_answer_or_to_let_us_in_holds_up_no_other_call() -> None:
    async def story() -> None:
        async with _busy() as (service, port, services):
            slow, closed = (
                asyncio.create_task(_posted(services, f"{at}:{port}/slow"))
                for at in ("http://127.0.0.1", "https://127.0.0.1")
            )
            for _ in range(2):
                calls = [_posted(services, f"http://127.0.0.1:{port}/{number}") for number in range(8)]
                assert await asyncio.gather(*calls) == [Answer(201, None)] * 8
            assert service.connections <= 8 + 2
            assert not slow.done()
            assert not closed.done()
            service.may_answer.set()
            assert await slow == Answer(201, None)
            with pytest.raises(NoAnswerError):
                await closed

    asyncio.run(story())


@pytest.mark.parametrize("path", ["bye", "chatter"])
def test_a_service_that_hangs_up_or_talks_between_two_calls_is_called_by_another_connection(
    path: str,
) -> None:
    async def story() -> None:
        async with _busy() as (service, port, services):
            for connections in (1, 2):
                assert await _posted(services, f"http://127.0.0.1:{port}/{path}") == Answer(201, None)
                service.may_answer.set()
                await service.said_all.wait()
                await asyncio.sleep(0.01)
                assert service.connections == connections
                service.may_answer.clear()
                service.said_all.clear()

    asyncio.run(story())


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """One that nobody signed for this machine, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number())
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    file = tmp_path / "localhost.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(pem + built.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return file


def test_a_service_shows_a_certificate_that_is_trusted_here(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    got: list[bytes] = []

    def serve() -> None:
        for _ in range(2):
            connection, _ = listening.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as sealed:
                    got.append(sealed.recv(65536))
                    sealed.sendall(TAKEN)
            except ssl.SSLError:
                got.append(b"refused")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        at = f"https://localhost:{listening.getsockname()[1]}/push/1"
        with pytest.raises(NoAnswerError):
            _post(Services(), at)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        services = Services()
        assert _post(services, at) == Answer(201, None)
        services.close()
        thread.join(10)
    refused, request = got
    assert refused == b"refused"
    assert request.startswith(b"POST /push/1 HTTP/1.1")
