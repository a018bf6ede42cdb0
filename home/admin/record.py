"""A patient's page: who they are, what can be done, and the sections that the apps give."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages

from home.admin.patient_pages import PatientPage
from home.ages import age_words
from home.models import PatientNote, User
from home.record.chips import record_chips
from home.record.history import history
from home.record.notes import note_add
from home.record.reached import language_in_words
from home.record.sections import Column, Reading, RecordSection, record_actions, record_sections
from notifications.web.moments import shown_moment

_BESIDE = 3
"""So many actions stand beside the name; the rest is behind “More”."""
_CHANGES = 50


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Write a note"),
        max_length=PatientNote.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write something first.")},
        help_text=gettext_lazy("A note can’t be changed afterwards. Put it right with another one."),
    )


class RecordView(PatientPage, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """The page; a POST to it adds a note."""

    page_title = gettext_lazy("Patient")
    permission_required = "view"
    http_method_names = ["get", "head", "post"]
    template_name = "home/admin/record.html"
    form_class = NoteForm

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *rest, _own = super().get_breadcrumbs_items()
        return [*rest[:-1], {"url": "", "label": str(self.patient)}]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self._may_write():
            return self.http_method_not_allowed(request)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_valid(self, form: NoteForm) -> HttpResponse:
        author = cast(User, self.request.user)
        note_add(
            patient=self.patient, author=author, text=form.cleaned_data["text"].strip(), now=timezone.now()
        )
        messages.success(self.request, _("The note is written down."))
        return redirect(f"{self.record_url}#section-notes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        now = timezone.now()
        reading = Reading(self.patient, cast(User, self.request.user), now)
        with timezone.override(self.patient.zone):
            found = [
                (section, found)
                for section in record_sections()
                if reading.user.has_perm(section.permission)
                and (found := section.select(reading)) is not None
            ]
            chips = record_chips(reading)
        actions = _actions(reading)
        return {
            **context,
            "note_form": context["form"] if self._may_write() else None,
            "facts": _facts(reading),
            "chips": chips,
            "columns": _columns(found),
            "beside": actions[:_BESIDE],
            "more": actions[_BESIDE:],
        }

    def _may_write(self) -> bool:
        return bool(self.request.user.has_perm("home.change_patient"))


def _columns(found: Sequence[tuple[RecordSection, Any]]) -> list[dict[str, Any]]:
    """In the order in which they stand in one column: what of the side comes first, the main part, the rest."""
    first_of_main = min((each.order for each, _found in found if each.column == Column.MAIN), default=0)
    parts: dict[str, list[dict[str, Any]]] = {"first": [], "main": [], "side": []}
    for section, each in found:
        is_first = section.column == Column.SIDE and section.order < first_of_main
        parts["first" if is_first else section.column.value].append(_shown(section, each))
    return [{"place": place, "sections": sections} for place, sections in parts.items()]


def _shown(section: RecordSection, found: Any) -> dict[str, Any]:
    return {
        "anchor": f"section-{section.name}",
        "title": section.title,
        "template": section.template,
        "found": found,
    }


def _actions(reading: Reading) -> list[dict[str, Any]]:
    return [
        {"label": action.label, "url": url}
        for action in record_actions()
        if reading.user.has_perm(action.permission) and (url := action.url(reading))
    ]


def _facts(reading: Reading) -> dict[str, Any]:
    """Who the patient is, in the line below the name."""
    patient = reading.patient
    day = patient.deceased_on or timezone.localdate(reading.now)
    return {
        "age": age_words(patient.date_of_birth, day),
        "language": language_in_words(reading),
    }


class ChangesView(PatientPage, TemplateView):
    """Who did what with the record, fifty at a time; `?before=` is the moment from which on it goes back."""

    page_title = gettext_lazy("All changes")
    permission_required = "view"
    template_name = "home/admin/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        before = _moment(self.request.GET.get("before", "")) or now
        reading = Reading(self.patient, cast(User, self.request.user), now)
        with timezone.override(self.patient.zone):
            found = history(reading, before=before, limit=_CHANGES)
            lines = [(shown_moment(line.at, now=now), line) for line in found]
        context: dict[str, Any] = super().get_context_data(**kwargs)
        older = found[-1].at.isoformat() if len(found) >= _CHANGES else ""
        return {**context, "lines": lines, "older": older}


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
        # In UTC here: a moment at the ends of the calendar may be none there.
        return moment.astimezone(UTC) if moment and timezone.is_aware(moment) else None
    except (ValueError, OverflowError):
        return None
