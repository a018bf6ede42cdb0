"""The words that make what somebody writes urgent, by language: head office writes them for all clinics."""

from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from home.conversations.danger_words import danger_words, danger_words_write
from home.conversations.phrases import is_phrase
from notifications.languages.listed import label as language_label
from notifications.languages.listed import of_messages

LONGEST = 10_000


class DangerWordsForm(forms.Form):
    """A field for each language; a phrase a line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in of_messages():
            self.fields[language] = forms.CharField(
                label=language_label(language),
                required=False,
                max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 16, "lang": language}),
            )

    def clean(self) -> dict[str, Any]:
        for language in list(self.cleaned_data):
            lines = [line.strip() for line in self.cleaned_data[language].splitlines() if line.strip()]
            if bad := next((line for line in lines if not is_phrase(line)), None):
                said = _("“%(line)s” has no word in it. Write a word or a few on each line.")
                self.add_error(language, ValidationError(said % {"line": bad}))
                continue
            self.cleaned_data[language] = "\n".join(lines)
        return self.cleaned_data


class DangerWordsView(WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]  # Django's views take no arguments when they run
    page_title = gettext_lazy("Words that mean danger")
    header_icon = "warning"
    http_method_names = ["get", "head", "post"]
    form_class = DangerWordsForm
    template_name = "home/admin/danger_words.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not cast(Any, request.user).is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": str(self.page_title)}]

    def get_initial(self) -> dict[str, Any]:
        return {language: "\n".join(phrases) for language, phrases in danger_words().items()}

    def form_valid(self, form: DangerWordsForm) -> HttpResponse:
        danger_words_write(form.cleaned_data)
        messages.success(self.request, _("The words are saved. They hold for whatever comes in from now on."))
        return redirect("danger_words")
