"""Staff see when a periodic task runs and what it did, change its times, and run it now; nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from home.models import User
from notifications.admin.periodic_tasks import PeriodicTaskViewSet
from notifications.models import PeriodicRun, PeriodicTask
from notifications.work import periodic
from notifications.work.periodic import periodic_task, run_next
from tests.factories import StaffRoleFactory, UserFactory

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday, 14:00 in Johannesburg


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site knows two tasks; the second one it can't do without."""
    monkeypatch.setattr(periodic, "_declared", {})
    periodic_task("Low stock check", cron="0 */6 * * *", missed="skip")(
        lambda slot: f"looked at {slot:%H:%M}"
    )
    periodic_task("The sweep", cron="* * * * *", essential=True)(lambda slot: "swept")


@pytest.fixture
def task(db: None, declared: None) -> PeriodicTask:
    return PeriodicTask.objects.create(
        name="Low stock check",
        cron="0 */6 * * *",
        timezone="Africa/Johannesburg",
        last_slot=NOW - timedelta(days=9),
    )


def save(client: Client, task: PeriodicTask, **fields: str) -> object:
    data = {"enabled": "on", "repeat": "own", "cron": task.cron, "timezone": task.timezone} | fields
    response = client.post(reverse("periodic_tasks:edit", args=[task.pk]), data)
    task.refresh_from_db()
    return response


def errors(response: object) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def run(task: PeriodicTask, *, hours: int, **fields: object) -> PeriodicRun:
    slot = NOW - timedelta(hours=hours)
    given = {"state": "done", "due_at": slot, "finished_at": slot, "attempts": 1}
    return PeriodicRun.objects.create(task=task, slot=slot, **given | fields)


@time_machine.travel(NOW, tick=False)
def test_the_list_says_when_each_runs_next_and_what_it_did_last(
    head_office: Client, task: PeriodicTask
) -> None:
    run(task, hours=6, result="2 warnings")
    run(task, hours=12, result="1 warning")
    page = head_office.get(reverse("periodic_tasks:index")).content.decode()
    assert "Low stock check" in page
    assert "Every 6 hours from 00:00" in page
    assert "Tue 24 Nov 18:00" in page
    assert "2 warnings" in page
    assert "1 warning<" not in page


@time_machine.travel(NOW, tick=False)
def test_the_next_run_is_reckoned_in_the_zone_of_the_task(head_office: Client, task: PeriodicTask) -> None:
    PeriodicTask.objects.update(cron="0 9 * * *", timezone="America/New_York")
    page = head_office.get(reverse("periodic_tasks:index")).content.decode()
    assert "Tue 24 Nov 16:00" in page, "09:00 in New York on a wall in Johannesburg"


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("change", [{"enabled": False}, {"name": "Long gone"}, {"cron": "0 0 30 2 *"}])
def test_what_does_not_run_has_no_next_run(
    head_office: Client, task: PeriodicTask, change: dict[str, object]
) -> None:
    PeriodicTask.objects.update(**change)
    assert "24 Nov" not in head_office.get(reverse("periodic_tasks:index")).content.decode()


def test_the_list_makes_as_many_queries_for_many_tasks_as_for_one(
    head_office: Client, task: PeriodicTask
) -> None:
    head_office.get(reverse("periodic_tasks:index"))
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            head_office.get(reverse("periodic_tasks:index"))
        counts.append(len(queries))
        for other in range(9 - number):
            more = PeriodicTask.objects.create(
                name=f"{number} {other}", cron="0 9 * * *", timezone="UTC", last_slot=NOW
            )
            run(more, hours=1)
    assert counts[0] == counts[1]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("chosen", "cron"),
    [
        ({"repeat": "minute"}, "* * * * *"),
        ({"repeat": "five_minutes"}, "*/5 * * * *"),
        ({"repeat": "hour", "minute": "20"}, "20 * * * *"),
        ({"repeat": "six_hours", "minute": "0"}, "0 */6 * * *"),
        ({"repeat": "day", "at": "07:30"}, "30 7 * * *"),
        ({"repeat": "week", "weekday": "0", "at": "02:00"}, "0 2 * * 0"),
        ({"repeat": "own", "cron": "  30  7 * *  1-5 "}, "30 7 * * 1-5"),
    ],
)
def test_times_are_chosen_in_words_or_written_as_cron(
    head_office: Client, task: PeriodicTask, chosen: dict[str, str], cron: str
) -> None:
    save(head_office, task, **chosen)
    assert task.cron == cron


@pytest.mark.parametrize(
    ("cron", "repeat", "field", "value"),
    [
        ("45 * * * *", "hour", "minute", 45),
        ("0 2 * * 1", "week", "weekday", 1),
        ("0 9 1 * *", "own", "minute", 0),
    ],
)
def test_the_form_begins_with_the_times_that_are_set(
    head_office: Client, task: PeriodicTask, cron: str, repeat: str, field: str, value: int
) -> None:
    PeriodicTask.objects.update(cron=cron)
    form = head_office.get(reverse("periodic_tasks:edit", args=[task.pk])).context["form"]
    assert form["repeat"].value() == repeat
    assert form[field].value() == value


@time_machine.travel(NOW, tick=False)
def test_new_times_count_from_now_on(head_office: Client, task: PeriodicTask) -> None:
    save(head_office, task, repeat="day", at="07:30")
    assert task.last_slot == timezone.now()


def test_saving_it_unchanged_leaves_its_last_slot(head_office: Client, task: PeriodicTask) -> None:
    save(head_office, task, repeat="six_hours", minute="0", cron="")
    assert task.last_slot == NOW - timedelta(days=9)


def test_it_can_be_switched_off(head_office: Client, task: PeriodicTask) -> None:
    save(head_office, task, enabled="")
    assert not task.enabled


def test_what_the_site_cannot_do_without_stays_as_it_is(head_office: Client, task: PeriodicTask) -> None:
    PeriodicTask.objects.update(name="The sweep")
    before = task.cron
    save(head_office, task, enabled="", repeat="week", weekday="1", at="09:00")
    assert (task.enabled, task.cron) == (True, before)
    page = head_office.get(reverse("periodic_tasks:edit", args=[task.pk])).content.decode()
    assert "needs this task, so it can&#x27;t be changed" in page


@pytest.mark.parametrize("cron", ["", "often", "* * * *", "61 * * * *", "0 0 30 2 *", "* * * * * *"])
def test_times_that_cannot_be_are_refused_beside_the_field(
    head_office: Client, task: PeriodicTask, cron: str
) -> None:
    assert list(errors(save(head_office, task, cron=cron))) == ["cron"]
    assert task.cron == "0 */6 * * *"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"repeat": "sometimes"}, "repeat"),
        ({"repeat": ""}, "repeat"),
        ({"repeat": "hour", "minute": "60"}, "minute"),
        ({"repeat": "hour", "minute": ""}, "minute"),
        ({"repeat": "day", "at": ""}, "at"),
        ({"repeat": "day", "at": "25:00"}, "at"),
        ({"repeat": "week", "at": "09:00", "weekday": "7"}, "weekday"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(
    head_office: Client, task: PeriodicTask, given: dict[str, str], field: str
) -> None:
    assert list(errors(save(head_office, task, **given))) == [field]
    assert task.cron == "0 */6 * * *"


def test_what_is_not_asked_for_is_not_checked(head_office: Client, task: PeriodicTask) -> None:
    save(head_office, task, repeat="minute", minute="99", at="late", weekday="9", cron="whenever")
    assert task.cron == "* * * * *"


def test_the_name_stays(head_office: Client, task: PeriodicTask) -> None:
    save(head_office, task, name="Other")
    assert task.name == "Low stock check"


def test_no_task_is_added_or_deleted(head_office: Client, task: PeriodicTask) -> None:
    for address in (reverse("periodic_tasks:add"), reverse("periodic_tasks:delete", args=[task.pk])):
        assert head_office.get(address).status_code == 302
        head_office.post(address, {"name": "New", "cron": "* * * * *", "timezone": "UTC"})
    assert PeriodicTask.objects.get() == task


@time_machine.travel(NOW, tick=False)
def test_the_page_of_a_task_shows_its_runs(head_office: Client, task: PeriodicTask) -> None:
    other = PeriodicTask.objects.create(name="Other", cron="* * * * *", timezone="UTC", last_slot=NOW)
    run(task, hours=6, result="2 warnings")
    run(task, hours=12, state="failed", error="KeyError: 'x'", attempts=3)
    run(task, hours=18, state="skipped", attempts=0)
    run(other, hours=3, result="not of this one")
    page = head_office.get(reverse("periodic_tasks:runs", args=[task.pk])).content.decode()
    for shown in ("2 warnings", "KeyError: &#x27;x&#x27;", "skipped", "Tue 24 Nov 08:00", "Tue 24 Nov 18:00"):
        assert shown in page
    assert "not of this one" not in page
    assert "It is skipped, and recorded as skipped." in page


def test_the_runs_are_filtered_by_state(head_office: Client, task: PeriodicTask) -> None:
    run(task, hours=6, result="2 warnings")
    run(task, hours=12, state="failed", error="KeyError")
    for name in ("runs", "runs_results"):
        response = head_office.get(reverse(f"periodic_tasks:{name}", args=[task.pk]), {"state": "failed"})
        page = response.content.decode()
        assert "KeyError" in page
        assert "2 warnings" not in page


def test_a_task_without_code_says_so_and_cannot_be_run(head_office: Client, task: PeriodicTask) -> None:
    PeriodicTask.objects.update(name="Long gone")
    page = head_office.get(reverse("periodic_tasks:runs", args=[task.pk]), follow=True).content.decode()
    assert "This task no longer exists." in page
    assert "Run now" not in page
    head_office.post(reverse("periodic_tasks:run", args=[task.pk]))
    assert not PeriodicRun.objects.exists()


def test_run_now_runs_it_once_however_often_it_is_pressed(head_office: Client, task: PeriodicTask) -> None:
    address = reverse("periodic_tasks:run", args=[task.pk])
    first = head_office.post(address, follow=True).content.decode()
    second = head_office.post(address, follow=True).content.decode()
    assert "“Low stock check” is about to run. Load this page again" in first
    assert "“Low stock check” is already about to run." in second
    assert PeriodicRun.objects.count() == 1
    while run_next(now=timezone.now()):
        pass
    assert "looked at" in head_office.get(reverse("periodic_tasks:index")).content.decode()
    assert PeriodicRun.objects.get().attempts == 1


def test_run_now_goes_back_to_where_the_button_stood_and_nowhere_else(
    head_office: Client, task: PeriodicTask
) -> None:
    address, page = (reverse(f"periodic_tasks:{name}", args=[task.pk]) for name in ("run", "runs"))
    assert head_office.post(address, {"next": page})["Location"] == page
    for elsewhere in ("https://example.org/", "//example.org", "javascript:alert(1)"):
        response = head_office.post(address, {"next": elsewhere})
        assert response["Location"] == reverse("periodic_tasks:index")


def test_a_link_alone_runs_nothing(head_office: Client, task: PeriodicTask) -> None:
    assert head_office.get(reverse("periodic_tasks:run", args=[task.pk])).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(UserFactory(is_superuser=True))
    assert strict.post(reverse("periodic_tasks:run", args=[task.pk])).status_code == 403
    assert not PeriodicRun.objects.exists()


def test_the_walk_covers_every_address() -> None:
    assert {pattern.name for pattern in PeriodicTaskViewSet().get_urlpatterns()} == {
        "index", "index_results", "add", "edit", "delete", "history", "history_results", "usage",
        "runs", "runs_results", "run",
    }  # fmt: skip


@pytest.mark.parametrize("pattern", PeriodicTaskViewSet().get_urlpatterns(), ids=lambda pattern: pattern.name)
def test_all_but_head_office_are_kept_out(
    nurse: Client, patient_user: User, task: PeriodicTask, pattern: object
) -> None:
    args = [task.pk] if pattern.pattern.converters else []
    address = reverse(f"periodic_tasks:{pattern.name}", args=args)
    manager, patient = Client(), Client()
    manager.force_login(StaffRoleFactory(role="manager").user)
    patient.force_login(patient_user)
    for client in (nurse, manager, patient, Client()):
        assert client.get(address).status_code == 302
        assert client.post(address, {"repeat": "minute", "timezone": "UTC"}).status_code == 302
    task.refresh_from_db()
    assert task.cron == "0 */6 * * *"
    assert not PeriodicRun.objects.exists()


def test_staff_read_what_a_task_is_for_in_their_language(
    head_office: Client, task: PeriodicTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periodic, "_declared", {})
    periodic_task("Low stock check", cron="0 9 * * *", label=gettext_lazy("Warn of low stock"))(
        lambda slot: ""
    )
    for page in ("index", "runs", "edit"):
        address = reverse(f"periodic_tasks:{page}", args=[] if page == "index" else [task.pk])
        shown = head_office.get(address, headers={"accept-language": "af"}).content.decode()
        assert "Waarsku oor min voorraad" in shown
        assert "Low stock check" not in shown
    response = head_office.post(reverse("periodic_tasks:run", args=[task.pk]), follow=True)
    assert "“Warn of low stock” is about to run." in response.content.decode()
    assert PeriodicRun.objects.get().task.name == "Low stock check"
