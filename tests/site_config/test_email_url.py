"""How mail leaves is one address in the environment: SMTP, files, or an e-mail service."""

from urllib.parse import urlsplit

import pytest
from environs import ValidationError

from site_config.email_services import email_service
from site_config.environment import _email_url


def test_mailgun_is_set_up_for_its_region() -> None:
    settings = email_service(urlsplit("mailgun+eu://key%2Fx@mg.clinic.example"))
    assert settings["ANYMAIL"] == {
        "MAILGUN_API_KEY": "key/x",
        "MAILGUN_SENDER_DOMAIN": "mg.clinic.example",
        "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
    }
    assert settings["EMAIL_EVENTS_SECRET_NAME"] == "MAILGUN_WEBHOOK_SIGNING_KEY"
    elsewhere = email_service(urlsplit("mailgun://key@mg.clinic.example"))
    assert elsewhere["ANYMAIL"]["MAILGUN_API_URL"] == "https://api.mailgun.net/v3"


def test_postmark_needs_a_token_alone_as_it_was_given() -> None:
    settings = email_service(urlsplit("postmark://Server-TOKEN"))
    assert settings["ANYMAIL"] == {"POSTMARK_SERVER_TOKEN": "Server-TOKEN"}
    assert settings["EMAIL_BACKEND"].startswith("anymail.backends.postmark")


@pytest.mark.parametrize("url", ["mailgun://mg.clinic.example", "mailgun://", "postmark://"])
def test_what_is_missing_is_said(url: str) -> None:
    with pytest.raises(ValidationError):
        email_service(urlsplit(url))


@pytest.mark.parametrize(
    ("url", "backend"),
    [
        ("smtp://localhost", "smtp"),
        ("file:///tmp/mail", "filebased"),
        ("postmark://token", "postmark"),
        ("mailgun://key@mg.clinic.example", "mailgun"),
    ],
)
def test_the_environment_takes_each(url: str, backend: str) -> None:
    assert backend in _email_url(url)["EMAIL_BACKEND"]


def test_anything_else_is_refused() -> None:
    with pytest.raises(ValidationError, match="must be smtp"):
        _email_url("pigeon://loft")
