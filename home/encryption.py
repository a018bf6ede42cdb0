"""Encryption at rest: of second factors' secrets in the database, and of transactional messages in the queue."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def fernet() -> MultiFernet:
    """The first of FIELD_ENCRYPTION_KEYS encrypts, all decrypt; without keys, one is derived from SECRET_KEY."""
    keys = settings.FIELD_ENCRYPTION_KEYS
    if not keys:
        digest = hashlib.sha256(b"medguard.mfa" + settings.SECRET_KEY.encode()).digest()
        keys = [base64.urlsafe_b64encode(digest).decode()]
    return MultiFernet([Fernet(key) for key in keys])
