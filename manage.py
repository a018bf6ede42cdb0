#!/usr/bin/env python
"""Django's command line."""

import os
import sys
from functools import partial

import django
from django.core.management import execute_from_command_line

from site_config.database_limits import limit_connections, limits_of, migrate_patiently
from site_config.loading import loading

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    with loading():
        django.setup()
    command = "".join(sys.argv[1:2])
    limit_connections(limits_of(command))
    carry_out = partial(execute_from_command_line, sys.argv)
    if command == "migrate":
        migrate_patiently(carry_out, say=partial(print, file=sys.stderr, flush=True))
    else:
        carry_out()
