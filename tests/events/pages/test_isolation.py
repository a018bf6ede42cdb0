"""An event of another clinic is not found, at any address, with any verb or fragment."""

import pytest
from django.test import Client

from events.models import Attendance, ClinicEvent
from tests.events.pages.conftest import HTMX, MakeEvent, People
from tests.factories import UserFactory

VERBS = ["get", "head", "post", "put", "patch", "delete", "options"]
ADDRESSES = ["", "join/", "leave/"]


def url(event: ClinicEvent, address: str) -> str:
    return f"/en/events/{event.pk}/{address}"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_another_clinics_event_is_not_there(
    reader: Client, people: People, event: MakeEvent, address: str, verb: str, headers: dict[str, str]
) -> None:
    theirs = event(clinic=people.paarl)
    assert getattr(reader, verb)(url(theirs, address), headers=headers).status_code == 404
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_is_not_there_for_head_office_either(
    client: Client, people: People, event: MakeEvent, address: str
) -> None:
    client.force_login(UserFactory(email="office@example.org", is_superuser=True))
    assert client.post(url(event(), address)).status_code == 404


@pytest.mark.parametrize("number", [0, 999_999, 10**30])
def test_an_event_that_never_was_is_not_there(reader: Client, number: int) -> None:
    assert reader.get(f"/en/events/{number}/").status_code == 404


@pytest.mark.parametrize("verb", ["get", "head", "put", "delete"])
@pytest.mark.parametrize("address", ["join/", "leave/"])
def test_places_are_changed_by_post_alone(reader: Client, event: MakeEvent, address: str, verb: str) -> None:
    mine = event(mine="joined" if address == "leave/" else "left")
    before = Attendance.objects.get().state
    assert getattr(reader, verb)(url(mine, address)).status_code == 405
    assert Attendance.objects.get().state == before


@pytest.mark.parametrize("path", ["/en/events/", "/en/events/?month=2026-11"])
def test_lists_show_nothing_of_other_clinics_and_are_only_read(
    reader: Client, people: People, event: MakeEvent, path: str
) -> None:
    event("Secret", clinic=people.paarl)
    assert "Secret" not in reader.get(path).content.decode()
    assert reader.post(path).status_code == 405


@pytest.mark.parametrize(("verb", "address"), [("get", ""), ("post", "join/"), ("post", "leave/")])
def test_a_visitor_signs_in_and_comes_to_the_page(
    client: Client, event: MakeEvent, address: str, verb: str
) -> None:
    made = event()
    response = getattr(client, verb)(url(made, address))
    assert response["Location"] == f"/en/accounts/login/?next={url(made, '')}"
    assert client.get("/en/events/")["Location"] == "/en/accounts/login/?next=/en/events/"
    assert client.post(url(made, "join/"), headers=HTMX).status_code == 401


def test_nobody_reads_who_else_comes(reader: Client, event: MakeEvent) -> None:
    made = event(mine="joined")
    Attendance.objects.create(
        event=made,
        user=UserFactory(email="x@example.org", last_name="Quiet"),
        state="joined",
        asked_at=made.starts_at,
    )
    assert "Quiet" not in reader.get(url(made, "")).content.decode()
