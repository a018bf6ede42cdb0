"""What waits for a person, as the side bar says it on each page: calls, transfers to decide on, people to answer."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from home.conversations.threads import waiting_conversations
from home.models import Clinic
from home.record.transfers import transfers_to_decide
from home.selectors import clinics_of_staff
from home.worklist.entries import on_the_list
from home.worklist.of_staff import MOST_CLINICS

_KEPT = "_desk_waiting"


@dataclass(frozen=True, slots=True)
class Waiting:
    """`clinic` is the reader's only one; None for who has none or several."""

    clinic: Clinic | None
    numbers: dict[str, int]
    """By the place in the side bar; nothing where nobody waits."""


def waiting(request: HttpRequest) -> Waiting:
    """Five queries, once a request."""
    found: Waiting | None = getattr(request, _KEPT, None)
    if found is None:
        found = _counted(request)
        setattr(request, _KEPT, found)
    return found


def _counted(request: HttpRequest) -> Waiting:
    user, now = request.user, timezone.now()
    clinics = list(clinics_of_staff(user)[: MOST_CLINICS + 1])
    numbers = {}
    if len(clinics) <= MOST_CLINICS and user.has_perm("home.view_worklistentry"):
        numbers["today"] = on_the_list(clinics, now).order_by().values("patient_id").distinct().count()
    if len(clinics) <= MOST_CLINICS and user.has_perm("home.change_transfer"):
        numbers["patients"] = transfers_to_decide(clinics).count()
    if len(clinics) <= MOST_CLINICS and user.has_perm("home.view_conversation"):
        numbers["messages"] = waiting_conversations(user).order_by().count()
    return Waiting(
        clinics[0] if len(clinics) == 1 else None,
        {name: number for name, number in numbers.items() if number},
    )
