"""The page on which a manager switches on a language for the messages of her clinic, once its texts are checked."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from home.admin.person_fields import NameField
from home.clinic_languages import language_switch_off, language_switch_on
from home.models import Clinic, ClinicLanguage, User
from home.selectors import clinics_managed_by
from notifications.languages.files import file_of
from notifications.languages.listed import label, of_messages_alone
from notifications.texts.formats import listed
from notifications.texts.lacking import Lacking, lacking
from notifications.web.date_fields import DayField
from notifications.web.numbers import whole_number

PERMISSION = "home.change_clinic"
_WORDS = {
    "stop": gettext_lazy("words that stop messages"),
    "start": gettext_lazy("words that start them again"),
    "help": gettext_lazy("words that ask for help"),
    "yes": gettext_lazy("words for yes"),
    "no": gettext_lazy("words for no"),
}


class CheckedForm(forms.Form):
    """Who speaks the language and has read its texts, and when."""

    checked_by = NameField(
        label=gettext_lazy("Checked by"),
        max_length=120,
        help_text=gettext_lazy("Who speaks this language and has read all of its texts."),
        error_messages={"required": gettext_lazy("Who has read the texts? Give their name.")},
    )
    checked_on = DayField(label=gettext_lazy("Checked on"))


@dataclass(frozen=True, slots=True)
class Line:
    """A language at this clinic: what was last said of it, if anything, what it lacks, and the form to switch it on."""

    language: str
    row: ClinicLanguage | None
    lacks: list[str]
    is_draft: bool
    form: CheckedForm

    @property
    def label(self) -> str:
        return label(self.language)

    @property
    def is_on(self) -> bool:
        return self.row is not None and self.row.is_on


def lacks_in_words(found: Lacking) -> list[str]:
    """What a language lacks, in the active language; empty where it is complete."""
    said = []
    if found.problem:
        said.append(_("Its file can’t be used: %(why)s") % {"why": found.problem})
    if found.event_types:
        said.append(
            _("Texts of: %(types)s") % {"types": listed([str(each.label) for each in found.event_types])}
        )
    if found.words:
        said.append(
            _("In its file: %(words)s") % {"words": listed([str(_WORDS[each]) for each in found.words])}
        )
    if found.no_catalogue:
        said.append(_("Its catalogue: there is none."))
    if found.untranslated:
        counted = ngettext(
            "%(count)d text of its catalogue", "%(count)d texts of its catalogue", found.untranslated
        )
        said.append(counted % {"count": found.untranslated})
    return said


class LanguagesView(WagtailAdminTemplateMixin, TemplateView):
    """For managers their own clinics; head office also switches languages on for what belongs to no clinic."""

    page_title = gettext_lazy("Languages of messages")
    header_icon = "globe"
    http_method_names = ["get", "head", "post"]
    template_name = "home/admin/languages.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.staff = cast(User, request.user)
        if not (self.staff.has_perm(PERMISSION) and (self.clinics or self.staff.is_superuser)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def clinics(self) -> list[Clinic]:
        return list(clinics_managed_by(self.staff).order_by("name"))

    @cached_property
    def clinic(self) -> Clinic | None:
        """The one that was asked for, else the first; None is head office's own, for what belongs to no clinic."""
        asked = self.request.GET.get("clinic", "")
        if not asked:
            return None if self.staff.is_superuser else self.clinics[0]
        found = next((each for each in self.clinics if each.pk == whole_number(asked)), None)
        if found is None:
            raise Http404
        return found

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": str(self.page_title)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wrong: dict[str, CheckedForm] = kwargs.pop("wrong", {})
        rows = {row.language: row for row in ClinicLanguage.objects.filter(clinic=self.clinic)}
        lines = [
            Line(
                language,
                rows.get(language),
                lacks_in_words(lacking(language)),
                file_of(language).is_draft,
                wrong.get(language) or CheckedForm(prefix=language),
            )
            for language in of_messages_alone()
        ]
        places = [(str(each.pk), each.name, each == self.clinic) for each in self.clinics]
        if self.staff.is_superuser:
            places.insert(0, ("", _("Messages that belong to no clinic"), self.clinic is None))
        return super().get_context_data(lines=lines, places=places, clinic=self.clinic, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        language = request.POST.get("language", "")
        if language not in of_messages_alone():
            raise Http404
        if "off" in request.POST:
            language_switch_off(clinic=self.clinic, language=language, by=self.staff, now=timezone.now())
            said = _("%(language)s is switched off. Messages go in the language of people’s pages.")
            return self._done(said % {"language": label(language)})
        form = CheckedForm(request.POST, prefix=language)
        if form.is_valid():
            try:
                language_switch_on(
                    clinic=self.clinic,
                    language=language,
                    **form.cleaned_data,
                    by=self.staff,
                    now=timezone.now(),
                    today=timezone.localdate(),
                )
            except ValidationError as error:
                for name, texts in error.message_dict.items():
                    form.add_error(name if name in form.fields else None, texts)
            else:
                words = _("%(language)s is switched on. Whoever chose it gets messages in it from now on.")
                return self._done(words % {"language": label(language)})
        return self.render_to_response(self.get_context_data(wrong={language: form}))

    def _done(self, said: str) -> HttpResponse:
        messages.success(self.request, said)
        query = f"?clinic={self.clinic.pk}" if self.clinic else ""
        return redirect(f"{reverse('clinic_languages')}{query}")


class LanguagesItem(MenuItem):
    """Shown to who may switch a language on, where there is one."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(of_messages_alone()) and cast(User, request.user).has_perm(PERMISSION)


def languages_item() -> MenuItem:
    return LanguagesItem(
        gettext_lazy("Languages of messages"), reverse("clinic_languages"), icon_name="globe", order=65
    )
