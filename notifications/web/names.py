"""The filter for names on pages. Every template has it, without loading it (settings)."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def bdi(name: object) -> SafeString | str:
    """A name of somebody, apart from the words around it: one that is written from right to left doesn't move them."""
    return format_html("<bdi>{}</bdi>", name) if name else ""
