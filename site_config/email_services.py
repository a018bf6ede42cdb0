"""The e-mail services that EMAIL_URL may name, as anymail wants them set up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote

from environs import ValidationError


@dataclass(frozen=True, slots=True)
class Service:
    """`settings` reads the address; `secret` is the anymail setting by which the service's reports are known."""

    backend: str
    webhook: str
    secret: str
    settings: Callable[[SplitResult], dict[str, str]]


def _mailgun(url: SplitResult) -> dict[str, str]:
    if not url.username or not url.hostname:
        raise ValidationError("must be mailgun://key@mail.clinic.example.org, or mailgun+eu://….")
    region = "api.eu.mailgun.net" if url.scheme.endswith("+eu") else "api.mailgun.net"
    return {
        "MAILGUN_API_KEY": unquote(url.username),
        "MAILGUN_SENDER_DOMAIN": url.hostname,
        "MAILGUN_API_URL": f"https://{region}/v3",
    }


def _postmark(url: SplitResult) -> dict[str, str]:
    token = url.username or url.netloc
    if not token:
        raise ValidationError("must be postmark://server-token.")
    return {"POSTMARK_SERVER_TOKEN": unquote(token)}


_MAILGUN = Service(
    "anymail.backends.mailgun.EmailBackend",
    "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    "MAILGUN_WEBHOOK_SIGNING_KEY",
    _mailgun,
)
SERVICES = {
    "mailgun": _MAILGUN,
    "mailgun+eu": _MAILGUN,
    "postmark": Service(
        "anymail.backends.postmark.EmailBackend",
        "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
        "WEBHOOK_SECRET",
        _postmark,
    ),
}


def email_service(url: SplitResult) -> dict[str, Any]:
    """The settings for an address whose scheme is in SERVICES. Raises ValidationError when it is malformed."""
    service = SERVICES[url.scheme]
    return {
        "EMAIL_BACKEND": service.backend,
        "ANYMAIL": service.settings(url),
        "EMAIL_EVENTS_VIEW": service.webhook,
        "EMAIL_EVENTS_SECRET_NAME": service.secret,
    }
