"""No provider at all: a file for each message, to look at. Reaches nobody."""

from typing import ClassVar

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from notifications.channels.gateways import REST
from notifications.channels.whatsapp.gateway import Gateway, Outgoing, WhatsAppError


class FileGateway(Gateway):
    name: ClassVar[str] = "file"
    label: ClassVar = _("file")

    def gives_receipts(self) -> bool:
        return False

    def send(self, http: requests.Session, outgoing: Outgoing) -> str:
        folder = settings.WHATSAPP_FILE_PATH
        name = get_valid_filename(f"{timezone.now():%Y%m%d-%H%M%S-%f}-{outgoing.key}.txt")
        template = outgoing.template
        head = [f"To: {outgoing.number}"]
        if template:
            head.append(f"Template: {template.name} ({template.language})")
            head += [f"Value: {value}" for value in template.values]
            head += [f"Button: {button}" for button in template.buttons]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("\n".join([*head, "", outgoing.text, ""]), encoding="utf-8")
        except OSError as error:
            raise WhatsAppError(f"The file can't be written: {error.strerror}", rest=REST) from error
        return name
