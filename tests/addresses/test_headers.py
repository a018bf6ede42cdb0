"""What every answer says to browsers: that nobody keeps it, and what its pages may not do."""

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.addresses.routes import Address
from tests.addresses.table import HEAD_OFFICE, PATIENT, classified
from tests.addresses.visitor import Visitor

EXPECTED = {
    "Content-Security-Policy": "default-src ",
    "Permissions-Policy": "camera=(), ",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}
KEPT = {
    "media/images/<path:path>",
    "wagtailadmin_sprite",
    "wagtailadmin_javascript_catalog",
    "webapp:service_worker",
    "webapp:manifest",
    "calendar_feed",
    "voice:clip",
}
"""Pictures of public pages, Wagtail's icons and words; the worker and a calendar, which are asked for each time; and
recordings of calls, which say nothing of anybody.
"""
WHO = dict(classified())


def faults_of(address: Address, visitor: Visitor) -> Iterator[str]:
    headers = visitor.asks("GET", address.path).headers
    for name, value in EXPECTED.items():
        if value not in headers.get(name, ""):
            yield f"{name}: {headers.get(name)}"
    policy = headers.get("Content-Security-Policy", "")
    scripts = next((each for each in policy.split("; ") if each.startswith("script-src ")), "")
    if "unsafe-inline" in scripts or "unsafe-eval" in policy or "*" in policy:
        yield policy
    if address.name not in KEPT and "no-store" not in headers.get("Cache-Control", ""):
        yield f"Cache-Control: {headers.get('Cache-Control')}"


@pytest.mark.parametrize("role", [PATIENT, HEAD_OFFICE])
def test_every_page_says_it(every_address: list[Address], visitors: dict[str, Visitor], role: str) -> None:
    """Of Wagtail's, whose answers are all made alike, each fifth."""
    mine = [each for each in every_address if role in WHO.get(each.name, ())]
    some = mine if role == PATIENT else mine[::5]
    faults = [f"{each}: {fault}" for each in some for fault in faults_of(each, visitors[role])]
    assert not faults, "\n".join(faults)


def test_who_is_refused_is_told_the_same(client: Client, db: None) -> None:
    for path in ("/en/no-such-page/", "/en/inbox/", "/admin/", "/api/notifications/"):
        headers = client.get(path).headers
        assert {name for name in EXPECTED if name not in headers} == set()
        assert "no-store" in headers["Cache-Control"]
