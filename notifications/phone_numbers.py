"""Phone numbers as people write them: South African unless they start with +."""

from phonenumber_field.phonenumber import PhoneNumber, to_python


def as_phone(text: str) -> PhoneNumber | None:
    """The number that somebody wrote; None when it is none."""
    number = to_python(text)
    return number if number and number.is_valid() else None


def as_e164(text: str) -> str | None:
    """As `as_phone`, in the form in which it is kept and called: "+27821234567"."""
    number = as_phone(text)
    return str(number.as_e164) if number else None
