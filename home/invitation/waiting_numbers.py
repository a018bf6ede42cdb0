"""The numbers that wait for their owner's yes, to the engine (`notifications.waiting_numbers.WaitingNumbers`)."""

from datetime import datetime

from django.core.exceptions import ValidationError

from home.invitation.services import number_agreed, number_waiting


class DeskNumbers:
    """Those to which a code went from a desk. A YES is for the one that was asked last; a NO is for all of them."""

    def confirm(self, number: str, *, now: datetime) -> int | None:
        asked = number_waiting(number, now=now).values_list("pk", flat=True).first()
        try:
            return number_agreed(invitation_id=asked, now=now).pk if asked else None
        except ValidationError:
            return None

    def decline(self, number: str, *, now: datetime) -> str | None:
        waiting = number_waiting(number, now=now)
        language = waiting.values_list("language", flat=True).first()
        waiting.order_by().update(declined_at=now)
        return language
