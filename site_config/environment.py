"""The environment, read once: what each variable means, its default, and a clear error that names a bad one."""

import os
import re
from email.utils import getaddresses, parseaddr
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import validate_email
from environs import Env, EnvValidationError, ValidationError

from notifications.channels.push.hosts import is_host
from notifications.channels.push.vapid import read_key
from notifications.timezones import timezone_names
from site_config.email_services import SERVICES, email_service

BASE_DIR = Path(__file__).resolve().parent.parent

# Good for trying out on one's own machine, and refused as soon as DEBUG is off.
INSECURE_SECRET_KEY = "insecure-key-for-trying-out-medguard-on-your-own-machine"

# Where the browsers that people use have their push services.
BROWSERS_PUSH_HOSTS = [
    "fcm.googleapis.com",  # Chrome, Edge on Android, Opera, Samsung Internet
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",  # Edge on Windows
    "web.push.apple.com",
    "*.push.apple.com",
]


def _time_zone(name: str) -> None:
    if name not in timezone_names():
        raise ValidationError(f"“{name}” is not a time zone; write it as in Africa/Johannesburg.")


def _redis_url(url: str) -> None:
    if url and urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise ValidationError("must start with redis://, rediss:// or unix://.")


def _base_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValidationError("must be a whole address, as in https://clinic.example.org.")


def _fernet_keys(keys: list[str]) -> None:
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValidationError(
                "each key must be 32 bytes in URL-safe base64; make one with Fernet.generate_key()."
            ) from None


def _port(port: int) -> None:
    if not 0 < port < 65536:
        raise ValidationError("must be between 1 and 65535.")


def _log_format(name: str) -> None:
    if name not in {"text", "json"}:
        raise ValidationError("must be text or json.")


def _count(number: int) -> None:
    if number < 0:
        raise ValidationError("must not be negative.")


def _at_least_one(number: int) -> None:
    if number < 1:
        raise ValidationError("must be 1 or more.")


# What each SMS provider can't work without.
SMS_KEYS = {
    "file": (),
    "africastalking": ("AFRICASTALKING_USERNAME", "AFRICASTALKING_API_KEY"),
    "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"),
}


def _sms_providers(names: list[str]) -> None:
    if unknown := [name for name in names if name not in SMS_KEYS]:
        raise ValidationError(f"“{unknown[0]}” is none of {', '.join(SMS_KEYS)}.")
    if not names or len(set(names)) < len(names):
        raise ValidationError("must name one provider or more, each once.")


def _webhook_secret(secret: str) -> None:
    if secret and not re.fullmatch(r"[\w-]{24,}", secret):
        raise ValidationError("must be 24 letters, digits, - and _ or more.")


def _events_secret(secret: str) -> None:
    if secret and len(secret) < 16:
        raise ValidationError("must have 16 characters or more.")


def _vapid_key(key: str) -> None:
    try:
        if key:
            read_key(key)
    except ValueError as error:
        raise ValidationError(str(error)) from None


def _vapid_subject(subject: str) -> None:
    if not re.fullmatch(r"mailto:[^@\s]+@[^@\s]+|https://[^\s/]+\S*", subject):
        raise ValidationError("must be mailto:somebody@clinic.example.org or an https:// address.")


def _push_hosts(hosts: list[str]) -> None:
    for host in hosts:
        if not is_host(host):
            raise ValidationError(f"“{host}” must be as in push.example.org or *.push.example.org.")


def _sentry_dsn(dsn: str) -> None:
    parts = urlsplit(dsn)
    project = parts.path.rpartition("/")[2]
    if dsn and not (
        parts.scheme in {"http", "https"} and parts.username and parts.hostname and project.isdecimal()
    ):
        raise ValidationError("must be as Sentry shows it: https://key@sentry.example.org/1.")


env = Env(eager=False)


@env.parser_for("people")
def _people(text: str) -> list[tuple[str, str]]:
    """Names and e-mail addresses with commas between them, as in a mail's To."""
    people = getaddresses([text])
    for _name, address in people:
        try:
            validate_email(address)
        except DjangoValidationError:
            raise ValidationError(
                "must be e-mail addresses with commas between them, as in Sipho Dube <sipho@clinic.example.org>."
            ) from None
    return people


@env.parser_for("email_url")
def _email_url(url: str) -> dict[str, Any]:
    """smtp://user:password@host:port, smtp+tls://…, one of SERVICES, or file:///folder; file:// is DATA_DIR/mail."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(parts.path) if parts.path else DATA_DIR / "mail"
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": folder,
        }
    if parts.scheme in SERVICES:
        return email_service(parts)
    if parts.scheme in {"smtp", "smtp+tls"} and parts.hostname:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or (587 if parts.scheme == "smtp+tls" else 25),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        }
    raise ValidationError(
        "must be smtp://host, smtp+tls://user:password@host, mailgun://key@domain, postmark://token or file:///folder."
    )


DEBUG: bool = env.bool("DEBUG", True)
SECRET_KEY: str = env.str("SECRET_KEY", INSECURE_SECRET_KEY)
PORT: int = env.int("PORT", 8000, validate=_port)
DATA_DIR: Path = env.path("DATA_DIR", BASE_DIR / "var").resolve()
BASE_URL: str = env.str("BASE_URL", f"http://localhost:{PORT}", validate=_base_url)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
TIME_ZONE: str = env.str("TIME_ZONE", "Africa/Johannesburg", validate=_time_zone)
REDIS_URL: str = env.str("REDIS_URL", "", validate=_redis_url)
DATABASE: dict[str, Any] = env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'medguard.sqlite3'}")
EMAIL: dict[str, Any] = env.email_url("EMAIL_URL", "file://")
EMAIL_EVENTS_SECRET: str = env.str("EMAIL_EVENTS_SECRET", "", validate=_events_secret)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "MedGuard <clinic@medguard.test>")
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS", [], validate=_fernet_keys)
LOG_FORMAT: str = env.str("LOG_FORMAT", "text" if DEBUG else "json", validate=_log_format)
ADMINS: list[tuple[str, str]] = env.people("ADMINS", "")
SENTRY_DSN: str = env.str("SENTRY_DSN", "", validate=_sentry_dsn)
METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")
VAPID_PRIVATE_KEY: str = env.str("VAPID_PRIVATE_KEY", "", validate=_vapid_key)
VAPID_SUBJECT: str = env.str(
    "VAPID_SUBJECT", f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}", validate=_vapid_subject
)
PUSH_HOSTS: list[str] = env.list("PUSH_HOSTS", BROWSERS_PUSH_HOSTS, validate=_push_hosts)
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", 0, validate=_count)
STAFF_IDLE_MINUTES: int = env.int("STAFF_IDLE_MINUTES", 15, validate=_at_least_one)
SMS_PROVIDERS: list[str] = env.list("SMS_PROVIDERS", ["file"], validate=_sms_providers)
SMS_REPLIES: bool = env.bool("SMS_REPLIES", False)
SMS_REPLACE_ACCENTS: bool = env.bool("SMS_REPLACE_ACCENTS", False)
AFRICASTALKING_USERNAME: str = env.str("AFRICASTALKING_USERNAME", "")
AFRICASTALKING_API_KEY: str = env.str("AFRICASTALKING_API_KEY", "")
AFRICASTALKING_SENDER_ID: str = env.str("AFRICASTALKING_SENDER_ID", "")
AFRICASTALKING_WEBHOOK_SECRET: str = env.str("AFRICASTALKING_WEBHOOK_SECRET", "", validate=_webhook_secret)
TWILIO_ACCOUNT_SID: str = env.str("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN: str = env.str("TWILIO_AUTH_TOKEN", "")
TWILIO_FROM: str = env.str("TWILIO_FROM", "")
WEB_WORKERS: int = env.int("WEB_WORKERS", 2 * (os.cpu_count() or 1) + 1, validate=_at_least_one)


def _mistakes() -> dict[str, list[str]]:
    """What is wrong, by variable."""
    try:
        env.seal()
    except EnvValidationError as error:
        return cast("dict[str, list[str]]", error.error_messages)
    return {
        key: [f"is missing: SMS_PROVIDERS names {provider}, which needs it."]
        for provider in SMS_PROVIDERS
        for key in SMS_KEYS[provider]
        if not globals()[key]
    }


if mistakes := _mistakes():
    lines = [f"  {name}: {' '.join(messages)}" for name, messages in mistakes.items()]
    raise ImproperlyConfigured("\n".join(["The environment has a mistake:", *lines]))
