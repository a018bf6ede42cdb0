"""Where what waits for a person goes once their address is another one."""

from notifications.models import Delivery


def address_moved(*, user_id: int, channel: str, before: str, after: str) -> int:
    """What waits for this person goes to the new address, or nowhere if there is none: the old one may be a phone that
    was lost. How many.
    """
    waiting = Delivery.objects.filter(
        notification__recipient_id=user_id, channel=channel, address=before, finished_at__isnull=True
    )
    return waiting.update(address=after)
