"""What people wrote to the clinic: the list of conversations, and one of them with what a nurse does in it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import RadioSelect
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from home.admin.birth_dates import with_birth_date
from home.admin.conversation_words import channel_words, obstacle_words, turns_in_words, who_wrote
from home.admin.patient_pages import record_url
from home.conversations.acts import (
    ChangedError,
    NobodysNumberError,
    conversation_answer,
    conversation_assign,
    conversation_close,
    conversation_give,
    conversation_is_about,
    conversation_read,
)
from home.conversations.event_texts import REPLY
from home.conversations.threads import (
    clinics_to_give_to,
    colleagues,
    conversations_of_staff,
    patients_meant,
    turns_of,
    way_to,
)
from home.models import Clinic, Conversation, ConversationAnswer, Patient, User
from home.patient_search import patients_found
from home.privacy.access_log import Kind, note
from home.selectors import clinics_of_staff
from notifications.admin.menu import MESSAGES
from notifications.admin.reports.base import ReportView, ReportViewSet
from notifications.channels.sms.text import sms_text
from notifications.selectors.people import language_of
from notifications.texts.sms_parts import measure
from notifications.types import Rendered
from notifications.web.moments import shown_moment
from notifications.web.numbers import whole_number

State = Conversation.State
VIEW, CHANGE = "home.view_conversation", "home.change_conversation"
OPEN, MINE, CLOSED = "open", "mine", "closed"
MOST_FOUND = 20
_WORDS = 120


class ConversationFilters(WagtailFilterSet):
    """Those that are open, where nothing else is asked for."""

    which = django_filters.ChoiceFilter(
        label=gettext_lazy("Conversations"),
        method="of_kind",
        choices=[
            (MINE, pgettext_lazy("conversations", "mine")),
            (CLOSED, pgettext_lazy("conversations", "closed")),
        ],
        empty_label=pgettext_lazy("conversations", "open"),
        widget=RadioSelect,
    )
    clinic = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Clinic"),
        queryset=lambda request: clinics_of_staff(request.user),
        empty_label=gettext_lazy("all"),
    )

    class Meta:
        model = Conversation
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if clinics_of_staff(self.request.user)[:2].count() < 2:
            del self.filters["clinic"]

    def filter_queryset(self, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        found: QuerySet[Conversation] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("which") == CLOSED else found.filter(state=State.OPEN)

    def of_kind(self, rows: QuerySet[Conversation], name: str, value: str) -> QuerySet[Conversation]:
        return (
            rows.filter(state=State.CLOSED) if value == CLOSED else rows.filter(assigned_to=self.request.user)
        )


class ConversationsView(ReportView):
    """What cannot wait first, then whoever has waited longest, then those who were answered."""

    filterset_class = ConversationFilters
    default_ordering = ("-is_urgent", "-is_waiting", "last_at", "id")

    def get_base_queryset(self) -> QuerySet[Conversation]:
        return conversations_of_staff(cast(User, self.request.user))

    def subject_of(self, row: Conversation) -> int | None:
        return row.patient_id

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        note(self.request, {row.patient_id for row in context["object_list"]} - {None}, Kind.LISTED)
        return context

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        columns = [
            TitleColumn(
                "who",
                label=_("Who wrote"),
                width="15%",
                accessor=who_wrote,
                get_url=lambda row: address_of(row.pk),
            ),
            Column("words", label=_("Last words"), width="30%", accessor=_last_words),
            Column("since", label=_("When"), accessor=lambda row: shown_moment(row.last_at, now=now)),
            StatusTagColumn(
                "stands",
                label=_("How it stands"),
                classname="as-one-line",
                accessor=_how_it_stands,
                primary=lambda row: row.is_waiting,
            ),
            Column("patient", label=pgettext("a patient", "About"), accessor=_about),
            Column("assigned", label=_("Assigned to"), accessor=lambda row: _name(row.assigned_to)),
        ]
        if clinics_of_staff(self.request.user)[:2].count() > 1:
            columns.append(
                Column("clinic", label=_("Clinic"), accessor=lambda row: row.clinic or _("head office"))
            )
        return columns


def address_of(pk: int) -> str:
    return reverse("conversations:thread", args=[pk])


def _last_words(row: Conversation) -> str:
    text = row.last_text.text if row.last_text else ""
    return Truncator(text).chars(_WORDS) if text else "–"


def _how_it_stands(row: Conversation) -> str:
    if row.state == State.CLOSED:
        return _("closed")
    if not row.is_waiting:
        return _("answered")
    return _("Urgent: waits for an answer") if row.is_urgent else _("waits for an answer")


def _about(row: Conversation) -> str:
    return str(row.patient) if row.patient else _("not known yet")


def _name(user: User | None) -> str:
    return (user.get_full_name() or str(user)) if user else "–"


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=ConversationAnswer.LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": gettext_lazy("Write your answer first."),
            "max_length": gettext_lazy("This is too long: at most %(limit_value)d characters."),
        },
    )


class HandOverForm(forms.Form):
    """To a colleague ("nurse-7") or to another clinic ("clinic-3")."""

    to = forms.ChoiceField(
        label=gettext_lazy("To whom"),
        error_messages={
            "required": gettext_lazy("Choose a colleague or a clinic."),
            "invalid_choice": gettext_lazy("Choose one of these."),
        },
    )

    def __init__(
        self, *args: Any, nurses: Mapping[str, User], clinics: Mapping[str, Clinic], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people, self.clinics = nurses, clinics
        groups: list[tuple[Any, list[tuple[str, str]]]] = [
            (_("Colleagues"), [(key, _name(user)) for key, user in nurses.items()]),
            (_("Other clinics"), [(key, clinic.name) for key, clinic in clinics.items()]),
        ]
        field = cast(forms.ChoiceField, self.fields["to"])
        field.choices = [("", _("Choose")), *((label, some) for label, some in groups if some)]


class OfConversation(WagtailAdminTemplateMixin, TemplateView):
    """One conversation of the reader's clinics; another one's is not found. What it shows goes into the access log."""

    page_title = gettext_lazy("Conversation")
    header_icon = "comment"
    permission = CHANGE
    http_method_names = ["get", "head", "post"]
    request: Any

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.now = timezone.now()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        self.row = get_object_or_404(conversations_of_staff(cast(User, request.user)), pk=kwargs["pk"])
        self.note_who_is_shown()
        return super().dispatch(request, *args, **kwargs)

    def note_who_is_shown(self) -> None:
        if self.row.patient_id:
            note(self.request, [self.row.patient_id])

    @property
    def reader(self) -> User:
        return cast(User, self.request.user)

    @cached_property
    def seen(self) -> int:
        """The version that was shown to whoever sends this; none that there is, where it doesn't say."""
        found = whole_number(self.request.POST.get("seen", ""))
        return -1 if found is None else found

    def get_page_subtitle(self) -> str:
        return who_wrote(self.row)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        conversations = {"url": reverse("conversations:index"), "label": _("Conversations")}
        return [*self.breadcrumbs_items, conversations, {"url": "", "label": who_wrote(self.row)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "row": self.row, "who": who_wrote(self.row), "thread_url": address_of(self.row.pk)}

    def changed(self) -> HttpResponse:
        messages.warning(
            self.request, _("Something happened here since you looked. Nothing was done: see what is new.")
        )
        return redirect(address_of(self.row.pk))


class ThreadView(OfConversation):
    """What was said, in time order; a POST to it answers. Whoever may answer and looks has read it."""

    permission = VIEW
    template_name = "home/admin/conversation.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET" and self.may_answer:
            conversation_read(conversation=self.row, now=self.now)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_answer:
            raise PermissionDenied
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            conversation_answer(
                conversation=self.row,
                text=form.cleaned_data["text"],
                by=self.reader,
                seen=self.seen,
                now=self.now,
            )
        except ChangedError:
            self.row = conversations_of_staff(self.reader).get(pk=self.row.pk)
            form.add_error(None, self._what_changed())
            return self.render_to_response(self.get_context_data(form=form))
        except NobodysNumberError:
            form.add_error(None, _("Nobody has confirmed this number. Nothing can be sent there."))
            return self.render_to_response(self.get_context_data(form=form))
        messages.success(request, _("Your answer is on its way."))
        return redirect(address_of(self.row.pk))

    def _what_changed(self) -> str:
        last = self.row.answers.select_related("by").order_by("-at", "-pk").first()
        if last and last.at >= self.row.last_at and last.by_id != self.reader.pk:
            values = {"name": _name(last.by), "when": shown_moment(last.at, now=self.now)}
            return _("%(name)s answered %(when)s. Yours is not sent yet: read theirs first.") % values
        return _("Something new was said since you looked. Your answer is not sent yet: read it first.")

    @cached_property
    def may_answer(self) -> bool:
        return bool(self.request.user.has_perm(CHANGE))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        way = way_to(row) if self.may_answer else None
        form = kwargs.pop("form", None) or AnswerForm()
        return {
            **super().get_context_data(**kwargs),
            "turns": turns_in_words(turns_of(row), row, now=self.now),
            "form": form if way else None,
            "by_channel": channel_words(way.channel) if way and not way.obstacle else "",
            "inbox_alone": obstacle_words(way) if way and way.obstacle else "",
            "size": size_in_words(str(form["text"].value() or ""), row),
            "may_answer": self.may_answer,
            "is_closed": row.state == State.CLOSED,
            "how_it_stands": _how_it_stands(row),
            "record_url": record_url(row.patient_id) if row.patient_id else "",
            "since": shown_moment(row.opened_at, now=self.now),
            "assigned_to": _name(row.assigned_to) if row.assigned_to else "",
        }


class SizeView(OfConversation):
    """What an answer costs as SMS, while it is typed."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        size = size_in_words(request.POST.get("text", "")[: 2 * ConversationAnswer.LONGEST], self.row)
        return TemplateResponse(request, "home/admin/conversation_size.html", {"size": size})


def size_in_words(text: str, row: Conversation) -> str:
    """The parts of an answer as it is sent, with what stands before it."""
    if not text.strip() or row.user_id is None:
        return ""
    sent = REPLY[language_of(row.user_id)].short_text_discreet.replace("{{ message }}", text.strip())
    size = measure(sms_text(Rendered("", "", "", "", sent)))
    words = ngettext(
        "%(count)s SMS, %(left)s characters left", "%(count)s SMS, %(left)s characters left", size.parts
    )
    said = words % {"count": size.parts, "left": size.characters_left}
    if size.unencodable:
        characters = " ".join(size.unencodable[:5])
        said += " · " + _("dearer because of %(characters)s") % {"characters": characters}
    return said


class CloseView(OfConversation):
    """Nothing is left to do."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            conversation_close(conversation=self.row, seen=self.seen, now=self.now)
        except ChangedError:
            return self.changed()
        messages.success(request, _("The conversation is closed. It opens again when they write again."))
        return redirect("conversations:index")


class HandOverView(OfConversation):
    """To a colleague of the same clinic, or to another clinic that treats somebody of theirs."""

    page_title = gettext_lazy("Hand over")
    template_name = "home/admin/conversation_hand_over.html"

    def form(self, data: Any = None) -> HandOverForm:
        nurses = {f"nurse-{user.pk}": user for user in colleagues(self.row, self.reader)}
        clinics = {f"clinic-{clinic.pk}": clinic for clinic in clinics_to_give_to(self.row, self.reader)}
        return HandOverForm(data, nurses=nurses, clinics=clinics)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.form()
        return {
            **super().get_context_data(**kwargs),
            "form": form,
            "has_any": bool(form.people or form.clinics),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        to = form.cleaned_data["to"]
        try:
            if to in form.clinics:
                clinic = form.clinics[to]
                conversation_give(conversation=self.row, to=clinic, seen=self.seen, now=self.now)
                messages.success(request, _("%(clinic)s has it now.") % {"clinic": clinic.name})
                return redirect("conversations:index")
            conversation_assign(conversation=self.row, to=form.people[to], seen=self.seen)
        except ChangedError:
            return self.changed()
        messages.success(request, _("%(name)s has it now.") % {"name": _name(form.people[to])})
        return redirect(address_of(self.row.pk))


class WhoseView(OfConversation):
    """Says about which patient it is, among those whom the reader may see."""

    page_title = gettext_lazy("About whom is it?")
    template_name = "home/admin/conversation_whose.html"

    @cached_property
    def query(self) -> str:
        return str(self.request.GET.get("q", "")).strip()[:100]

    @cached_property
    def found(self) -> Sequence[Patient]:
        rows = patients_found(self.reader, self.query).select_related("clinic")
        return list(rows.order_by("last_name", "first_name", "pk")[:MOST_FOUND]) if self.query else []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        suggested = patients_meant(self.row, self.reader)
        note(self.request, [each.pk for each in (*suggested, *self.found)], Kind.LISTED)
        return {
            **super().get_context_data(**kwargs),
            "words": _last_words(self.row),
            "suggested": [(each, with_birth_date(each)) for each in suggested],
            "found": [(each, with_birth_date(each)) for each in self.found],
            "q": self.query,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        id_ = whole_number(request.POST.get("patient", ""))
        patient = patients_found(self.reader, "").filter(pk=id_ or 0).first()
        if patient is None:
            messages.error(request, _("Choose the patient whom it is about."))
            return redirect("conversations:whose", self.row.pk)
        note(request, [patient.pk], Kind.CHANGED)
        try:
            pk = conversation_is_about(conversation=self.row, patient=patient, seen=self.seen, now=self.now)
        except ChangedError:
            return self.changed()
        messages.success(request, _("It is on the page of %(name)s now.") % {"name": patient})
        return redirect(address_of(pk))


class ConversationViewSet(ReportViewSet):
    name = "conversations"
    url_prefix = "conversations"
    model = Conversation
    view_class = ConversationsView
    icon = "comment"
    menu_label = gettext_lazy("Conversations")
    menu_hook = MESSAGES
    menu_order = 5

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            *(
                path(f"<int:pk>/{part}", self.construct_view(view, page_title=self.UNDEFINED), name=name)
                for part, view, name in _PAGES
            ),
        ]


_PAGES = (
    ("", ThreadView, "thread"),
    ("size/", SizeView, "size"),
    ("close/", CloseView, "close"),
    ("hand-over/", HandOverView, "hand_over"),
    ("whose/", WhoseView, "whose"),
)
