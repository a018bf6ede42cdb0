"""The texts that are in use: for each message whose words it has, and what those words are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, cast
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from notifications import registry
from notifications.admin.export import TableExport
from notifications.admin.template_access import seen
from notifications.admin.template_differences import as_published, comparisons, draft_of
from notifications.admin.template_trial import DRAFT, TrialForm, send_trial
from notifications.exceptions import TemplateTextError
from notifications.languages.listed import PAGES, active, of_messages, of_messages_alone, own_name
from notifications.languages.switches import switched_on
from notifications.models import NotificationTemplate
from notifications.places import Place, places_of
from notifications.selectors.templates import Wordings, wordings_of
from notifications.texts.languages import worded_in
from notifications.texts.previews import labels
from notifications.texts.samples import sample
from notifications.types import TEXT_GROUPS, Detail, EventType, Rendered
from notifications.web.access import PersonalRequest

URLS = "wagtailsnippets_notifications_notificationtemplate"
OWN, HEAD_OFFICE, STANDARD = "own", "head_office", "standard"
SOURCES: Mapping[str, str | Promise] = {
    OWN: gettext_lazy("Our own wording"),
    HEAD_OFFICE: gettext_lazy("Head office’s wording"),
    STANDARD: gettext_lazy("Standard wording"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The templates of one message that count at one place: the place's own, and head office's."""

    own: NotificationTemplate | None
    head_office: NotificationTemplate | None

    def source(self, group: str) -> str:
        """Whose the texts of this group (`TEXT_GROUPS`) are."""
        for name, template in ((OWN, self.own), (HEAD_OFFICE, self.head_office)):
            if template and template.live and template.is_written(group):
                return name
        return STANDARD

    def title(self, language: str) -> str:
        """The title in use; empty where it is the standard one."""
        template = {OWN: self.own, HEAD_OFFICE: self.head_office}.get(self.source("inbox"))
        return getattr(template, f"title_{language}") or "" if template else ""

    @property
    def sources(self) -> list[tuple[str, str | Promise]]:
        """Whose the words are, each with the groups that they are of; without those where all are the same's."""
        found: dict[str, list[str]] = {}
        for group in TEXT_GROUPS:
            found.setdefault(self.source(group), []).append(str(labels()[group]))
        return [("" if len(found) == 1 else ", ".join(of), SOURCES[source]) for source, of in found.items()]


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the list; without `event_type` it is one that is sent no longer."""

    name: str
    label: str
    event_type: EventType | None
    words: Words
    written: NotificationTemplate | None
    """The template that people of this place would change."""
    elsewhere: int
    """How many places have words of their own."""
    also: tuple[str, ...]
    """The languages beside those of pages that are switched on at this place."""

    @property
    def example(self) -> str:
        """The title in use with sample values, in the reader's language."""
        return self.example_in(active())

    def example_in(self, language: str) -> str:
        """The same in a language of pages."""
        return _title(self.event_type, self.words.title(language), language) if self.event_type else ""

    @property
    def elsewhere_words(self) -> str:
        if not self.elsewhere:
            return ""
        said = ngettext("%(count)s clinic has its own", "%(count)s clinics have their own", self.elsewhere)
        return said % {"count": self.elsewhere}

    @property
    def has_draft(self) -> bool:
        return bool(self.written and (self.written.has_unpublished_changes or not self.written.live))

    @property
    def languages(self) -> list[tuple[str, bool]]:
        """Each language that messages of this place can be in, by its own name, and whether it words this one; nothing
        where there are none but those of pages, which always do.
        """
        if self.event_type is None or not self.also:
            return []
        worded = worded_in(self.event_type)
        return [(own_name(language), language in worded) for language in (*PAGES, *self.also)]

    @property
    def incomplete(self) -> list[tuple[str, str]]:
        """The languages in which texts of theirs are still to be written, and how many."""
        return [(own_name(language), words) for language in PAGES if (words := self.missing_in(language))]

    def missing_in(self, language: str) -> str:
        """How many texts of theirs are still to be written in this language; nothing where none is."""
        count = len(self.written.missing(language)) if self.written else 0
        if not count:
            return ""
        return ngettext("%(count)s text missing", "%(count)s texts missing", count) % {"count": count}

    def state_in(self, language: str) -> str:
        """How it is with this message in a language that messages can be in, in words."""
        if self.event_type is None:
            return ""
        if language not in PAGES and language not in worded_in(self.event_type):
            return _("not there")
        missing = self.missing_in(language) if language in PAGES else ""
        return missing or _("complete")

    @property
    def state(self) -> str:
        """Whether it is sent at all, and has words that nobody gets yet."""
        if self.event_type is None:
            return _("MedGuard no longer sends this message.")
        return _("Draft") if self.has_draft else ""


class PlacePage(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page about the words of one place that this person may look at; head office's own is no place (None)."""

    request: HttpRequest
    model = NotificationTemplate
    permission_required = "view"
    header_icon = "mail"

    @cached_property
    def places(self) -> list[Place]:
        return sorted(places_of(self.request.user), key=lambda place: place.label)

    @cached_property
    def place(self) -> Place | None:
        """The one asked for; without being asked head office's, for staff of a place their own."""
        asked = self.request.GET.get("place", "")
        if not asked:
            return self.places[0] if self.places and not self.request.user.is_superuser else None
        found = next((place for place in self.places if str(place.scope_id) == asked), None)
        if found is None:
            raise Http404
        return found

    @property
    def scope_id(self) -> int | None:
        return self.place.scope_id if self.place else None

    @property
    def writes(self) -> bool:
        may = self.place.writes if self.place else self.request.user.is_superuser
        return bool(may) and self.user_has_permission("change")

    def address_to_write(self, line: Line) -> str:
        """Where this person writes these words; nowhere if they don't."""
        if not self.writes or (line.event_type is None and line.written is None):
            return ""
        if line.written:
            return reverse(f"{URLS}:edit", args=[line.written.pk])
        asked = {"event_type": line.name} | ({"scope_id": self.scope_id} if self.place else {})
        return f"{reverse(f'{URLS}:add')}?{urlencode(asked)}"

    @property
    def query(self) -> str:
        return f"?place={self.scope_id}" if self.place else ""

    @cached_property
    def also(self) -> tuple[str, ...]:
        """The languages beside those of pages that are switched on here. One query."""
        on = switched_on([self.scope_id]).get(self.scope_id, frozenset())
        return tuple(each for each in of_messages_alone() if each in on)

    @cached_property
    def lines(self) -> list[Line]:
        """Each message that there is, and templates of those that there were. Two queries."""
        rows: Sequence[NotificationTemplate] = list(seen(self.request.user))
        by_type = {(row.event_type, row.scope_id): row for row in rows}
        elsewhere = Counter(row.event_type for row in rows if row.scope_id is not None and row.live)
        declared = {each.name: each for each in registry.event_types()}
        gone = {row.event_type for row in rows if row.scope_id == self.scope_id} - declared.keys()
        lines = []
        for name in [*declared, *sorted(gone)]:
            own, shared = (
                by_type.get((name, self.scope_id)) if self.place else None,
                by_type.get((name, None)),
            )
            written = own if self.place else shared
            label = str(declared[name].label) if name in declared else name
            others = 0 if self.place else elsewhere[name]
            line = Line(name, label, declared.get(name), Words(own, shared), written, others, self.also)
            lines.append(line)
        return sorted(lines, key=lambda line: line.label.casefold())


class TextsView(TableExport, PlacePage):
    """All messages that are sent, with whose words they have at this place; also as a file."""

    page_title = gettext_lazy("Message texts")
    template_name = "notifications/admin/texts.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self.as_file(self.lines) if self.is_export else super().get(request, *args, **kwargs)

    @cached_property
    def columns(self) -> list[Column]:
        """Those of the file."""
        whose = self.place.label if self.place else _("Head office")
        titles = [
            Column(
                f"title_{language}",
                label=_("Title (%(language)s)") % {"language": own_name(language)},
                accessor=partial(Line.example_in, language=language),
            )
            for language in PAGES
        ]
        states = [
            Column(
                f"state_{language}",
                label=own_name(language),
                accessor=partial(Line.state_in, language=language),
            )
            for language in (*PAGES, *self.also)
        ]
        return [
            Column("message", label=_("Message"), accessor="label"),
            Column("whose", label=_("Whose messages"), accessor=lambda line: whose),
            Column("in_use", label=_("In use"), accessor=_in_use),
            *titles,
            *states,
            Column("state", label=_("State"), accessor="state"),
            *([] if self.place else [Column("elsewhere", label=_("Clinics with their own"))]),
        ]

    def get_filename(self) -> str:
        whose = f"-{self.scope_id}" if self.place else ""
        return f"message-texts{whose}-{timezone.localdate():%Y-%m-%d}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = [
            {
                "line": line,
                "see": f"{reverse(f'{URLS}:see', args=[line.name])}{self.query}" if line.event_type else "",
                "write": self.address_to_write(line),
            }
            for line in self.lines
        ]
        return super().get_context_data(
            lines=shown,
            place=self.place,
            places=self.places if len(self.places) + bool(self.request.user.is_superuser) > 1 else [],
            writes=self.writes,
            **kwargs,
        )


class TextView(PlacePage):
    """What one message says at this place, with sample values, in each language, and what differs from other wordings.

    Whoever writes these words sends a test of them to themselves from here, by POST.
    """

    template_name = "notifications/admin/text.html"
    http_method_names = ["get", "head", "post"]

    @cached_property
    def line(self) -> Line:
        found = next((line for line in self.lines if line.name == self.kwargs["event_type"]), None)
        if found is None or found.event_type is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        return self.line.label

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": f"{reverse(f'{URLS}:list')}{self.query}", "label": _("Message texts")}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.line.label}]

    @cached_property
    def draft(self) -> NotificationTemplate | None:
        """What isn't published yet, for whoever writes it."""
        return draft_of(self.line.written) if self.writes else None

    @cached_property
    def wordings(self) -> Wordings:
        return wordings_of(registry.get(self.line.name), [self.scope_id])

    def _trial_form(self, data: Any = None) -> TrialForm:
        return TrialForm(
            data,
            user_id=cast(PersonalRequest, self.request).user.pk,
            languages=list(self.wordings.of(self.scope_id)),
            has_draft=self.draft is not None,
        )

    def post(self, request: HttpRequest, event_type: str) -> HttpResponse:
        if not self.writes:
            raise PermissionDenied
        form = self._trial_form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(trial=form))
        texts = self.wordings.of(self.scope_id)
        if self.draft is not None and form.cleaned_data["which"] == DRAFT:
            texts = as_published(self.draft, self.wordings, self.scope_id)
        send_trial(cast(PersonalRequest, request), registry.get(self.line.name), texts, self.scope_id, form)
        return redirect(f"{reverse(f'{URLS}:see', args=[event_type])}{self.query}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event_type: EventType = registry.get(self.line.name)
        texts = self.wordings.of(self.scope_id)
        if self.writes:
            kwargs.setdefault("trial", self._trial_form())
        try:
            said = [
                (language, own_name(language), *_both(event_type, texts[language], language))
                for language in of_messages()
                if language in texts
            ]
        except TemplateTextError:
            said = []  # such a text is used by nobody; whoever writes it sees what is wrong with it
        groups = [(group, labels()[group], SOURCES[self.line.words.source(group)]) for group in TEXT_GROUPS]
        return super().get_context_data(
            line=self.line,
            groups=groups,
            said=said,
            place=self.place,
            write=self.address_to_write(self.line),
            comparisons=comparisons(self.wordings, self.scope_id, self.draft),
            **kwargs,
        )


def _in_use(line: Line) -> str:
    """Whose words a message has, as the list says it, in one line."""
    sources = line.words.sources if line.event_type else []
    return "; ".join(f"{groups}: {source}" if groups else str(source) for groups, source in sources)


def _both(event_type: EventType, texts: Any, language: str) -> tuple[Rendered, Rendered]:
    return (
        sample(event_type, texts, language, Detail.DETAILED),
        sample(event_type, texts, language, Detail.DISCREET),
    )


def _title(event_type: EventType, title: str, language: str) -> str:
    texts = event_type.texts[language]
    try:
        return sample(event_type, replace(texts, title=title or texts.title), language, Detail.DETAILED).title
    except TemplateTextError:
        return sample(event_type, texts, language, Detail.DETAILED).title
