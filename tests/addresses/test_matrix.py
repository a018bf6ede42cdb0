"""Every address of the site, those that packages bring included, for eight kinds of people and with every verb.

tests/addresses/table.py says who gets in. Whoever doesn't is sent to sign in, refused, or told that there is nothing;
they change nothing, and who is from elsewhere reads no word of the clinic's. Forms are
sent as their pages fill them in.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

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
    forms = forms_by_path(mine, visitors)
    faults = [
        f"{address}: {fault}"
        for address in mine
        for visitor in visitors.values()
        for fault in faults_of(address, visitor, forms.get(address.path, {}))
    ]
    assert not faults, "\n".join(faults)


def forms_by_path(some: Sequence[Address], visitors: dict[str, Visitor]) -> dict[str, dict[str, list[str]]]:
    """What the one who may do most would send to each, as the pages among these have it."""
    forms: dict[str, dict[str, list[str]]] = {}
    for address in some:
        who = WHO.get(address.name, set())
        if visitor := next((visitors[role] for role in (HEAD_OFFICE, *ROLES) if role in who), None):
            for form in forms_of(visitor.asks("GET", address.path), address.path):
                if form.method == "POST":
                    forms.setdefault(form.path, form.values)
    return forms


def faults_of(address: Address, visitor: Visitor, form: dict[str, list[str]]) -> Iterator[str]:
    may = visitor.name in WHO.get(address.name, set())
    everything = not may or visitor.name == HEAD_OFFICE or address.path.startswith("/api/")
    got_in = False
    for verb in ("GET", "POST", *(ODD if everything else ())):
        answer = visitor.asks(verb, address.path, form)
        said = f"{verb} by {visitor.name}: {answer.status} {answer.leads_to}"
        if answer.status >= 500 and ON_PURPOSE.get(address.name) != answer.status:
            yield said
        if visitor.name in ELSEWHERE and address.name not in LINKS and OURS.encode() in answer.content:
            yield f"{said} and shows what isn't theirs"
        # Which verbs there are is no secret.
        is_in = not is_refused(answer) and answer.status != 405 and verb != "OPTIONS"
        got_in |= is_in
        if not may and (is_in or visitor.changed):
            yield f"{said} {visitor.changed}"
    if may and not got_in:
        yield f"not for {visitor.name}: {answer.status} {answer.leads_to}"


LINKS = {"notifications:answer", *names(BY_LINK)}


def is_refused(answer: Answer) -> bool:
    """Also where Wagtail sends staff back to its first page, and the site whoever isn't signed in to the sign-in."""
    if answer.status in (301, 302):
        return answer.leads_to in ("/admin/", "/admin/login/") or answer.leads_to.endswith("/accounts/login/")
    return answer.status in (401, 403, 404)
