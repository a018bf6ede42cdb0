"""A question to a provider's sandbox, and what the provider documents as the answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import requests
from django.conf import settings
from django.test import override_settings

from notifications.channels.gateways import GatewayError


class Means(StrEnum):
    """What our gateway makes of an answer."""

    TAKEN = "it is on its way"
    NUMBER = "this number takes none"
    STOPPED = "the number's owner wants none"
    ELSEWHERE = "another provider may"
    TROUBLE = "the provider is left alone for a while"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A message or call to `number`, with these settings. The answer has one of `statuses`, `code` and `fields`."""

    about: str
    number: str
    statuses: frozenset[int]
    code: int | None
    fields: frozenset[str]
    means: Means
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Read:
    """The provider's own code in an answer, and the names of the fields that it has."""

    code: int | None = None
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """What is asked of one provider. `send` hands over to a number by the site's own gateway, whose host is the setting
    `host_setting`; `read` reads its answer. `needs` are the settings that must be there, and what they must be where
    that isn't anybody's own.
    """

    name: str
    host: str
    host_setting: str
    needs: Mapping[str, str | None]
    send: Callable[[requests.Session, str], str]
    read: Callable[[requests.Response], Read]
    questions: tuple[Question, ...]

    def lacks(self) -> list[str]:
        """The variables that aren't set, or not to what the sandbox needs."""
        return [
            name if needed is None else f"{name}={needed}"
            for name, needed in self.needs.items()
            if not getattr(settings, name) or needed not in (None, getattr(settings, name))
        ]


def differences(sandbox: Sandbox, question: Question) -> Iterator[str]:
    """Ask it, and say in what the answer differs; nothing where it is as documented."""
    answers: list[requests.Response] = []
    with (
        requests.Session() as http,
        override_settings(**{sandbox.host_setting: sandbox.host, **question.given}),
    ):
        http.hooks["response"].append(lambda answer, **_: answers.append(answer))
        means, why = _asked(sandbox, http, question.number)
    if not answers:
        yield f"no answer: {why}"
        return
    [answer] = answers
    found = sandbox.read(answer)
    if answer.status_code not in question.statuses:
        yield f"status {answer.status_code} instead of {_either(question.statuses)}"
    if found.code != question.code:
        yield f"code {found.code} instead of {question.code}"
    if lacking := question.fields - found.fields:
        yield f"without {', '.join(sorted(lacking))}"
    if means is not question.means:
        yield f"to us “{means}” instead of “{question.means}”"


def _asked(sandbox: Sandbox, http: requests.Session, number: str) -> tuple[Means, str]:
    try:
        sandbox.send(http, number)
    except GatewayError as error:
        if error.opted_out:
            return Means.STOPPED, str(error)
        if error.permanent:
            return Means.NUMBER, str(error)
        return (Means.TROUBLE if error.rest else Means.ELSEWHERE), str(error)
    return Means.TAKEN, ""


def _either(statuses: frozenset[int]) -> str:
    return " or ".join(map(str, sorted(statuses)))


def data_of(answer: requests.Response) -> dict[str, Any]:
    """What is in it, if that is JSON."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
