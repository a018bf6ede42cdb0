"""The pages that head office writes: in both languages on one row, in one tree."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, ObjectList, TabbedInterface
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField
from wagtail.models import Page

from home.blocks import BodyBlock


def _in(language: str) -> ObjectList:
    fields = ("heading", "introduction", "body", "meta_title")
    names = {"en": "English", "af": "Afrikaans"}
    return ObjectList([FieldPanel(f"{field}_{language}") for field in fields], heading=names[language])


class BilingualPage(Page):
    """A page whose own texts are translated. `title` and `slug` are Wagtail's, the same in both languages.

    Templates show `heading`, `meta_title` and the other fields below, never `title`.
    """

    heading = models.CharField(_("heading"), max_length=120)
    meta_title = models.CharField(
        _("title in the browser's tab"), max_length=70, blank=True, help_text=_("The heading, if left empty.")
    )
    introduction = models.TextField(_("introduction"), blank=True)
    # modeltranslation doesn't take stream fields: these two are as it would have made them.
    body_en = StreamField(BodyBlock(), verbose_name=_("text [en]"), blank=True)
    body_af = StreamField(BodyBlock(), verbose_name=_("text [af]"), blank=True)

    edit_handler = TabbedInterface(
        [
            _in("en"),
            _in("af"),
            ObjectList(Page.content_panels, heading=_("Name in the admin")),
            ObjectList([FieldPanel("slug"), FieldPanel("search_description")], heading=_("Promote")),
            ObjectList(Page.settings_panels, heading=_("Settings")),
        ]
    )

    class Meta:
        abstract = True

    @property
    def body(self) -> StreamValue:
        """The text in the active language, or in the other one where it isn't written yet."""
        in_order = (self.body_af, self.body_en) if get_language() == "af" else (self.body_en, self.body_af)
        return in_order[0] or in_order[1]


class HomePage(BilingualPage):
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["home.InformationPage"]

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        pages = InformationPage.objects.child_of(self).live().public()
        return {**super().get_context(request, *args, **kwargs), "information": pages}


class InformationPage(BilingualPage):
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("information page")
        verbose_name_plural = _("information pages")
