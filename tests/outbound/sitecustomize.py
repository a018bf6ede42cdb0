"""Keeps a Python process on this machine: whatever it asks of another one is refused, and noted.

Python imports a module of this name as it starts, so that processes that tests start are kept here too, with whatever
settings they run. Loopback, sockets of files, and the servers that `DATABASE_URL` and `REDIS_URL` name stay open. What
connects without Python's sockets isn't seen: PostgreSQL's library, which those variables lead, and the browser, which
finds no other machine (tests/browser/visits.py).
"""

import functools
import os
import socket
import sys
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

NOTED_IN = "OUTBOUND_NOTED_IN"
"""Names the file in which a line is written for each refusal: code that swallows the error doesn't hide it."""
SERVERS = ("DATABASE_URL", "REDIS_URL", "TEST_DATABASE_URL", "TEST_REDIS_URL")


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
