"""The page on which a dose is answered in full, or its answer is corrected."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from medications.models import Dose
from medications.presentation.answer_lines import answer_line
from medications.rules.answers import is_over
from medications.rules.errors import RuleError
from medications.selectors.day import answers_of
from medications.selectors.people import Person
from medications.services.answers import AnsweredMeanwhileError, Skipped, Taken, dose_correct
from medications.views.access import own_dose
from medications.views.answer_forms import SkippedForm, TakenForm
from medications.views.dose_answers import answered, page_of
from medications.views.dose_card import Open, card
from medications.views.moments import day_words
from medications.views.record import record_form
from medications.views.today import day_url
from notifications.texts.formats import clock
from notifications.web.access import PersonalRequest

_PAGE = "medications/answer.html"


@own_dose("GET", "HEAD", "POST")
def answer(request: PersonalRequest, dose: Dose) -> HttpResponse:
    """One dose, whatever was answered to it: taken, when and how much; or not taken, and why.

    A dose that was recorded besides the plan is corrected as it was recorded.
    """
    if not dose.is_planned:
        return record_form(request, dose.prescription, dose)
    if request.method != "POST" or is_over(dose.due_at, now=timezone.now()):
        return _page(request, dose)
    return _given(request, dose)


def _given(request: PersonalRequest, dose: Dose) -> HttpResponse:
    now = timezone.now()
    taken, skipped = _forms(dose, now)
    form: TakenForm | SkippedForm
    if request.POST.get("answer") == "skipped":
        form = skipped = SkippedForm(request.POST, auto_id="skip_%s")
    else:
        form = taken = TakenForm(request.POST, dose=dose, person=Person(dose.patient, False), now=now)
    if not form.is_valid():
        return _page(request, dose, taken=taken, skipped=skipped, status=200)
    given: Taken | Skipped
    if isinstance(form, TakenForm):
        given = Taken(at=form.taken_at, quantity=form.cleaned_data["quantity"])
    else:
        given = Skipped(code=form.cleaned_data["code"], reason=form.cleaned_data["reason"])
    try:
        dose_correct(dose_id=dose.pk, user=request.user, now=now, given=given, seen=form.last_seen)
    except AnsweredMeanwhileError:
        messages.warning(request, _("Somebody answered meanwhile. Nothing was changed. Please look again."))
        return redirect("medications:dose_answer", dose.pk)
    except RuleError:
        # The moment has passed in which this was possible.
        return _page(request, dose, taken=taken, skipped=skipped)
    return answered(request, dose)


def _forms(dose: Dose, now: Any) -> tuple[TakenForm, SkippedForm]:
    seen = answers_of(dose)[:1]
    initial = {"seen": seen[0].pk if seen else 0}
    return (
        TakenForm(dose=dose, person=Person(dose.patient, False), now=now, initial=initial),
        SkippedForm(
            initial={**initial, "code": dose.skip_code, "reason": dose.skip_reason}, auto_id="skip_%s"
        ),
    )


def _page(
    request: PersonalRequest,
    dose: Dose,
    *,
    taken: TakenForm | None = None,
    skipped: SkippedForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    person = Person(dose.patient, False)
    day = dose.due_at.astimezone(person.zone).date()
    given = answers_of(dose)
    own_taken, own_skipped = _forms(dose, now)
    context = {
        "nav": "today",
        "card": card(dose, person, request.user, now=now, opened=Open()),
        "day": day_words(day, today=person.today(now)),
        "time": clock(dose.due_at, person.zone),
        "taken": taken or own_taken,
        "skipped": skipped or own_skipped,
        "lines": [answer_line(each, dose, person, request.user) for each in given],
        "back_url": f"{day_url(person, page_of(dose, now))}#dose-{dose.pk}",
        "can_change": not is_over(dose.due_at, now=now),
    }
    return render(request, _PAGE, context, status=status)
