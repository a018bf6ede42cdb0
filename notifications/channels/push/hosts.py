"""Which addresses are push services. An endpoint is an address that a stranger gives us: only known hosts get calls."""

import re
from collections.abc import Iterable

LONGEST = 1000
# A host of plain letters, so that no two programs can read two hosts out of one address; then a path of what RFC 3986
# allows there. No other port, no user, no fragment.
_ENDPOINT = re.compile(r"(https://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::443)?)(/.*)")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]+")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")


def is_push_service(endpoint: str, hosts: Iterable[str]) -> bool:
    """Whether this endpoint is of one of these hosts, by https and on its usual port.

    A host is "push.example.org", or "*.example.org" for all below it. One with scheme and port
    ("http://localhost:9000") is a service of one's own and stands for just that origin.
    """
    if len(endpoint) > LONGEST:
        return False
    for host in hosts:
        if "://" in host and endpoint.startswith(f"{host}/") and _PATH.fullmatch(endpoint[len(host) :]):
            return True
    match = _ENDPOINT.fullmatch(endpoint)
    if match is None or not _PATH.fullmatch(match[3]):
        return False
    return any(_is(match[2], host) for host in hosts)


def origin_of(endpoint: str) -> str:
    """Its scheme, host and port: the service that it is at."""
    return "/".join(endpoint.split("/", 3)[:3])


def is_host(text: str) -> bool:
    """Whether this can be one of the hosts."""
    return bool(_HOST.fullmatch(text) or _ORIGIN.fullmatch(text))


def _is(name: str, host: str) -> bool:
    return name.endswith(host[1:]) if host.startswith("*.") else name == host
