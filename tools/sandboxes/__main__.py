"""`python -m tools.sandboxes SANDBOX… --yes`, with the credentials in the environment as the site reads them."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
django.setup()

from tools.sandboxes.asking import main  # noqa: E402 - models can be imported from here on

sys.exit(main())
