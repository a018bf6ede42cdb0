"""What can be said in a call about messages of one type, in which languages."""

from collections.abc import Mapping

from notifications.channels.base import Wording
from notifications.channels.voice import script
from notifications.channels.voice.gateway import VoiceGateway
from notifications.types import Detail, Reason, Rendered


class SpokenWording(Wording):
    """The messages of a type, by what is `recorded` and what these providers have voices for."""

    def __init__(self, event_type: str, gateways: Mapping[str, VoiceGateway], recorded: script.Clips) -> None:
        self._event_type = event_type
        self._gateways = gateways
        self._recorded = recorded

    def obstacle(self, user_id: int, language: str, detail: Detail) -> Reason | None:
        """Where no provider can make sense of such a call, nobody is called."""
        lacking = (
            script.missing([self._event_type], language, recorded=self._recorded, voices=each.voices)
            for each in self._gateways.values()
        )
        return Reason.NO_RECORDING if all(lacking) else None

    def content(self, rendered: Rendered, *, language: str, detail: Detail) -> tuple[str, str]:
        return "", rendered.short_text
