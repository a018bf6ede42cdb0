"""Endpoints are addresses that strangers give us: nothing but the browsers' push services is called."""

from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from notifications.channels.push.hosts import LONGEST, is_host, is_push_service
from site_config.environment import BROWSERS_PUSH_HOSTS

REAL = (
    "https://fcm.googleapis.com/fcm/send/dEjK3:APA91bH_-x",
    "https://fcm.googleapis.com/wp/dEjK3:APA91bH_-x",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABl-_x=",
    "https://eu.push.services.mozilla.com/wpush/v2/gAAAAABl",
    "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAB%2b%2fZ",
    "https://web.push.apple.com/QGuQyavXutnMH_-",
    "https://eu.web.push.apple.com/QGuQ",
    "https://fcm.googleapis.com:443/wp/x",
)
OTHER = (
    "http://fcm.googleapis.com/wp/x",
    "https://fcm.googleapis.com:8443/wp/x",
    "https://fcm.googleapis.com:22/wp/x",
    "https://fcm.googleapis.com@evil.example/wp/x",
    "https://user:pass@fcm.googleapis.com/wp/x",
    "https://evil.example/fcm.googleapis.com/x",
    "https://fcm.googleapis.com.evil.example/wp/x",
    "https://evilfcm.googleapis.com/wp/x",
    "https://notify.windows.com/w/",
    "https://evil-notify.windows.com/w/",
    "https://xnotify.windows.com.evil.example/w/",
    "https://127.0.0.1/wp/x",
    "https://[::1]/wp/x",
    "https://2130706433/wp/x",
    "https://0x7f.1/wp/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://localhost/wp/x",
    "https://fcm.googleapis.com./wp/x",
    "https://FCM.googleapis.com/wp/x",
    "https://fcm.googleapis.com\\@evil.example/x",
    "https://fcm.googleapis.com\\.evil.example/x",
    "https://fcm.googleapis.com/wp/x#@evil.example",
    "https://fcm.googleapis.com?@evil.example/",
    "https://fcm.googleapis.com#@evil.example/",
    "https://fcm\u3002googleapis.com/wp/x",
    "https://ｆcm.googleapis.com/wp/x",
    "https://fcm.googleapis.com/wp/é",
    " https://fcm.googleapis.com/wp/x",
    "https://fcm.googleapis.com/wp/x\n",
    "https://fcm.google\tapis.com/wp/x",
    "https://fcm.googleapis.com/wp/x y",
    "https://fcm.googleapis.com\r\nHost: evil.example/",
    "//fcm.googleapis.com/wp/x",
    "file:///etc/passwd",
    "https://fcm.googleapis.com",
    "https:///wp/x",
    "",
)


@pytest.mark.parametrize("endpoint", REAL)
def test_the_browsers_services_are_known(endpoint: str) -> None:
    assert is_push_service(endpoint, BROWSERS_PUSH_HOSTS)


@pytest.mark.parametrize("endpoint", OTHER)
def test_nothing_else_is(endpoint: str) -> None:
    assert not is_push_service(endpoint, BROWSERS_PUSH_HOSTS)


def test_an_endpoint_has_an_end() -> None:
    longest = "https://fcm.googleapis.com/".ljust(LONGEST, "a")
    assert is_push_service(longest, BROWSERS_PUSH_HOSTS)
    assert not is_push_service(f"{longest}a", BROWSERS_PUSH_HOSTS)


_ENDS = st.sampled_from(["", "/", "/wp/x", ":443/x", ":80/x", "@evil.example/", "?x", "#x", "\\x", ".", "."])
_HOSTS = st.sampled_from(["fcm.googleapis.com", "a.notify.windows.com", "evil.example", "web.push.apple.com"])
_BITS = st.text(max_size=8) | _HOSTS | _ENDS


@given(
    st.lists(_BITS, max_size=5).map("".join), st.sampled_from(["https://", "http://", "https:/", "HTTPS://"])
)
def test_whoever_reads_an_address_that_passes_reads_an_allowed_host(rest: str, scheme: str) -> None:
    endpoint = scheme + rest
    if not is_push_service(endpoint, BROWSERS_PUSH_HOSTS):
        return
    ours, theirs = urlsplit(endpoint), parse_url(endpoint)  # ours reads it, theirs calls it
    for name, port in ((ours.hostname, ours.port), (theirs.host, theirs.port)):
        assert name in {"fcm.googleapis.com", "web.push.apple.com"} or str(name).endswith(
            (".notify.windows.com", ".push.services.mozilla.com", ".push.apple.com")
        )
        assert port in (None, 443)
    assert (ours.scheme, theirs.scheme, ours.username, theirs.auth) == ("https", "https", None, None)


@given(st.ip_addresses(), st.sampled_from(["", ":443"]), st.text("abc/", max_size=5))
def test_no_address_of_a_machine_passes(ip: IPv4Address | IPv6Address, port: str, path: str) -> None:
    host = f"[{ip}]" if ip.version == 6 else str(ip)
    assert not is_push_service(f"https://{host}{port}/{path}", BROWSERS_PUSH_HOSTS)


@given(st.text(max_size=30))
def test_a_subdomain_is_one_only_behind_a_dot(text: str) -> None:
    passes = is_push_service(f"https://{text}notify.windows.com/w/", BROWSERS_PUSH_HOSTS)
    assert not passes or text.endswith(".")


def test_a_service_of_ones_own_stands_for_its_origin_alone() -> None:
    own = ["http://localhost:9000"]
    assert is_push_service("http://localhost:9000/push/a", own)
    for other in (
        "http://localhost:90001/push/a",
        "http://localhost:9000@evil.example/",
        "http://localhost:9000.evil.example/",
        "https://localhost:9000/push/a",
        "http://localhost/push/a",
        "http://localhost:9000/é",
    ):
        assert not is_push_service(other, own)


@pytest.mark.parametrize(
    "host", ["push.example.org", "*.push.example.org", "http://localhost:9000", "https://push.test"]
)
def test_what_a_host_looks_like(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "*",
        "*.",
        "localhost",
        "push.example.org/x",
        "push.*.org",
        "https://a/b",
        "ftp://a.b",
        "a b.c",
        "*.*.org",
    ],
)
def test_what_no_host_looks_like(host: str) -> None:
    assert not is_host(host)
