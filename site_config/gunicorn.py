"""Gunicorn for the pages: `gunicorn --config python:site_config.gunicorn`. Live streams are uvicorn's (see asgi)."""

import gc

from site_config.environment import ADMINS, DEBUG, LOG_FORMAT, PORT, WEB_WORKERS
from site_config.logs import configuration

wsgi_app = "site_config.wsgi:application"
bind = [f"127.0.0.1:{PORT}"]  # who asks is the proxy; where it is elsewhere, --bind says so
workers = WEB_WORKERS
worker_class = "sync"  # pages are Python's work: threads would only take turns
# Loaded once and forked: workers start at once and share its memory.
preload_app = True
# What leaks is given back; not by all at the same moment.
max_requests = 2_000
max_requests_jitter = 400
timeout = 30
graceful_timeout = 20  # whoever stops a process waits 25 s
keepalive = 0  # a sync worker serves one connection; the proxy keeps the browser's open
# Who asks, and whether by https://, is said by TRUSTED_PROXIES and BASE_URL alone.
forwarded_allow_ips = ""
control_socket_disable = True  # the service manager does that
logconfig_dict = configuration(log_format=LOG_FORMAT, quote_errors=DEBUG, mail_errors=bool(ADMINS))


def when_ready(server: object) -> None:
    """Before the first worker is forked: what is loaded is shared for good, and no worker tidies it up when it ends."""
    gc.freeze()
