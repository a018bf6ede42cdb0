"""The recordings that are played in calls. They are the same for all clinics, so head office keeps them."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import IndexView

from notifications.admin.export import ExportingViewSet
from notifications.admin.menu import MESSAGES
from notifications.channels import registry as channels
from notifications.channels.voice import script
from notifications.channels.voice.audio import LARGEST, kind_of
from notifications.models import VoiceClip


class VoiceClipForm(WagtailAdminModelForm):
    """A file counts by what is in it: its name may say anything."""

    text = forms.ChoiceField(label=gettext_lazy("What is said"), choices=script.choices)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        if (file.size or 0) > LARGEST:
            allowed = {"size": filesizeformat(LARGEST)}
            raise ValidationError(_("This recording is larger than %(size)s. Make it shorter.") % allowed)
        kind = kind_of(file)
        if kind is None:
            raise ValidationError(
                _(
                    "This is not a recording that a phone can play. Save it as MP3, or as WAV without compression."
                )
            )
        file.name = f"recording.{kind}"
        return file


class VoiceClipIndexView(IndexView):
    @cached_property
    def columns(self) -> list[Column]:
        said = dict(script.choices())
        return [
            TitleColumn(
                "text",
                label=_("What is said"),
                accessor=lambda clip: said.get(clip.text, clip.text),
                get_url=lambda clip: reverse("voice_clips:edit", args=[clip.pk]),
            ),
            Column("language", label=_("Language"), accessor="get_language_display"),
            Column("listen", label=_("Recording"), accessor=_listen),
        ]


def _listen(clip: VoiceClip) -> str:
    return format_html('<a href="{}">{}</a>', reverse("voice:clip", args=[clip.key]), _("Listen"))


class _WhereCallsAreMade(MenuItem):
    """Shown where the site calls people, to who keeps the recordings."""

    def is_shown(self, request: Any) -> bool:
        return "voice" in channels.outside() and request.user.has_perm("notifications.change_voiceclip")


class VoiceClipViewSet(ExportingViewSet):
    model = VoiceClip
    name = "voice_clips"
    icon = "media"
    menu_label = gettext_lazy("Recordings for calls")
    menu_hook = MESSAGES
    menu_order = 70
    menu_item_class = _WhereCallsAreMade
    copy_view_enabled = False
    index_view_class = VoiceClipIndexView
    index_results_template_name = "notifications/admin/results.html"
    list_per_page = 50
    ordering: ClassVar[list[str]] = ["language", "text"]
    search_backend_name = None
    edit_handler = ObjectList(
        [
            FieldPanel(
                "text",
                help_text=gettext_lazy(
                    "What stands here is said where nothing is recorded and the provider has a voice for the language. "
                    "Anybody may pick up the phone: name no medicine and no illness."
                ),
            ),
            FieldPanel("language"),
            FieldPanel("file", help_text=gettext_lazy("MP3 or WAV, at most 2 MB.")),
        ],
        base_form_class=VoiceClipForm,
    )
