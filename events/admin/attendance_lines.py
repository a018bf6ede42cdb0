"""The lines of an attendance list, and how many people there are of each kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.admin.clinic_time import clinic_moment
from events.models import HAS_PLACE, Attendance, ClinicEvent

State = Attendance.State


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person on the list. `number` counts from 1, separately for people with a place and on the waiting list."""

    id: int
    number: int
    name: str
    address: str
    asked: str
    state: str
    said: str

    @property
    def is_marked(self) -> bool:
        return self.state in (State.ATTENDED, State.NO_SHOW)


def lines(attendances: Iterable[Attendance], zone: str, *, now: datetime) -> list[Line]:
    """The lines of a list, in its order."""
    counted = {True: 0, False: 0}
    found = []
    for each in attendances:
        has_place = each.state in HAS_PLACE
        counted[has_place] += 1
        found.append(
            Line(
                id=each.pk,
                number=counted[has_place],
                name=str(each.person),
                address=address_of(each),
                asked=clinic_moment(each.asked_at, zone, now=now),
                state=each.state,
                said=each.get_state_display(),
            )
        )
    return found


def address_of(attendance: Attendance) -> str:
    """The phone number as it is dialled in South Africa, else the e-mail address; of a patient by what is known."""
    user, patient = attendance.user, attendance.patient
    phone = (user and user.phone) or (patient and patient.phone)
    if phone:
        return str(phone.as_national)
    if user and user.email:
        return str(user.email)
    return _("no phone number")


def counts(event: ClinicEvent, listed: Sequence[Line]) -> list[str]:
    """How many there are of each kind, in words."""
    states = [line.state for line in listed]
    taken = sum(state in HAS_PLACE for state in states)
    waiting, there, absent = (states.count(state) for state in (State.WAITING, State.ATTENDED, State.NO_SHOW))
    said = [
        ngettext("%(taken)s has a place", "%(taken)s have a place", taken) % {"taken": taken}
        if event.capacity is None
        else _("%(taken)s of %(capacity)s places taken") % {"taken": taken, "capacity": event.capacity}
    ]
    if waiting:
        said.append(ngettext("%(waiting)s waiting", "%(waiting)s waiting", waiting) % {"waiting": waiting})
    if there:
        said.append(ngettext("%(there)s attended", "%(there)s attended", there) % {"there": there})
    if absent:
        said.append(_("%(absent)s did not come") % {"absent": absent})
    return said
