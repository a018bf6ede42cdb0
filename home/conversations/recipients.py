"""Who is told of what happens in conversations. Constant queries for each batch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from home.models import Conversation, ConversationAnswer, Patient, StaffRole, User
from notifications.channels import registry as channels
from notifications.types import IN_APP, About, Publication, Reason, Recipient

READ_IS_NEWS = timedelta(days=1)
URGENT_IS_NEWS = timedelta(hours=12)


def clinic_name(name: str) -> str:
    """A clinic, or head office where there is none."""
    return name or _("head office")


def reply_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The person who is answered: in the inbox, and by the way they wrote last. Two queries, and one a channel."""
    ids = {each.payload["answer_id"] for each in publications}
    joined = ConversationAnswer.objects.filter(pk__in=ids).select_related("conversation__clinic")
    answers = {answer.pk: answer for answer in joined}
    usable = _usable((answer.channel, answer.conversation.user_id) for answer in answers.values())
    for publication in publications:
        answer = answers.get(publication.payload["answer_id"])
        if answer and answer.conversation.user_id:
            row = answer.conversation
            yield Recipient(
                publication.id,
                answer.conversation.user_id,
                {"message": answer.text, "clinic": row.clinic.name if row.clinic else ""},
                dedupe_key=f"answer:{answer.pk:012d}",
                related_object_type="conversation_answer",
                related_object_id=answer.pk,
                data=_data(row),
                about=About(row.clinic_id, row.patient_id),
                requested=usable[answer.channel, answer.conversation.user_id],
            )


def read_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The person whose words a nurse has read, by the way they came. Two queries, and one a channel."""
    rows = _conversations(publications)
    usable = _usable((row.channel, row.user_id) for row in rows.values())
    for publication in publications:
        row = rows.get(publication.payload["conversation_id"])
        if row and row.user_id:
            yield Recipient(
                publication.id,
                row.user_id,
                {"clinic": row.clinic.name if row.clinic else ""},
                dedupe_key=f"read:{publication.id:012d}",
                data={**_data(row), "conversation_id": row.pk},
                valid_until=now + READ_IS_NEWS,
                about=About(row.clinic_id, row.patient_id),
                requested=usable[row.channel, row.user_id],
            )


def while_they_live(data: Sequence[Mapping[str, int]]) -> Sequence[bool]:
    """Whether the patient hasn't died since, whom it is about. One query."""
    ids = {each["patient_id"] for each in data if "patient_id" in each}
    dead = set(Patient.objects.filter(pk__in=ids, deceased_on__isnull=False).values_list("pk", flat=True))
    return [each.get("patient_id") not in dead for each in data]


def still_without_an_answer(data: Sequence[Mapping[str, int]]) -> Sequence[bool]:
    """Whether they live, and nobody has answered since it was read: an answer says that too. Two queries."""
    ids = {each["conversation_id"] for each in data if "conversation_id" in each}
    answered = Conversation.objects.filter(pk__in=ids, answers__at__gte=F("read_at"))
    said = set(answered.values_list("pk", flat=True))
    living = while_they_live(data)
    return [
        lives and each.get("conversation_id") not in said for each, lives in zip(data, living, strict=True)
    ]


def _data(row: Conversation) -> Mapping[str, int]:
    return {"patient_id": row.patient_id} if row.patient_id else {}


def urgent_recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The staff of its clinic, head office where it has none. Three queries."""
    rows = _conversations(publications)
    staff = _staff({row.clinic_id for row in rows.values()})
    for publication in publications:
        row = rows.get(publication.payload["conversation_id"])
        for user_id in staff[row.clinic_id] if row else ():
            yield Recipient(
                publication.id,
                user_id,
                {"clinic": row.clinic.name if row and row.clinic else ""},
                dedupe_key=f"urgent:{publication.id:012d}",
                data={"conversation_id": publication.payload["conversation_id"]},
                valid_until=now + URGENT_IS_NEWS,
                about=About(row.clinic_id if row else None),
            )


def still_urgent(data: Sequence[Mapping[str, int]]) -> Sequence[bool]:
    """Whether nobody has answered or closed it since. One query."""
    ids = {each["conversation_id"] for each in data}
    waiting = Conversation.objects.filter(pk__in=ids, is_urgent=True, state=Conversation.State.OPEN)
    found = set(waiting.values_list("pk", flat=True))
    return [each["conversation_id"] in found for each in data]


def _conversations(publications: Sequence[Publication]) -> dict[int, Conversation]:
    ids = {each.payload["conversation_id"] for each in publications}
    return {row.pk: row for row in Conversation.objects.filter(pk__in=ids).select_related("clinic")}


def _staff(clinic_ids: Collection[int | None]) -> Mapping[int | None, list[int]]:
    found: dict[int | None, list[int]] = defaultdict(list)
    known = {clinic_id for clinic_id in clinic_ids if clinic_id is not None}
    roles = StaffRole.objects.filter(clinic_id__in=known, user__is_active=True)
    for clinic_id, user_id in roles.order_by("user_id").values_list("clinic_id", "user_id").distinct():
        found[clinic_id].append(user_id)
    if None in clinic_ids:
        head_office = User.objects.filter(is_superuser=True, is_active=True)
        found[None] = list(head_office.order_by("pk").values_list("pk", flat=True))
    return found


def _usable(ways: Iterable[tuple[str, int | None]]) -> dict[tuple[str, int | None], frozenset[str]]:
    """The inbox, and the channel itself where its address is confirmed: a nurse's words are for nobody else."""
    people: dict[str, set[int]] = defaultdict(set)
    for name, user_id in ways:
        people[name].update({user_id} if user_id else ())
    found: dict[tuple[str, int | None], frozenset[str]] = {}
    for name, user_ids in people.items():
        channel = channels.outside().get(name)
        obstacles = channel.obstacles(user_ids) if channel else {}
        for user_id in user_ids:
            confirmed = channel is not None and obstacles.get(user_id) is not Reason.UNVERIFIED
            found[name, user_id] = frozenset({IN_APP, name} if confirmed else {IN_APP})
    return found
