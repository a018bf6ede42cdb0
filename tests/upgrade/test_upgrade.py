"""A site that was left in the middle of its work comes up again with the newest code, and goes on where it was.

The database is one that commit e3c1047 made, the last before the rooms, names and reasons of the code were changed:
the demo, and a thousand messages in every state (tests/upgrade/make.py). Here its tables are made and filled on the
database that this run is on, and migrated to today's. So each migration since is tried on rows of every kind, and what
is written in them (states, reasons, errors, keys) must still mean what it meant.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from huey.contrib.djhuey import HUEY

from home.models import Consent
from medications.models import StockMovement
from medications.selectors.ledger import unbalanced
from medications.services.stock_warnings import send_low_stock_warnings
from notifications.models import EventRecord
from notifications.scheduler import NotificationScheduler
from tests.upgrade import today
from tests.upgrade.before import Before, counts
from tests.upgrade.conftest import LATER

pytestmark = pytest.mark.usefixtures("site")

MAY_GROW = {
    *("django_migrations", "django_content_type", "auth_permission", "auth_group"),
    *("wagtailcore_workflow", "wagtailcore_workflowtask", "wagtailcore_task"),
}
"""What `migrate` itself adds to: migrations, what new models bring, groups, and how announcements are approved."""
MAY_CHANGE = {"auth_group_permissions"}
"""What it gives to groups, and takes from them."""
PATIENTS_PAGES = (
    "/inbox/",
    "/inbox/?status=all",
    "/today/",
    "/medicines/",
    "/vaccinations/",
    "/events/",
    "/preferences/",
)
UNFINISHED = {"pending", "retry", "sending"}
KEY = re.compile(r"medguard-(\d+)")


def signed_in(email: str) -> Client:
    client = Client()
    client.force_login(get_user_model()._default_manager.get(email=email))
    return client


def text_of(client: Client, address: str) -> str:
    """What a page says, in one line."""
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def run(name: str, **options: Any) -> str:
    output = StringIO()
    call_command(name, stdout=output, **options)
    return output.getvalue()


def consume() -> None:
    """All that a consumer does in its first minute, one task after the other."""
    autodiscover_modules("tasks")
    for periodic in HUEY.read_periodic(_queue_time()):
        HUEY.enqueue(periodic)
    while True:
        for later in HUEY.read_schedule(_queue_time() + timedelta(seconds=5)):
            HUEY.enqueue(later)
        task = HUEY.dequeue()
        if task is None:
            return
        HUEY.execute(task)


def _queue_time() -> Any:
    return timezone.now().replace(tzinfo=None)


def sent_keys() -> Counter[int]:
    """How often each delivery, or the first of those that went as one, was handed to the mail server or a provider."""
    names = [message.extra_headers["Message-ID"] for message in mail.outbox]
    names += [file.name for file in Path(settings.SMS_FILE_PATH).glob("*.txt")]
    return Counter(int(match[1]) for name in names if (match := KEY.search(name)))


def emails(old: Before) -> dict[int, str]:
    return {row["id"]: row["email"] or "" for row in old.rows("home_user")}


def deliveries(old: Before, **filters: Any) -> list[dict[str, Any]]:
    """The old deliveries, each with its `message` and the e-mail address of its `reader`."""
    messages, readers = old.by_id("notifications_notification"), emails(old)
    found = []
    for row in old.rows("notifications_delivery"):
        if all(row[name] == value for name, value in filters.items()):
            message = messages[row["notification_id"]]
            found.append(row | {"message": message, "reader": readers[message["recipient_id"]]})
    return found


def titled(rows: Iterable[dict[str, Any]], *titles: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["message"]["title"].startswith(titles)]


def unfinished_work(old: Before) -> list[dict[str, Any]]:
    """What a consumer has to send now: due, in nobody's hands, and wanted."""
    now = str((old.now + LATER).replace(tzinfo=None))
    return [
        row
        for row in deliveries(old, finished_at=None)
        if row["due_at"] <= now
        and (row["lease_until"] or "") <= now
        and row["crashes"] < 2
        and row["message"]["title"] not in ("Not wanted", "Too late")
    ]


def keys_of(rows: list[dict[str, Any]]) -> set[int]:
    """The name that each went by, or will: that of the first, where several go as one."""
    held: dict[tuple[str, str], int] = {}
    keys = set()
    for row in rows:
        fresh = row["priority"] == 4 and row["bundle"] is None
        keys.add(
            held.setdefault((row["reader"], row["channel"]), row["id"])
            if fresh
            else row["bundle"] or row["id"]
        )
    return keys


def test_nothing_is_lost(old: Before) -> None:
    tables = {today.TABLES.get(name, name): len(content["rows"]) for name, content in old.tables.items()}
    # One periodic task is a part of the sweep by now, and one of what deletes all that is old.
    gone = {"SMS received", "Old invitations"}
    tasks = [row["id"] for row in old.rows("notifications_periodictask") if row["name"] in gone]
    tables["notifications_periodictask"] -= len(tasks)
    tables["notifications_periodicrun"] -= sum(
        row["task_id"] in tasks for row in old.rows("notifications_periodicrun")
    )
    assert len(tasks) == len(gone)
    found = counts(list(tables))
    may_differ = MAY_GROW | MAY_CHANGE
    assert {name: found[name] for name in tables.keys() - may_differ} == {
        name: count for name, count in tables.items() if name not in may_differ
    }
    assert all(found[name] >= tables[name] for name in MAY_GROW)


def test_who_was_reached_has_a_consent_that_staff_are_to_confirm(old: Before) -> None:
    switched = {row["user_id"]: row for row in old.rows("notifications_notificationpreferences")}
    devices = {row["user_id"] for row in old.rows("notifications_pushsubscription")}
    people, expected = old.by_id("home_user"), set()
    for role in old.rows("home_carerole"):
        id_, person = role["user_id"], people[role["user_id"]]
        has = {"email": bool(person["email"]), "sms": bool(person["phone"]), "push": id_ in devices}
        on = {name for name in has if has[name] and (id_ not in switched or switched[id_][f"{name}_enabled"])}
        expected |= {(id_, None, purpose) for purpose in {"reminders", *on}}
        if role["relation"] == "carer":
            expected.add((None, role["patient_id"], "carers"))
    rows = list(Consent.objects.all())
    assert {(row.user_id, row.patient_id, row.purpose) for row in rows} == expected
    assert {(row.how, row.version, row.stands) for row in rows} == {("before", 0, True)}
    assert Client().get("/admin/consents/?state=to_confirm").status_code == 302
    assert f"{len(rows)} matches" in text_of(
        signed_in("admin@demo.medguard.test"), "/admin/consents/?state=to_confirm"
    )


def test_stock_is_the_sum_of_its_movements(old: Before) -> None:
    """Each movement is of a kind that is known today, and who was warned of a run-out is not warned of it again."""
    before = {(row["id"], today.KINDS[row["reason"]]) for row in old.rows("medications_stockmovement")}
    assert set(StockMovement.objects.values_list("id", "kind")) == before
    assert unbalanced() == {}
    warned = EventRecord.objects.filter(event_type="medication.low_stock")
    keys = set(warned.values_list("dedupe_key", flat=True))
    send_low_stock_warnings(now=timezone.now())
    again = warned.exclude(dedupe_key__in=keys).values_list("dedupe_key", flat=True)
    assert not [key for key in again if ":" in key]


@pytest.mark.parametrize(
    "reader", ["thandi@demo.medguard.test", "pieter@demo.medguard.test", "ward01@clinic.example"]
)
def test_a_patients_pages_are_served(reader: str) -> None:
    client = signed_in(reader)
    for page in PATIENTS_PAGES:
        for language in ("en", "af"):
            assert client.get(f"/{language}{page}").status_code == 200, page


def test_an_inbox_shows_what_it_did(old: Before) -> None:
    reader = next(id_ for id_, email in emails(old).items() if email == "thandi@demo.medguard.test")
    rows = [row for row in old.rows("notifications_notification") if row["recipient_id"] == reader]
    shown = [
        row
        for row in rows
        if row["scheduled_status"] == "sent" and row["in_inbox"] and not row["dismissed_at"]
    ]
    newest = max(shown, key=lambda row: (row["sent_at"], row["id"]))
    assert newest["title"] in text_of(signed_in("thandi@demo.medguard.test"), "/en/inbox/")


def test_messages_of_every_kind_and_outcome_can_be_opened(old: Before) -> None:
    """Of each one; the rest differs by nothing that a page shows."""
    seen: set[Any] = set()
    readers, by_message = (
        emails(old),
        {row["notification_id"]: row for row in old.rows("notifications_delivery")},
    )
    for row in old.rows("notifications_notification"):
        delivery = by_message.get(row["id"], {})
        kinds = {row["event_type"], (delivery.get("channel"), delivery.get("state"))}
        reader = readers[row["recipient_id"]]
        if row["scheduled_status"] != "sent" or not row["in_inbox"] or kinds <= seen or "@" not in reader:
            continue
        if reader.startswith("gone"):
            continue
        seen |= kinds
        assert row["title"] in text_of(signed_in(reader), f"/en/inbox/{row['id']}/")
    assert len(seen) > 30


@pytest.mark.parametrize("reader", ["sister", "manager", "admin"])
def test_staffs_pages_are_served(reader: str) -> None:
    """The lists of publications name no clinic: they are for head office, and send others back to the start."""
    client = signed_in(f"{reader}@demo.medguard.test")
    assert client.get("/admin/").status_code == 200
    for name, page in today.REPORTS.items():
        expected = 302 if name.endswith("publications") and reader != "admin" else 200
        assert client.get(page).status_code == expected, name


def test_each_reason_is_told_in_words(old: Before) -> None:
    """To whoever reads the message, and to staff."""
    decided = [
        row for row in old.rows("notifications_notification") if row["title"].startswith("Decided for ")
    ]
    reader, staff = signed_in("ward01@clinic.example"), signed_in("admin@demo.medguard.test")
    told = set()
    for row in decided:
        channel, reason = row["title"].removeprefix("Decided for ").split(": ")
        name = reason if reason in today.REASONS else f"{reason}, {channel}"
        for_reader, for_staff = today.REASONS[name]
        told.add(name)
        page = text_of(reader, f"/en/inbox/{row['id']}/")
        assert re.search(for_reader, page.partition("Why did I get this?")[2]), row["title"]
        page = text_of(staff, f"{today.REPORTS['messages']}{row['id']}/")
        assert for_staff in page.partition("Why each channel was or was not used")[2], row["title"]
    assert told == today.REASONS.keys()


def test_each_error_is_told_in_words(old: Before) -> None:
    """Staff are told what happened, the reader what became of it."""
    reader, staff = signed_in("ward02@clinic.example"), signed_in("admin@demo.medguard.test")
    failed = titled(deliveries(old), "Not out by ")
    for row in failed:
        told = (
            (row["error"], today.WHAT_A_PROVIDER_SAID)
            if row["state"] == "failed"
            else ("", "no longer needed")
        )
        for_staff, for_reader = today.ERRORS.get(row["error"], told)
        id_ = row["message"]["id"]
        assert (
            for_staff
            in text_of(staff, f"{today.REPORTS['messages']}{id_}/").partition("Outside the inbox")[2]
        )
        assert for_reader in text_of(reader, f"/en/inbox/{id_}/"), row["error"]
    assert {row["error"] for row in failed} >= today.ERRORS.keys()


def test_lists_say_why_what_failed_did(old: Before) -> None:
    staff = signed_in("admin@demo.medguard.test")
    assert "550 5.1.1 No such user here" in text_of(staff, f"{today.REPORTS['undelivered']}?p=1")
    assert "RuntimeError: no template" in text_of(
        staff, f"{today.REPORTS['scheduled']}?scheduled_status=failed"
    )
    assert "Clinic matching query does not exist" in text_of(staff, today.REPORTS["failed publications"])
    assert "Closed on Friday" in text_of(staff, today.REPORTS["planned publications"])
    addresses = text_of(staff, today.REPORTS["addresses"])
    assert "bounced@clinic.example" in addresses and "complained@clinic.example" in addresses
    assert "ward01@clinic.example" not in addresses  # cleared since
    conversations = text_of(staff, today.REPORTS["SMS received"])
    for row in old.rows("notifications_inboundsms"):
        assert all(text in conversations for text in (row["text"], row["answer"], row["error"]))


def test_what_waited_is_sent_once(old: Before) -> None:
    """And so is what is to be tried again, and what a worker died with; nothing else of before is."""
    work = unfinished_work(old)
    assert {(row["channel"], row["state"]) for row in work} == {
        (channel, state) for channel in ("email", "sms") for state in UNFINISHED
    }
    consume()
    last = max(old.by_id("notifications_delivery"))
    assert {key: count for key, count in sent_keys().items() if key <= last} == dict.fromkeys(
        keys_of(work), 1
    )
    found = today.rows("notifications_delivery", "state", "sent_at", of=work)
    assert all(state == "sent" and sent_at > old.now for state, sent_at in found.values())
    consume()
    assert {key: count for key, count in sent_keys().items() if key <= last} == dict.fromkeys(
        keys_of(work), 1
    )


def test_what_is_not_to_be_sent_stays_as_it_is(old: Before) -> None:
    rows = [row for row in deliveries(old) if row["finished_at"]]
    rows += titled(deliveries(old), "For later", "Held for later", "In hand")
    rows = [row for row in rows if row["message"]["title"] != "In hand when its worker died"]
    fields = (
        "state",
        "priority",
        "attempts",
        "failures",
        "due_at",
        "sent_at",
        "delivered_at",
        "address",
        "provider_id",
    )
    before = today.rows("notifications_delivery", *fields, of=rows)
    consume()
    assert today.rows("notifications_delivery", *fields, of=rows) == before
    assert {id_: row[0] for id_, row in before.items()} == {row["id"]: row["state"] for row in rows}


def test_what_nobody_wants_any_more_is_not_sent(old: Before) -> None:
    """What was set, chosen or reported before holds: switches, pauses, quiet hours, addresses that fail."""
    rows = titled(deliveries(old), "Not wanted", "Too late")
    consume()
    found = today.rows("notifications_delivery", "state", "sent_at", of=rows)
    states = {row["reader"].partition("@")[0]: found[row["id"]] for row in titled(rows, "Not wanted")}
    withheld = {"off", "paused", "bounced", "complained", "unverified", "gone", "unsubscribed"}
    assert states == dict.fromkeys(withheld, ("cancelled", None)) | {"quiet": ("pending", None)}
    assert [found[row["id"]] for row in titled(rows, "Too late")] == [("expired", None)]


def test_what_killed_its_workers_is_given_up(old: Before) -> None:
    rows = titled(deliveries(old), "It kills")
    consume()
    assert set(today.rows("notifications_delivery", "state", of=rows).values()) == {("failed",)}
    page = text_of(
        signed_in("admin@demo.medguard.test"), f"{today.REPORTS['messages']}{rows[0]['message']['id']}/"
    )
    assert today.ERRORS["It stopped its worker 3 times and was given up."][0] in page


def test_commands_send_what_was_written_beforehand(old: Before) -> None:
    messages = old.rows("notifications_notification")
    now = str((old.now + LATER).replace(tzinfo=None))
    waiting = [row for row in messages if row["scheduled_status"] == "pending"]
    due = [row["id"] for row in waiting if row["scheduled_at"] <= now]
    assert len(due) > 30
    run("process_scheduled_notifications")
    scheduler = NotificationScheduler()
    assert all(_status(scheduler, id_) == "sent" for id_ in due)
    failed = {row["id"]: row["failures"] for row in messages if row["scheduled_status"] == "failed"}
    run("retry_failed_notifications")
    consume()
    assert {failures: _status(scheduler, id_) for id_, failures in failed.items()} == {
        1: "sent",
        2: "sent",
        3: "failed",
    }
    others = [row for row in messages if row["id"] not in {*due, *failed}]
    assert all(_status(scheduler, row["id"]) == row["scheduled_status"] for row in others)
    told = {*due, *(id_ for id_, failures in failed.items() if failures < 3)}
    outside = today.rows("notifications_delivery", "notification_id", "channel", "state")
    outside = {id_: row for id_, row in outside.items() if row[0] in told}
    assert Counter(outside.values()) == Counter((id_, "email", "sent") for id_ in told)
    assert {id_: sent_keys()[id_] for id_ in outside} == dict.fromkeys(outside, 1)


def _status(scheduler: NotificationScheduler, id_: int) -> str:
    status = scheduler.get_schedule_status(notification_id=id_)
    assert status is not None
    return str(status["scheduled_status"])


def test_staff_try_again_what_had_failed(old: Before) -> None:
    rows = {row["message"]["title"]: row for row in deliveries(old, channel="email", state="failed")}
    refused = next(row for title, row in rows.items() if "550 5.1.1" in title)
    # These were sent by programs that said of nobody's treatment, so they are of no clinic.
    nurse, head_office = signed_in("sister@demo.medguard.test"), signed_in("admin@demo.medguard.test")
    tried = [refused, rows["Wiped"], rows["Over"]]
    for row in tried:
        assert nurse.post(f"{today.REPORTS['undelivered']}{row['id']}/retry/").status_code == 404
        head_office.post(f"{today.REPORTS['undelivered']}{row['id']}/retry/")
    consume()
    assert sent_keys()[refused["id"]] == 1
    found = today.rows("notifications_delivery", "state", of=tried)
    assert [found[row["id"]] for row in tried] == [("sent",), ("failed",), ("failed",)]


def test_messages_of_before_belong_to_the_clinic_that_they_are_about(old: Before) -> None:
    """Those about a treatment, an event or a shelf, and what staff scheduled; nothing is guessed of the others."""
    clinics = {row["id"]: row["clinic_id"] for row in old.rows("home_patient")}
    prescriptions = {row["id"]: row["patient_id"] for row in old.rows("medications_prescription")}
    about = {
        "dose": old.by_id("medications_dose"),
        "vaccinationrecord": old.by_id("medications_vaccinationrecord"),
        "prescription": {id_: {"patient_id": patient_id} for id_, patient_id in prescriptions.items()},
    }
    found = today.rows("notifications_notification", "scope_id", "subject_id")
    named, nobodys = 0, 0
    for row in old.rows("notifications_notification"):
        scope_id, subject_id = found[row["id"]]
        thing = about.get(row["related_object_type"], {}).get(row["related_object_id"])
        if thing and "." in row["event_type"]:
            assert (scope_id, subject_id) == (clinics[thing["patient_id"]], thing["patient_id"])
            named += 1
        elif row["related_object_type"] == "clinicevent":
            assert scope_id is not None
            assert subject_id is None
        elif row["event_type"] == "system":
            nobodys += scope_id is None
    assert named
    assert nobodys


def test_words_and_medicines_of_before_are_head_offices_and_a_manager_writes_her_own(old: Before) -> None:
    """Nobody loses a text; nurses no longer change what all clinics read."""
    [template] = old.rows("notifications_notificationtemplate")
    texts = [name for name in template if name.endswith(("_en", "_af"))]
    for table, columns in (
        ("notifications_notificationtemplate", ["scope_id", *texts]),
        ("medications_medicine", ["clinic", "name_en", "name_af", "strength", "form"]),
    ):
        found = today.rows(table, *columns)
        assert found == {
            row["id"]: (None, *(row[column] for column in columns[1:])) for row in old.rows(table)
        }
    manager = signed_in("manager@demo.medguard.test")
    assert "Edited: time for your medicine" in manager.get(today.TEXTS).content.decode()
    add = f"{today.TEXTS}add/?event_type=medication.dose_due&scope_id={today.clinic_of('manager')}"
    assert (
        manager.get(add).context["form"]["title_en"].value() == "Edited: time for your medicine at {{ time }}"
    )
    nurse = signed_in("sister@demo.medguard.test")
    assert nurse.get(today.TEXTS).status_code == 200
    for page in (add, "/admin/medicines/new/"):
        assert nurse.get(page).status_code == 302
        assert manager.get(page).status_code == 200


def test_what_was_published_reaches_its_people(old: Before) -> None:
    records = old.rows("notifications_eventrecord")
    waiting = [row for row in records if row["dedupe_key"] in ("before-0", "before-1", "before-2")]
    consume()
    found = today.rows("notifications_eventrecord", "state", "recipients")
    assert {found[row["id"]] for row in waiting} == {("processed", 1)}
    ends = {
        "before-later": "pending",
        "before-deadly": "failed",
        "before-cancelled": "cancelled",
        "before-failed": "failed",
    }
    assert {row["dedupe_key"]: found[row["id"]][0] for row in records if row["dedupe_key"] in ends} == ends
    failed = next(row["id"] for row in records if row["dedupe_key"] == "before-failed")
    signed_in("admin@demo.medguard.test").post(f"{today.REPORTS['failed publications']}{failed}/retry/")
    consume()
    assert today.rows("notifications_eventrecord", "state", "recipients")[failed] == ("processed", 1)
    published = [(failed,), *((row["id"],) for row in waiting)]
    told = today.rows("notifications_notification", "event_record_id").values()
    assert Counter(row for row in told if row in published) == Counter(published)


def test_all_other_work_is_finished_too(old: Before) -> None:
    """Calls of listeners that are gone, slots of periodic tasks, SMS from people."""
    consume()
    assert all(finished for (finished,) in today.rows("notifications_listenercall", "finished_at").values())
    runs = today.rows("notifications_periodicrun", "state", "finished_at")
    # But for those of the periodic task that is a part of the sweep by now.
    old_runs = [row for row in old.rows("notifications_periodicrun") if row["id"] in runs]
    assert all(runs[row["id"]][0] == row["state"] for row in old_runs if row["finished_at"])
    assert all(runs[row["id"]][0] == "done" for row in old_runs if not row["finished_at"])
    received = today.rows("notifications_inboundsms", "state", "made_of", "answer")
    waiting = [row for row in old.rows("notifications_inboundsms") if row["state"] == "pending"]
    assert [received[row["id"]][:2] for row in waiting] == [("done", "stop"), ("done", "unknown_words")]
    answers = [
        file.read_text().partition("\n\n")[2].strip() for file in Path(settings.SMS_FILE_PATH).glob("*.txt")
    ]
    assert all(answers.count(received[row["id"]][2]) == 1 for row in waiting)
    providers = today.rows("notifications_smsprovider", "name", "down_since")
    assert {name for name, down_since in providers.values() if down_since} == {"africastalking"}
