"""Where what waits for a person goes once their address is another one."""

from notifications.encryption.cipher import is_unreadable
from notifications.models import Delivery


def address_moved(*, user_id: int, channel: str, before: str, after: str) -> int:
    """What waits for this person goes to the new address, or nowhere if there is none: the old one may be a phone that
    was lost. How many.
    """
    waiting = Delivery.objects.filter(
        notification__recipient_id=user_id, channel=channel, finished_at__isnull=True
    )
    # An address is sealed, so it is compared here. One that can't be read can be no other.
    addresses = waiting.values_list("id", "address")
    theirs = [id_ for id_, address in addresses if address == before or is_unreadable(address)]
    return waiting.filter(id__any_of=theirs).update(address=after)
