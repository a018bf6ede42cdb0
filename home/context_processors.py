"""Values for the frame of every page."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language, get_language_info

from home.sign_in.session_life import life_of
from home.transactional.message import can_send


def frame(request: HttpRequest) -> dict[str, str]:
    """A link to the same page in the other language, named in that language."""
    other = next(code for code, _name in settings.LANGUAGES if code != get_language())
    here = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
    htmx = getattr(request, "htmx", None)  # an error page may come before there is one
    if htmx:
        here = htmx.current_url_abs_path or here
    there = translate_url(here, other)
    return {
        "other_language_code": other,
        "other_language_name": get_language_info(other)["name_local"],
        "other_language_url": there if there != here else f"/{other}/",
    }


def staff(request: HttpRequest) -> dict[str, bool]:
    """Whether the session is one of staff, as it was noted last (home/sign_in/session_life.py): no query.

    For a link alone: what somebody may do, their rights say.
    """
    session = getattr(request, "session", None)  # an error page may come before there is one
    life = life_of(session) if session is not None else None
    return {"is_staff_session": life is not None and life.is_staff}


def codes(request: HttpRequest) -> dict[str, bool]:
    """Whether a code can be sent by SMS, for the pages that offer one."""
    return {"by_sms": can_send("sms")}
