"""Somebody with a browser, after each of whose requests everything is as it was before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client

OF_A_REQUEST = ("django_session", "home_usersession", "home_accessrecord", "axes_")
"""Tables that say who asks, not what there is."""
CHANGES = ("INSERT", "UPDATE", "DELETE", "COPY", "MERGE")


@dataclass(frozen=True)
class Answer:
    """A stream in one piece too. `changed` has the beginnings of what the request wrote."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    changed: tuple[str, ...]

    @property
    def leads_to(self) -> str:
        return self.headers.get("Location", "").partition("?")[0]


class Visitor:
    def __init__(self, name: str, user: Any, token: str) -> None:
        self.name = name
        self._token = token
        self._client = Client(raise_request_exception=False)
        if user.is_authenticated:
            self._client.force_login(user)
        self._cookies = {key: morsel.value for key, morsel in self._client.cookies.items()}

    def asks(self, verb: str, path: str, data: Any = None) -> Answer:
        self._client.cookies.clear()
        self._client.cookies.load(self._cookies)
        changed: list[str] = []

        def watch(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
            if sql.startswith(CHANGES) and not any(each in sql[:60] for each in OF_A_REQUEST):
                changed.append(sql[:60])
            return execute(sql, *more)

        by_token = path.startswith("/api/") and self._token
        headers = {"Authorization": f"Token {self._token}"} if by_token else {}
        with transaction.atomic(), connection.execute_wrapper(watch):
            if verb == "POST":
                answer = self._client.post(path, data or {}, headers=headers)
            else:
                answer = self._client.generic(verb, path, headers=headers)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        return Answer(answer.status_code, answer.headers, content, tuple(changed))
