"""What somebody who leaves a clinic has in hand there: it is named before the role ends, and none of it is lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext
from wagtail.models import WorkflowState

from home.models import Conversation, FollowUp, StaffInvitation, StaffRole
from notifications.models import NotificationTemplate

_TO_COME = (FollowUp.Result.WILL_COME, FollowUp.Result.CALL_LATER)


@dataclass(frozen=True, slots=True)
class InHand:
    """So many things of one kind, in a sentence that says what becomes of them; `url` is where colleagues see them."""

    said: str
    url: str


def in_hand(role: StaffRole, *, now: datetime) -> list[InHand]:
    """What would be left behind if this role ended; nothing where the person has another one there. Six queries."""
    others = StaffRole.objects.filter(user=role.user_id, clinic=role.clinic_id).exclude(pk=role.pk)
    return [] if others.exists() else list(_found(role, now))


def _found(role: StaffRole, now: datetime) -> Iterator[InHand]:
    mine = {"clinic": role.clinic_id}
    taken_over = Conversation.objects.filter(
        **mine, assigned_to=role.user_id, state=Conversation.State.OPEN
    ).count()
    if taken_over:
        yield InHand(
            ngettext(
                "%(count)d open conversation: it is nobody’s again, and waits for whoever takes it over.",
                "%(count)d open conversations: they are nobody’s again, and wait for whoever takes them over.",
                taken_over,
            )
            % {"count": taken_over},
            reverse("conversations:index"),
        )
    agreed = FollowUp.objects.filter(**mine, by=role.user_id, stands=True, result__in=_TO_COME).count()
    if agreed:
        yield InHand(
            ngettext(
                "%(count)d patient who agreed on a day with them: if nobody comes, the patient is on the list of whom "
                "to call again.",
                "%(count)d patients who agreed on a day with them: whoever does not come is on the list of whom to "
                "call again.",
                agreed,
            )
            % {"count": agreed},
            reverse("worklist:index"),
        )
    drafts = NotificationTemplate.objects.filter(
        scope_id=role.clinic_id, has_unpublished_changes=True, latest_revision__user=role.user_id
    ).count()
    if drafts:
        yield InHand(
            ngettext(
                "%(count)d message text that they wrote and nobody has published: it stays as a draft.",
                "%(count)d message texts that they wrote and nobody has published: they stay as drafts.",
                drafts,
            )
            % {"count": drafts},
            f"{reverse('wagtailsnippets_notifications_notificationtemplate:list')}?place={role.clinic_id}",
        )
    waiting = WorkflowState.objects.filter(
        requested_by=role.user_id, status=WorkflowState.STATUS_IN_PROGRESS
    ).count()
    if waiting:
        yield InHand(
            ngettext(
                "%(count)d request of theirs for somebody’s approval: it goes on waiting.",
                "%(count)d requests of theirs for somebody’s approval: they go on waiting.",
                waiting,
            )
            % {"count": waiting},
            "",
        )
    unanswered = StaffInvitation.objects.filter(
        **mine,
        invited_by=role.user_id,
        expires_at__gt=now,
        accepted_at=None,
        declined_at=None,
        revoked_at=None,
    ).count()
    if unanswered:
        yield InHand(
            ngettext(
                "%(count)d invitation that they sent to a colleague: it still works. Withdraw it if it should not.",
                "%(count)d invitations that they sent to colleagues: they still work. Withdraw those that should not.",
                unanswered,
            )
            % {"count": unanswered},
            reverse("staff_invitations:index"),
        )
