"""Texts that people write for others to read must show something."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from notifications.rules.blank import is_blank


def validate_visible(text: str) -> None:
    """A form field's validator; raises ValidationError for a text of which nothing is seen."""
    if is_blank(text):
        raise ValidationError(_("Nothing of this text can be seen. Please write it anew."), code="blank")
