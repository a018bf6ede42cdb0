"""The environment, read once: what each variable means, its default, and a clear error that names a bad one.

A mistake ends the process that reads it, whichever that is, with that error and no traceback.
"""

import json
import os
import re
import stat
import sys
from collections.abc import Callable
from email.errors import HeaderParseError, NonASCIILocalPartDefect, ObsoleteHeaderDefect
from email.headerregistry import parser  # type: ignore[attr-defined]  # as Django does
from email.utils import getaddresses, parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast
from urllib.parse import SplitResult, unquote, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import validate_email
from environs import Env, EnvValidationError, ValidationError

from notifications.channels.push.hosts import is_host
from notifications.channels.push.vapid import read_key
from notifications.rules.http_fields import PLACEHOLDERS, REQUIRED, placeholders
from notifications.timezones import timezone_names
from site_config.email_services import SERVICES, email_service

BASE_DIR = Path(__file__).resolve().parent.parent

# Good for trying out on one's own machine, and refused as soon as DEBUG is off.
INSECURE_SECRET_KEY = "insecure-key-for-trying-out-medguard-on-your-own-machine"
SHORTEST_SECRET_KEY = 50
"""As Django's own check has it."""

# Where the browsers that people use have their push services.
BROWSERS_PUSH_HOSTS = [
    "fcm.googleapis.com",  # Chrome, Edge on Android, Opera, Samsung Internet
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",  # Edge on Windows
    "web.push.apple.com",
    "*.push.apple.com",
]

# What may be limited in PostgreSQL, in seconds, and what the server calls it.
DATABASE_LIMITS = {
    "statement": "statement_timeout",
    "lock": "lock_timeout",
    "idle": "idle_in_transaction_session_timeout",
    "transaction": "transaction_timeout",
}


def _time_zone(name: str) -> None:
    if name not in timezone_names():
        raise ValidationError(f"“{name}” is not a time zone; write it as in Africa/Johannesburg.")


def _redis_url(url: str) -> None:
    if not url:
        return
    if _parts(url).scheme not in {"redis", "rediss", "unix"}:
        raise ValidationError("must start with redis://, rediss:// or unix://.")


def _base_url(url: str) -> None:
    """No path, no query: links are this and a path, and browsers name the site in their forms by this alone."""
    parts = _parts(url)
    rest = (parts.path.removesuffix("/"), parts.query, parts.fragment, parts.username, parts.password)
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(rest) or " " in url:
        raise ValidationError(
            "must be the site's whole address and no more, as in https://clinic.example.org."
        )


def _parts(url: str) -> SplitResult:
    """Raises ValidationError also for a port that can't be one."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - read only here, and refused by raising
    except ValueError as error:
        raise ValidationError(f"is no address: {error}.") from None
    return parts


def _host_names(hosts: list[str]) -> None:
    for host in hosts:
        if not re.fullmatch(r"\*|\.?[\w.-]+|\[[0-9A-Fa-f:.]+\]", host):
            raise ValidationError(
                f"“{host}” must be a host's name alone, without https://, port or path, as in clinic.example.org."
            )


def _host_of(url: str) -> list[str]:
    """As ALLOWED_HOSTS has it. Nothing of an address that is none, which is named in time."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return [f"[{host}]" if ":" in host else host] if host else []


def _listen_on(host: str) -> None:
    try:
        ip_address(host)
    except ValueError:
        raise ValidationError(
            "must be an IP address of this machine: 127.0.0.1 for itself alone, 0.0.0.0 for all of its networks."
        ) from None


def _fernet_keys(keys: list[str]) -> None:
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValidationError(
                "each key must be 32 bytes in URL-safe base64; make one with Fernet.generate_key()."
            ) from None


def _data_dir(folder: Path) -> None:
    """It is made the site's alone, with all that is in it."""
    folder = folder.resolve()
    if BASE_DIR.is_relative_to(folder) or (folder.exists() and folder.stat().st_mode & stat.S_ISVTX):
        raise ValidationError("must be a folder of its own: it holds the code, or belongs to everybody.")


def _port(port: int) -> None:
    if not 0 < port < 65536:
        raise ValidationError("must be between 1 and 65535.")


def _log_format(name: str) -> None:
    if name not in {"text", "json"}:
        raise ValidationError("must be text or json.")


def _tasks(name: str) -> None:
    if name not in {"queue", "inline"}:
        raise ValidationError("must be queue or inline.")


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
    "http": ("SMS_HTTP_URL", "SMS_HTTP_FIELDS"),
}


def _sms_providers(names: list[str]) -> None:
    if unknown := [name for name in names if name not in SMS_KEYS]:
        raise ValidationError(f"“{unknown[0]}” is none of {', '.join(SMS_KEYS)}.")
    if not names or len(set(names)) < len(names):
        raise ValidationError("must name one provider or more, each once.")


# The same of WhatsApp.
WHATSAPP_KEYS = {
    "file": (),
    "meta": (
        "WHATSAPP_PHONE_NUMBER_ID",
        "WHATSAPP_ACCESS_TOKEN",
        "WHATSAPP_APP_SECRET",
        "WHATSAPP_VERIFY_TOKEN",
    ),
    "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "WHATSAPP_TWILIO_FROM"),
}


def _whatsapp_provider(name: str) -> None:
    if name and name not in WHATSAPP_KEYS:
        raise ValidationError(f"“{name}” is none of {', '.join(WHATSAPP_KEYS)}.")


def _meta_id(number: str) -> None:
    if number and not re.fullmatch(r"[0-9]{5,20}", number):
        raise ValidationError(
            "must be the number that Meta shows as the ID of the phone number: digits alone."
        )


def _api_version(version: str) -> None:
    if not re.fullmatch(r"v[0-9]+[.][0-9]+", version):
        raise ValidationError("must be as in v25.0.")


def _whatsapp_sender(sender: str) -> None:
    if sender and not re.fullmatch(r"[+][1-9][0-9]{6,14}|MG[0-9a-f]{32}", sender):
        raise ValidationError("must be a number as in +27105550100, or a messaging service (MG…).")


# What each provider of calls can't work without.
VOICE_KEYS = {
    "file": (),
    "africastalking": (
        "AFRICASTALKING_USERNAME",
        "AFRICASTALKING_API_KEY",
        "AFRICASTALKING_WEBHOOK_SECRET",
        "VOICE_AFRICASTALKING_FROM",
    ),
    "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "VOICE_TWILIO_FROM"),
}


def _voice_providers(names: list[str]) -> None:
    if unknown := [name for name in names if name not in VOICE_KEYS]:
        raise ValidationError(f"“{unknown[0]}” is none of {', '.join(VOICE_KEYS)}.")
    if len(set(names)) < len(names):
        raise ValidationError("must name each provider once.")


def _calls_come_from(number: str) -> None:
    if number and not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
        raise ValidationError("must be a number as in +27105550100.")


def _webhook_secret(secret: str) -> None:
    if secret and not re.fullmatch(r"[\w-]{24,}", secret):
        raise ValidationError("must be 24 letters, digits, - and _ or more.")


def _http_url(url: str) -> None:
    if url and (_parts(url).scheme not in {"http", "https"} or not _parts(url).hostname or " " in url):
        raise ValidationError("must be an address that begins with https://.")


def _http_method(method: str) -> None:
    if method not in {"GET", "POST"}:
        raise ValidationError("must be GET or POST.")


def _http_body(place: str) -> None:
    if place not in {"json", "form", "query"}:
        raise ValidationError("must be json, form or query.")


def _http_fields(fields: dict[str, Any]) -> None:
    if unknown := placeholders(fields) - set(PLACEHOLDERS):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValidationError(f"has {{{min(unknown)}}}, which is none of {known}.")
    for either in REQUIRED if fields else ():
        if placeholders(fields).isdisjoint(either):
            raise ValidationError(f"must have {' or '.join(f'{{{name}}}' for name in sorted(either))} in it.")


def _http_headers(headers: dict[str, Any]) -> None:
    for name, text in headers.items():
        if not isinstance(text, str) or re.search(r"[\r\n]", f"{name}{text}"):
            raise ValidationError(f"the header {name!r} must be one line of text.")


def _pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValidationError(f"is no regular expression: {error}.") from None


def _id_place(place: str) -> None:
    """The name of a field of JSON, or a pattern between slashes with one group."""
    if not place.startswith("/"):
        return
    _pattern(place.strip("/"))
    if re.compile(place.strip("/")).groups != 1:
        raise ValidationError("must have one pair of brackets in its pattern, around the id.")


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
    """Push services turn to it, and refuse one that can't be reached from where they are."""
    if not re.fullmatch(
        r"mailto:[^@\s]+@[^@\s.]+(\.[^@\s.]+)+|https://[^\s/.]+(\.[^\s/.]+)+(/\S*)?", subject
    ):
        raise ValidationError("must be mailto:somebody@clinic.example.org or an https:// address.")


def _push_hosts(hosts: list[str]) -> None:
    for host in hosts:
        if not is_host(host):
            raise ValidationError(f"“{host}” must be as in push.example.org or *.push.example.org.")


def _sentry_dsn(dsn: str) -> None:
    parts = _parts(dsn)
    project = parts.path.rpartition("/")[2]
    if dsn and not (
        parts.scheme in {"http", "https"} and parts.username and parts.hostname and project.isdecimal()
    ):
        raise ValidationError("must be as Sentry shows it: https://key@sentry.example.org/1.")


def _database_url(url: str) -> None:
    parts = _parts(url)
    if parts.scheme not in {"sqlite", "postgresql", "postgres"} or parts.path in {"", "/"}:
        # The address itself may have a password in it.
        raise ValidationError("must be sqlite:////folder/file or postgresql://user:password@host:port/name.")
    folder = Path(parts.path[1:]).absolute().parent
    # DATA_DIR is made when the site starts.
    if parts.scheme == "sqlite" and not folder.is_dir() and folder != DATA_DIR:
        raise ValidationError(f"there is no folder {folder} for the database.")


env = Env(eager=False)


@env.parser_for("sender")
def _sender(text: str) -> str:
    """One name and address, as it stands in a mail's From. A name with signs that mean something there is quoted."""
    try:
        mailbox, rest = parser.get_mailbox(text)
        address = mailbox.addr_spec
        validate_email(address)
    except (HeaderParseError, IndexError, TypeError, DjangoValidationError):
        rest, address = text, ""
    if rest.strip() or not address or any(map(_is_wrong, mailbox.all_defects)):
        raise ValidationError(
            "must be one e-mail address, with a name before it if you like: Kliniek Noord <clinic@example.org>. "
            "A name with a comma, a colon or brackets is put in quotation marks: "
            '"Kliniek Noord, Johannesburg" <clinic@example.org>.'
        )
    return text


def _is_wrong(defect: Exception) -> bool:
    """Whether mail with this would not leave. Old spellings do, as in Dr. Botha <…>, and letters with accents."""
    return not isinstance(defect, ObsoleteHeaderDefect | NonASCIILocalPartDefect)


@env.parser_for("people")
def _people(text: str) -> list[tuple[str, str]]:
    """Names and e-mail addresses with commas between them, as in a mail's To."""
    # Of no text at all, Python since 3.13 and each mended one before makes a nameless person without an address.
    people = getaddresses([text]) if text.strip() else []
    for _name, address in people:
        try:
            validate_email(address)
        except DjangoValidationError:
            raise ValidationError(
                "must be e-mail addresses with commas between them, as in Sipho Dube <sipho@clinic.example.org>."
            ) from None
    return people


@env.parser_for("json_object")
def _json_object(text: str, *, check: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValidationError(f"is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise ValidationError('must be as in {"name": "text"}.')
    check(found)
    return found


@env.parser_for("limits")
def _limits(text: str) -> dict[str, int]:
    """Seconds by name, as in statement=15,lock=10. What isn't named, and so all where it is empty, is the server's."""
    pairs = [each.partition("=") for each in text.replace(" ", "").split(",") if each]
    for name, _sign, seconds in pairs:
        if name not in DATABASE_LIMITS or not re.fullmatch("[1-9][0-9]{0,5}", seconds):
            raise ValidationError(
                f"must be seconds by name, as in statement=15,lock=10. The names are {', '.join(DATABASE_LIMITS)}."
            )
    return {name: int(seconds) for name, _sign, seconds in pairs}


@env.parser_for("email_url")
def _email_url(url: str) -> dict[str, Any]:
    """smtp://user:password@host:port, smtp+tls://…, one of SERVICES, or file:///folder; file:// is DATA_DIR/mail."""
    parts = _parts(url)
    if parts.scheme == "file":
        folder = Path(parts.path) if parts.path else DATA_DIR / "mail"
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": folder,
        }
    if parts.scheme in SERVICES:
        return email_service(parts)
    if parts.scheme in {"smtp", "smtp+tls"} and parts.hostname and " " not in parts.hostname:
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
DATA_DIR: Path = (env.path("DATA_DIR", BASE_DIR / "var", validate=_data_dir) or BASE_DIR / "var").resolve()
BASE_URL: str = (env.str("BASE_URL", f"http://localhost:{PORT}", validate=_base_url) or "").removesuffix("/")
# Only a proxy makes the site https://: without one nothing but this machine may read along.
LISTEN_ON: str = env.str(
    "LISTEN_ON",
    "127.0.0.1" if DEBUG or not BASE_URL.startswith("https://") else "0.0.0.0",  # noqa: S104 - ALLOWED_HOSTS answers
    validate=_listen_on,
)
# Links in messages lead to BASE_URL, so the site always answers there.
ALLOWED_HOSTS: list[str] = [
    *(env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], validate=_host_names) or ()),
    *_host_of(BASE_URL),
]
TIME_ZONE: str = env.str("TIME_ZONE", "Africa/Johannesburg", validate=_time_zone)
REDIS_URL: str = env.str("REDIS_URL", "", validate=_redis_url)
# Not by its own name, which is a setting of django-tasks.
TASKS_INLINE: bool = env.str("TASKS", "queue", validate=_tasks) == "inline"
_DATABASE_URL: str = env.str(
    "DATABASE_URL", f"sqlite:///{DATA_DIR / 'medguard.sqlite3'}", validate=_database_url
)
DATABASE: dict[str, Any] = env.dj_db_url("DATABASE_URL", _DATABASE_URL) if _DATABASE_URL else {}
# A page worker that takes 30 s is killed by gunicorn: a page's transaction ends before that, with an answer.
DATABASE_LIMITS_PAGES: dict[str, int] = env.limits(
    "DATABASE_LIMITS_PAGES", "statement=15,lock=10,idle=60,transaction=25"
)
DATABASE_LIMITS_WORK: dict[str, int] = env.limits(
    "DATABASE_LIMITS_WORK", "statement=50,lock=30,idle=120,transaction=900"
)
DATABASE_LIMITS_COMMANDS: dict[str, int] = env.limits("DATABASE_LIMITS_COMMANDS", "idle=600")
DATABASE_LIMITS_MIGRATIONS: dict[str, int] = env.limits("DATABASE_LIMITS_MIGRATIONS", "lock=5,idle=600")
EMAIL: dict[str, Any] = env.email_url("EMAIL_URL", "file://")
EMAIL_EVENTS_SECRET: str = env.str("EMAIL_EVENTS_SECRET", "", validate=_events_secret)
DEFAULT_FROM_EMAIL: str = env.sender("DEFAULT_FROM_EMAIL", "MedGuard <clinic@medguard.test>")
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS", [], validate=_fernet_keys)
LOG_FORMAT: str = env.str("LOG_FORMAT", "text" if DEBUG else "json", validate=_log_format)
ADMINS: list[tuple[str, str]] = env.people("ADMINS", "")
SENTRY_DSN: str = env.str("SENTRY_DSN", "", validate=_sentry_dsn)
METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")
VAPID_PRIVATE_KEY: str = env.str("VAPID_PRIVATE_KEY", "", validate=_vapid_key)
VAPID_SUBJECT: str = (
    env.str("VAPID_SUBJECT", "", validate=_vapid_subject)
    or f"mailto:{parseaddr(DEFAULT_FROM_EMAIL or '')[1]}"
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
WHATSAPP_PROVIDER: str = env.str("WHATSAPP_PROVIDER", "file" if DEBUG else "", validate=_whatsapp_provider)
WHATSAPP_API_VERSION: str = env.str("WHATSAPP_API_VERSION", "v25.0", validate=_api_version)
WHATSAPP_PHONE_NUMBER_ID: str = env.str("WHATSAPP_PHONE_NUMBER_ID", "", validate=_meta_id)
WHATSAPP_ACCESS_TOKEN: str = env.str("WHATSAPP_ACCESS_TOKEN", "")
WHATSAPP_APP_SECRET: str = env.str("WHATSAPP_APP_SECRET", "", validate=_events_secret)
WHATSAPP_VERIFY_TOKEN: str = env.str("WHATSAPP_VERIFY_TOKEN", "", validate=_webhook_secret)
WHATSAPP_TWILIO_FROM: str = env.str("WHATSAPP_TWILIO_FROM", "", validate=_whatsapp_sender)
VOICE_PROVIDERS: list[str] = env.list("VOICE_PROVIDERS", ["file"] if DEBUG else [], validate=_voice_providers)
VOICE_AFRICASTALKING_FROM: str = env.str("VOICE_AFRICASTALKING_FROM", "", validate=_calls_come_from)
VOICE_TWILIO_FROM: str = env.str("VOICE_TWILIO_FROM", "", validate=_calls_come_from)
SMS_HTTP_URL: str = env.str("SMS_HTTP_URL", "", validate=_http_url)
SMS_HTTP_METHOD: str = env.str("SMS_HTTP_METHOD", "POST", validate=_http_method)
SMS_HTTP_BODY: str = env.str("SMS_HTTP_BODY", "json", validate=_http_body)
SMS_HTTP_FIELDS: dict[str, Any] = env.json_object("SMS_HTTP_FIELDS", "{}", check=_http_fields)
SMS_HTTP_HEADERS: dict[str, str] = env.json_object("SMS_HTTP_HEADERS", "{}", check=_http_headers)
SMS_HTTP_SUCCESS: str = env.str("SMS_HTTP_SUCCESS", "", validate=_pattern)
SMS_HTTP_ID: str = env.str("SMS_HTTP_ID", "", validate=_id_place)
SMS_HTTP_PERMANENT: str = env.str("SMS_HTTP_PERMANENT", "", validate=_pattern)
SMS_HTTP_WEBHOOK_SECRET: str = env.str("SMS_HTTP_WEBHOOK_SECRET", "", validate=_webhook_secret)
SMS_HTTP_RECEIPT_ID: list[str] = env.list("SMS_HTTP_RECEIPT_ID", [])
SMS_HTTP_RECEIPT_STATUS: list[str] = env.list("SMS_HTTP_RECEIPT_STATUS", [])
SMS_HTTP_RECEIPT_DELIVERED: list[str] = env.list("SMS_HTTP_RECEIPT_DELIVERED", [])
SMS_HTTP_RECEIPT_FAILED: list[str] = env.list("SMS_HTTP_RECEIPT_FAILED", [])
SMS_HTTP_INBOUND_ID: list[str] = env.list("SMS_HTTP_INBOUND_ID", [])
SMS_HTTP_INBOUND_FROM: list[str] = env.list("SMS_HTTP_INBOUND_FROM", [])
SMS_HTTP_INBOUND_TEXT: list[str] = env.list("SMS_HTTP_INBOUND_TEXT", [])
WEB_WORKERS: int = env.int("WEB_WORKERS", 2 * (os.cpu_count() or 1) + 1, validate=_at_least_one)


_MAKE_ONE = "Set it to what python3 -c 'import secrets; print(secrets.token_urlsafe(50))' prints."
_IN_OUR_WORDS = {
    "Not a valid boolean.": "must be true or false.",
    "Not a valid integer.": "must be a whole number.",
}


def _mistakes() -> dict[str, list[str]]:
    """What is wrong, by variable: with each alone, and else with what follows from several."""
    try:
        env.seal()
    except EnvValidationError as error:
        said = cast("dict[str, list[str]]", error.error_messages)
        return {name: [_IN_OUR_WORDS.get(each, each) for each in messages] for name, messages in said.items()}
    found = {
        key: [f"is missing: {variable} names {provider}, which needs it."]
        for variable, providers, keys in (
            ("VOICE_PROVIDERS", VOICE_PROVIDERS, VOICE_KEYS),
            ("SMS_PROVIDERS", SMS_PROVIDERS, SMS_KEYS),
        )
        for provider in providers
        for key in keys[provider]
        if not globals()[key]
    }
    found |= {
        key: [f"is missing: WHATSAPP_PROVIDER is {WHATSAPP_PROVIDER}, which needs it."]
        for key in WHATSAPP_KEYS.get(WHATSAPP_PROVIDER, ())
        if not globals()[key]
    }
    if SMS_HTTP_METHOD == "GET" and SMS_HTTP_BODY != "query":
        found["SMS_HTTP_BODY"] = ["must be query: SMS_HTTP_METHOD is GET, which has no body."]
    if SMS_HTTP_BODY != "json" and not all(isinstance(each, str) for each in SMS_HTTP_FIELDS.values()):
        found["SMS_HTTP_FIELDS"] = [f"must have texts alone: SMS_HTTP_BODY is {SMS_HTTP_BODY}."]
    if not SECRET_KEY:
        found["SECRET_KEY"] = [f"is empty. {_MAKE_ONE}"]
    elif not DEBUG and SECRET_KEY == INSECURE_SECRET_KEY:
        found["SECRET_KEY"] = [f"is missing: with DEBUG off it must be set. {_MAKE_ONE}"]
    elif not DEBUG and len(SECRET_KEY) < SHORTEST_SECRET_KEY:
        found["SECRET_KEY"] = [
            f"must have {SHORTEST_SECRET_KEY} characters or more that nobody can guess. {_MAKE_ONE}"
        ]
    try:
        _vapid_subject(VAPID_SUBJECT)
    except ValidationError:
        found["VAPID_SUBJECT"] = [
            f"is missing: push services can't turn to the address of DEFAULT_FROM_EMAIL, {VAPID_SUBJECT}. "
            "Give mailto:somebody@clinic.example.org or an https:// address."
        ]
    return found


if mistakes := _mistakes():
    lines = [f"{name}: {' '.join(messages)}" for name, messages in mistakes.items()]
    # Not an exception that a web server would show with its traceback.
    sys.exit(
        "\n  ".join(["The environment has mistakes:", *lines])
        if lines[1:]
        else f"The environment: {lines[0]}"
    )
