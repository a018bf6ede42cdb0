"""Calling push services. Each process keeps its connections to them open, for all that it sends."""

from collections.abc import Mapping
from functools import cache

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout

from notifications.channels.push.hosts import origin_of

AT_ONCE = 32
"""Calls at the same time, and so connections to one service."""


def post(
    endpoint: str, body: bytes, headers: Mapping[str, str], *, timeout: tuple[float, float]
) -> BaseHTTPResponse:
    """The service's answer, whatever it is; no redirect is followed. Safe from several threads.

    `timeout` is seconds to connect, and for each piece of the answer. Raises urllib3's HTTPError where there is none.
    """
    origin = origin_of(endpoint)
    connect, read = timeout
    return _service(origin).urlopen(
        "POST",
        endpoint[len(origin) :],
        body=body,
        headers=headers,
        timeout=Timeout(connect=connect, read=read),
        retries=False,
        redirect=False,
    )


@cache
def _service(origin: str) -> HTTPConnectionPool:
    """The connections to one, by the proxy and with the certificates that this process's environment asks for.

    `requests` reads the environment, once; calling by it each time costs three times as much as the call.
    """
    environment = requests.Session().merge_environment_settings(f"{origin}/", {}, None, None, None)
    request = requests.PreparedRequest()
    request.method, request.url, request.headers = "POST", f"{origin}/", CaseInsensitiveDict()
    pool: HTTPConnectionPool = HTTPAdapter(pool_maxsize=AT_ONCE).get_connection_with_tls_context(
        request, environment["verify"], environment["proxies"]
    )
    return pool
