"""How a medicine is to be taken, from a list of phrases: who chooses one has it in both languages."""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from notifications.languages.listed import PAGES

PHRASES: Mapping[str, Any] = {
    "with_food": _("with food"),
    "after_meals": _("after meals"),
    "before_meals": _("half an hour before meals"),
    "empty_stomach": _("on an empty stomach"),
    "before_sleeping": _("before sleeping"),
    "with_water": _("with a full glass of water"),
    "no_dairy": _("not with milk or dairy"),
    "swallow_whole": _("swallow it whole"),
    "same_time": _("at the same time every day"),
    "no_alcohol": _("drink no alcohol with it"),
    "finish": _("finish the course, also when you feel better"),
    "under_skin": _("under the skin"),
    "under_tongue": _("let it melt under the tongue"),
}


def in_both(name: str) -> dict[str, str]:
    """The phrase of that name by language."""
    found = {}
    for language in PAGES:
        with translation.override(language):
            found[language] = str(PHRASES[name])
    return found
