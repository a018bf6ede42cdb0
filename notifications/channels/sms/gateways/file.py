"""No provider at all: a file for each message, to look at. Reaches nobody."""

from typing import ClassVar

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from notifications.channels.gateways import REST, GatewayError
from notifications.channels.sms.gateway import Gateway, Sms


class FileGateway(Gateway):
    name: ClassVar[str] = "file"
    label: ClassVar = _("file")

    def gives_receipts(self) -> bool:
        return False

    def send(self, http: requests.Session, sms: Sms) -> str:
        folder = settings.SMS_FILE_PATH
        name = get_valid_filename(f"{timezone.now():%Y%m%d-%H%M%S-%f}-{sms.key}.txt")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(f"To: {sms.number}\n\n{sms.text}\n", encoding="utf-8")
        except OSError as error:
            raise GatewayError(f"The file can't be written: {error.strerror}", rest=REST) from error
        return name
