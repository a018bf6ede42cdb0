"""What is sent compressed and what isn't, by synchronous servers and by asynchronous ones."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory

from site_config import settings as site_settings
from site_config.compression import CompressionMiddleware
from tests.factories import UserFactory

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
INBOX, SIGN_IN = "/en/inbox/", "/en/accounts/login/"


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    client.force_login(UserFactory.create())
    return client


def page_in(response: Any) -> str:
    return gzip.decompress(response.content).decode()


def test_a_page_is_compressed_for_whoever_takes_it_so(reader: Client) -> None:
    compressed, plain = reader.get(INBOX, headers=GZIP), reader.get(INBOX)
    assert compressed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert page_in(compressed).endswith("</html>\n") and b"</html>" in plain.content
    assert int(compressed["Content-Length"]) == len(compressed.content) < len(plain.content) / 3


def test_caches_are_told_of_both_forms_of_a_page(reader: Client) -> None:
    for headers in (GZIP, {}):
        assert {"Accept-Encoding", "HX-Request"} <= set(
            reader.get(INBOX, headers=headers)["Vary"].split(", ")
        )


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_server_compresses_pages_too(async_client: AsyncClient) -> None:
    response = await async_client.get(SIGN_IN, headers=GZIP)
    assert response["Content-Encoding"] == "gzip"
    assert page_in(response).endswith("</html>\n")


def test_the_same_page_has_another_size_each_time_so_that_sizes_give_no_secret_away(
    rf: RequestFactory,
) -> None:
    compress = CompressionMiddleware(lambda request: HttpResponse("the same " * 100))
    answers: list[Any] = [compress(rf.get("/", headers=GZIP)) for _ in range(50)]
    assert len({len(answer.content) for answer in answers}) > 1


def test_what_is_small_stays_as_it_is(client: Client) -> None:
    response = client.get("/health/live/", headers=GZIP)
    assert "Content-Encoding" not in response
    assert response.json() == {"status": "ok"}


def test_a_picture_is_sent_as_it_is(client: Client) -> None:
    path = Path(default_storage.path("images/picture.svg"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("<svg/>" * 500)
    response = client.get("/media/images/picture.svg", headers=GZIP)
    assert "Content-Encoding" not in response
    assert b"".join(response) == path.read_bytes()


def test_static_files_are_left_to_who_collected_them(client: Client, settings: Any) -> None:
    settings.MIDDLEWARE = site_settings.MIDDLEWARE  # with that of static files, which other tests do without
    response = client.get("/static/css/tokens.css", headers=GZIP)
    assert "Content-Encoding" not in response  # in a trial nobody has compressed them
    assert b"--" in b"".join(response)
