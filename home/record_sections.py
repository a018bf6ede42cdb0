"""The parts of a patient's page that this app knows: how they are reached, messages, people, notes, history."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.admin.conversation_words import who_wrote
from home.admin.wishes import PERMISSION, wishes_url
from home.admin.worklist import LOG, VIEW, log_a_call
from home.carers import untold_carers
from home.conversations.threads import open_about
from home.models import Left, Transfer
from home.reach.ways import by_person
from home.record.chips import Chip, Tone, register_record_chips
from home.record.departures import Departure, departures_of
from home.record.history import history
from home.record.message_words import said
from home.record.messages import latest_messages
from home.record.notes import latest_notes
from home.record.reached import how_they_are_reached, ways_for
from home.record.sections import (
    Column,
    Reading,
    RecordAction,
    RecordSection,
    register_record_action,
    register_record_section,
)
from home.record.transfers import waiting_transfer
from home.worklist.entries import reasons_of
from notifications.web.moments import dated, shown_moment

_HISTORY_LINES = 6
_INVITATIONS = 5


def _waiting(reading: Reading) -> Transfer | None:
    """Read once, as the ways to the patient."""
    if "home.transfer" not in reading.shared:
        reading.shared["home.transfer"] = waiting_transfer(reading.patient)
    found: Transfer | None = reading.shared["home.transfer"]
    return found


def became_of_them(reading: Reading) -> Iterable[Chip]:
    """Whether somebody died, moved, or was lost; and where they are to go."""
    patient = reading.patient
    today = timezone.localdate(reading.now)
    if patient.deceased_on:
        day = dated(patient.deceased_on, "j F", today=today)
        yield Chip(_("died on %(day)s") % {"day": day}, Tone.WRONG)
    elif patient.left_on:
        day = dated(patient.left_on, "j F", today=today)
        moved = patient.left_why == Left.MOVED
        words = _("moved away on %(day)s") if moved else _("lost to follow-up since %(day)s")
        yield Chip(words % {"day": day}, Tone.WRONG if moved else Tone.LOOK)
    if transfer := _waiting(reading):
        words = _("transfer to %(clinic)s asked for") % {"clinic": transfer.to_clinic.name}
        yield Chip(words, Tone.LOOK, reverse("transfers:decide", args=[transfer.pk]))


def on_the_call_list(reading: Reading) -> Iterable[Chip]:
    """Why somebody should call, and the page on which the call is logged."""
    if not reading.user.has_perm(VIEW):
        return
    if why := reasons_of(reading.patient, reading.now):
        words = _("on the call list: %(why)s") % {"why": ", ".join(each.words for each in why)}
        may_log = reading.user.has_perm(LOG)
        yield Chip(words, Tone.LOOK, log_a_call(reading) if may_log else "")


def _reached(reading: Reading) -> Mapping[str, Any]:
    patient = reading.patient
    may_see_consents = reading.user.has_perm("home.view_consent")
    return {
        "phone": patient.phone,
        "people": by_person(ways_for(reading)),
        "consents_url": reverse("consents:patient", args=[patient.pk]) if may_see_consents else "",
    }


def _messages(reading: Reading) -> Mapping[str, Any]:
    patient = reading.patient
    log = reverse("notification_messages:index")
    may_see_conversations = reading.user.has_perm("home.view_conversation")
    return {
        "messages": said(latest_messages(patient), now=reading.now),
        "conversations": [
            (row, reverse("conversations:thread", args=[row.pk]), who_wrote(row))
            for row in (open_about(patient) if may_see_conversations else ())
        ],
        "all_url": f"{log}?{urlencode({'about': patient.pk})}",
    }


def _people(reading: Reading) -> Mapping[str, Any]:
    patient = reading.patient
    may_see = reading.user.has_perm("home.view_invitation")
    invitations = patient.invitations.filter(accepted_at=None).order_by("-created_at") if may_see else []
    invite = reverse("invitations:add")
    return {
        "people": [
            (ways[0], any(way.works for way in ways))
            for ways in by_person(way for way in ways_for(reading) if not way.is_self)
        ],
        "has_account": any(way.is_self for way in ways_for(reading)),
        "untold": untold_carers(patient.pk),
        "invitations": [(each, each.state(reading.now).label) for each in invitations[:_INVITATIONS]],
        "invite_url": f"{invite}?{urlencode({'patient': patient.pk})}"
        if reading.user.has_perm("home.add_invitation") and patient.is_in_care
        else "",
    }


def _notes(reading: Reading) -> Mapping[str, Any]:
    notes = latest_notes(reading.patient)
    return {"notes": [(each, shown_moment(each.at, now=reading.now)) for each in notes]}


def _history(reading: Reading) -> Mapping[str, Any]:
    lines = history(reading, before=reading.now, limit=_HISTORY_LINES)
    return {
        "lines": [(shown_moment(line.at, now=reading.now), line) for line in lines[:_HISTORY_LINES]],
        "all_url": reverse("patients:changes", args=[reading.patient.pk]),
    }


def _act(name: str, what: Departure) -> Any:
    def url(reading: Reading) -> str:
        may = what in departures_of(reading.patient)
        return reverse(f"patients:{name}", args=[reading.patient.pk]) if may else ""

    return url


def _back(*, dead: bool) -> Any:
    """The same page, by the name that fits."""
    back = _act("back", Departure.BACK)
    return lambda reading: back(reading) if (reading.patient.deceased_on is not None) == dead else ""


def _transfer_url(reading: Reading) -> str:
    if reading.patient.deceased_on or _waiting(reading):
        return ""
    return reverse("patients:transfer", args=[reading.patient.pk])


register_record_chips(became_of_them, order=0)
register_record_chips(how_they_are_reached, order=10)
register_record_chips(on_the_call_list, order=20)

for _name, _title, _order, _permission, _select, _column in (
    ("reached", gettext_lazy("How they are reached"), 5, "home.view_patient", _reached, Column.SIDE),
    (
        "messages",
        gettext_lazy("Messages"),
        50,
        "notifications.view_notification",
        _messages,
        Column.MAIN,
    ),
    ("people", gettext_lazy("People"), 60, "home.view_patient", _people, Column.SIDE),
    ("notes", gettext_lazy("Notes"), 70, "home.view_patient", _notes, Column.MAIN),
    ("history", gettext_lazy("History"), 80, "home.view_patient", _history, Column.SIDE),
):
    register_record_section(
        RecordSection(_name, _title, _order, _permission, _select, f"home/record/{_name}.html", _column)
    )

for _label, _url, _order in (
    (
        gettext_lazy("Change details"),
        lambda reading: reverse("patients:edit", args=[reading.patient.pk]),
        50,
    ),
    (gettext_lazy("Is back"), _back(dead=False), 55),
    (gettext_lazy("Did not die"), _back(dead=True), 55),
    (gettext_lazy("Transfer to another clinic"), _transfer_url, 60),
    (gettext_lazy("Moved away"), _act("moved", Departure.MOVED), 61),
    (gettext_lazy("Lost to follow-up"), _act("lost", Departure.LOST), 62),
    (gettext_lazy("Died"), _act("died", Departure.DIED), 63),
):
    register_record_action(RecordAction(_label, _url, "home.change_patient", _order))
register_record_action(RecordAction(gettext_lazy("How they are reached"), wishes_url, PERMISSION, order=52))
register_record_action(RecordAction(gettext_lazy("Log a call"), log_a_call, LOG, order=40))
