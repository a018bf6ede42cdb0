"""Wagtail's record of the site, by which it makes whole addresses of pages: in its mails, and where staff copy them."""

from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Site

_USUAL = {"http": 80, "https": 443}


def follow_base_url(**kwargs: object) -> None:
    """After each migration and at each start: the site is where BASE_URL says, not where it was tried out first."""
    parts = urlsplit(settings.BASE_URL)
    site = Site.objects.filter(is_default_site=True).first()
    where = (parts.hostname or "", parts.port or _USUAL[parts.scheme])
    if site and (site.hostname, site.port) != where:
        site.hostname, site.port = where
        site.save()
