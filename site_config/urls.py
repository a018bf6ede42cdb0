"""Every address of the site: patients' pages under their language, machines and staff without."""

from typing import NoReturn

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.http import Http404, HttpRequest
from django.urls import include, path, reverse_lazy
from django.views.decorators.cache import cache_control
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from events.views.calendar import feed
from home.admin.account import account_page
from home.admin.script_words import script_words
from home.admin.site_history import site_history, site_history_results
from notifications.channels.email.webhooks import mail_events
from notifications.health.views import metrics

# The site has one door. Wagtail's own take a password alone, and would be ways around the second factor and the limits
# (tests/site_config/test_doors.py).
_sign_in = RedirectView.as_view(url=reverse_lazy("account_login"), query_string=True)
# Those of the pages, which anybody sees: no proxy reads the folder of the data.
_pictures = cache_control(max_age=86_400)(serve)
_reset_password = RedirectView.as_view(url=reverse_lazy("account_reset_password"))

handler500 = "site_config.unavailable.server_error"


def _closed(request: HttpRequest, **kwargs: object) -> NoReturn:
    raise Http404


urlpatterns = [
    path("health/", include("notifications.health.urls")),
    path("metrics", metrics),
    path("calendar/<slug:key>.ics", feed, name="calendar_feed"),
    path("api/", include("home.api.urls")),
    path("api/", include("notifications.api.urls")),
    path("sms/", include("notifications.channels.sms.urls")),
    path("whatsapp/", include("notifications.channels.whatsapp.urls")),
    path("voice/", include("notifications.replies.voice_urls")),
    path("mail/events/", mail_events),
    path("push/", include("notifications.inbox.worker_urls")),
    path("", include("home.webapp.urls")),
    path("admin/login/", _sign_in),
    path("admin/password_reset/", _reset_password),
    path("admin/password_reset/<path:rest>", _reset_password),
    path("admin/account/", account_page),
    path("admin/jsi18n/", script_words),
    path("admin/reports/site-history/", site_history),
    path("admin/reports/site-history/results/", site_history_results),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/authenticate_with_password/<path:rest>", _closed),
    path("documents/", include(wagtaildocs_urls)),
    path("media/images/<path:path>", _pictures, {"document_root": settings.MEDIA_ROOT / "images"}),
    *i18n_patterns(
        path("accounts/", include("home.sign_in.urls")),
        path("", include("home.urls")),
        path("", include("home.contact_verification.urls")),
        path("", include("home.privacy.urls")),
        path("", include("home.invitation.urls")),
        path("", include("home.staff.urls")),
        path("", include("home.privacy.my_data.urls")),
        path("", include("notifications.inbox.urls")),
        path("", include("medications.urls")),
        path("", include("events.urls")),
        path("_util/login/", _sign_in),
        path("_util/authenticate_with_password/<path:rest>", _closed),
        path("", include(wagtail_urls)),  # last: it takes whatever is left
    ),
]
