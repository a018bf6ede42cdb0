"""What messages cost, for whoever pays: head office all of it, managers their own clinic's."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from notifications.admin.reports.bars import BOTTOM, TOP, bars
from notifications.models import MessagePrice, Spending
from tests.notifications.admin.clinics import People, signed_in

REPORT = "notification_costs:index"
QUERIES = 23


def spent(scope_id: int, month: date, cost: str, category: str = "system") -> Spending:
    return Spending.objects.create(
        scope_id=scope_id,
        month=month,
        category=category,
        channel="sms",
        messages=10,
        parts=12,
        cost=Decimal(cost),
    )


@pytest.fixture
def _costs(wynberg: People, worcester: People) -> None:
    spent(wynberg.clinic.pk, date(2026, 10, 1), "50")
    spent(wynberg.clinic.pk, date(2026, 11, 1), "100.255")
    spent(worcester.clinic.pk, date(2026, 11, 1), "777")


@pytest.mark.usefixtures("_costs")
def test_managers_see_their_own_clinics_costs_and_nurses_none(wynberg: People) -> None:
    page = signed_in(wynberg.manager).get(reverse(REPORT)).content.decode()
    assert "November 2026" in page and "October 2026" in page and "R100.26" in page
    assert "777" not in page and "Worcester" not in page
    assert signed_in(wynberg.nurse).get(reverse(REPORT)).status_code in (302, 403)


@pytest.mark.usefixtures("_costs")
def test_head_office_sees_all_and_the_months_drawn_with_their_table(head_office: Client) -> None:
    page = head_office.get(reverse(REPORT)).content.decode()
    assert page.count('<rect class="plot__bar"') == 2
    assert "R877.26" in page and "Worcester" in page
    november = head_office.get(reverse(REPORT), {"month": "2026-10-01"}).content.decode()
    assert "777" not in november.partition("listing-results")[2]


@pytest.mark.usefixtures("_costs")
def test_the_list_is_a_file_too(wynberg: People) -> None:
    answer = signed_in(wynberg.manager).get(reverse(REPORT), {"export": "csv"})
    text = b"".join(answer).decode()
    assert "100.26" in text or "100,26" in text
    assert "Worcester" not in text


@pytest.mark.usefixtures("_costs")
@pytest.mark.parametrize("more", [0, 30])
def test_the_page_asks_a_constant_number_of_queries(
    head_office: Client, wynberg: People, more: int, django_assert_max_num_queries: object
) -> None:
    for number in range(more):
        spent(wynberg.clinic.pk, date(2020 + number // 12, number % 12 + 1, 1), "1", "visit")
    head_office.get(reverse(REPORT))
    with django_assert_max_num_queries(QUERIES):
        head_office.get(reverse(REPORT))


@pytest.mark.usefixtures("_costs")
def test_the_budget_of_this_month_stands_above(wynberg: People) -> None:
    wynberg.clinic.message_budget = Decimal(200)
    wynberg.clinic.save()
    with time_machine.travel("2026-11-24T08:00:00Z", tick=False):
        page = signed_in(wynberg.manager).get(reverse(REPORT)).content.decode()
    assert "R100.26 of R200.00 is spent this month" in page


def test_the_highest_bar_takes_all_the_room_and_none_is_upside_down() -> None:
    drawn = bars([Decimal(0), Decimal(5), Decimal(10)])
    assert [float(each.height) for each in drawn] == [0, (BOTTOM - TOP) / 2, BOTTOM - TOP]
    assert [float(each.height) for each in bars([Decimal(0)] * 2)] == [0, 0]
    assert bars([]) == []


def test_head_office_writes_prices_down_and_a_wrong_one_is_told_beside_its_field(head_office: Client) -> None:
    add = reverse("message_prices:add")
    good = {
        "unit": "sms_part",
        "provider": "twilio",
        "prefix": "+2782",
        "amount": "0.2365",
        "valid_from": "1 November 2026",
    }
    assert head_office.post(add, good).status_code == 302
    price = MessagePrice.objects.get()
    assert (price.prefix, price.amount, price.valid_from) == ("+2782", Decimal("0.2365"), date(2026, 11, 1))
    for field, wrong in (
        ("unit", "tablet"),
        ("provider", "pigeons"),
        ("provider", "meta"),
        ("prefix", "2782"),
        ("amount", "-1"),
        ("prefix", "+2782"),
    ):
        answer = head_office.post(add, {**good, field: wrong})
        assert answer.status_code == 200, field
        assert answer.context["form"].errors
    assert MessagePrice.objects.count() == 1


def test_managers_set_the_budget_of_their_clinic(wynberg: People) -> None:
    page = signed_in(wynberg.manager).get(reverse("clinics:edit", args=[wynberg.clinic.pk])).content.decode()
    assert 'name="message_budget"' in page
