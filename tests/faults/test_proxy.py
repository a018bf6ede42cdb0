"""The proxy breaks what it is told to break, as it is told, and nothing else."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from tests.faults.proxy import LATE, Fault, Proxy, http, is_commit, postgresql
from tests.faults.stack import wait_until

SOON = 5.0


@dataclass
class Shouter:
    """A server that answers what it is told, louder."""

    heard: list[bytes] = field(default_factory=list)
    ended: list[Exception | None] = field(default_factory=list)
    """How each connection ended; None: as it should."""

    @contextmanager
    def running(self) -> Iterator[int]:
        shouter = self

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                try:
                    while said := self.request.recv(100):
                        shouter.heard.append(said)
                        self.request.sendall(said.upper())
                except OSError as error:
                    shouter.ended.append(error)
                else:
                    shouter.ended.append(None)

        with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=[0.02]).start()
            try:
                yield server.server_address[1]
            finally:
                server.shutdown()


@pytest.fixture
def shouter() -> Shouter:
    return Shouter()


@pytest.fixture
def proxy(shouter: Shouter) -> Iterator[Proxy]:
    with shouter.running() as port, Proxy(("127.0.0.1", port)).running() as proxy:
        yield proxy


@contextmanager
def client(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), SOON) as connection:
        yield connection


def say(connection: socket.socket, words: bytes) -> bytes:
    connection.sendall(words)
    return connection.recv(100)


def test_what_meets_no_fault_goes_through(proxy: Proxy, shouter: Shouter) -> None:
    with client(proxy) as connection:
        assert say(connection, b"good morning") == b"GOOD MORNING"
        assert say(connection, b"and good night") == b"AND GOOD NIGHT"
    wait_until(lambda: shouter.ended == [None], what="the server hears of the end")
    assert proxy.strikes == 0


def test_without_a_server_a_connection_is_over_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with (
            Proxy(free.getsockname()).running() as proxy,
            suppress(ConnectionError),
            client(proxy) as connection,
        ):
            assert say(connection, b"hello") == b""


def test_an_answer_that_is_swallowed_was_an_answer(proxy: Proxy, shouter: Shouter) -> None:
    proxy.begin(Fault.SWALLOWED, seed=1, gap=(1, 1))
    with client(proxy) as connection:
        assert say(connection, b"hello") == b""
    assert shouter.heard == [b"hello"]


def test_half_of_an_answer_comes(proxy: Proxy, shouter: Shouter) -> None:
    proxy.begin(Fault.HALVED, seed=1, gap=(1, 1))
    with client(proxy) as connection:
        assert say(connection, b"hell") == b"HE"
        assert connection.recv(100) == b""
    assert shouter.heard == [b"hell"]


def test_an_answer_that_is_late_is_whole(proxy: Proxy) -> None:
    proxy.begin(Fault.LATE, seed=1, gap=(1, 1))
    with client(proxy) as connection:
        connection.settimeout(LATE / 2)
        with pytest.raises(TimeoutError):
            say(connection, b"hello")
        connection.settimeout(SOON)
        assert connection.recv(100) == b"HELLO"


def test_a_reset_reaches_both_sides_and_the_request_neither(proxy: Proxy, shouter: Shouter) -> None:
    proxy.begin(Fault.RESET, seed=1, gap=(1, 1))
    with client(proxy) as connection, pytest.raises(ConnectionResetError):
        say(connection, b"hello")
    wait_until(lambda: len(shouter.ended) == 1, what="the server hears of it")
    assert isinstance(shouter.ended[0], ConnectionResetError)
    assert shouter.heard == []


def test_who_is_silent_says_nothing_until_it_is_healed_and_then_it_is_over(
    proxy: Proxy, shouter: Shouter
) -> None:
    proxy.begin(Fault.SILENT, seed=1, gap=(1, 1))
    with client(proxy) as connection:
        connection.settimeout(0.1)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                say(connection, b"hello")
        assert (shouter.heard, shouter.ended) == ([], [])

        proxy.heal()

        connection.settimeout(SOON)
        with pytest.raises(ConnectionResetError):
            connection.recv(100)
    wait_until(lambda: len(shouter.ended) == 1, what="the server hears of it")
    with client(proxy) as another:
        assert say(another, b"hello") == b"HELLO"


def test_what_is_repeated_is_carried_out_twice_and_answered_once(proxy: Proxy, shouter: Shouter) -> None:
    proxy.begin(Fault.REPEATED, seed=1, gap=(1, 1))
    with client(proxy) as connection:
        assert say(connection, b"hello") == b"HELLO"
        proxy.heal()
        assert say(connection, b"bye") == b"BYE"
    assert shouter.heard == [b"hello", b"hello", b"bye"]


def test_the_seed_says_which_requests_meet_it_of_those_that_count(proxy: Proxy) -> None:
    def struck(seed: int) -> list[int]:
        proxy.begin(Fault.REPEATED, seed=seed, gap=(2, 5), counts=lambda request: request != b"not me")
        return [number for number in range(30) if proxy.meets(b"not me") or proxy.meets(b"me")]

    first = struck(7)
    assert first == struck(7) != struck(8)
    gaps = [after - before for before, after in zip([-1, *first], first, strict=False)]
    assert {2, 5} <= set(gaps) <= {2, 3, 4, 5}
    assert proxy.strikes == len(struck(8))


@pytest.mark.parametrize("body", [b"", b"to=%2B27825550101&message=Hi"])
def test_a_request_of_http_is_whole_with_its_body(body: bytes) -> None:
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    request = b"POST / HTTP/1.1\r\nHost: a\r\n" + length + b"\r\n" + body
    assert [http(request[:end]) for end in range(len(request))] == [0] * len(request)
    assert http(request) == http(request + b"POST") == len(request)


def message(kind: bytes, content: bytes) -> bytes:
    return kind + (len(content) + 4).to_bytes(4, "big") + content


SSL = message(b"", bytes.fromhex("04d2162f"))
STARTUP = message(b"", b"\0\3\0\0user\0medguard\0\0")
QUERY = message(b"Q", b"SELECT 'COMMIT'\0")
COMMIT = message(b"Q", b"COMMIT\0")
PREPARED = (
    message(b"P", b"name\0commit;\0\0\0")
    + message(b"B", b"\0name\0\0\0\0\0\0\0")
    + message(b"E", b"\0\0\0\0\0")
    + message(b"S", b"")
)


@pytest.mark.parametrize("request_", [SSL, STARTUP, QUERY, COMMIT, PREPARED])
def test_a_request_of_postgresql_is_whole_with_all_that_is_answered_together(request_: bytes) -> None:
    assert [postgresql(request_[:end]) for end in range(len(request_))] == [0] * len(request_)
    assert postgresql(request_) == postgresql(request_ + QUERY[:3]) == len(request_)


def test_a_commit_is_known_however_it_is_asked_for() -> None:
    assert [is_commit(each) for each in (SSL, STARTUP, QUERY, COMMIT, PREPARED)] == [False] * 3 + [True] * 2
