"""Who is asked to approve of an announcement, and hears of it in their inbox."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications import audiences
from notifications.languages.listed import PAGES
from notifications.models import Approved
from notifications.models.announcement import may_address
from notifications.selectors.people import language_of
from notifications.services import NotificationService


def approvers_of(row: Approved, by: Any) -> list[Any]:
    """The other managers there; where there are none, and of what is for all clinics, head office."""
    users = (
        get_user_model()
        ._default_manager.filter(is_active=True)
        .exclude(pk__in={by.pk, row.author_id} - {None})
    )
    if row.within:
        managers = audiences.user_ids(["managers"], row.within, now=timezone.now())
        there = [each for each in users.filter(pk__in=managers) if may_address(each, row.within)]
        if there:
            return there
    return list(users.filter(is_superuser=True))


def approvers_tell(row: Approved, by: Any, *, title: Mapping[str, str]) -> int:
    """Let them know, each in the language of their pages; how many they are. `title` is by language."""
    people = approvers_of(row, by)
    for language in PAGES:
        readers = [each for each in people if language_of(each.pk) == language]
        if not readers:
            continue
        with override(language):
            NotificationService.send(
                users=readers,
                title=_("An announcement waits for your approval"),
                message=_("%(person)s asks for approval of “%(title)s”. You find it under Messages.")
                % {
                    "person": by.get_full_name(),
                    "title": title[language],
                },
                about=audiences.about(row.within),
            )
    return len(people)
