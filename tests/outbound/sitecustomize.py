"""Keeps a Python process on this machine: whatever it asks of another one is refused, and noted.

Python imports a module of this name as it starts, so that processes that tests start are kept here too, with whatever
settings and environment they run. Loopback, sockets of files, and the servers that `DATABASE_URL` and `REDIS_URL` name
stay open. What connects without Python's sockets isn't seen: PostgreSQL's library, which those variables lead, and the
browser, which finds no other machine (tests/browser/visits.py). Of other programs those that speak with machines are
refused by their names.
"""

import functools
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

NOTED_IN = "OUTBOUND_NOTED_IN"
"""Names the file in which a line is written for each refusal: code that swallows the error doesn't hide it."""
SERVERS = ("DATABASE_URL", "REDIS_URL", "TEST_DATABASE_URL", "TEST_REDIS_URL")
FOLDER = str(Path(__file__).parent)
PROGRAMS = {"curl", "wget", "ssh", "scp", "nc", "ncat", "telnet", "ping", "dig", "host", "nslookup"}
SHELLS = {"sh", "bash", "dash"}


class OutboundError(RuntimeError):
    """No OSError: those are what code has answers for, as a test of an outage expects."""


@functools.cache
def servers() -> frozenset[str]:
    """The names and addresses of the servers that this run was given."""
    hosts = (unquote(urlsplit(os.environ.get(each, "")).hostname or "") for each in SERVERS)
    names = {host for host in hosts if host and "/" not in host}  # that is a folder with a socket
    look_up = getattr(socket.getaddrinfo, "__wrapped__", socket.getaddrinfo)
    return frozenset(names | {str(found[4][0]) for name in names for found in look_up(name, None)})


def is_here(host: Any) -> bool:
    """Whether this host, a name or an address as sockets take it, is this machine or a server of this run."""
    host = (host.decode() if isinstance(host, bytes) else str(host or "")).lower().partition("%")[0]
    if host in {"", "localhost", socket.gethostname().lower()}:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return host in servers()
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return address.is_loopback or address.is_unspecified or host in servers()


def refuse(host: Any) -> None:
    line = f"{host} by {' '.join(sys.argv)[:80]}"
    if path := os.environ.get(NOTED_IN):
        with open(path, "a") as file:
            file.write(f"{line}\n")
    raise OutboundError(f"Tests stay on this machine: {line}")


def guarded_method(of_socket: Callable[..., Any]) -> Callable[..., Any]:
    """The method of a socket whose last positional argument is where to; none where it is connected already."""

    @functools.wraps(of_socket)
    def guarded(self: socket.socket, *args: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and isinstance(args[-1], tuple):
            host = args[-1][0]
            if not is_here(host):
                self.close()
                refuse(host)
        return of_socket(self, *args)

    return guarded


def guarded_look_up(look_up: Callable[..., Any]) -> Callable[..., Any]:
    """Of a name only: what an address looks like is said by this machine."""

    @functools.wraps(look_up)
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not (is_here(host) or is_address(host)):
            refuse(host)
        return look_up(host, *args, **kwargs)

    return guarded


def guarded_reverse_look_up(look_up: Callable[..., Any]) -> Callable[..., Any]:
    """Which name an address has is said by other machines, unless the address is one of this machine."""

    @functools.wraps(look_up)
    def guarded(of: Any, *flags: int) -> Any:
        host = of[0] if isinstance(of, tuple) else of
        if not (is_here(host) or (flags and flags[0] & socket.NI_NUMERICHOST)):
            refuse(host)
        return look_up(of, *flags)

    return guarded


def guarded_start(start: Callable[..., None]) -> Callable[..., None]:
    """Of a process. An environment of its own doesn't take it out of here."""

    @functools.wraps(start)
    def guarded(
        self: Any, args: Any, *rest: Any, env: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        for command in commands(args):
            hosts = re.findall(r"://([^/:\s]+)", command)
            if program(command) in PROGRAMS and not (hosts and all(map(is_here, hosts))):
                refuse(command)
        start(self, args, *rest, env=None if env is None else kept_here(env), **options)

    return guarded


def commands(args: Any) -> Iterator[str]:
    """The command lines of what is started: one, or those of the text that a shell is given."""
    words = [args] if isinstance(args, str | bytes | os.PathLike) else list(args)
    texts = [os.fsdecode(each) for each in words]
    of_a_shell = len(texts) == 1 or (program(texts[0]) in SHELLS and "-c" in texts)
    yield from re.split(r"[;&|\n]+", texts[-1]) if of_a_shell else [" ".join(texts)]


def program(command: str) -> str:
    return os.path.basename(next(iter(command.split()), ""))


def kept_here(environment: Mapping[str, str]) -> dict[str, str]:
    """With what makes Python import this module, and where it notes what it refuses."""
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    kept = {**environment, "PYTHONPATH": os.pathsep.join(dict.fromkeys([FOLDER, *filter(None, paths)]))}
    return kept | {name: os.environ[name] for name in (NOTED_IN,) if name in os.environ}


def is_address(host: Any) -> bool:
    try:
        ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return True


if not hasattr(socket.getaddrinfo, "__wrapped__"):  # a worker of a run has it from its start
    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        setattr(socket.socket, name, guarded_method(getattr(socket.socket, name)))
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, name, guarded_look_up(getattr(socket, name)))
    for name in ("gethostbyaddr", "getnameinfo"):
        setattr(socket, name, guarded_reverse_look_up(getattr(socket, name)))
    subprocess.Popen.__init__ = guarded_start(subprocess.Popen.__init__)  # type: ignore[method-assign]
