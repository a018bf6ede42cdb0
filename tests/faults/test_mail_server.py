"""A mail server that refuses, puts off, hangs and hangs up, for one address or for all."""

from collections import Counter
from datetime import timedelta

import pytest

from notifications.models import Delivery
from tests.faults.cast import ids, mail_is_sent, people, the_minute_comes, told, with_a_dose
from tests.faults.smtp_server import HANGS, HANGS_UP, SmtpServer, addresses
from tests.faults.stack import Site, wait_until

FOR_GOOD = {
    ("RCPT", "550 No such person"): "The address was refused: 550 No such person",
    ("DATA", "554 We don't like it"): "The mail server refused: 554 We don't like it",
}
FOR_NOW = [
    ("RCPT", "421 Going home"),
    ("RCPT", "452 Mailbox full"),
    ("DATA", "421 Going home"),
    ("DATA", "451 Come again later"),
    ("DATA", HANGS),
    ("DATA", HANGS_UP),
]


def test_whom_the_server_does_not_take_holds_up_nobody_and_only_what_may_change_is_tried_again(
    site: Site, smtp_server: SmtpServer
) -> None:
    faults = [*FOR_GOOD, *FOR_NOW]
    users = people(len(faults) + 8)
    bad, good = users[: len(faults)], users[len(faults) :]
    fault_of = {str(user.email): fault for user, fault in zip(bad, faults, strict=True)}
    tries: Counter[str] = Counter()

    def says(step: str, address: str) -> str | None:
        tries[address] += step == "RCPT"
        at_step, answer = fault_of.get(address, ("", ""))
        return answer if step == at_step else None

    smtp_server.says = says
    # In the midst of the batch, not at its end.
    with_a_dose([*good[:4], *bad, *good[4:]], ago=timedelta(minutes=1))
    the_minute_comes()

    site.start_consumer(timeout=0.5)

    wait_until(
        lambda: Delivery.objects.filter(failures__gte=2).count() == len(FOR_NOW),
        what="what may change is tried again",
    )
    assert smtp_server.addressees() == addresses(good)
    failed = dict(Delivery.objects.filter(state=Delivery.State.FAILED).values_list("address", "error"))
    assert failed == {address: FOR_GOOD[fault] for address, fault in fault_of.items() if fault in FOR_GOOD}

    for address, fault in list(fault_of.items()):
        if fault in FOR_NOW:
            del fault_of[address]
    wait_until(
        lambda: Delivery.objects.filter(state=Delivery.State.SENT).count() == len(FOR_NOW) + len(good),
        what="all others are sent",
    )
    in_the_end = [user for user in users if user.email not in failed]
    assert smtp_server.addressees() == addresses(in_the_end)
    assert smtp_server.copies() == []
    assert {tries[address] for address in [*failed, *(str(user.email) for user in good)]} == {1}
    assert told() == ids(users)


@pytest.mark.parametrize("answer", ["421 Too busy", HANGS_UP])
def test_a_server_that_turns_everybody_away_gets_all_mail_when_it_has_time(
    site: Site, smtp_server: SmtpServer, answer: str
) -> None:
    users = people(3)
    smtp_server.says = lambda step, address: answer
    with_a_dose(users, ago=timedelta(minutes=1))
    the_minute_comes()
    site.start_consumer()
    wait_until(lambda: Delivery.objects.filter(failures__gte=2).count() == 3, what="each is tried again")
    assert told() == ids(users)

    smtp_server.says = None

    wait_until(lambda: mail_is_sent(3), what="the mail is sent")
    assert smtp_server.addressees() == addresses(users)
    assert smtp_server.copies() == []
