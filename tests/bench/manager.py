"""The manager's page among five million deliveries, next to the same among a hundredth.

It must not take longer among more, for it reads only what was counted before: the ratio should be near 1. A manager of
one clinic of twenty opens the month and its file, and head office all clinics, and two of them side by side, each as a
whole request with session, rights and template.

`rate` and `floor_rate` are pages a minute at the 99th percentile, of all kinds of pages alike, among many and among
few. `p50_ms` and `p99_ms` have each kind of page among few and among many, `queries` how many each takes. `hour_s` is
what one hour's counting takes among many, and `background_s` the counting of all days that are counted again, in
seconds.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from home.dashboard.counts import count_all
from home.dashboard.days import COUNTED_AGAIN, count_days, count_hour
from home.models import Clinic, StaffRole, User
from notifications.models import Delivery
from tests.bench._country import member, multiply, places, settle
from tests.bench._result import Goal, Result
from tests.bench.desk import SMALL as SMALL
from tests.bench.desk import Page, Size, get, p99, staff_signed_in

GOALS = (
    Goal("five million deliveries, of a hundredth: p99 within 1.5 times", at_least=0.67),
    Goal(
        "milliseconds of the manager's page at the 99th percentile, five million deliveries",
        at_most=300,
        figure=lambda run: max(each[1] for each in run.more["p99_ms"].values()),
    ),
)
COPIES = 99
BY_OTHERS = """
INSERT INTO notifications_delivery ({columns})
SELECT {values}
FROM notifications_delivery AS sms, (VALUES ('email', 1), ('push', 2)) AS other (channel, every)
WHERE sms.channel = 'sms' AND sms.id % other.every = 0
"""
"""Each message is mailed too, and every other one pushed: two and a half deliveries a message."""


def runs(size: Size, times: int) -> list[Result]:
    """The 99th percentiles among a hundredth of the patients, so often, and then as often among all."""
    now = timezone.now()
    clinics, medicines = places(now)
    asked = Asked(clinics, size.repetitions)
    settle(clinics, medicines, size.patients // (COPIES + 1), now)
    _background(now)
    few = [_measure(asked) for _ in range(times)]
    multiply(COPIES, now)
    _by_other_channels()
    background = _background(now)
    rows = Delivery.objects.count()
    many = [_measure(asked) for _ in range(times)]
    return [_result(rows, *each, background) for each in zip(few, many, strict=True)]


class Asked:
    """Who asks for which pages, and how often."""

    def __init__(self, clinics: Sequence[Clinic], number: int) -> None:
        self.number = number
        manager = staff_signed_in(member(clinics[0], StaffRole.Role.MANAGER))
        office = staff_signed_in(User.objects.create_superuser("office@clinic.example.org"))
        page, file = reverse("manager"), reverse("manager_csv")
        self.pages: Mapping[str, tuple[Client, str]] = {
            "clinic": (manager, page),
            "file": (manager, file),
            "all_clinics": (office, page),
            "side_by_side": (office, f"{page}?place={clinics[0].pk}&with={clinics[1].pk}"),
        }


def _by_other_channels() -> None:
    columns = [str(field.column) for field in Delivery._meta.concrete_fields if not field.primary_key]
    values = ["other.channel" if column == "channel" else f"sms.{column}" for column in columns]
    statement = BY_OTHERS.format(columns=", ".join(columns), values=", ".join(values))
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute("VACUUM (ANALYZE)")


def _background(now: datetime) -> dict[str, float]:
    start = time.perf_counter()
    count_all(now=now)
    count_days(now=now, days=COUNTED_AGAIN)
    between = time.perf_counter()
    count_hour(now=now)
    return {
        "background_s": round(between - start, 2),
        "hour_s": round(time.perf_counter() - between, 2),
    }


def _measure(asked: Asked) -> dict[str, Page]:
    """Each kind of page, after one that isn't counted."""
    measured = {}
    for name, (client, address) in asked.pages.items():
        page = measured[name] = Page()
        with connection.execute_wrapper(_Counted(page)):
            get(client, address)
        for _ in range(asked.number):
            seconds = time.perf_counter()
            get(client, address)
            page.seconds.append(time.perf_counter() - seconds)
    return measured


@dataclass(frozen=True, slots=True)
class _Counted:
    page: Page

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.page.queries += 1
        return execute(*args)


def _result(
    rows: int, few: Mapping[str, Page], many: Mapping[str, Page], background: Mapping[str, float]
) -> Result:
    return Result(
        "manager",
        rows=rows,
        rate=60 / p99(page.seconds for page in many.values()),
        floor_rate=60 / p99(page.seconds for page in few.values()),
        more={
            "p50_ms": {
                name: [round(1000 * median(each[name].seconds)) for each in (few, many)] for name in many
            },
            "p99_ms": {
                name: [round(1000 * p99([each[name].seconds])) for each in (few, many)] for name in many
            },
            "queries": {name: [few[name].queries, many[name].queries] for name in many},
            **background,
        },
    )
