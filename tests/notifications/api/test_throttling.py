"""Who calls too often has to wait a little."""

import pytest
from rest_framework.throttling import SimpleRateThrottle

from tests.notifications.api.conftest import Program


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"call": "5/min", "sign_in": "2/min", "schedule": "3/min"}
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)


def test_it_is_429_in_json_with_the_time_to_wait(thandi: Program, pieter: Program) -> None:
    for _ in range(5):
        assert thandi.get("/api/notifications/").status_code == 200
    answer = thandi.get("/api/notifications/")
    assert answer.status_code == 429
    assert answer.json() == {"detail": "Too many requests. Wait a little, then try again."}
    assert 0 < int(answer["Retry-After"]) <= 60
    assert pieter.get("/api/notifications/").status_code == 200


def test_costly_calls_have_a_limit_of_their_own(thandi: Program, stranger: Program) -> None:
    assert [thandi.schedule(thandi.user).status_code for _ in range(4)] == [201, 201, 201, 429]
    assert thandi.get("/api/notifications/").status_code == 200
    answers = [stranger.post("/api/auth/login/", {}).status_code for _ in range(3)]
    assert answers == [400, 400, 429]
