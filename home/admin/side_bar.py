"""The side bar of staff: today, the places that apps fill, and at its foot help and the other language."""

from copy import copy
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import AdminOnlyMenuItem, MenuItem, SubmenuMenuItem, admin_menu
from wagtail.admin.ui import sidebar

from home.admin.waiting import waiting
from notifications.admin.menu import ORDER

_ELSEWHERE = {"explorer", "images", "documents", "snippets", "help"}
"""What Wagtail puts into the side bar itself: pages of the public site, which head office finds under Settings."""
_OF_EDITORS = {"workflows", "workflow-tasks", "locked-pages", "aging-pages", "page-types-usage"}
"""What belongs to the editing of a large site of pages, and to no clinic."""


def today_item() -> MenuItem:
    return MenuItem(
        _("Today"), reverse_lazy("wagtailadmin_home"), name="today", icon_name="home", order=ORDER["today"]
    )


def help_item() -> MenuItem:
    return MenuItem(
        _("Help"),
        reverse_lazy("staff_help"),
        name="staff-help",
        icon_name="help",
        classname="desk-foot desk-foot--first",
        order=ORDER["help"],
    )


class LanguageItem(MenuItem):
    """A button with the name of the other language, in that language."""

    def render_component(self, request: HttpRequest) -> sidebar.ActionMenuItem:
        other = other_language()
        return sidebar.ActionMenuItem(
            self.name,
            get_language_info(other)["name_local"],
            reverse("staff_language", args=[other]),
            icon_name=self.icon_name,
            classname=self.classname,
            attrs={"lang": other},
        )


def language_item() -> MenuItem:
    return LanguageItem(
        "", "", name="language", icon_name="globe", classname="desk-foot", order=ORDER["language"]
    )


def other_language() -> str:
    """The language that this page isn't in."""
    return next(code for code, _name in settings.LANGUAGES if code != get_language())


def account_item() -> MenuItem:
    return MenuItem(
        _("My account"), reverse_lazy("wagtailadmin_account"), name="account", icon_name="user", order=10
    )


def site_items() -> list[MenuItem]:
    """The public pages, their pictures and documents, for head office."""
    return [
        AdminOnlyMenuItem(label, reverse_lazy(url), name=name, icon_name=icon, order=order)
        for label, url, name, icon, order in (
            (_("Pages of the website"), "wagtailadmin_explore_root", "website", "doc-full", 900),
            (_("Pictures"), "wagtailimages:index", "pictures", "image", 910),
            (_("Documents"), "wagtaildocs:index", "website-documents", "doc-full-inverse", 920),
        )
    ]


def arrange_main(request: HttpRequest, items: list[MenuItem]) -> None:
    """Leave what is done in a clinic, in the order of its use."""
    numbers = waiting(request).numbers
    items[:] = [_with_number(item, numbers) for item in items if item.name not in _ELSEWHERE]
    for item in items:
        item.order = ORDER.get(item.name, item.order)
        if item.name == "reports":
            item.icon_name = "chart"


def _with_number(item: MenuItem, numbers: dict[str, int]) -> MenuItem:
    """The place with how many wait there. Places are everybody's, so one with a number is this request's own."""
    if item.name not in numbers:
        return item
    own = copy(item)
    own.attrs = {**item.attrs, "data-waiting": str(numbers[item.name])}
    return own


def arrange_inside(request: HttpRequest, items: list[MenuItem]) -> None:
    """Leave out of Settings and Reports what is for editors, and the log of all clinics for who may not read it."""
    hidden = _OF_EDITORS if request.user.is_superuser else _OF_EDITORS | {"site-history"}
    items[:] = [item for item in items if item.name not in hidden]


def plain(request: HttpRequest) -> list[dict[str, Any]]:
    """The same menu as links and buttons, for a browser without JavaScript."""
    places: list[dict[str, Any]] = [_plain(item, request) for item in _sorted(admin_menu, request)]
    places.append({"label": _("Sign out"), "action": reverse("wagtailadmin_logout")})
    return places


def _plain(item: MenuItem, request: HttpRequest) -> dict[str, Any]:
    if isinstance(item, SubmenuMenuItem):
        return {
            "label": item.label,
            "inside": [_plain(each, request) for each in _sorted(item.menu, request)],
        }
    component = item.render_component(request)
    if isinstance(component, sidebar.ActionMenuItem):
        return {"label": component.label, "action": component.action}
    return {"label": item.label, "url": item.url}


def _sorted(menu: Any, request: HttpRequest) -> list[MenuItem]:
    return sorted(menu.menu_items_for_request(request), key=lambda item: item.order)
