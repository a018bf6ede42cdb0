"""Why this app has somebody called: they wrote, they can't be reached, or they never used their code."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from home.worklist.entries import UNREACHED
from home.worklist.reasons import HOURS, Finding, WorklistReason, register_worklist_reason
from home.worklist.unreached import unreached, wrongly_numbered
from home.worklist.written import WROTE, words_of, written

CODE_USED_WITHIN = timedelta(days=2)
"""Whoever was sent a code or an invitation is left alone for so long."""

Facts = Mapping[str, Any]


def _wrote(clinic_ids: Collection[int], now: datetime) -> Iterable[Finding]:
    for each in written(clinic_ids, now):
        day = each.at.astimezone(ZoneInfo(each.patient.clinic.zone)).date()
        facts = {"sms_id": each.sms_id, "urgent": each.is_urgent}
        facts |= {"asks_to_be_called": True} if each.asks_to_be_called else {}
        yield Finding(each.patient.pk, day, facts, HOURS if each.is_urgent else None, each.at)


def _wrote_or_asks(facts: Facts) -> str:
    if facts.get("asks_to_be_called"):
        return _("Asks to be called")
    return pgettext("a person, and then what", "Wrote")


def _what_they_wrote(facts_of: Mapping[int, Facts]) -> Mapping[int, str]:
    words = words_of([facts["sms_id"] for facts in facts_of.values()])
    return {
        patient_id: words[facts["sms_id"]]
        for patient_id, facts in facts_of.items()
        if words.get(facts["sms_id"])
    }


def _unreached(clinic_ids: Collection[int], now: datetime) -> Iterable[Finding]:
    why = {
        each.patient_id: "comes_back" if each.comes_back else "no_address"
        for each in unreached(clinic_ids)
        if each.asked_at is None
    }
    why |= dict.fromkeys(wrongly_numbered(clinic_ids), "wrong_number")
    return [Finding(patient_id, None, {"why": said}) for patient_id, said in why.items()]


def _code_unused(clinic_ids: Collection[int], now: datetime) -> Iterable[Finding]:
    for each in unreached(clinic_ids):
        if each.asked_at and each.asked_at <= now - CODE_USED_WITHIN:
            day = each.asked_at.astimezone(ZoneInfo(each.zone)).date()
            yield Finding(each.patient_id, day, {"invitation_id": each.invitation_id})


def _why_unreached(facts: Facts) -> str:
    return {
        "wrong_number": _("the number is wrong: ask for another one"),
        "comes_back": _("mail to them comes back"),
    }.get(str(facts.get("why")), _("nobody has a confirmed address and agreed to messages"))


def _why_unused(facts: Facts) -> str:
    if facts.get("invitation_id"):
        return _("the invitation was never taken up")
    return _("the code was never used")


for _reason in (
    WorklistReason(
        WROTE,
        pgettext_lazy("a reason to call", "Wrote to us"),
        pressing=60,
        select=_wrote,
        words=_wrote_or_asks,
        quotes=_what_they_wrote,
    ),
    WorklistReason(
        UNREACHED,
        gettext_lazy("Can’t be reached"),
        pressing=20,
        select=_unreached,
        words=lambda facts: _("Can’t be reached"),
        detail=_why_unreached,
    ),
    WorklistReason(
        "code_unused",
        gettext_lazy("Code never used"),
        pressing=15,
        select=_code_unused,
        words=lambda facts: _("Code never used"),
        detail=_why_unused,
    ),
):
    register_worklist_reason(_reason)
