"""A real Redis, and none: what pages and sessions notice of either."""

import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.cache import caches
from django.test import Client

from home.models import User
from site_config import caches as our_caches
from tests.services import redis_server


def use(settings: Any, url: str) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "site_config.caches.ForgivingRedisCache", "LOCATION": url},
        "sessions": {"BACKEND": "site_config.caches.SessionCache", "LOCATION": url},
    }
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    settings.SESSION_CACHE_ALIAS = "sessions"


@pytest.fixture(autouse=True)
def _nothing_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(our_caches, "_silent_until", {})


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with redis_server() as server:
        yield server.url


@pytest.fixture
def there(settings: Any, redis_url: str) -> Any:
    use(settings, redis_url)
    return caches["default"]


@pytest.fixture
def gone(settings: Any, tmp_path: Path) -> Any:
    use(settings, f"unix://{tmp_path}/nobody?db=0")
    return caches["default"]


def test_it_is_a_cache(there: Any) -> None:
    there.set("a", "1", 60)
    there.set_many({"b": 2, "c": 3}, 60)
    assert there.get("a") == "1"
    assert there.get_many(["b", "c", "d"]) == {"b": 2, "c": 3}
    assert there.incr("b") == 3
    assert there.add("a", "2") is False
    assert there.touch("a", 60) is True
    assert "a" in there
    assert there.delete("a") is True
    there.delete_many(["b", "c"])
    assert there.get("b", "none") == "none"


def test_without_redis_it_is_an_empty_one(gone: Any) -> None:
    gone.set("a", "1")
    gone.set_many({"b": 2})
    assert gone.get("a", "none") == "none"
    assert gone.get_many(["a", "b"]) == {}
    assert gone.get_or_set("a", "made") == "made"
    assert gone.add("a", "1") is True
    assert gone.incr("a", 2) == 2
    assert gone.touch("a") is False
    assert "a" not in gone
    assert gone.delete("a") is False
    gone.delete_many(["a"])
    assert gone.clear() is False


def test_a_redis_that_is_away_is_not_asked_at_each_step(gone: Any, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(50):
        gone.get(f"{number}")
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_it_is_asked_again_after_a_pause(
    settings: Any, tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "redis.sock"
    use(settings, f"unix://{link}?db=0")
    cache = caches["default"]
    cache.set("a", "1", 60)
    link.symlink_to(redis_url.removeprefix("unix://").partition("?")[0])
    cache.set("a", "2", 60)
    assert cache.get("a") is None
    later = time.monotonic() + our_caches.PAUSE
    monkeypatch.setattr("site_config.caches.time.monotonic", lambda: later)
    cache.set("a", "3", 60)
    assert cache.get("a") == "3"


def test_a_session_is_believed_for_a_minute_at_most(there: Any, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        for timeout in (None, 14 * 24 * 3600):
            caches["sessions"].set("s", "data", timeout)
            assert 0 < client.ttl(":1:s") <= 60
        caches["sessions"].set("s", "data", 5)
        assert client.ttl(":1:s") <= 5


@pytest.mark.django_db
def test_whoever_is_signed_in_stays_so_when_redis_goes(gone: Any, settings: Any) -> None:
    client = Client()
    client.force_login(User.objects.create_user(email="thandi@demo.medguard.test", password="medguard-demo"))
    assert client.get("/en/inbox/").status_code == 200


@pytest.mark.django_db
def test_a_session_is_found_in_the_cache_and_gone_from_it_with_the_sign_out(
    there: Any, django_assert_num_queries: Any
) -> None:
    store = import_module("django.contrib.sessions.backends.cached_db").SessionStore
    session = store()
    session["a"] = 1
    session.create()
    with django_assert_num_queries(0):
        assert store(session.session_key).load()["a"] == 1
    store(session.session_key).flush()
    assert store(session.session_key).load() == {}
