"""What the frame of each page of staff needs in its templates."""

from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from home.admin import side_bar
from home.admin.waiting import waiting
from home.models import Clinic

register = template.Library()


@register.simple_tag(takes_context=True)
def plain_menu(context: template.Context) -> list[dict[str, Any]]:
    return side_bar.plain(context["request"])


@register.simple_tag(takes_context=True)
def own_clinic(context: template.Context) -> Clinic | None:
    """The reader's only clinic."""
    return waiting(context["request"]).clinic


@register.filter
def with_heading(cell: str, heading: object) -> SafeString:
    """The cell of a table (its HTML) with the heading of its column as an attribute, for rows that are cards."""
    start = cell.find("<td")
    if start < 0 or not str(heading).strip():
        return mark_safe(cell)  # noqa: S308 - Wagtail's own cell
    end = start + len("<td")
    return mark_safe(f'{cell[:end]} data-heading="{escape(heading)}"{cell[end:]}')  # noqa: S308 - as above
