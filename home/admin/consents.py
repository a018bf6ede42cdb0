"""Staff's pages of consents: the list, a patient's history, writing one down with its words, and withdrawing one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import Panel
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import IndexView, PermissionCheckedMixin, WagtailAdminTemplateMixin

from home.admin.patient_pages import patient_of
from home.admin.scope import ClinicScopedViewSet, PatientListExport
from home.carers import CARERS, untold_carers
from home.models import CareRole, Consent, Patient, Relation, User
from home.privacy.access_log import Kind, note
from home.privacy.consents import consents_give, consents_withdraw
from home.privacy.history import Line, lines
from home.privacy.selectors import consents_visible_to_staff, history_of, unreminded
from home.privacy.sentences import label, personal_purposes, reading_language, sentence
from home.selectors import clinics_of_staff
from notifications.languages.listed import PAGES, others
from notifications.languages.listed import label as language_label
from notifications.selectors.people import language_of
from notifications.web.moments import shown_moment
from notifications.web.numbers import whole_number

_IN_FORCE, _TO_CONFIRM, _WITHDRAWN = "in_force", "to_confirm", "withdrawn"


class ConsentFilters(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=[
            (_TO_CONFIRM, gettext_lazy("carried over, to be confirmed")),
            (_IN_FORCE, gettext_lazy("in force")),
            (_WITHDRAWN, gettext_lazy("withdrawn")),
        ],
        method="in_state",
    )
    purpose = django_filters.ChoiceFilter(
        label=gettext_lazy("For what"),
        choices=lambda: [(purpose, label(purpose)) for purpose in (*personal_purposes(), CARERS)],
    )
    how = django_filters.ChoiceFilter(label=gettext_lazy("How"), choices=Consent.How.choices)

    class Meta:
        model = Consent
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Consent], name: str, value: str) -> QuerySet[Consent]:
        if value == _WITHDRAWN:
            return rows.filter(withdrawn_at__isnull=False).exclude(withdrawn_how=Consent.Ended.RENEWED)
        standing = rows.filter(withdrawn_at__isnull=True)
        return standing.filter(version=0) if value == _TO_CONFIRM else standing


def _state(consent: Consent) -> str:
    if not consent.stands:
        is_renewed = consent.withdrawn_how == Consent.Ended.RENEWED
        return _("given anew") if is_renewed else _("withdrawn")
    return _("in force") if consent.version else _("carried over, to be confirmed")


class ConsentIndexView(IndexView):
    """Each row leads to the page of a patient whom it concerns."""

    @cached_property
    def columns(self) -> list[Column]:
        now = timezone.now()
        return [
            TitleColumn(
                "who",
                label=_("Whose"),
                accessor=lambda row: str(row.user or row.patient),
                get_url=lambda row: reverse("consents:patient", args=[row.shown_patient]),
            ),
            Column("what", label=_("For what"), accessor=lambda row: label(row.purpose)),
            StatusTagColumn(
                "state", label=_("State"), accessor=_state, primary=lambda row: row.stands and row.version > 0
            ),
            Column("how", label=_("How"), accessor="get_how_display"),
            Column("witness", label=_("Witnessed by"), accessor=lambda row: row.witness or "–"),
            Column("given", label=_("Given"), accessor=lambda row: shown_moment(row.given_at, now=now)),
            Column(
                "withdrawn", label=_("Ended"), accessor=lambda row: shown_moment(row.withdrawn_at, now=now)
            ),
        ]


@dataclass(frozen=True, slots=True)
class Section:
    """The consents of one person who cares for a patient; or, without a user, of the patient that carers are told."""

    title: str
    lines: list[Line]
    record_url: str


class PatientConsentsPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page about the consents of one patient and those who care for them; of another clinic's it is not found."""

    model = Consent
    header_icon = "clipboard-list"
    index_url_name = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.patient = patient_of(request.user, self.patient_id())
        note(request, [self.patient.pk])

    def patient_id(self) -> int:
        id_: int = self.kwargs["patient_id"]
        return id_

    @property
    def patient_url(self) -> str:
        return reverse("consents:patient", args=[self.patient.pk])

    def get_page_subtitle(self) -> str:
        return self.patient.get_full_name()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("consents:index"), "label": _("Consents")}
        patient = {"url": self.patient_url, "label": self.patient.get_full_name()}
        return [*self.breadcrumbs_items, index, patient, {"url": "", "label": self.page_title}]


class PatientConsentsView(PatientConsentsPage, TemplateView):
    """All that was ever agreed to and withdrawn, in its words."""

    permission_required = "view"
    page_title = gettext_lazy("Consents")
    template_name = "home/admin/consents/patient.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            patient=self.patient,
            sections=self._sections(),
            **_warnings(self.patient),
            may_record=self.request.user.has_perm("home.add_consent"),
            may_withdraw=self.request.user.has_perm("home.change_consent"),
            **kwargs,
        )

    def _sections(self) -> list[Section]:
        record = reverse("consents:record", args=[self.patient.pk])
        roles = _people_of(self.patient)
        history = history_of(user_ids=[role.user_id for role in roles], patient_ids=[self.patient.pk])
        by_person: dict[int | None, list[Line]] = defaultdict(list)
        for line in lines(history, now=timezone.now()):
            by_person[line.consent.user_id].append(line)
        return [
            Section(_("Whether carers are told"), by_person[None], record),
            *(
                Section(
                    f"{role.user} ({role.get_relation_display()})",
                    by_person[role.user_id],
                    f"{record}?person={role.user_id}",
                )
                for role in roles
            ),
        ]


class RecordForm(forms.Form):
    """What somebody agreed to in front of a member of staff."""

    purposes = forms.MultipleChoiceField(
        label=gettext_lazy("They agree to"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Read each sentence out, word for word, and tick what they say yes to."),
    )
    how = forms.ChoiceField(
        label=gettext_lazy("How they agreed"),
        widget=forms.RadioSelect,
        choices=[
            (Consent.How.SPOKEN.value, gettext_lazy("They said yes, in my presence")),
            (Consent.How.PAPER.value, gettext_lazy("They signed it on paper")),
        ],
    )

    def __init__(self, *args: Any, sentences: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purposes"].choices = list(sentences.items())  # type: ignore[attr-defined]


class RecordView(PatientConsentsPage, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    """Writes down what a person (`?person=`) said or signed; without one, that the patient lets carers be told.

    The sentences are in the person's language, or in `?language=`.
    """

    permission_required = "add"
    page_title = gettext_lazy("Write down consent")
    template_name = "home/admin/consents/record.html"
    form_class = RecordForm

    @cached_property
    def person(self) -> User | None:
        asked = self.request.GET.get("person", "")
        if not asked:
            return None
        found = [role.user for role in _people_of(self.patient) if role.user_id == whole_number(asked)]
        if not found:
            raise Http404
        return found[0]

    @cached_property
    def language(self) -> str:
        asked = self.request.GET.get("language", "")
        if asked in PAGES:
            return asked
        owner = self.person or next(
            (role.user for role in _people_of(self.patient) if role.relation == Relation.SELF), None
        )
        return language_of(owner.pk) if owner else reading_language()

    def get_form_kwargs(self) -> dict[str, Any]:
        purposes = personal_purposes() if self.person else (CARERS,)
        return super().get_form_kwargs() | {
            "sentences": {purpose: f"“{sentence(purpose, self.language)}”" for purpose in purposes}
        }

    def form_valid(self, form: RecordForm) -> HttpResponse:
        whose = {"user_id": self.person.pk} if self.person else {"patient_id": self.patient.pk}
        consents_give(
            **whose,
            purposes=form.cleaned_data["purposes"],
            how=form.cleaned_data["how"],
            language=self.language,
            witness_id=self.request.user.pk,
            now=timezone.now(),
        )
        messages.success(self.request, _("Written down."))
        return redirect(self.patient_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        other = others(self.language)[0]
        query = self.request.GET.copy()
        query["language"] = other
        return super().get_context_data(
            whose=str(self.person or self.patient),
            is_about_carers=self.person is None,
            language=self.language,
            other=language_label(other),
            other_url=f"?{query.urlencode()}",
            action_url=self.request.get_full_path(),
            submit_button_label=_("Write down"),
            back_url=self.patient_url,
            **kwargs,
        )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why, and how they asked for it"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WithdrawView(PatientConsentsPage, FormView):  # type: ignore[type-arg]  # as above
    """Withdraws one consent for somebody who asks for it, and says first what then ends."""

    permission_required = "change"
    page_title = gettext_lazy("Withdraw consent")
    template_name = "home/admin/consents/withdraw.html"
    form_class = WithdrawForm

    def patient_id(self) -> int:
        visible = _with_patient(consents_visible_to_staff(self.request.user), self.request.user)
        standing = visible.filter(withdrawn_at__isnull=True)
        self.consent: Consent = get_object_or_404(
            standing.select_related("user", "patient", "witness"), pk=self.kwargs["pk"]
        )
        id_: int = self.consent.shown_patient  # type: ignore[attr-defined] # an annotation
        return id_

    def form_valid(self, form: WithdrawForm) -> HttpResponse:
        consents_withdraw(
            user_id=self.consent.user_id,
            patient_id=self.consent.patient_id,
            purposes=[self.consent.purpose],
            how=Consent.Ended.STAFF,
            by_id=self.request.user.pk,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        messages.success(self.request, _("The consent has been withdrawn."))
        return redirect(self.patient_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            line=lines([self.consent], now=timezone.now())[0],
            whose=str(self.consent.user or self.consent.patient),
            is_about_carers=self.consent.purpose == CARERS,
            action_url=self.request.path,
            submit_button_label=_("Withdraw"),
            back_url=self.patient_url,
            **kwargs,
        )


class ConsentExport(PatientListExport):
    def note_export(self, rows: Sequence[Any]) -> None:
        note(self.request, {row.shown_patient for row in rows}, Kind.EXPORTED)


class ConsentViewSet(ClinicScopedViewSet):
    """Consents are written down and withdrawn, never edited or deleted."""

    model = Consent
    icon = "clipboard-list"
    menu_order = 120
    menu_label = gettext_lazy("Consents")
    index_results_template_name = "notifications/admin/results.html"
    filterset_class = ConsentFilters
    exporting = ConsentExport
    search_fields = [
        "user__first_name",
        "user__last_name",
        "patient__first_name",
        "patient__last_name",
    ]
    ordering = ["-given_at", "-id"]
    form_fields: list[str] = []

    def visible_to(self, user: Any) -> QuerySet[Consent]:
        return consents_visible_to_staff(user)

    @property
    def index_view_class(self) -> type[IndexView]:
        class ScopedIndexView(ConsentIndexView):
            def get_base_queryset(self) -> QuerySet[Consent]:
                rows = consents_visible_to_staff(self.request.user)
                return _with_patient(rows, self.request.user).select_related("user", "patient", "witness")

        return ScopedIndexView

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common = super().get_common_view_kwargs(**kwargs)
        return {name: value for name, value in common.items() if name not in _NOT_OFFERED}

    def get_urlpatterns(self) -> list[URLPattern]:
        own = [each for each in super().get_urlpatterns() if each.name in ("index", "index_results")]
        return [
            *own,
            path("patient/<int:patient_id>/", self.construct_view(PatientConsentsView), name="patient"),
            path("patient/<int:patient_id>/record/", self.construct_view(RecordView), name="record"),
            path("<int:pk>/withdraw/", self.construct_view(WithdrawView), name="withdraw"),
        ]


_NOT_OFFERED = {"add_url_name", "edit_url_name", "delete_url_name", "history_url_name", "usage_url_name"}


def _with_patient(rows: QuerySet[Consent], user: Any) -> QuerySet[Consent]:
    """Each with `shown_patient`, a patient of the reader's clinics whom it concerns."""
    roles = CareRole.objects.filter(
        user_id=OuterRef("user_id"), patient__clinic__in=clinics_of_staff(user)
    ).order_by("id")
    cared_for = Subquery(roles.values("patient_id")[:1])
    found: QuerySet[Consent] = rows.annotate(
        shown_patient=Coalesce("patient_id", cared_for, output_field=BigIntegerField())
    )
    return found


def _warnings(patient: Patient) -> dict[str, Any]:
    """What the template of warnings shows: who isn't told, for want of a consent. Two queries."""
    return {
        "untold": untold_carers(patient.pk),
        "unreminded": ", ".join(str(person) for person in unreminded(patient.pk)),
    }


def _people_of(patient: Patient) -> list[CareRole]:
    return list(CareRole.objects.filter(patient=patient).select_related("user").order_by("id"))


class ConsentsPanel(Panel):
    """On a patient's page: the way to the consents, and a warning where nobody may be told."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "home/admin/consents/panel.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None and self.request.user.has_perm("home.view_consent")

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            consents_url = reverse("consents:patient", args=[self.instance.pk])
            return context | {"consents_url": consents_url, **_warnings(self.instance)}
