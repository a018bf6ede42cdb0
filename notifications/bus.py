"""Where a domain says what happened: the bus, as other apps use it."""

from notifications.pipeline.bus import publish, publish_many, subscribe, withdraw

__all__ = ["publish", "publish_many", "subscribe", "withdraw"]
