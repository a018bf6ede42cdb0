"""What an error of a provider does beyond the one message."""

from datetime import datetime

from notifications.channels.whatsapp.gateway import Effect, Template
from notifications.channels.whatsapp.refusals import refuse
from notifications.channels.whatsapp.templates import State, mark

_STATES = {Effect.PAUSED: State.PAUSED, Effect.REJECTED: State.REJECTED}


def take(
    effect: Effect, *, user_id: int, number: str, template: Template | None, said: str, now: datetime
) -> None:
    """Leave a number alone that gets nothing, and a template that isn't to be used, so that staff see it."""
    refuse(user_id, number, effect, now=now)
    if template and effect in _STATES:
        mark(
            template.name,
            template.language,
            state=_STATES[effect],
            problem=said,
            only={"state": State.APPROVED},
        )
