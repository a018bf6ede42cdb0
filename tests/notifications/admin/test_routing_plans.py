"""Head office says by which channels the messages of a category go, one after the other."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from notifications.models import RoutingPlan

pytestmark = pytest.mark.django_db

INDEX = "/admin/routing_plans/"
STOCK = "/admin/routing_plans/stock/"


@pytest.fixture
def afrikaans(head_office: Client) -> Client:
    head_office.post(reverse("staff_language", args=["af"]))
    return head_office


def text(client: Client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def save(client: Client, *steps: tuple[str, str], **fields: str) -> object:
    data = {f"channel_{number}": channel for number, (channel, _minutes) in enumerate(steps, 1)}
    data |= {f"minutes_{number}": minutes for number, (_channel, minutes) in enumerate(steps, 1)}
    return client.post(STOCK, data | fields)


def kept() -> list[tuple[str, object]]:
    return list(RoutingPlan.objects.values_list("category", "steps"))


def errors(response: object) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["form"].errors)


def test_the_list_says_in_words_what_holds(head_office: Client) -> None:
    page = text(head_office, INDEX)
    assert (
        "Stock At once: Phone notifications. 15 minutes after that: E-mail. This is the usual order." in page
    )
    assert "Medicine At once: Phone notifications. This is the usual order." in page


def test_and_in_afrikaans(afrikaans: Client) -> None:
    page = text(afrikaans, INDEX)
    assert "Dadelik: Kennisgewing op die foon." in page
    assert "15 minute daarna: E-pos." in page


def test_a_plan_is_saved_and_said(head_office: Client) -> None:
    response = save(head_office, ("push", ""), ("sms", "30"), ("", ""))
    assert response.status_code == 302
    assert kept() == [("stock", [["push", 0], ["sms", 30]])]
    page = text(head_office, INDEX)
    assert "Stock, from now on: At once: Phone notifications. 30 minutes after that: SMS." in page
    assert page.count("This is the usual order.") == 5
    form = text(head_office, STOCK)
    assert "Now: At once: Phone notifications. 30 minutes after that: SMS." in form
    assert "Usually: At once: Phone notifications. 15 minutes after that: E-mail." in form
    assert ModelLogEntry.objects.get(action="wagtail.edit").data == {"steps": [["push", 0], ["sms", 30]]}


def test_a_line_that_is_left_out_is_no_step(head_office: Client) -> None:
    save(head_office, ("email", ""), ("", "20"), ("push", "10"))
    assert kept() == [("stock", [["email", 0], ["push", 10]])]


@pytest.mark.parametrize("usual", [True, False])
def test_what_is_as_usual_is_no_row(head_office: Client, *, usual: bool) -> None:
    save(head_office, ("sms", ""))
    assert len(kept()) == 1
    if usual:
        save(head_office, usual="1")
    else:
        save(head_office, ("push", ""), ("email", "15"))
    assert kept() == []


@pytest.mark.parametrize(
    ("steps", "field", "said"),
    [
        ([("", "")], "channel_1", "This field is required."),
        ([("pigeon", "")], "channel_1", "Select a valid choice."),
        ([("push", ""), ("push", "5")], "channel_2", "This channel has a place further up already."),
        ([("push", ""), ("sms", "")], "minutes_2", "Say how many minutes it waits."),
        ([("push", ""), ("sms", "0")], "minutes_2", "greater than or equal to 1"),
        ([("push", ""), ("sms", "1441")], "minutes_2", "less than or equal to 1440"),
        ([("push", ""), ("sms", "soon")], "minutes_2", "Enter a whole number."),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field_and_changes_nothing(
    head_office: Client, steps: list[tuple[str, str]], field: str, said: str
) -> None:
    found = errors(save(head_office, *steps))
    assert list(found) == [field]
    assert said in found[field][0]
    assert kept() == []


def test_a_channel_that_is_gone_is_no_line_of_the_form(head_office: Client) -> None:
    RoutingPlan.objects.create(category="stock", steps=[["pager", 0], ["sms", 5]])
    assert "Now: At once: SMS." in text(head_office, STOCK)


def test_there_is_no_such_category(head_office: Client) -> None:
    assert head_office.get("/admin/routing_plans/weather/").status_code == 404


def test_nurses_and_managers_do_not_change_it(nurse: Client) -> None:
    assert "Order of channels" not in text(nurse, "/admin/")
    assert save(nurse, ("sms", "")).status_code == 302
    assert kept() == []
