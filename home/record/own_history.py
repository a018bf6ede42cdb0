"""The lines that this app gives to a patient's history: looks, changes, consents, invitations, transfers, calls."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from home.models import AccessRecord, Consent, FollowUp, Invitation, Transfer, User
from home.privacy.pages import page_name
from home.privacy.sentences import label
from home.record.history import HistoryLine, register_history
from home.record.log_entries import WORDED, entries_of, names_in, with_names, words_of
from home.record.sections import Reading

Kind = AccessRecord.Kind


def _name(user: User | None) -> str:
    return str(user) if user else ""


@register_history
def looks(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """Who looked, printed and downloaded, for readers of that log. A change says itself what it was. One query."""
    if not reading.user.has_perm("home.view_accessrecord"):
        return
    rows = AccessRecord.objects.filter(
        patient=reading.patient, slot__lt=before, kind__in=(Kind.LOOKED, Kind.PRINTED, Kind.EXPORTED)
    )
    for row in rows.select_related("user").order_by("-slot", "-id")[:limit]:
        if row.at < before:
            yield HistoryLine(row.at, _name(row.user), _looked(row))


def _looked(row: AccessRecord) -> str:
    values = {"page": page_name(row.page)}
    if row.kind == Kind.PRINTED:
        return _("printed: %(page)s") % values
    if row.kind == Kind.EXPORTED:
        return _("downloaded: %(page)s") % values
    return _("looked at: %(page)s") % values


@register_history
def changes(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """What the log of changes has of the patient. Two queries."""
    rows = entries_of(reading.patient).filter(action__in=WORDED, timestamp__lt=before).select_related("user")
    entries: list[Any] = list(rows.order_by("-timestamp")[:limit])
    people = User.objects.filter(pk__in=names_in(entries))
    with_names(entries, {user.pk: str(user) for user in people})
    for entry in entries:
        yield HistoryLine(entry.timestamp, _name(entry.user), words_of(entry))


@register_history
def consents(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """What the patient and those who care for them agreed to, and took back. Two queries."""
    if not reading.user.has_perm("home.view_consent"):
        return
    theirs = Consent.objects.order_by().filter(user__in=reading.patient.care_roles.values("user_id"))
    own = Consent.objects.order_by().filter(patient=reading.patient)
    # Each by its index, which an "or" over both would not use.
    rows = Consent.objects.filter(pk__in=own.values("pk").union(theirs.values("pk"))).select_related("user")
    given = rows.filter(given_at__lt=before).select_related("witness")
    for row in given.order_by("-given_at", "-id")[:limit]:
        words = _("%(who)s agreed: %(what)s") % _agreed(row, reading)
        yield HistoryLine(row.given_at, _name(row.witness), words)
    ended: Any = rows.filter(withdrawn_at__lt=before).exclude(withdrawn_how=Consent.Ended.RENEWED)
    for row in ended.select_related("withdrawn_by").order_by("-withdrawn_at", "-id")[:limit]:
        words = _("%(who)s took back: %(what)s") % _agreed(row, reading)
        yield HistoryLine(row.withdrawn_at, _name(row.withdrawn_by), words)


def _agreed(row: Consent, reading: Reading) -> dict[str, Any]:
    return {"what": label(row.purpose), "who": row.user or reading.patient}


@register_history
def invitations(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """Who was invited to care for the patient, and what they said. Two queries."""
    if not reading.user.has_perm("home.view_invitation"):
        return
    rows = Invitation.objects.filter(patient=reading.patient)
    made = rows.filter(created_at__lt=before).select_related("invited_by")
    for row in made.order_by("-created_at", "-id")[:limit]:
        words = _("invited somebody (%(relation)s)") % {"relation": row.get_relation_display()}
        yield HistoryLine(row.created_at, _name(row.invited_by), words)
    answered: Any = rows.annotate(answered_at=Coalesce("accepted_at", "declined_at", "revoked_at"))
    ended = answered.filter(answered_at__lt=before).select_related("accepted_by")
    for row in ended.order_by("-answered_at", "-id")[:limit]:
        yield HistoryLine(row.answered_at, _name(row.accepted_by), _answered(row))


def _answered(row: Invitation) -> str:
    if row.accepted_at:
        words = _("accepted the invitation (%(relation)s)")
    elif row.declined_at:
        words = _("The invitation was declined (%(relation)s)")
    else:
        words = _("The invitation was withdrawn (%(relation)s)")
    return words % {"relation": row.get_relation_display()}


@register_history
def transfers(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """To which clinic the patient was to go. Who accepted one is in the log of changes. One query."""
    if not reading.user.has_perm("home.view_transfer"):
        return
    rows = Transfer.objects.filter(patient=reading.patient, asked_at__lt=before)
    said = {
        Transfer.State.REFUSED: _("refused to take the patient over (%(to)s)"),
        Transfer.State.WITHDRAWN: _("withdrew the transfer to %(to)s"),
        Transfer.State.EXPIRED: _("Nobody at %(to)s answered the transfer; nothing changed"),
    }
    for row in rows.select_related("to_clinic", "asked_by", "decided_by").order_by("-asked_at")[:limit]:
        to = {"to": row.to_clinic.name}
        yield HistoryLine(row.asked_at, _name(row.asked_by), _("asked %(to)s to take the patient over") % to)
        if row.decided_at and row.decided_at < before and row.state in said:
            yield HistoryLine(row.decided_at, _name(row.decided_by), said[Transfer.State(row.state)] % to)


@register_history
def calls(reading: Reading, before: datetime, limit: int) -> Iterable[HistoryLine]:
    """Who called, and what came of it. What was noted stands on the list of calls alone. One query."""
    if not reading.user.has_perm("home.view_worklistentry"):
        return
    rows = FollowUp.objects.filter(patient=reading.patient, at__lt=before).select_related("by")
    for row in rows.defer("note", "number").order_by("-at", "-id")[:limit]:
        said = {"result": row.get_result_display()}
        words = _("called: %(result)s") % said
        if row.until:
            said["day"] = date_format(row.until, "j F Y")
            words = _("called: %(result)s, %(day)s") % said
        yield HistoryLine(row.at, _name(row.by), words)
