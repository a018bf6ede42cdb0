"""E-mail of one kind is turned off by the link in it: with one click, by the mailbox itself, by nobody else."""

import re
from typing import Any

import pytest
from django.core.signing import Signer
from django.test import Client

from notifications.channels.email.unsubscribe_links import path_for, token_for
from notifications.models import ChannelChoice
from notifications.preferences.choices import choices

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def url(user: Any, *categories: str) -> str:
    return f"/en/unsubscribe/{token_for(user.pk, categories)}/"


def off(user: Any) -> set[tuple[str, str]]:
    rows = ChannelChoice.objects.filter(user=user, on=False)
    return set(rows.values_list("category", "channel"))


def switch(reader: Client) -> str:
    """E-mail about stock, as the settings show it."""
    page = reader.get("/en/preferences/").content.decode()
    found = re.search(r'<input[^>]*name="stock\.email"[^>]*>', page)
    assert found
    return found[0]


def test_one_post_without_cookies_turns_it_off(thandi: Any) -> None:
    mailbox = Client(enforce_csrf_checks=True)
    response = mailbox.post(url(thandi, "stock"), ONE_CLICK)
    assert response.status_code == 200
    assert off(thandi) == {("stock", "email")}
    cells = {(choice.category, choice.channel): choice.on for choice in choices(thandi.pk)}
    assert cells["stock", "email"] is False


def test_repeating_it_is_harmless(client: Client, thandi: Any) -> None:
    for _ in range(3):
        assert client.post(url(thandi, "stock"), ONE_CLICK).status_code == 200
    assert ChannelChoice.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_it_changes_nothing(client: Client, thandi: Any, method: str) -> None:
    response = getattr(client, method)(url(thandi, "stock"))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert off(thandi) == set()


def test_the_page_says_what_is_turned_off_and_does_it(client: Client, thandi: Any) -> None:
    page = client.get(url(thandi, "stock", "event")).content.decode()
    assert ">Stock<" in page
    assert ">Events<" in page
    done = client.post(url(thandi, "stock", "event")).content.decode()
    assert "You will get no more e-mails like this" in done
    assert off(thandi) == {("stock", "email"), ("event", "email")}


def test_it_is_in_the_language_of_the_mail(client: Client, thandi: Any) -> None:
    page = client.get(url(thandi, "stock").replace("/en/", "/af/")).content.decode()
    assert "Wil u e-posse soos hierdie stop?" in page


def test_the_settings_show_it_and_turn_it_on_again(reader: Client, thandi: Any) -> None:
    assert "checked" in switch(reader)
    reader.post(url(thandi, "stock"), ONE_CLICK)
    assert "checked" not in switch(reader)
    reader.post("/en/preferences/", {"part": "channels", "only": "stock.email", "stock.email": "on"})
    assert off(thandi) == set()


def test_what_is_off_by_default_is_off_for_a_sender_who_asks_for_it_too(client: Client, thandi: Any) -> None:
    client.post(url(thandi, "medication"), ONE_CLICK)
    assert off(thandi) == {("medication", "email")}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_or_foreign_one_is_refused(client: Client, thandi: Any, pieter: Any, method: str) -> None:
    good = token_for(thandi.pk, ["stock"])
    signature = good.rpartition(":")[2]
    gone = token_for(pieter.pk + 1000, ["stock"])
    forged = [
        "x",
        good[:-1],
        f"{pieter.pk}:stock:{signature}",
        f"{thandi.pk}:event:{signature}",
        Signer(salt="notifications.answers").sign(f"{thandi.pk}:stock"),
        Signer(key="another site", salt="notifications.unsubscribe").sign(f"{thandi.pk}:stock"),
        Signer(salt="notifications.unsubscribe").sign(f"{thandi.pk}:weather"),
        gone,
    ]
    for token in forged:
        response = getattr(client, method)(f"/en/unsubscribe/{token}/")
        assert response.status_code == 400, token
    assert not ChannelChoice.objects.exists()


def test_the_path_is_in_the_language_in_use(thandi: Any) -> None:
    assert path_for(thandi.pk, ["stock"]) == url(thandi, "stock")
