"""What is misconfigured, said when the site starts, each with a hint."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.utils.module_loading import import_string

from notifications.channels.base import Channel
from notifications.channels.push import keys
from notifications.channels.push.vapid import read_key
from notifications.channels.sms.gateways.registry import GATEWAYS
from notifications.languages.listed import of_messages_alone
from notifications.privacy import retentions
from notifications.texts.lacking import mistakes

_LOCAL = {"localhost", "127.0.0.1", "::1"}


@register(Tags.compatibility)
def check_channels(**kwargs: Any) -> list[CheckMessage]:
    """Each of NOTIFICATION_CHANNELS must be a channel, and no two may share a name."""
    messages: list[CheckMessage] = []
    names: dict[str, str] = {}
    for path in settings.NOTIFICATION_CHANNELS:
        try:
            channel = import_string(path)
        except ImportError as error:
            messages.append(
                Error(f"NOTIFICATION_CHANNELS: {path} can't be imported: {error}", id="notifications.E001")
            )
            continue
        if not (isinstance(channel, type) and issubclass(channel, Channel)):
            messages.append(
                Error(
                    f"NOTIFICATION_CHANNELS: {path} is no channel.",
                    hint="Derive it from notifications.channels.base.Channel.",
                    id="notifications.E002",
                )
            )
        elif channel.name in names:
            messages.append(
                Error(
                    f"NOTIFICATION_CHANNELS: {path} and {names[channel.name]} are both named “{channel.name}”.",
                    id="notifications.E003",
                )
            )
        else:
            names[channel.name] = path
    return messages


@register(Tags.compatibility)
def check_languages(**kwargs: Any) -> list[CheckMessage]:
    """The file of each language that only messages are in must be readable, and know what there is to say."""
    return [
        Error(
            f"The language {language}: {problem}.",
            hint="docs/languages.md says how such a file is written.",
            id="notifications.E007",
        )
        for language in of_messages_alone()
        for problem in mistakes(language)
    ]


@register(Tags.compatibility)
def check_sms(**kwargs: Any) -> list[CheckMessage]:
    """What SMS providers tell us must be possible to believe."""
    secrets = {"africastalking": "AFRICASTALKING_WEBHOOK_SECRET", "http": "SMS_HTTP_WEBHOOK_SECRET"}
    return [
        checks.Warning(
            f"Receipts and answers of {GATEWAYS[provider].label} are refused: there is no secret to know them by.",
            hint=f"Set {secret}, and give the provider the addresses with it.",
            id="notifications.W005",
        )
        for provider, secret in secrets.items()
        if provider in settings.SMS_PROVIDERS and not getattr(settings, secret)
    ]


@register(Tags.compatibility)
def check_retries(**kwargs: Any) -> list[CheckMessage]:
    """The waits between attempts must be seconds, and not get shorter."""
    waits = settings.NOTIFICATION_RETRY_SECONDS
    if all(isinstance(wait, int | float) and wait > 0 for wait in waits) and list(waits) == sorted(waits):
        return []
    return [
        Error(
            f"NOTIFICATION_RETRY_SECONDS is {waits!r}.",
            hint="List the seconds to wait after each failure, as in [10, 60, 300].",
            id="notifications.E004",
        )
    ]


@register(Tags.compatibility)
def check_retention(**kwargs: Any) -> list[CheckMessage]:
    """Each of RETENTION_DAYS must name something that is kept for a time, and be a number of days."""
    known = {each.name for each in retentions()}
    wrong = {
        name: days
        for name, days in settings.RETENTION_DAYS.items()
        if name not in known or not isinstance(days, int) or isinstance(days, bool) or days < 0
    }
    if not wrong:
        return []
    return [
        Error(
            f"RETENTION_DAYS has {wrong!r}.",
            hint=f"Give whole days, by one of these names: {', '.join(sorted(known))}.",
            id="notifications.E006",
        )
    ]


@register(Tags.compatibility)
def check_push_key(**kwargs: Any) -> list[CheckMessage]:
    """A key that was kept must still be one. The environment checks its own."""
    file = Path(settings.DATA_DIR) / keys.FILE
    try:
        if not settings.VAPID_PRIVATE_KEY and file.exists():
            read_key(file.read_text())
    except (OSError, ValueError) as error:
        return [
            Error(
                f"The push key in {file} can't be used: {error}",
                hint="Put the old file back. Without it, delete it: everybody must turn notices on again then.",
                id="notifications.E005",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_for_real_patients(**kwargs: Any) -> list[CheckMessage]:
    """What is fine for a trial and wrong for a clinic (`manage.py check --deploy`)."""
    messages: list[CheckMessage] = []
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        messages.append(
            checks.Warning(
                "E-mail is written to files and reaches nobody.",
                hint="Set EMAIL_URL, as in smtp+tls://user:password@mail.example.org:587.",
                id="notifications.W001",
            )
        )
    if "file" in settings.SMS_PROVIDERS:
        messages.append(
            checks.Warning(
                "SMS are written to files and reach nobody.",
                hint="Set SMS_PROVIDERS, as in africastalking,twilio.",
                id="notifications.W004",
            )
        )
    if "file" in settings.VOICE_PROVIDERS:
        messages.append(
            checks.Warning(
                "Calls are written to files and nobody's phone rings.",
                hint="Set VOICE_PROVIDERS, as in twilio; leave it empty where nobody is to be called.",
                id="notifications.W006",
            )
        )
    if settings.HUEY["immediate"]:
        messages.append(
            checks.Warning(
                "Whoever opens a page sends the messages that follow from it, and waits for that.",
                hint="Set TASKS to queue, and run a consumer.",
                id="notifications.W007",
            )
        )
    if urlsplit(settings.BASE_URL).hostname in _LOCAL:
        messages.append(
            checks.Warning(
                "The links in messages lead to this machine only.",
                hint="Set BASE_URL to the address by which patients reach the site.",
                id="notifications.W002",
            )
        )
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith(".test"):
        messages.append(
            checks.Warning(
                "The sender of e-mail is a placeholder.",
                hint="Set DEFAULT_FROM_EMAIL to an address of the clinic's.",
                id="notifications.W003",
            )
        )
    return messages
