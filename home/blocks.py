"""The blocks of a page's body."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

_PLAIN = ["bold", "italic", "link", "ol", "ul"]


class NoticeBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("heading"), max_length=120)
    text = blocks.TextBlock(label=_("text"))

    class Meta:
        icon = "warning"
        label = _("notice")
        template = "home/blocks/notice.html"


class ActionBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("text"), max_length=60)
    page = blocks.PageChooserBlock(label=_("page"))

    class Meta:
        icon = "link"
        label = _("button")
        template = "home/blocks/action.html"


class BodyBlock(blocks.StreamBlock):
    heading = blocks.CharBlock(
        label=_("heading"), max_length=120, icon="title", template="home/blocks/heading.html"
    )
    paragraph = blocks.RichTextBlock(
        label=_("paragraph"), features=_PLAIN, template="home/blocks/paragraph.html"
    )
    image = ImageBlock(label=_("image"), template="home/blocks/image.html")
    notice = NoticeBlock()
    action = ActionBlock()
