"""A country split by province, as docs/scale.md plans it: a site with a database each, and one page that signs in.

The two share their servers of PostgreSQL and Redis, which is harder than the plan: there each has its own.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection
from psycopg.sql import SQL, Identifier

from notifications.live.announcement import channel_of
from tests.faults.cast import people, the_minute_comes, with_a_dose
from tests.faults.web import Visitor
from tests.stacks.conftest import Start
from tests.stacks.stack import Stack, wait_until

PEOPLE = 20
ASK, CONFIRM = "/en/accounts/login/code/", "/en/accounts/login/code/confirm/"
OTHER_REDIS = 8
"""How far the number of the second province's database of Redis is from the first's."""


@dataclass(frozen=True)
class Province:
    stack: Stack
    database: str
    redis: str

    @property
    def visitor(self) -> Visitor:
        return Visitor(self.stack.live_port)

    def emails(self) -> list[str]:
        """Of everybody who has an account here, in the order of their ids."""
        return [email for (email,) in self._asked("SELECT email FROM home_user ORDER BY id")]

    def inboxes(self) -> list[str]:
        """Whose inboxes have something, once for each message."""
        query = "SELECT email FROM notifications_notification JOIN home_user ON home_user.id = recipient_id ORDER BY 1"
        return [email for (email,) in self._asked(query)]

    def has_sent_all(self) -> bool:
        query = "SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FROM notifications_delivery"
        [(sent, deliveries)] = self._asked(query)
        return bool(sent == deliveries == PEOPLE)

    def code(self) -> str:
        """The one that its consumer sent."""
        codes: set[str] = set()

        def has_come() -> bool:
            texts = [file.read_text() for file in (self.stack.folder / "mail").glob("*.log")]
            codes.update(found for text in texts for found in re.findall(r"Your code is (\d{6})", text))
            return bool(codes)

        wait_until(has_come, 60, what="the code's mail")
        [code] = codes
        return code

    def _asked(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as database:
            return database.execute(query).fetchall()


class Front:
    """The page at which the whole country signs in. It keeps nothing and knows nobody.

    It asks every province; the one that knows the address sends a code, and takes it. So nobody learns from the page
    who has an account, as within a province.
    """

    def __init__(self, *provinces: Province) -> None:
        self.provinces = provinces

    def ask(self, login: str) -> list[Visitor]:
        """Ask for a code; a browser for each province, which waits for it."""
        return [_posted(each.visitor, ASK, login=login) for each in self.provinces]

    def confirm(self, waiting: list[Visitor], code: str) -> list[bool]:
        """Enter the code everywhere; which province opens its inbox then."""
        entered = [_posted(visitor, CONFIRM, code=code) for visitor in waiting]
        return [visitor.get("/en/inbox/").status == 200 for visitor in entered]


def _posted(visitor: Visitor, path: str, **form: str) -> Visitor:
    """The browser afterwards."""
    answer = visitor.post(path, **form)
    assert answer.is_well, path
    session = re.search(r"sessionid=(\w+)", answer.cookies)
    return Visitor(visitor.port, session[1]) if session else visitor


@contextmanager
def copied(url: str) -> Iterator[str]:
    """The URL of a copy of this run's database, which goes in the end, whoever is connected to it."""
    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    copy = f"{name}_limpopo"
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(copy))
    with closing(psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True)) as server:
        server.execute(drop)
        server.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(copy), Identifier(name)))
        yield parts._replace(path=f"/{copy}").geturl()
        server.execute(drop)


@pytest.fixture
def provinces(start: Start) -> Iterator[tuple[Province, Province]]:
    """Gauteng and Limpopo: other people, who have the same ids and whose doses are due in the same minute."""
    with_a_dose(people(PEOPLE), ago=timedelta(minutes=1))
    the_minute_comes()
    here = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    with copied(here) as there:
        with psycopg.connect(there) as limpopo:
            limpopo.execute("UPDATE home_user SET email = 'limpopo-' || email")
        both = []
        for name, database, step in [("gauteng", here, 0), ("limpopo", there, OTHER_REDIS)]:
            url, _, number = settings.REDIS_URL.partition("?db=")
            its_redis = f"{url}?db={int(number or 0) + step}"
            stack = start(
                name,
                processes=("live", "consumer"),
                DATABASE_URL=database,
                REDIS_URL=its_redis,
                DEBUG="true",  # its pages need no collected static files then
            )
            both.append(Province(stack, database, its_redis))
        for province in both:
            province.stack.ready()
        yield both[0], both[1]
        for province in both:
            province.stack.kill()


def test_each_province_reminds_its_own_people_and_one_page_signs_in_all(
    provinces: tuple[Province, Province],
) -> None:
    gauteng, limpopo = provinces
    assert set(gauteng.emails()).isdisjoint(limpopo.emails())
    for province in provinces:
        wait_until(province.has_sent_all, 120, what="each dose is reminded of")
        assert province.inboxes() == sorted(province.emails())
        assert sorted(province.stack.mails()) == sorted(province.emails())

    somebody = limpopo.emails()[0]
    front = Front(*provinces)
    waiting = front.ask(somebody)
    assert front.confirm(waiting, limpopo.code()) == [False, True]
    assert somebody not in gauteng.stack.mails()


def test_an_open_page_hears_of_its_own_province_only() -> None:
    """Both have somebody with this id."""
    url, _, number = settings.REDIS_URL.partition("?db=")
    here = redis.Redis.from_url(settings.REDIS_URL)
    there = redis.Redis.from_url(f"{url}?db={int(number or 0) + OTHER_REDIS}")
    with here, there, here.pubsub(ignore_subscribe_messages=True) as listening:  # type: ignore[no-untyped-call]
        listening.subscribe(channel_of(here))
        there.publish(channel_of(there), json.dumps([1]))
        here.publish(channel_of(here), json.dumps([2]))
        message = None
        for _ in range(20):
            if message := listening.get_message(timeout=1):
                break
        assert message is not None and json.loads(message["data"]) == [2]
