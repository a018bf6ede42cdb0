"""The header with which a caller may ask twice without being served twice."""

import re

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
MAX_LENGTH = 200
PRINTABLE = "[ -~]+"


def idempotency_key(request: HttpRequest) -> str:
    """The key, or an empty text; ValidationError for one that isn't printable ASCII or is too long."""
    key = request.headers.get(HEADER)
    if key is None:
        return ""
    if not re.fullmatch(PRINTABLE, key) or len(key) > MAX_LENGTH:
        raise ValidationError(
            {HEADER: [_("Use 1 to %(most)s printable ASCII characters.") % {"most": MAX_LENGTH}]}
        )
    return key
