"""The sessions in which a person is signed in: begun, listed, ended."""

from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from home.models import User, UserSession
from home.sign_in.session_life import Life, State, life_keep, life_of
from notifications.channels.push.device_names import device_name
from notifications.channels.push.devices import device_remove
from notifications.web.access import PersonalRequest
from notifications.web.shared_phone import PUSH_DEVICE, is_shared


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`device` is browser and system in words, or empty."""

    id: int
    life: Life
    is_this: bool


def session_begun(request: PersonalRequest, *, now: datetime) -> None:
    """Somebody has signed in."""
    device = device_name(request.headers.get("User-Agent", ""))
    session_noted(
        request, Life(now, now, is_staff=False, is_shared=is_shared(request), device=device, noted_as="")
    )


def session_noted(request: PersonalRequest, life: Life) -> None:
    """Keep it, with what the person is by now. A session that a new password gave another key is put into the index
    again.
    """
    key = request.session.session_key or ""
    if life.noted_as != key:
        UserSession.objects.bulk_create(
            [UserSession(session_id=key, user_id=request.user.pk)], ignore_conflicts=True
        )
    is_staff = request.user.has_perm("wagtailadmin.access_admin")
    life_keep(request.session, replace(life, is_staff=is_staff, noted_as=key))


def sessions_of(user: User, *, this: SessionBase, now: datetime) -> list[OpenSession]:
    """This one first, then the one used last. One query."""
    found = []
    for row in UserSession.objects.filter(user=user, session__expire_date__gt=now).select_related("session"):
        data = row.session.get_decoded()
        life = life_of(data)
        if life and life.state(now=now) is not State.ENDED and _fits(user, data.get(HASH_SESSION_KEY, "")):
            found.append(OpenSession(row.pk, life, row.session_id == this.session_key))
    return sorted(found, key=lambda each: (each.is_this, each.life.seen_at), reverse=True)


def session_end(user: User, id_: int) -> None:
    """One of this person's sessions; of others none."""
    sessions_end(UserSession.objects.filter(user=user, pk=id_))


def others_end(user: User, *, this: SessionBase) -> None:
    """All of this person's sessions but this one."""
    sessions_end(UserSession.objects.filter(user=user).exclude(session_id=this.session_key))


def sessions_end(rows: QuerySet[UserSession]) -> None:
    """Whoever is signed in there isn't any more; and no notices are shown there that were turned on in it."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for row in rows.select_related("session"):
        push_device = row.session.get_decoded().get(PUSH_DEVICE)
        if push_device:
            device_remove(user_id=row.user_id, device_id=push_device)
        store().delete(row.session_id)


def _fits(user: User, shown: str) -> bool:
    """Whether it is a session of the password that the person has now, as Django asks too."""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(shown, each) for each in hashes)
