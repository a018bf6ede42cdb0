"""The outside channels in use, in the order of settings.NOTIFICATION_CHANNELS."""

from functools import cache

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from notifications.channels.base import Channel
from notifications.types import IN_APP


@cache
def outside() -> dict[str, Channel]:
    """Each outside channel by its name."""
    channels = [import_string(path)() for path in settings.NOTIFICATION_CHANNELS]
    return {channel.name: channel for channel in channels}


def names() -> tuple[str, ...]:
    """All channels, the inbox first."""
    return (IN_APP, *outside())


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "NOTIFICATION_CHANNELS":
        outside.cache_clear()


setting_changed.connect(_forget)
