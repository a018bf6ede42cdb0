"""Whose a session is: a row beside each session, by which its owner finds it."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models


class UserSession(models.Model):
    """It goes with the session. What there is to say of it is in the session itself (home/sign_in/session_life.py)."""

    # Rows come and go with every sign-in, and nobody looks for what refers to them.
    wagtail_reference_index_ignore = True

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="user_session")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sessions")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.pk}"
