"""The page on which staff set, with a person's word, how that person wants to be reached."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied

from home.admin.patient_pages import OfPatient, patient_of
from home.models import CareRole, User
from home.privacy.access_log import note
from home.privacy.sentences import REMINDERS, label, reading_language, sentence
from home.reach.ways import Way, by_person, reached
from home.record.sections import Reading
from home.record.wishes import (
    Wishes,
    WishesChangedError,
    changes_of,
    settable_people,
    wishes_of,
    wishes_set,
)
from notifications.languages.listed import PAGES, own_name, to_choose
from notifications.models import DetailChoices
from notifications.web.moments import said
from notifications.web.numbers import whole_number

PERMISSION = "home.change_patient"


def _time(text: Any) -> forms.TimeField:
    return forms.TimeField(
        label=text,
        required=False,
        input_formats=["%H:%M", "%H.%M", "%Hh%M", "%H"],
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "placeholder": "22:00"}),
        error_messages={"invalid": gettext_lazy("Write a time as in 22:00.")},
    )


class WishesForm(forms.Form):
    """What one person wants. `said` has to be ticked: without the person's word nothing is changed."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    language = forms.ChoiceField(
        label=gettext_lazy("Language of their messages"),
        choices=[(code, own_name(code)) for code in PAGES],
    )
    message_language = forms.ChoiceField(
        label=gettext_lazy("Messages in another language"),
        required=False,
        choices=to_choose,
        help_text=gettext_lazy("Until the clinic switches it on, messages come in the language above."),
    )
    agreed = forms.MultipleChoiceField(
        label=gettext_lazy("What they agree to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Read each sentence out. What is ticked anew is written down with you as witness."
        ),
    )
    detail = forms.ChoiceField(
        label=gettext_lazy("What others may read on their phone"),
        choices=DetailChoices.choices,
        widget=forms.RadioSelect,
    )
    quiet_hours_enabled = forms.BooleanField(
        label=gettext_lazy("Hold messages at night"),
        required=False,
        help_text=gettext_lazy("Reminders of doses come all the same."),
    )
    quiet_hours_start = _time(gettext_lazy("From"))
    quiet_hours_end = _time(gettext_lazy("Until"))
    said = forms.BooleanField(
        label=gettext_lazy("They told me so themselves"),
        error_messages={"required": gettext_lazy("Only what the person says themselves counts.")},
    )

    def __init__(self, *args: Any, wishes: Wishes, channels: Iterable[str], **kwargs: Any) -> None:
        """`channels` are those by which the person has an address that can be agreed to here."""
        super().__init__(*args, **kwargs)
        self.initial = {field.name: getattr(wishes, field.name) for field in fields(Wishes)}
        self.initial |= {"agreed": sorted(wishes.agreed), "shown": wishes.digest}
        self.wishes = wishes
        # Notifications are agreed to on the device that shows them.
        self.offered = (REMINDERS, *(name for name in channels if name != "push"))
        language = self.data.get(self.add_prefix("language"), wishes.language)
        language = language if language in PAGES else reading_language()
        self.fields["agreed"].choices = [  # type: ignore[attr-defined]
            (purpose, f"{label(purpose)}: “{sentence(purpose, language)}”") for purpose in self.offered
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("quiet_hours_start", "quiet_hours_end"):
            if name in cleaned and cleaned[name] is None:
                if cleaned.get("quiet_hours_enabled"):
                    self.add_error(name, ValidationError(_("Write a time as in 22:00."), code="required"))
                cleaned[name] = getattr(self.wishes, name)
        return cleaned

    def wanted(self) -> Wishes:
        """What was asked for; what can't be set here stays."""
        given = self.cleaned_data
        return Wishes(
            language=given["language"],
            message_language=given["message_language"],
            detail=given["detail"],
            quiet_hours_enabled=given["quiet_hours_enabled"],
            quiet_hours_start=given["quiet_hours_start"],
            quiet_hours_end=given["quiet_hours_end"],
            agreed=self.wishes.agreed.difference(self.offered).union(given["agreed"]),
        )


class WishesView(OfPatient, TemplateView):
    """Another clinic's patient is not found. Each person has a form of their own."""

    page_title = gettext_lazy("How they are reached")
    header_icon = "mail"
    http_method_names = ["get", "head", "post"]
    template_name = "home/admin/wishes.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.patient = patient_of(request.user, kwargs["patient_id"])
        if not request.user.has_perm(PERMISSION):
            return permission_denied(request)
        self.staff: Any = request.user
        note(request, [self.patient.pk])
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, patient_id: int) -> HttpResponse:
        role = self._asked_for(request)
        form = self._form(role.user, request)
        if form.is_valid():
            try:
                changed = wishes_set(
                    patient=self.patient,
                    person=role.user,
                    wanted=form.wanted(),
                    shown=form.cleaned_data["shown"],
                    by=self.staff,
                    now=timezone.now(),
                )
            except WishesChangedError:
                return self.render_to_response(self.get_context_data(changed=role.user_id))
            except ValidationError as error:
                for name, texts in error.message_dict.items():
                    form.add_error(name if name in form.fields else None, texts)
            else:
                told = _("Saved. %(name)s finds what was changed in their inbox.")
                words = told % {"name": role.user} if changed else _("Nothing was changed.")
                messages.success(request, words)
                return redirect("patient_wishes", self.patient.pk)
        return self.render_to_response(self.get_context_data(wrong=form))

    def _asked_for(self, request: HttpRequest) -> CareRole:
        user_id = whole_number(request.POST.get("person", ""))
        found = settable_people(self.patient, self.staff).filter(user_id=user_id or 0).first()
        if found is None:
            raise Http404
        return found

    def _form(self, person: User, request: HttpRequest | None = None) -> WishesForm:
        data = request.POST if request else None
        return WishesForm(
            data,
            prefix=f"p{person.pk}",
            wishes=wishes_of([person.pk])[person.pk],
            channels=[way.channel for way in self._ways().get(person.pk, ()) if way.channel],
        )

    def _ways(self) -> dict[int, list[Way]]:
        people = by_person(reached([self.patient.pk])[self.patient.pk])
        return {ways[0].user_id: ways for ways in people}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wrong: WishesForm | None = kwargs.pop("wrong", None)
        changed = kwargs.pop("changed", None)
        roles = {role.user_id: role for role in settable_people(self.patient, self.staff)}
        wishes = wishes_of(list(roles))
        now = timezone.now()
        people = []
        for user_id, theirs in self._ways().items():
            role = roles.get(user_id)
            by = [way.channel for way in theirs if way.channel]
            form = WishesForm(prefix=f"p{user_id}", wishes=wishes[user_id], channels=by) if role else None
            if wrong is not None and form is not None and wrong.prefix == form.prefix:
                form = wrong
            changes = [
                {"when": said(each.at, now=now), "by": each.by, "words": each.words}
                for each in (changes_of(user_id) if role else ())
            ]
            people.append(
                {
                    "first": theirs[0],
                    "ways": theirs,
                    "form": form,
                    "changes": changes,
                    "is_changed": user_id == changed,
                }
            )
        context = super().get_context_data(**kwargs)
        return {**context, "people": people}


def wishes_url(reading: Reading) -> str:
    """The page's address, for the actions of a patient's page."""
    return reverse("patient_wishes", args=[reading.patient.pk])
