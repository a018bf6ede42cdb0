"""Wagtail's widgets start themselves by an inline script each, which the content security policy refuses: a nonce
can't help where a widget knows nothing of its page, or comes later, in a fragment. So each says as data what to start,
and static/js/admin-starts.js starts it, on the page and in whatever is put into it afterwards.
"""

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.widgets import BaseChooser
from wagtail.admin.widgets.workflows import AdminTaskChooser


def starts(name: str, *given: object) -> SafeString:
    """What admin-starts.js reads: which of Wagtail's functions, by a name that it knows, and with what."""
    return format_html('<span hidden data-starts="{}" data-with="{}"></span>', name, json.dumps(given))


def chooser(self: Any, name: str, value: Any, attrs: dict[str, Any], renderer: object = None) -> SafeString:
    """As Wagtail's `BaseChooser.render`, but for the script."""
    value_data = self.get_value_data(value)
    options = self.get_js_init_options(attrs["id"], name, value_data)
    html: SafeString = self.render_html(name, value_data, attrs)
    return html + starts(self.js_constructor, attrs["id"], options)


def task_chooser(
    self: Any, name: str, value: Any, attrs: dict[str, Any], renderer: object = None
) -> SafeString:
    html: SafeString = self.render_html(name, self.get_value_data(value), attrs)
    return html + starts("createTaskChooser", attrs["id"])


def replace_scripts() -> None:
    """Once, while the site starts. Fields of dates and times have templates of ours, which must lie in an app, because
    Django looks for those of widgets nowhere else.
    """
    BaseChooser.render = chooser
    AdminTaskChooser.render = task_chooser
