"""The door for WSGI servers."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from site_config.database_limits import limit_connections
from site_config.environment import DATABASE_LIMITS_PAGES
from site_config.loading import loading
from site_config.silence import limit_answers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
limit_answers()
with loading():
    application = get_wsgi_application()
    # All pages before the first request, and before workers are forked: what they import is there once.
    import_module("site_config.urls")
limit_connections(DATABASE_LIMITS_PAGES)
