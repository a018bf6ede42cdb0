"""What a service may say over HTTP/1.1, in whatever pieces, and what becomes of the connection."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import pytest

from notifications.channels.push.http import Answer, NoAnswerError, Services

TAKEN = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
SOON = (1.0, 1.0)


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
    return services.post(endpoint, b"sealed", {"TTL": "7"}, timeout=SOON)


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
