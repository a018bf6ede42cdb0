"""What staff's pages about a patient are called where the patient reads who saw their record.

A page is the first part of its address's name ("prescriptions" of "prescriptions:edit"), or that name itself. Apps
register theirs as they register their menu.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.hooks import search_for_hooks

_names: dict[str, Any] = {}


def register_page(page: str, name: Any) -> None:
    """Call this page so, in the patient's words."""
    _names[page] = name


def page_name(page: str) -> str:
    """In the active language; a page that nobody registered is a part of the record."""
    search_for_hooks()
    return str(_names.get(page, _("the record")))


def pages() -> list[tuple[str, str]]:
    """All that are registered, with their names."""
    search_for_hooks()
    return [(page, str(name)) for page, name in _names.items()]


register_page("patients", _("the patient’s page"))
register_page("transfers", _("a transfer to another clinic"))
register_page("patient_wishes", _("how you are reached"))
register_page("invitations", _("invitations"))
register_page("consents", _("consents"))
register_page("notification_messages", _("messages"))
register_page("api", _("messages, through another program"))
