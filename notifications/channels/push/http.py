"""Calling push services, by connections that stay open for all that a process sends."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout

from notifications.channels.idle import Idle
from notifications.channels.push.hosts import origin_of

AT_ONCE = 32
"""Calls at the same time, and so connections to one service (docs/decisions/0102)."""


class Services:
    """The open connections, by the proxy and with the certificates that this process's environment asks for.

    `requests` reads the environment, once for each service; a call by it takes three times as long as one by its pool.
    """

    def __init__(self) -> None:
        self._adapter = HTTPAdapter(pool_maxsize=AT_ONCE)
        self._pools: dict[str, HTTPConnectionPool] = {}

    def post(
        self, endpoint: str, body: bytes, headers: Mapping[str, str], *, timeout: tuple[float, float]
    ) -> BaseHTTPResponse:
        """The service's answer, whatever it is; no redirect is followed. Safe from several threads.

        `timeout` is seconds to connect, and for each piece of the answer. Raises urllib3's HTTPError where there is
        none.
        """
        origin = origin_of(endpoint)
        pool = self._pools.get(origin) or self._pools.setdefault(origin, self._pool(origin))
        # A proxy is told the whole address, unless it only passes on what is encrypted for the service.
        by_proxy = pool.proxy is not None and origin.startswith("http:")
        connect, read = timeout
        return pool.urlopen(
            "POST",
            endpoint if by_proxy else endpoint[len(origin) :],
            body=body,
            headers=headers,
            timeout=Timeout(connect=connect, read=read),
            retries=False,
            redirect=False,
            assert_same_host=False,
        )

    def close(self) -> None:
        self._adapter.close()

    def _pool(self, origin: str) -> HTTPConnectionPool:
        environment = requests.Session().merge_environment_settings(f"{origin}/", {}, None, None, None)
        request = requests.PreparedRequest()
        request.method, request.url, request.headers = "POST", f"{origin}/", CaseInsensitiveDict()
        return self._adapter.get_connection_with_tls_context(
            request, environment["verify"], environment["proxies"]
        )


_idle = Idle[Services](Services.close)


@contextmanager
def connected() -> Iterator[Services]:
    """The connections for a batch, which are left open for the next one."""
    services = _idle.take() or Services()
    try:
        yield services
    finally:
        _idle.leave(services)
