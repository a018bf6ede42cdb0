"""A person's pages: what they agreed to, with its withdrawal, and who among staff saw their record."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from home.carers import CARERS
from home.models import AccessRecord, CareRole, Consent, Patient, Relation
from home.privacy.consents import consents_give, consents_withdraw
from home.privacy.history import Line, lines
from home.privacy.pages import page_name
from home.privacy.selectors import Look, history_of, looks, patients_spoken_for
from home.privacy.sentences import current_version, label, personal_purposes, reading_language, sentence
from notifications.web.access import PersonalRequest, personal, reading
from notifications.web.moments import said
from notifications.web.numbers import whole_number

_CONSENTS = "home/privacy/consents.html"
_ALL = "all"
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be agreed to: its name in the form, and what stands of it."""

    name: str
    label: str
    sentence: str
    standing: Consent | None
    is_current: bool
    """Whether what stands was given in the words of today."""


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: PersonalRequest) -> HttpResponse:
    """Each sentence with a button to agree or to withdraw, one for all of them, and the history below."""
    patients = list(patients_spoken_for(request.user))
    if request.method == "POST":
        return _answer(request, patients)
    now = timezone.now()
    history = history_of(user_ids=[request.user.pk], patient_ids=[patient.pk for patient in patients])
    standing = {(each.patient_id, each.purpose): each for each in history if each.stands}
    mine = [_item(purpose, standing.get((None, purpose))) for purpose in personal_purposes()]
    roles = CareRole.objects.filter(patient__in=patients, relation=Relation.CARER)
    with_carers = set(roles.values_list("patient_id", flat=True))
    told = [
        (patient, _item(CARERS, standing.get((patient.pk, CARERS)), patient))
        for patient in patients
        if patient.pk in with_carers
    ]
    context = {
        "nav": "settings",
        "items": mine,
        "of_patients": told,
        "any_stands": any(item.standing for item in [*mine, *(item for _patient, item in told)]),
        "history": _with_names(lines(history, now=now), patients),
    }
    return render(request, _CONSENTS, context)


@reading
def who_saw(request: PersonalRequest) -> HttpResponse:
    """Who among staff saw the record of the reader, or of a child of theirs (`?who=`); the latest first."""
    patients = list(patients_spoken_for(request.user))
    asked = whole_number(request.GET.get("who", ""))
    patient = next((each for each in patients if each.pk == asked), patients[0] if patients else None)
    now = timezone.now()
    records = AccessRecord.objects.filter(patient=patient).select_related("user", "patient")
    page = Paginator(records, PER_PAGE).get_page(request.GET.get("p"))
    context = {
        "nav": "settings",
        "patient": patient,
        "chips": [
            {"label": each.first_name, "href": f"?who={each.pk}", "current": each == patient}
            for each in patients
        ]
        if len(patients) > 1
        else [],
        "page": page,
        "lines": [_seen(next(alike), now) for _same, alike in groupby(looks(page.object_list), _one_line)],
    }
    return render(request, "home/privacy/who_saw.html", context)


def _one_line(look: Look) -> tuple[Any, ...]:
    """Pages of the same part, seen in the same minutes, are one line to the patient."""
    record = look.record
    return record.user_id, record.kind, record.page, record.slot


def _seen(look: Look, now: Any) -> dict[str, Any]:
    record = look.record
    return {
        "name": record.user.get_full_name() if record.user else "",
        "role": look.role or (_("head office") if record.user and record.user.is_superuser else ""),
        "when": said(record.last_at, now=now),
        "at": record.last_at,
        "what": record.get_kind_display(),
        "page": page_name(record.page),
    }


def _answer(request: PersonalRequest, patients: Sequence[Patient]) -> HttpResponse:
    act, name = request.POST.get("act", ""), request.POST.get("item", "")
    if act == "withdraw" and name == _ALL:
        for purpose, owner in _all_items(patients):
            _withdraw(request, purpose, owner)
        messages.success(request, _("You have withdrawn all. From now on messages come to your inbox only."))
        return redirect("privacy:consents")
    found = [item for item in _all_items(patients) if _name(*item) == name]
    if not found or act not in ("give", "withdraw"):
        return HttpResponseBadRequest()
    [(purpose, patient)] = found
    if act == "withdraw":
        _withdraw(request, purpose, patient)
        messages.success(request, _("Withdrawn: %(what)s.") % {"what": label(purpose)})
    else:
        consents_give(
            user_id=None if patient else request.user.pk,
            patient_id=patient.pk if patient else None,
            purposes=[purpose],
            how=Consent.How.SITE,
            language=reading_language(),
            now=timezone.now(),
        )
        messages.success(request, _("You have agreed: %(what)s.") % {"what": label(purpose)})
    return redirect("privacy:consents")


def _withdraw(request: PersonalRequest, purpose: str, patient: Patient | None) -> None:
    consents_withdraw(
        user_id=None if patient else request.user.pk,
        patient_id=patient.pk if patient else None,
        purposes=[purpose],
        how=Consent.Ended.SITE,
        by_id=request.user.pk,
        now=timezone.now(),
    )


def _all_items(patients: Sequence[Patient]) -> list[tuple[str, Patient | None]]:
    """What the reader may decide: for themselves, and that carers of these patients are told."""
    mine: list[tuple[str, Patient | None]] = [(purpose, None) for purpose in personal_purposes()]
    return [*mine, *((CARERS, patient) for patient in patients)]


def _name(purpose: str, patient: Patient | None) -> str:
    """An item's name in the form: "email", or "carers-7" of patient 7."""
    return f"{purpose}-{patient.pk}" if patient else purpose


def _item(purpose: str, standing: Consent | None, patient: Patient | None = None) -> Item:
    return Item(
        name=_name(purpose, patient),
        label=label(purpose),
        sentence=sentence(purpose, reading_language()),
        standing=standing,
        is_current=standing is not None and standing.version == current_version(purpose),
    )


def _with_names(listed: Sequence[Line], patients: Sequence[Patient]) -> list[tuple[Line, str]]:
    """Each line with the patient's name where it is about one of several."""
    names = {patient.pk: patient.first_name for patient in patients}
    return [(line, names.get(line.consent.patient_id or 0, "")) for line in listed]
