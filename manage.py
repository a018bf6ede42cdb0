#!/usr/bin/env python
"""Django's command line."""

import os
import sys

import django
from django.core.management import execute_from_command_line

from site_config.loading import loading

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    with loading():
        django.setup()
    execute_from_command_line(sys.argv)
