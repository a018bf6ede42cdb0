"""Who falls under which limit: known devices apart from strangers. The limits themselves are in site_config/limits.py.

Everything is answered alike and counted alike whether an address has an account or not (docs/decisions/0051).
"""

from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.http import HttpRequest

from home.known_devices import device_of, is_known
from home.models import User
from home.selectors import person_at
from notifications.phone_numbers import as_phone
from notifications.web.client_address import client_network


def password_try(request: HttpRequest, *, login: str) -> RateLimitUsage | None:
    """Counts a try at a password; None when there may be no more now. A right one is taken back by its `rollback`."""
    account, person = _account(login)
    device = device_of(request, person)
    if device:
        return _consume(request, "password_known_device", f"{account} {device}")
    by_address = _consume(request, "password_address")
    by_account = _consume(request, "password_account", account) if by_address else None
    if by_address is None or by_account is None:
        return None
    return RateLimitUsage(usage=[*by_address.usage, *by_account.usage])


def passwords_forget(request: HttpRequest, *, person: User) -> None:
    """After a new password nobody who knows it need wait for those who guessed at the old one."""
    ratelimit.clear(request, app=_APP, action="password_account", key=_name(person))


def code_request(request: HttpRequest, *, address: str, purpose: str = "") -> bool:
    """Counts a message that somebody not signed in has sent to an address; whether it may be sent."""
    _account_name, person = _account(address)
    device = device_of(request, person)
    sent = f"{purpose}{address}"
    if device:
        return _consume(request, "code_known_device", f"{sent} {device}") is not None
    return all(
        _consume(request, limit, key) is not None
        for limit, key in (
            ("code_address", None),
            ("code_asker", f"{sent} {client_network(request)}"),
            ("code_destination", sent),
        )
    )


def code_try(request: HttpRequest) -> bool:
    """Counts a code that is typed in; whether it may be looked at."""
    if not is_known(request) and _consume(request, "confirm_code_address") is None:
        return False
    return _consume(request, "confirm_code", request.session.session_key or "") is not None


def address_request(request: HttpRequest, *, address: str, own: bool) -> bool:
    """Counts a code that somebody signed in has sent to an address to be reached at; whether it may be sent."""
    if _consume(request, "verify_address") is None:
        return False
    return own or _consume(request, "verify_address_destination", address) is not None


def desk_code_request(request: HttpRequest, *, address: str) -> bool:
    """Counts a code that staff have sent to somebody at their desk; whether it may be sent."""
    return _consume(request, "desk_code_destination", address) is not None


def desk_code_try(request: HttpRequest) -> bool:
    """Counts a code that was read aloud at the desk; whether it may be looked at."""
    return _consume(request, "desk_code_try") is not None


def staff_invitation_request(request: HttpRequest, *, address: str) -> bool:
    """Counts an invitation to work that a manager has sent; whether it may be sent."""
    if _consume(request, "staff_invitation") is None:
        return False
    return _consume(request, "staff_invitation_destination", address.strip().lower()) is not None


_APP = "allauth.account"


def _consume(request: HttpRequest, action: str, key: str | None = None) -> RateLimitUsage | None:
    # A GET that reaches this far sends or tries something all the same.
    return ratelimit.consume(request, app=_APP, action=action, key=key, limit_get=True)


def _account(login: str) -> tuple[str, User | None]:
    """One name for an account, whichever of its addresses was typed and however, and whose it is. One query."""
    person = person_at(login)
    return (_name(person) if person else str(as_phone(login) or login.strip().lower())), person


def _name(person: User) -> str:
    return f"account {person.pk}"
