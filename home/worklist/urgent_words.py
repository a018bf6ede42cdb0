"""Words for which nobody waits until somebody has time to read them, in English and Afrikaans. Pure."""

import re

_URGENT = re.compile(
    r"\b(?:"
    r"chest|bleed|blood(?! ?(?:pressure|test|sugar))|breath|faint|collaps|suicid|kill(?:ing)? my ?self|overdos|"
    r"emergenc|help(?! ?(?:line|desk))|poison|seizure|stroke|unconscious|heart ?attack|convuls|snake|"
    r"chok(?:e|ing)|stabb|raped?\b|"
    r"(?:(?:want(?:s|ed|ing)?|going) to|wanna) die\b|dying|end (?:my|it) (?:life|all)|"
    r"(?:(?:do|does)(?:n['’]?t| not)|no longer|not) want to (?:live|be alive)|"
    r"bors|bloei|bloed(?! ?(?:druk|toets|suiker))|asem|flou|selfmoord|doodmaak|oordosis|noodgeval|hulp|(?:ver)?gif|"
    r"beroerte|stuip|bewusteloos|hartaanval|slang|verstik|verkrag|"
    r"nie (?:meer |langer )?(?:wil )?(?:lewe|leef)|wil (?:net )?(?:dood|sterf|sterwe)|dood ?gaan|gaan dood|"
    r"maak my(?:self)? dood|sterwend"
    r")",
    re.IGNORECASE,
)


def is_urgent(text: str) -> bool:
    """Whether somebody writes of what can't wait. It errs on that side."""
    return _URGENT.search(text) is not None
