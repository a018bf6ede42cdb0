"""The tests stay on this machine: the block itself is tried, in this process and in one that it starts."""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from site_config.environment import BASE_DIR
from tests.outbound import noted
from tests.outbound.sitecustomize import is_here, servers

ELSEWHERE = "192.0.2.1"
"""For documents (RFC 5737): no machine has it."""
ELSEWHERE_V6 = "2001:db8::1"


def connect(family: socket.AddressFamily, address: Any) -> None:
    with socket.socket(family) as tried:
        tried.settimeout(2)
        tried.connect(address)


def datagram(send: Callable[[socket.socket], Any]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as tried:
        send(tried)


async def open_stream() -> None:
    await asyncio.open_connection(ELSEWHERE, 80)


async def send_datagram() -> None:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(ELSEWHERE, 53))


def in_a_thread(ask: Callable[[], Any]) -> None:
    with ThreadPoolExecutor() as threads:
        threads.submit(ask).result()


WAYS_OUT: dict[str, tuple[Callable[[], Any], str]] = {
    "connect": (lambda: connect(socket.AF_INET, (ELSEWHERE, 80)), ELSEWHERE),
    "connect by IPv6": (lambda: connect(socket.AF_INET6, (ELSEWHERE_V6, 80)), ELSEWHERE_V6),
    "connect by IPv6, to IPv4": (
        lambda: connect(socket.AF_INET6, (f"::ffff:{ELSEWHERE}", 80)),
        f"::ffff:{ELSEWHERE}",
    ),
    "connect by name": (lambda: connect(socket.AF_INET, ("medguard.example", 80)), "medguard.example"),
    "connect_ex": (lambda: socket.socket().connect_ex((ELSEWHERE, 80)), ELSEWHERE),
    "sendto": (lambda: datagram(lambda tried: tried.sendto(b"?", (ELSEWHERE, 53))), ELSEWHERE),
    "sendto with flags": (lambda: datagram(lambda tried: tried.sendto(b"?", 0, (ELSEWHERE, 53))), ELSEWHERE),
    "sendmsg": (lambda: datagram(lambda tried: tried.sendmsg([b"?"], [], 0, (ELSEWHERE, 53))), ELSEWHERE),
    "look-up": (lambda: socket.getaddrinfo("medguard.example", 443), "medguard.example"),
    "look-up of bytes": (lambda: socket.getaddrinfo(b"medguard.example", 443), "b'medguard.example'"),
    "old look-up": (lambda: socket.gethostbyname("medguard.example"), "medguard.example"),
    "look-up in a thread": (
        lambda: in_a_thread(lambda: socket.getaddrinfo("medguard.example", 443)),
        "medguard.example",
    ),
    "look-up of an address": (lambda: socket.gethostbyaddr(ELSEWHERE), ELSEWHERE),
    "its name": (lambda: socket.getfqdn(ELSEWHERE), ELSEWHERE),
    "the name of where a connection goes": (lambda: socket.getnameinfo((ELSEWHERE, 80), 0), ELSEWHERE),
    "TLS": (
        lambda: (
            ssl.create_default_context()
            .wrap_socket(socket.socket(), server_hostname="medguard.example")
            .connect((ELSEWHERE, 443))
        ),
        ELSEWHERE,
    ),
    "another program": (
        lambda: subprocess.run(["/usr/bin/curl", "-m", "2", f"http://{ELSEWHERE}/"]),
        f"/usr/bin/curl -m 2 http://{ELSEWHERE}/",
    ),
    "another program that names no address": (lambda: subprocess.run(["ping", "medguard"]), "ping medguard"),
    "a shell's": (
        lambda: subprocess.run("true && wget medguard.example", shell=True),  # noqa: S602
        " wget medguard.example",
    ),
    "a shell's, as a program": (
        lambda: subprocess.run(["sh", "-c", f"curl http://{ELSEWHERE}/ | cat"]),
        f"curl http://{ELSEWHERE}/ ",
    ),
    "asyncio's datagrams": (lambda: asyncio.run(send_datagram()), ELSEWHERE),
    "asyncio": (lambda: asyncio.run(open_stream()), ELSEWHERE),
    "requests": (lambda: requests.get(f"http://{ELSEWHERE}/", timeout=2), ELSEWHERE),
    "urllib": (lambda: urllib.request.urlopen("http://medguard.example/", timeout=2), "medguard.example"),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_there_is_no_way_to_another_machine(way: str) -> None:
    tried, host = WAYS_OUT[way]
    with pytest.raises(RuntimeError, match="Tests stay on this machine"):
        tried()
    [line] = noted()
    assert line.startswith(f"{host} by ")


@pytest.mark.parametrize("settings", ["tests.settings", "site_config.settings"])
def test_nor_has_a_process_that_a_test_starts(settings: str) -> None:
    code = f"import socket; socket.create_connection(('{ELSEWHERE}', 80), 2)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "OutboundError" in done.stderr
    assert noted() == [f"{ELSEWHERE} by -c"]


@pytest.mark.parametrize("more", [{}, {"PYTHONPATH": str(BASE_DIR)}, {"OUTBOUND_NOTED_IN": "/dev/null"}])
def test_nor_has_one_with_an_environment_of_its_own(more: dict[str, str]) -> None:
    code = f"import socket; socket.create_connection(('{ELSEWHERE}', 80), 2)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], **more},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "OutboundError" in done.stderr
    assert noted() == [f"{ELSEWHERE} by -c"]


def test_another_program_reaches_this_machine() -> None:
    """As far as its name goes: whether there is such a program is not asked here."""
    with pytest.raises(FileNotFoundError):
        subprocess.run(["/nowhere/curl", "http://127.0.0.1:9/", "http://localhost/"])
    assert noted() == []


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_this_machine_is_reached_by_either_protocol(family: socket.AddressFamily, host: str) -> None:
    with socket.create_server((host, 0), family=family) as server:
        connect(family, server.getsockname())
        socket.create_connection(
            ("localhost" if family == socket.AF_INET else host, server.getsockname()[1])
        ).close()


def test_this_machine_is_reached_by_a_file(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        connect(socket.AF_UNIX, str(tmp_path / "socket"))


def test_a_server_that_the_run_was_given_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_REDIS_URL", f"redis://{ELSEWHERE}:6379/0")
    monkeypatch.setenv("TEST_DATABASE_URL", "postgres://medguard@%2Ftmp%2Fserver/medguard")
    servers.cache_clear()
    try:
        assert is_here(ELSEWHERE) and not is_here("192.0.2.2")
    finally:
        servers.cache_clear()


def test_a_test_fails_that_swallows_the_refusal(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        f"""
import contextlib, socket

def test_it_asks():
    with contextlib.suppress(Exception):
        socket.create_connection(("{ELSEWHERE}", 80))

def test_it_stays():
    pass
"""
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.outbound",
        "-p",
        "no:django",
        "-p",
        "no:cacheprovider",
    ]
    paths = f"{BASE_DIR}{os.pathsep}{os.environ['PYTHONPATH']}"
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "2 passed, 1 error" in done.stdout
    assert f"\n{ELSEWHERE} by " in done.stdout
