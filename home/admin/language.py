"""The language in which somebody on the staff reads the admin, and the button that changes it."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from wagtail.users.models import UserProfile


@require_POST
def choose_language(request: HttpRequest, language: str) -> HttpResponse:
    """Keeps the choice with the account, and goes back to the page where the button was."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    UserProfile.objects.update_or_create(user=request.user, defaults={"preferred_language": language})
    back = request.headers.get("Referer", "")
    known = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if known else reverse("wagtailadmin_account"))
