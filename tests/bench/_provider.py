"""A provider that answers each line with one of its own, counts them, and can be away; and the board of a run."""

import asyncio
import mmap
import socket
import struct
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

_PLACES = {"told": 0, "fed": 8, "wanted": 16}


class Board:
    """Numbers that all processes of a run see, each written by one of them.

    `told` is what the provider took so far, `fed` what was handed in, `wanted` how much of it is to wait at a time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            path.write_bytes(bytes(8 * len(_PLACES)))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)

    def __getitem__(self, name: str) -> int:
        return int(struct.unpack_from("q", self._memory, _PLACES[name])[0])

    def __setitem__(self, name: str, number: int) -> None:
        struct.pack_into("q", self._memory, _PLACES[name], number)


class Provider:
    """A process of its own, killed when it goes and found at the same port when it is back."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._process: BaseProcess | None = None
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def start(self) -> None:
        self._process = get_context("fork").Process(target=_serve, args=(self._board, self.port), daemon=True)
        self._process.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


class _Lines(asyncio.Protocol):
    def __init__(self, board: Board) -> None:
        self._board = board

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        lines = data.count(b"\n")
        self._board["told"] += lines
        self._transport.write(b"OK\n" * lines)  # type: ignore[attr-defined]


def _serve(board: Board, port: int) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Lines(board), "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())
