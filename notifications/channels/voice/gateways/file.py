"""No provider at all: a file for each call, to look at. Nobody's phone rings."""

from typing import ClassVar

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from notifications.channels.gateways import REST, GatewayError
from notifications.channels.voice.gateway import Call, VoiceGateway
from notifications.languages.listed import PAGES


class FileGateway(VoiceGateway):
    name: ClassVar[str] = "file"
    label: ClassVar = _("file")
    voices: ClassVar = dict.fromkeys(PAGES, "")
    tells: ClassVar[bool] = False

    def place(self, http: requests.Session, call: Call) -> str:
        folder = settings.VOICE_FILE_PATH
        name = get_valid_filename(f"{timezone.now():%Y%m%d-%H%M%S-%f}-{call.key}.txt")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(f"To: {call.number}\n\n{call.text}\n", encoding="utf-8")
        except OSError as error:
            raise GatewayError(f"The file can't be written: {error.strerror}", rest=REST) from error
        return name
