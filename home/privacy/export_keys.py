"""Rotating the keys of downloads, whose files are sealed as a whole."""

from cryptography.fernet import InvalidToken
from django.db import transaction

from home.models import DataExport
from notifications.encryption import rotation
from notifications.encryption.keys import keyring


def rotate_downloads(done: rotation.Rotated) -> None:
    """Bring each file to the newest key; what can't be read is named and left as it is."""
    ready = DataExport.objects.filter(encrypted__isnull=False)
    for pk in list(ready.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            export = ready.select_for_update().filter(pk=pk).first()
            if export is None:
                continue
            kept = bytes(export.encrypted or b"")
            try:
                fresh = keyring().rotated(kept)
            except InvalidToken:
                done.left.append(f"{DataExport._meta.db_table} {pk} encrypted")
                continue
            if fresh != kept:
                DataExport.objects.filter(pk=pk).update(encrypted=fresh)
                done.rows += 1


rotation.also("downloads", rotate_downloads)
