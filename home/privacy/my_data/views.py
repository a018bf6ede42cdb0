"""A person's own data: the page, the download, and the request to be erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from home.models import DataExport, Erasure, Patient
from home.privacy.erasure import OPEN, erasure_ask, erasure_withdraw, person_of
from home.privacy.export import export_ask, export_for, exports_of, own_records, wards
from notifications.languages.listed import DEFAULT
from notifications.web.access import PersonalRequest, of_their_own, personal, reading
from notifications.web.numbers import whole_number

State = DataExport.State


@dataclass(frozen=True, slots=True)
class Whose:
    """One whose data this person may ask for: themselves, or a child of whom they are the guardian.

    `key` says who in a form. `erasable` is what they may ask to have erased.
    """

    key: str
    name: str
    patient: Patient | None
    export: DataExport | None
    erasable: Sequence["Erasable"]


@dataclass(frozen=True, slots=True)
class Erasable:
    """A record, or an account that has none, whose erasure may be asked for."""

    key: str
    words: str


def _whose(request: PersonalRequest) -> list[Whose]:
    now, user = timezone.now(), request.user
    exports = exports_of(user.pk, now=now)
    open_ = set(_requests(request).filter(state__in=OPEN).values_list("patient_id", flat=True))
    people: list[tuple[str, Patient | None, list[Patient]]] = [("me", None, own_records(user.pk))]
    people += [(str(ward.pk), ward, [ward]) for ward in wards(user.pk)]
    return [
        Whose(
            key=key,
            name="" if ward is None else str(ward),
            patient=ward,
            export=next((each for each in exports if each.patient_id == (ward and ward.pk)), None),
            erasable=[each for each in _erasable(patients) if whole_number(each.key) not in open_],
        )
        for key, ward, patients in people
    ]


def _requests(request: PersonalRequest) -> QuerySet[Erasure]:
    return Erasure.objects.filter(asked_by=request.user).select_related("patient", "user")


def _erasable(patients: Sequence[Patient]) -> list[Erasable]:
    if not patients:
        return [Erasable("account", "")]
    return [Erasable(str(each.pk), str(each.clinic) if len(patients) > 1 else "") for each in patients]


@reading
def my_data(request: PersonalRequest) -> HttpResponse:
    """What is held, what can be asked for, and what became of it."""
    whose = _whose(request)
    busy = any(each.export and each.export.state in (State.ASKED, State.MAKING) for each in whose)
    return render(
        request, "home/privacy/my_data.html", {"whose": whose, "busy": busy, "erasures": _requests(request)}
    )


@personal
def ask(request: PersonalRequest) -> HttpResponse:
    """Have a download put together; `whose` says of whom."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = next((each for each in _whose(request) if each.key == request.POST.get("whose")), None)
    if asked is None:
        raise Http404
    try:
        language = get_language() or DEFAULT
        export_ask(user=request.user, patient=asked.patient, language=language, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request, _("We are putting it together. A message in your inbox will say when it is ready.")
        )
    return redirect("my_data:page")


def _export_for(user: Any, export_id: int) -> DataExport | None:
    return export_for(user.pk, export_id, now=timezone.now())


@of_their_own(_export_for, page=lambda export_id: "/my-data/")("GET")
def download(request: PersonalRequest, export: DataExport) -> HttpResponse:
    """The file, for the person who asked for it."""
    content = export.content
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    return response


class ErasureForm(forms.Form):
    sure = forms.BooleanField(
        label=gettext_lazy("I understand what goes and what stays, and I want this"),
        error_messages={"required": gettext_lazy("Please tick this if you are sure.")},
    )


@personal
def erasure(request: PersonalRequest, key: str) -> HttpResponse:
    """What an erasure means, and the form that asks for it. `key` is a patient's id, or "account"."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    whose = next((one for one in _whose(request) if key in {each.key for each in one.erasable}), None)
    if whose is None:
        raise Http404
    patient = _patient(request, key)
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            erasure_ask(asked_by=request.user, user=request.user, patient=patient, now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("Your clinic has been asked. You can take it back until they have decided.")
            )
            return redirect("my_data:page")
    stays = whose.key == "me" and patient is not None and not _account_goes(request, patient)
    page = {"form": form, "whose": whose, "patient": patient, "account_stays": stays}
    return render(request, "home/privacy/erasure.html", page)


@personal
def withdraw(request: PersonalRequest, erasure_id: int) -> HttpResponse:
    """Take back a request that isn't decided yet."""
    if not _requests(request).filter(pk=erasure_id).exists():
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if erasure_withdraw(erasure_id=erasure_id, asked_by=request.user, now=timezone.now()):
        messages.success(request, _("You have taken it back. Nothing is erased."))
    else:
        messages.warning(request, _("Your clinic has already decided."))
    return redirect("my_data:page")


def _patient(request: PersonalRequest, key: str) -> Patient | None:
    number = whole_number(key)
    patients = [*own_records(request.user.pk), *wards(request.user.pk)]
    return next((each for each in patients if each.pk == number), None)


def _account_goes(request: PersonalRequest, patient: Patient) -> bool:
    return person_of(Erasure(patient=patient, user=request.user)).user_id is not None
