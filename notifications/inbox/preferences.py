"""A person's settings: each card saves itself as it is changed, and has a button where there is no JavaScript."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, override

from notifications.channels import registry as channels
from notifications.channels.suppressions import address_retry, problem_of
from notifications.inbox import devices
from notifications.inbox.forms import FORMS, PreferencesForm, WaysForm
from notifications.inbox.why import channel_label
from notifications.models import CategoryChoices, NotificationPreferences
from notifications.preferences.changed_for_them import changes_for
from notifications.preferences.choices import Choice, choice_set, choices
from notifications.preferences.opt_outs import opt_outs
from notifications.preferences.settings import preferences_update
from notifications.types import Category
from notifications.web.access import PersonalRequest, personal
from notifications.web.moments import said

CHANNELS, ADDRESS = "channels", "address"
TEMPLATE = "notifications/preferences.html"
ABOUT = {
    Category.MEDICATION: gettext_lazy("Doses and missed doses"),
    Category.STOCK: gettext_lazy("Low stock, expiring packs"),
    Category.VACCINATION: gettext_lazy("Due dates"),
    Category.VISIT: gettext_lazy("Your next visit to the clinic"),
    Category.EVENT: gettext_lazy("Clubs and clinic days"),
    Category.SYSTEM: gettext_lazy("From your clinic"),
}


@dataclass(frozen=True)
class Cell:
    """One switch: its name in the form, the channel over it, and what it says aloud."""

    choice: Choice

    @property
    def name(self) -> str:
        return f"{self.choice.about}.{self.choice.channel}"

    @property
    def id(self) -> str:
        return f"choice-{self.choice.about.replace('.', '-')}-{self.choice.channel}"

    @cached_property
    def channel_label(self) -> Any:
        return channel_label(self.choice.channel)


@dataclass(frozen=True, slots=True)
class Row:
    """A category, or one type of its messages, and its switches. A category has its types `beneath`, where there are
    several.
    """

    key: str
    name: str
    label: Any
    about: Any
    cells: list[Cell]
    beneath: Sequence["Row"] = ()

    @property
    def apart(self) -> int:
        """How many of the types have another choice than their category."""
        return sum(any(cell.choice.own for cell in row.cells) for row in self.beneath)


@personal
def preferences(request: PersonalRequest) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        return _page(request, saved=request.GET.get("saved", ""))
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    part = request.POST.get("part", "")
    if part == CHANNELS:
        return _save_channels(request)
    if part == ADDRESS:
        address_retry(user_id=request.user.pk, now=timezone.now())
        return redirect(f"{reverse('notifications:preferences')}?saved={ADDRESS}")
    if part in FORMS:
        return _save_form(request, part)
    return HttpResponseBadRequest()


def _save_form(request: PersonalRequest, part: str) -> HttpResponse:
    form = FORMS[part](request.POST, instance=_row(request))
    if not form.is_valid():
        return _wrong(request, form)
    preferences_update(user_id=request.user.pk, changes=form.cleaned_data, now=timezone.now())
    language = form.cleaned_data.get("language", get_language())
    if language != get_language():
        with override(language):
            return _go(request, f"{reverse('notifications:preferences')}?saved={part}")
    if request.htmx and ("was_wrong" in request.POST or "whole" in request.POST):
        return _part(request, FORMS[part](instance=_row(request)), saved=part)
    return _saved(request, part)


def _save_channels(request: PersonalRequest) -> HttpResponse:
    """One switch that was touched (`only`), or the whole grid of a page without JavaScript."""
    only = request.POST.get("only", "")
    if only:
        about, _, channel = only.rpartition(".")
        try:
            choice_set(user_id=request.user.pk, about=about, channel=channel, on=only in request.POST)
        except ValidationError:
            return HttpResponseBadRequest()
        if request.htmx:
            return _switched(request, about)
        return _saved(request, CHANNELS)
    shown = {*Category, *request.POST.getlist("shown")}
    for choice in choices(request.user.pk):
        on = Cell(choice).name in request.POST
        # What nobody touched isn't chosen: a type goes on following its category.
        if choice.about in shown and not choice.fixed and on != choice.on:
            choice_set(user_id=request.user.pk, about=choice.about, channel=choice.channel, on=on)
    return _saved(request, CHANNELS)


def _switched(request: PersonalRequest, about: str) -> HttpResponse:
    """What else is different now: how many types have their own choice; and the types, if it was for all of them."""
    rows = _rows(choices(request.user.pk), for_staff=_is_staff(request))
    context = next(
        (
            {"row": row, "all_of_it": about == row.name}
            for row in rows
            if about in {row.name, *(each.name for each in row.beneath)}
        ),
        {},
    )
    return render(request, f"{TEMPLATE}#switched", context)


def _page(request: PersonalRequest, *, saved: str = "", wrong: PreferencesForm | None = None) -> HttpResponse:
    grid = choices(request.user.pk)
    row = _row(request)
    forms: list[PreferencesForm] = [form(instance=row) for form in FORMS.values()]
    if wrong is not None:
        forms = [wrong if form.name == wrong.name else form for form in forms]
    not_agreed = next(form.not_agreed for form in forms if isinstance(form, WaysForm))
    context = {
        "nav": "settings",
        "not_agreed": [channel for name, channel in channels.outside().items() if name in not_agreed],
        "rows": _rows(grid, for_staff=_is_staff(request)),
        "channel_labels": [channel_label(name) for name in channels.names()],
        "some_fixed": any(choice.fixed for choice in grid),
        "unreachable": [
            channel for channel in channels.outside().values() if not channel.addresses([request.user.pk])
        ],
        "only_way": _only_way(grid),
        "changed_for_them": [
            (each, said(each.at, now=timezone.now())) for each in changes_for(request.user.pk)
        ],
        "address_problem": problem_of(request.user.pk),
        "stopped": _stopped(request.user.pk),
        "forms": forms,
        "saved": saved,
        **devices.card(request),
    }
    return render(request, TEMPLATE, context)


def _stopped(user_id: int) -> list[tuple[Any, str]]:
    """The channels that this person stopped with a provider itself, and what they must do to have them back."""
    in_use = channels.outside()
    return [
        (in_use[each.channel].label, how)
        for each in opt_outs(user_id)
        if each.channel in in_use and (how := in_use[each.channel].how_to_start(each.provider))
    ]


def _only_way(grid: Iterable[Choice]) -> dict[str, Any] | None:
    """The one channel that reaches this person, and what it carries because it is the only one."""
    alone = [choice for choice in grid if choice.event_type and choice.stands_in and choice.on]
    carried = [choice.event_type.label for choice in alone if choice.event_type]
    return {"channel": channel_label(alone[0].channel), "carried": carried} if alone else None


def _rows(grid: Iterable[Choice], *, for_staff: bool) -> list[Row]:
    rows = []
    for category, of_category in groupby(grid, key=lambda choice: choice.category):
        by_type = groupby(of_category, key=lambda choice: choice.event_type)
        cells = [(event_type, [Cell(choice) for choice in group]) for event_type, group in by_type]
        (_none, own), *types = cells
        beneath = [
            Row(each.name.replace(".", "-"), each.name, each.label, "", theirs)
            for each, theirs in types
            if each is not None and (for_staff or not each.for_staff)
        ]
        label = CategoryChoices(category.value).label
        several = beneath if len(beneath) > 1 else []
        rows.append(Row(category.value, category.value, label, ABOUT[category], own, several))
    return rows


def _is_staff(request: PersonalRequest) -> bool:
    return bool(request.user.has_perm("wagtailadmin.access_admin"))


def _row(request: PersonalRequest) -> NotificationPreferences:
    """What is saved, or the defaults of whoever chose nothing yet: nothing is written by looking."""
    found = NotificationPreferences.objects.filter(user_id=request.user.pk).first()
    return found or NotificationPreferences(user_id=request.user.pk)


def _wrong(request: PersonalRequest, form: PreferencesForm) -> HttpResponse:
    return _part(request, form) if request.htmx else _page(request, wrong=form)


def _part(request: PersonalRequest, form: PreferencesForm, *, saved: str = "") -> HttpResponse:
    """The whole card anew: its errors come and go with its fields."""
    response = render(request, f"{TEMPLATE}#part", {"form": form, "saved": saved})
    response["HX-Retarget"] = f"#part-{form.name}"
    response["HX-Reswap"] = "outerHTML"
    return response


def _saved(request: PersonalRequest, where: str) -> HttpResponse:
    if request.htmx:
        return render(request, f"{TEMPLATE}#saved")
    return redirect(f"{reverse('notifications:preferences')}?saved={where}#part-{where}")


def _go(request: PersonalRequest, url: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
