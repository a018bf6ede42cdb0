"""The document says what the calls do: every example holds, and no answer is left out."""

import re

import pytest
from django.test import Client

from home.api.urls import urlpatterns as of_people
from notifications.api.urls import urlpatterns
from tests.notifications.api.conftest import Program


def document() -> dict:
    return Client().get("/api/schema/").json()


def test_the_document_is_of_our_own_calls_and_has_all_of_them() -> None:
    ours = {
        "/api/" + re.sub(r"<int:(\w+)>", r"{\1}", str(pattern.pattern))
        for pattern in [*urlpatterns, *of_people]
        if pattern.callback.cls.schema is not None
    }
    assert set(document()["paths"]) == ours


def test_every_call_has_an_example_of_each_body_and_every_answer() -> None:
    for path, calls in document()["paths"].items():
        for verb, call in calls.items():
            answers = call["responses"]
            assert {"429", "503"} <= answers.keys()
            if call.get("security") == [{"token": []}]:
                assert "401" in answers
            if verb != "get":
                assert "413" in answers
            if "{notification_id}" in path:
                assert "404" in answers
            if "requestBody" in call:
                assert {"400", "415"} <= answers.keys()
                assert call["requestBody"]["content"]["application/json"]["examples"]
            for code, answer in answers.items():
                if code != "204":
                    assert answer["content"]["application/json"]["examples"], (path, verb, code)


def test_the_index_leads_to_everything(stranger: Program) -> None:
    places = stranger.get("/api/").json()
    for name in ("schema", "docs"):
        assert Client().get(places[name]).status_code == 200
    assert stranger.get(places["messages"]).status_code == 401


@pytest.mark.django_db
def test_the_page_for_people_loads_nothing_from_elsewhere_and_runs_under_the_policy() -> None:
    answer = Client().get("/api/docs/")
    page = answer.content.decode()
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    addresses = re.findall(r"""(?:src|href)=["']([^"']*)""", page)
    assert addresses
    assert all(address.startswith("/") and not address.startswith("//") for address in addresses)
    assert not re.search(r"<style|style=|<script>|\son\w+=", page)
    script = next(address for address in addresses if "script" in address)
    assert "SwaggerUIBundle" in Client().get(script).content.decode()


def test_the_page_for_people_knows_one_verb(stranger: Program) -> None:
    answer = stranger.post("/api/docs/", {})
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/json")
