"""Pages of staff and patients among 100,000 patients and five million doses, next to the same among a hundredth.

They must not take longer among more: the ratio should be near 1. A nurse and a manager of one clinic of twenty open
what the clinic's work needs, and patients of theirs what they read, each as a whole request with session, rights,
access log and template. Beside the doses there are two million messages, each with an SMS.

`rate` and `floor_rate` are pages a minute at the 99th percentile, of all kinds of pages alike, among many and among
few. `p50_ms`, `p99_ms` and `cpu_ms` (the time of this process's processor, without the database's) have each kind of
page among few and among many, `queries` how many each takes, `buffers` the pages of 8 KB that those read.
`background_s` is what tasks work out every quarter of an hour, so that no page does: the lists and the figures of all
clinics, in seconds, among many; and what they count of days every hour.
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from knox.models import AuthToken

from home.dashboard.counts import count_all
from home.dashboard.days import count_hour
from home.models import AccessRecord, Clinic, Patient, StaffRole, User
from home.worklist.refresh import worklist_refresh
from medications.models import Dose
from notifications.admin.reports.paging import KeysetPaginator
from notifications.models import Notification
from tests.bench._country import member, multiply, places, settle
from tests.bench._result import Goal, Result
from tests.home.sign_in.steps import passed, second_step

GOALS = (
    Goal("five million doses, of a hundredth: p99 within 1.5 times", at_least=0.67),
    Goal(
        "milliseconds of a manager's undelivered messages, two million rows",
        at_most=50,
        figure=lambda run: run.more["p50_ms"]["undelivered"][1],
    ),
    Goal(
        "milliseconds of page 50 of the message log, two million rows",
        at_most=50,
        figure=lambda run: run.more["p50_ms"]["messages_50"][1],
    ),
)

COPIES = 99
DRAWN = random.Random(13)


@dataclass(frozen=True, slots=True)
class Size:
    patients: int = 100_000
    repetitions: int = 60


SMALL = Size(patients=4_000, repetitions=3)


def runs(size: Size, times: int) -> list[Result]:
    """The 99th percentiles among a hundredth of the patients, so often, and then as often among all: to make these
    takes several times as long as to look at them.
    """
    now = timezone.now()
    clinics, medicines = places(now)
    asked = Asked(clinics[0], size.repetitions)
    settle(clinics, medicines, size.patients // (COPIES + 1), now)
    _background(clinics, now)
    few = [_measure(asked) for _ in range(times)]
    multiply(COPIES, now)
    background_s = _background(clinics, now)
    rows = Dose.objects.count()
    many = [_measure(asked) for _ in range(times)]
    return [_result(rows, *each, background_s) for each in zip(few, many, strict=True)]


def _result(
    rows: int, few: Mapping[str, "Page"], many: Mapping[str, "Page"], background_s: Mapping[str, float]
) -> Result:
    return Result(
        "desk",
        rows=rows,
        rate=60 / p99(page.seconds for page in many.values()),
        floor_rate=60 / p99(page.seconds for page in few.values()),
        more={
            "p50_ms": _both(few, many, lambda page: round(1000 * median(page.seconds))),
            "p99_ms": _both(few, many, lambda page: round(1000 * p99([page.seconds]))),
            "cpu_ms": _both(few, many, lambda page: round(1000 * median(page.cpu))),
            "queries": _both(few, many, lambda page: page.queries),
            "buffers": _both(few, many, lambda page: page.buffers),
            "background_s": background_s,
        },
    )


def _background(clinics: Sequence[Clinic], now: datetime) -> dict[str, float]:
    """What tasks work out, so that pages needn't: the seconds of each."""
    start = time.perf_counter()
    worklist_refresh([clinic.pk for clinic in clinics], now=now)
    between = time.perf_counter()
    count_all(now=now)
    figures = time.perf_counter()
    count_hour(now=now)
    return {
        "lists": round(between - start, 2),
        "figures": round(figures - between, 2),
        "days": round(time.perf_counter() - figures, 2),
    }


@dataclass(slots=True)
class Page:
    """What one kind of page took, each time."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    queries: int = 0
    buffers: int = 0


class Asked:
    """Who asks for pages of one clinic, and for which."""

    def __init__(self, clinic: Clinic, number: int) -> None:
        self._clinic, self._number = clinic, number
        self._nurse = staff_signed_in(member(clinic, StaffRole.Role.NURSE))
        self._manager = staff_signed_in(member(clinic, StaffRole.Role.MANAGER))

    def pages(self) -> Mapping[str, Sequence[tuple[Client, str]]]:
        """Who asks for which addresses, for each kind of page: one to warm what is kept, and then as many as asked
        for, of patients drawn at random.
        """
        mine = list(Patient.objects.filter(clinic=self._clinic))
        drawn = DRAWN.choices(mine, k=self._number + 1)
        people = [patient_signed_in(each) for each in drawn]
        nurse, manager = self._nurse, self._manager
        return {
            **{name: [(nurse, reverse(url))] * len(drawn) for name, url in OF_NURSES.items()},
            "by_number": [(nurse, _search(str(each.phone)[-4:])) for each in drawn],
            "by_folder": [(nurse, _search(str(each.folder_number)[-4:])) for each in drawn],
            "by_name": [(nurse, _search(f"{each.first_name[1:5]} {each.last_name[:3]}")) for each in drawn],
            "patient": [(nurse, reverse("patients:record", args=[each.pk])) for each in drawn],
            **{name: [(manager, address)] * len(drawn) for name, address in self._reports().items()},
            **{name: [(person, reverse(url)) for person in people] for name, url in OF_PATIENTS.items()},
            "history": [
                (person, reverse("medications:history", args=[each.prescriptions.get().pk]))
                for person, each in zip(people, drawn, strict=True)
            ],
            "api": [(with_token(each), reverse("api:messages")) for each in drawn],
        }

    def _reports(self) -> Mapping[str, str]:
        """A manager's, and what comes fifty pages later."""
        messages = Notification.objects.filter(scope_id=self._clinic.pk).order_by("-id")
        looks = AccessRecord.objects.filter(patient__clinic=self._clinic).order_by("-at", "-id")
        log, seen = reverse("notification_messages:index"), reverse("access_log:index")
        return {
            "undelivered": reverse("notification_deliveries:index"),
            "messages": log,
            "messages_50": f"{log}?{_after_fifty_pages(messages)}",
            "looks": seen,
            "looks_50": f"{seen}?{_after_fifty_pages(looks)}",
        }


OF_NURSES = {
    "home": "wagtailadmin_home",
    "worklist": "worklist:index",
    "patients": "patients:index",
    "visits": "visits:index",
    "events": "clinic_events:index",
    "prescriptions": "prescriptions:index",
    "shelf": "clinic_stock:index",
}
OF_PATIENTS = {
    "today": "medications:today",
    "inbox": "notifications:inbox",
    "medicines": "medications:medicines",
    "own_events": "events:events",
    "settings": "notifications:preferences",
    "looked": "privacy:who_saw",
}


def _after_fifty_pages(rows: QuerySet[Any]) -> str:
    """Or after the first row, where there are fewer."""
    paginator = KeysetPaginator(rows, 50)
    last = next(iter(rows[50 * 50 : 50 * 50 + 1]), None) or rows[0]
    return urlencode({"p": paginator.place("after", last)})


def _search(q: str) -> str:
    return f"{reverse('patients:index')}?{urlencode({'q': q})}"


def staff_signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return passed(client, user, second_step(user)[0])


def patient_signed_in(patient: Patient) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(patient.care_roles.get().user)
    return client


def with_token(patient: Patient) -> Client:
    """A program that calls the REST interface for this patient."""
    _row, token = AuthToken.objects.create(patient.care_roles.get().user)
    return Client(SERVER_NAME="localhost", headers={"authorization": f"Token {token}"})


def _measure(asked: Asked) -> dict[str, Page]:
    """Each kind of page, after one that isn't counted; its queries last, so that what explains them takes no time."""
    measured = {}
    for name, [first, *rest] in asked.pages().items():
        get(*first)
        page = measured[name] = Page()
        for client, address in rest:
            seconds, cpu = time.perf_counter(), time.process_time()
            get(client, address)
            page.seconds.append(time.perf_counter() - seconds)
            page.cpu.append(time.process_time() - cpu)
        with connection.execute_wrapper(_Explained(page)):
            get(*first)
    return measured


def get(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


@dataclass(frozen=True, slots=True)
class _Explained:
    """Counts the statements of a page, and the buffers that its reads take."""

    page: Page

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.page.queries += 1
        if sql.startswith("SELECT"):
            # On a cursor of its own: this one may be a server's, which explains nothing.
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
                plan = cursor.fetchone()[0][0]["Plan"]
            self.page.buffers += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return execute(sql, params, many, context)


def _both(
    few: Mapping[str, Page], many: Mapping[str, Page], of: Callable[[Page], int]
) -> dict[str, list[int]]:
    return {name: [of(few[name]), of(page)] for name, page in many.items()}


def p99(measured: Iterable[Sequence[float]]) -> float:
    seconds = [each for page in measured for each in page]
    return quantiles(seconds, n=100)[98]
