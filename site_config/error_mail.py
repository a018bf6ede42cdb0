"""Mail to ADMINS about exceptions: without anybody's data, not in anybody's way, and not a thousand times."""

import hashlib
import logging
import queue
import threading
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.core.cache import cache
from django.core.mail import mail_admins

from site_config.failures import failure_in, request_facts
from site_config.tracebacks import kind_of, traceback_of

logger = logging.getLogger(__name__)

QUIET = 600.0
"""Seconds in which an error that was told isn't told again."""
MOST_WAITING = 50
"""Mails that wait while the mail server is slow; the log has what comes on top."""
LAST_MOMENT = 3.0
"""Seconds that a process which ends gives the mails that still wait."""
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Place:
    """What makes two errors the same one: their kind, and the last line of our own code on the way to them."""

    kind: str
    file: str
    line: int

    @property
    def key(self) -> str:
        return f"error-mail:{hashlib.sha256(repr(self).encode()).hexdigest()}"


@dataclass(slots=True)
class Told:
    at: float
    more: int = 0
    """How often it happened since."""


@dataclass(frozen=True, slots=True)
class Mail:
    place: Place
    subject: str
    body: str


class ErrorMailHandler(logging.Handler):
    """Mails the exceptions among the records that it gets, from a thread of its own.

    Each error is told once in QUIET seconds: by all processes together where they share a cache, else by each. Mail
    that can't be sent is dropped with a warning, which is no error and so can't call for another mail.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._told: dict[Place, Told] = {}
        self._waiting: queue.Queue[Mail] = queue.Queue(MOST_WAITING)
        self._sender: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        error = failure_in(record)
        if error is None:
            return
        place = place_of(error)
        last = self._told.get(place)
        if last and time.monotonic() < last.at + QUIET:
            last.more += 1
            return
        try:
            self._waiting.put_nowait(_mail(record, error, place, more=last.more if last else 0))
            self._start()
        except (queue.Full, RuntimeError):
            # The log has it. No thread can be started when a process has too many, or ends.
            return
        self._told[place] = Told(time.monotonic())

    def flush(self) -> None:
        """Wait for the mails under way, but not for long: logging calls this when the process ends."""
        if self._sender is not None and self._sender.is_alive():
            with self._waiting.all_tasks_done:
                self._waiting.all_tasks_done.wait_for(
                    lambda: not self._waiting.unfinished_tasks, timeout=LAST_MOMENT
                )

    def _start(self) -> None:
        # Not before there is a mail: servers fork after their start, and a fork has none of its parent's threads.
        if self._sender is None or not self._sender.is_alive():
            self._sender = threading.Thread(target=self._send, name="error-mail", daemon=True)
            self._sender.start()

    def _send(self) -> None:
        while True:
            mail = self._waiting.get()
            try:
                if cache.add(mail.place.key, True, QUIET):
                    mail_admins(mail.subject, mail.body)
            except Exception as problem:
                logger.warning("An error could not be mailed: %s", kind_of(problem))
            finally:
                self._waiting.task_done()


def place_of(error: BaseException) -> Place:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _is_ours(frame.filename)]
    for frame in reversed(ours or frames):
        return Place(kind_of(error), frame.filename, frame.lineno or 0)
    return Place(kind_of(error), "", 0)  # never raised


def _is_ours(file: str) -> bool:
    path = Path(file)
    return path.is_relative_to(ROOT) and "site-packages" not in path.parts


def _mail(record: logging.LogRecord, error: BaseException, place: Place, *, more: int) -> Mail:
    facts = {
        "error": place.kind,
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "logger": record.name,
        "process": str(record.process),
        **request_facts(),
    }
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    if more:
        lines.append(f"It happened {more} times more since the last mail about it.")
    # Its words stay here: see `failures`.
    lines += [
        "",
        traceback_of(error, quotes=lambda _: False),
        "",
        "More about it is in the log, at that time.",
    ]
    return Mail(place, f"{place.kind} in {Path(place.file).name}, line {place.line}", "\n".join(lines))
