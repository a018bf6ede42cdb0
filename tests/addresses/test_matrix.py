"""Every address of the site, those that packages bring included, for eight kinds of people and with every verb.

tests/addresses/table.py says who gets in. Whoever doesn't is sent to sign in, refused, or told that there is nothing;
they change nothing, and who is from elsewhere reads no word of the clinic's. Forms are sent as their pages fill them
in.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from tests.addresses.forms import forms_of
from tests.addresses.routes import Address
from tests.addresses.table import BY_LINK, ELSEWHERE, HEAD_OFFICE, ROLES, classified, names
from tests.addresses.visitor import Answer, Visitor
from tests.addresses.world import OURS

WHO = dict(classified())
PARTS = 8
"""Of the addresses, so that they are shared by those who run the tests."""
ODD = ("OPTIONS", "PUT", "PATCH", "DELETE")
NOT_THERE = 405
ON_PURPOSE = {"wagtailadmin_error_test": 500, "health:ready": 503}
"""Wagtail's page that breaks, which shows what such a page looks like; and nobody consumes the queue in a test."""


def test_each_address_is_in_the_table_once(every_address: list[Address]) -> None:
    unknown = sorted({each.name for each in every_address} - WHO.keys())
    assert not unknown, f"say in tests/addresses/table.py who gets in: {' '.join(unknown)}"
    assert sorted(WHO.keys() - {each.name for each in every_address}) == [], "there is no such address"
    assert [name for name, times in Counter(name for name, _who in classified()).items() if times > 1] == []


@pytest.mark.parametrize("part", range(PARTS))
def test_who_gets_in(every_address: list[Address], visitors: dict[str, Visitor], part: int) -> None:
    count = len(every_address)
    mine = every_address[part * count // PARTS : (part + 1) * count // PARTS]
    pages = {
        address: {name: visitor.asks("GET", address.path) for name, visitor in visitors.items()}
        for address in mine
    }
    forms = forms_by_path(pages)
    faults = [
        f"{address}: {fault}"
        for address in mine
        for fault in faults_of(address, visitors, pages[address], forms.get(address.path, {}))
    ]
    assert not faults, "\n".join(faults)


def one_who_may(address: Address) -> str:
    """The one who may do most, of those who get in; an empty string if nobody does."""
    who = WHO.get(address.name, set())
    return next((role for role in (HEAD_OFFICE, *ROLES) if role in who), "")


def forms_by_path(pages: Mapping[Address, Mapping[str, Answer]]) -> dict[str, dict[str, list[str]]]:
    """What the one who may do most would send to each, as the pages among these have it."""
    forms: dict[str, dict[str, list[str]]] = {}
    for address, answers in pages.items():
        if role := one_who_may(address):
            for form in forms_of(answers[role], address.path):
                if form.method == "POST":
                    forms.setdefault(form.path, form.values)
    return forms


def faults_of(
    address: Address,
    visitors: Mapping[str, Visitor],
    pages: Mapping[str, Answer],
    form: dict[str, list[str]],
) -> Iterator[str]:
    """An odd verb that the one who may do most is told isn't there is asked by nobody else."""
    first = one_who_may(address)
    odd = {verb: visitors[first].asks(verb, address.path) for verb in ODD} if first else {}
    there = [verb for verb in ODD if verb not in odd or odd[verb].status != NOT_THERE]
    for name, visitor in visitors.items():
        answers = {"GET": pages[name], "POST": visitor.asks("POST", address.path, form)}
        if name == first:
            answers |= odd
        elif name not in WHO.get(address.name, set()) or address.path.startswith("/api/"):
            answers |= {verb: visitor.asks(verb, address.path) for verb in there}
        yield from faults_in(address, name, answers)


def faults_in(address: Address, name: str, answers: Mapping[str, Answer]) -> Iterator[str]:
    may = name in WHO.get(address.name, set())
    got_in = False
    for verb, answer in answers.items():
        said = f"{verb} by {name}: {answer.status} {answer.leads_to}"
        if answer.status >= 500 and ON_PURPOSE.get(address.name) != answer.status:
            yield said
        if name in ELSEWHERE and address.name not in LINKS and OURS.encode() in answer.content:
            yield f"{said} and shows what isn't theirs"
        # Which verbs there are is no secret.
        is_in = not is_refused(answer) and answer.status != NOT_THERE and verb != "OPTIONS"
        got_in |= is_in
        if not may and (is_in or answer.changed):
            yield f"{said} {answer.changed}"
    if may and not got_in:
        yield f"not for {name}: {answers['GET'].status} {answers['GET'].leads_to}"


LINKS = {"notifications:answer", *names(BY_LINK)}


def is_refused(answer: Answer) -> bool:
    """Also where Wagtail sends staff back to its first page, and the site whoever isn't signed in to the sign-in."""
    if answer.status in (301, 302):
        return answer.leads_to in ("/admin/", "/admin/login/") or answer.leads_to.endswith("/accounts/login/")
    return answer.status in (401, 403, 404)
