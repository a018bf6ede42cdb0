"""The places in the side bar of staff, by what is done there.

Each place is a hook, so that apps put their pages into one without knowing each other: a viewset names it as its
`menu_hook`, a group of viewsets as its `submenu_hook`.
"""

from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.viewsets.model import ModelViewSetGroup

MESSAGES = "register_messages_menu_item"
REPORTS = "register_reports_menu_item"
SETTINGS = "register_settings_menu_item"

ORDER = {
    name: 10 * (number + 1)
    for number, name in enumerate(
        (
            *("today", "patients", "medicines", "events", "messages"),
            *("manager", "reports", "staff", "settings"),
            *("help", "language"),
        )
    )
}
"""From what is used most to what is used least."""


class PlaceGroup(ModelViewSetGroup):
    """View sets that stand together. One that names another place (`menu_hook`) stands there and not here."""

    def get_submenu_items(self) -> list[MenuItem]:
        here = [each for each in self.registerables if not each.menu_hook]
        return [each.get_menu_item(order=order) for order, each in enumerate(here, 1)]


def messages_place(label: object) -> MenuItem:
    """Where staff read what went out, write announcements, and see what didn't arrive."""
    menu = Menu(register_hook_name=MESSAGES)
    return SubmenuMenuItem(label, menu, name="messages", icon_name="mail", order=ORDER["messages"])
