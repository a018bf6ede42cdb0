"""All breaks, by the room that they are in."""

from tests.breaks import channels, events, home, medications, notifications, pages, safety, site_config
from tests.breaks.edit import Break

ROOMS: dict[str, tuple[Break, ...]] = {
    "notifications": notifications.BREAKS,
    "notifications: channels": channels.BREAKS,
    "notifications: pages": pages.BREAKS,
    "home": home.BREAKS,
    "events": events.BREAKS,
    "medications": medications.BREAKS,
    "site_config": site_config.BREAKS,
    "safety": safety.BREAKS,
}
BREAKS: tuple[Break, ...] = tuple(each for room in ROOMS.values() for each in room)
