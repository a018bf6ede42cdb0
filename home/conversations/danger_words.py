"""Words for which nobody waits until somebody has time to read them: those built in, until staff write their own."""

from collections.abc import Mapping

from django.db import transaction

from home.conversations.phrases import says
from home.models import DangerWords
from notifications.languages.files import file_of
from notifications.languages.listed import of_messages

_ENGLISH = """
chest
chests
chestpain*
bleed*
blood*
-blood pressure
-blood test*
-blood sugar
breath*
faint*
collaps*
unconscious*
not waking up
wont wake up
seizure*
convuls*
stroke*
heart attack*
heartattack*
choke*
choking*
overdos*
poison*
snake*
stabb*
rape
raped
suicid*
kill myself
kill my self
killing myself
want to die
wants to die
wanted to die
going to die
wanna die
dying
end my life
end it all
not want to live
dont want to live
doesn't want to live
no longer want to live
not want to be alive
dont want to be alive
baby not moving
baby is not moving
baby isn't moving
baby stopped moving
emergenc*
help*
-help line*
-helpline*
-help desk*
-helpdesk*
"""
_AFRIKAANS = """
bors*
-borsvoed*
-borsel*
bloei*
bloed*
-bloeddruk*
-bloed druk
-bloedtoets*
-bloed toets*
-bloedsuiker*
-bloed suiker
asem*
flou
floute*
bewusteloos*
word nie wakker nie
stuip*
beroerte*
hartaanval*
verstik*
oordosis*
vergif*
gif
giftig*
gifstof*
slang*
verkrag*
selfmoord*
doodmaak*
maak my dood
maak myself dood
doodgaan*
dood gaan
gaan dood
wil dood
wil net dood
wil sterf
wil sterwe
sterwend*
nie meer lewe
nie meer leef
nie langer lewe
nie langer leef
nie wil lewe
nie wil leef
baba beweeg nie
baba roer nie
noodgeval*
hulp*
"""
BUILT_IN: Mapping[str, str] = {"en": _ENGLISH.strip(), "af": _AFRIKAANS.strip()}
"""They err on the side of danger."""


def built_in(language: str) -> str:
    """The phrases of a language, one a line, until staff write their own."""
    return BUILT_IN.get(language) or "\n".join(file_of(language).words.get("danger", ()))


def danger_words() -> dict[str, list[str]]:
    """The phrases by language, which hold for whatever anybody writes. One query."""
    edited = dict(DangerWords.objects.values_list("language", "phrases"))
    return {language: (edited.get(language) or built_in(language)).splitlines() for language in of_messages()}


def language_of_danger(text: str, words: Mapping[str, list[str]]) -> str | None:
    """The language in which it says that somebody is in danger; None where it says nothing of the kind."""
    return next((language for language, phrases in words.items() if says(text, phrases)), None)


def danger_words_write(phrases: Mapping[str, str]) -> None:
    """Take these instead, by language; an empty text brings back those built in."""
    with transaction.atomic():
        DangerWords.objects.filter(language__in=phrases).delete()
        DangerWords.objects.bulk_create(
            DangerWords(language=language, phrases=text.strip())
            for language, text in phrases.items()
            if text.strip() and text.strip() != built_in(language)
        )
