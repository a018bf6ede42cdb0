"""Phone numbers as people write them: South African unless they start with +."""

from phonenumber_field.phonenumber import PhoneNumber, phonenumbers, to_python

_HERE = 27
_CELLPHONES = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


def as_phone(text: str) -> PhoneNumber | None:
    """The number that somebody wrote; None when it is none."""
    number = to_python(text)
    return number if number and number.is_valid() else None


def as_e164(text: str) -> str | None:
    """As `as_phone`, in the form in which it is kept and called: "+27821234567"."""
    number = as_phone(text)
    return str(number.as_e164) if number else None


def as_said(text: str) -> str:
    """A number as people here say it, "082 555 0121", or with its country; what is no number stays as it is."""
    number = as_phone(text)
    if number is None:
        return text
    return str(number.as_national if number.country_code == _HERE else number.as_international)


def gets_sms(number: PhoneNumber) -> bool:
    """Whether an SMS can come to this number: none does to a landline, or to a number that is none."""
    return phonenumbers.number_type(number) in _CELLPHONES
