"""What is wrong with a file as a whole."""

from django.core.exceptions import ValidationError


class SheetError(ValidationError):
    """A file that can't be taken, with what to do about it."""
