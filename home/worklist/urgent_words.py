"""Words for which nobody waits until somebody has time to read them, in English and Afrikaans. Pure."""

import re

_URGENT = re.compile(
    r"\b(?:"
    r"chest|bleed|blood(?! ?(?:pressure|test|sugar))|breath|faint|collaps|suicid|kill(?:ing)? my ?self|overdos|"
    r"emergenc|help|poison|seizure|stroke|unconscious|"
    r"bors|bloei|bloed(?! ?(?:druk|toets|suiker))|asem|flou|selfmoord|doodmaak|oordosis|noodgeval|hulp|gif|"
    r"beroerte|stuipe|bewusteloos"
    r")",
    re.IGNORECASE,
)


def is_urgent(text: str) -> bool:
    """Whether somebody writes of what can't wait. It errs on that side."""
    return _URGENT.search(text) is not None
