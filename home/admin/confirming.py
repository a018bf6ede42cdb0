"""A form whose consequences staff see before it is saved: what was posted is shown in words, and posted again.

The page includes `home/admin/confirm_buttons.html` in a form with what `repeated` gives as `form_data`, and with
`confirm_label`. One of its buttons posts "confirm", the other, back to the form, "edit".
"""

from django.http import QueryDict

CONFIRM, EDIT = "confirm", "edit"
"""The names of the page's two buttons."""


def repeated(posted: QueryDict) -> list[tuple[str, str]]:
    """The names and values of a form that was posted, without its buttons and token."""
    own = {"csrfmiddlewaretoken", CONFIRM, EDIT}
    return [(name, value) for name, values in posted.lists() if name not in own for value in values]
