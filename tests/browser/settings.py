"""The site's own settings, but for where two providers are: at their counterparts on this machine."""

import os

from site_config.settings import *  # noqa: F403

WHATSAPP_URL = os.environ["META_AT"]
AFRICASTALKING_VOICE_URL = os.environ["AFRICASTALKING_VOICE_AT"]
