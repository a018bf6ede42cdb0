"""E-mail made, sent and marked, next to a bare SMTP session with the same server and finished mails.

The server (aiosmtpd) is a process of its own, and keeps nothing. All mails go to it by the channel as it is: claimed in
its batches, made from their rows, each written down in PostgreSQL, which waits for its disk, before the next one goes.
The bare session has one mail in its memory and sends it as often, with nothing to write down. `promised` is the same
session with the least that it takes to keep the promise that one mail at most comes twice: one UPDATE of one row, by
its key and committed, before the next mail goes. With more processes, PostgreSQL waits for its disk once for several.
"""

import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.test import override_settings

from notifications.channels.email.channel import EmailChannel, _compose
from notifications.channels.email.content import content
from notifications.models import Delivery
from notifications.pipeline.due import DueDelivery, read
from notifications.pipeline.outgoing import single
from notifications.tasks import settle
from tests.bench import _servers
from tests.bench._outgoing import make_rows, people, rate_of
from tests.bench._result import Goal, Result

GOALS = (
    Goal("of a bare SMTP session, one process", at_least=0.7),
    Goal("e-mails a second, two processes", at_least=20_000, figure=lambda run: run.more["rates"][1]),
)

CHANNEL = "notifications.channels.email.channel.EmailChannel"


@dataclass(frozen=True, slots=True)
class Size:
    """Mails, and how many processes send them."""

    mails: int = 1_000
    processes: tuple[int, ...] = (1, 2, 4)


SMALL = Size(mails=40, processes=(1,))


@override_settings(
    NOTIFICATION_CHANNELS=[CHANNEL],
    EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
    EMAIL_HOST="127.0.0.1",
    EMAIL_USE_TLS=False,
)
def run(size: Size) -> Result:
    """The rates of each number of processes; the ratio is that of one process to one bare session."""
    settle()
    addresses = [(user.pk, str(user.email)) for user in people(size.mails)]
    with _servers.smtp() as port, override_settings(EMAIL_PORT=port):
        make_rows(EmailChannel.name, addresses)
        bare = _bare(port, size.mails, _forget)
        promised = _bare(port, size.mails, _write_down)
        rates = []
        for processes in size.processes:
            make_rows(EmailChannel.name, addresses)
            rates.append(round(rate_of(EmailChannel.name, processes)))
    return Result(
        "mail",
        rows=size.mails,
        rate=rates[0],
        floor_rate=bare,
        more={"processes": size.processes, "rates": rates, "promised": round(promised)},
    )


def _bare(port: int, count: int, after_each: Callable[[int], None]) -> float:
    ids = list(Delivery.objects.values_list("pk", flat=True))
    [row] = read(ids[:1])
    mail = _bytes(row)
    with smtplib.SMTP("127.0.0.1", port) as session:
        session.ehlo()
        begin = time.perf_counter()
        for id_ in ids:
            session.sendmail("clinic@example.org", [row.address], mail)
            after_each(id_)
        return count / (time.perf_counter() - begin)


def _forget(id_: int) -> None:
    """Nothing is written down."""


def _write_down(id_: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET state = 'sent', finished_at = now() WHERE id = %s", [id_]
        )


def _bytes(row: DueDelivery) -> bytes:
    """The very mail that the channel makes of it."""
    return content(_compose(single(row)))
