"""Each menu is put together once a page. Wagtail does it anew whenever it asks whether a menu has anything in it."""

from typing import Any

from django.http import HttpRequest
from wagtail.admin.menu import Menu, MenuItem

_KEPT = "_desk_menus"


def put_together_once() -> None:
    """Let the side bar, and the menu of browsers without JavaScript, show what was found for either of them.

    What a menu shows is asked of the database (who writes texts, who keeps medicines): a third of the time of a page
    went there. A request ends with its page, so nothing is kept beyond what one person may see at one moment.
    """
    put_together = Menu.menu_items_for_request

    def menu_items_for_request(menu: Any, request: HttpRequest) -> list[MenuItem]:
        kept: dict[Any, list[MenuItem]] | None = getattr(request, _KEPT, None)
        if kept is None:
            kept = {}
            setattr(request, _KEPT, kept)
        if menu not in kept:
            kept[menu] = put_together(menu, request)
        return kept[menu]

    Menu.menu_items_for_request = menu_items_for_request
