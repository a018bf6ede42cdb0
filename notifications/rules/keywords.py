"""What somebody writes on a phone means, whatever stands around the word that counts.

People add what a person reads over: "Stop asb", "1 👍", "Geneem dankie", a signature. Phones add what nobody sees. A
wish to get no more messages counts however it is put, since whoever isn't understood there is written to against it.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple


class Command(StrEnum):
    """What an SMS may ask for whatever was asked before."""

    STOP = "stop"
    START = "start"
    HELP = "help"


def _split(phrases: str) -> tuple[str, ...]:
    """The phrases between commas."""
    return tuple(" ".join(each.split()) for each in phrases.split(","))


_STARTS = frozenset({"start", "unstop", "begin"})
_HELPS = frozenset({"help", "info", "hulp"})
_STOPS = _split(
    """
    stop, unsubscribe, unsub, optout, opt out, revoke, hou op, staak, no more, leave me alone, take me off,
    take my name off, take my number off, remove me, remove my name, remove my number, remove my phone number,
    remove this number, delete me, delete my number, lose my number, quit texting, quit messaging, quit sending,
    do not text, do not sms, do not send, do not message, do not contact, dont text, dont sms, dont send,
    dont message, dont contact, nie meer, geen meer, moenie meer, moenie vir my, moenie my, los my, haal my af,
    haal my van die lys, verwyder my
    """
)
"""What stops messages when a text begins with it, whatever follows."""
_ENOUGH = ("stop", "discontinue", "no longer", "no more", "nie meer")
_UNWANTED = ("dont want", "do not want", "wil nie", "wil geen", "soek nie", "soek geen")
"""What stops them in the midst of a sentence that is about messages and nothing else."""
_MESSAGES = frozenset(
    _split(
        """
    sms, smse, smses, smss, text, texts, texting, msg, msgs, message, messages, messaging, reminder, reminders,
    notifications, boodskap, boodskappe, herinnerings
    """
    )
)
_AROUND_THEM = frozenset(
    _split(
        """
    be, great, if, for, im, simply, asking, appreciate, any, further, anymore, and, but, just, more, such, that,
    longer, meer
    """
    )
)
"""What stands in such a sentence, beside what stands with any wish."""
_RECEIVING = frozenset({"get", "getting", "receive", "receiving", "kry", "ontvang", "hê"})
"""What is said in it of what nobody wants. "I get no more messages" misses them."""
_STOPS_ALONE = ("end", "quit", "cancel", "remove", "kanselleer")
"""What stops them unless something else follows: "Cancel my visit" is about a visit."""
_CALLS = _split(
    """
    call me, call us, call back, callback, phone me, phone us, phone back, ring me, pcm, bel my, bel ons,
    bel vir my, bel terug, skakel my, skakel ons, skakel terug, my bel, ons bel, my skakel, ons skakel, my terugbel,
    my terugskakel
    """
)
"""What asks to be called when a text begins with it, whatever follows."""
_CALLS_ALONE = frozenset({"call", "bel", "skakel"})
"""The same with a number behind them, as the networks' “Please Call” has it, or with nothing."""
_CALLERS = frozenset({"somebody", "someone", "anybody", "the", "iemand", "die", "hê"})
"""What stands with a wish before such a phrase, beside what stands with any."""
_PLEASE = frozenset({"please", "pls", "plz", "kindly", "asseblief", "asb"})
_BETWEEN = _PLEASE | {"ever", "now", "nou", "tog"}
"""What stands between the words of a phrase and changes nothing: "Hou asb op"."""
_LONGEST_NAME = 3
"""Words of a name between “Please Call Me” and the number, where its sender has set one."""
_SHORTEST_NUMBER = 9
_COURTESY = frozenset(
    _split(
        """
    please, pls, plz, kindly, thanks, thank, you, thankyou, thx, ty, hi, hello, hey, dear, good, morning, afternoon,
    evening, sir, madam, mam, sister, nurse, dr, doctor, ok, okay, so, much, very, regards, now, asseblief, asb,
    dankie, baie, hallo, haai, goeie, goeiemore, more, môre, middag, naand, suster, dokter, meneer, mevrou, groete,
    tog, nou, clinic, kliniek, dumela
    """
    )
)
"""What is said before or after a word and changes nothing."""
_WISHES = frozenset(
    _split(
        """
    i, we, want, to, would, like, wish, can, could, must, how, do, ek, ons, wil, kan, moet, julle, jy, u, hoe, graag
    """
    )
)
_ABOUT_MESSAGES = _MESSAGES.union(
    _split(
        """
    all, everything, sending, me, my, this, these, it, the, your, of, from, with, medguard, again, list, alles,
    stuur, dit, hierdie, die, van, met, weer, nie, vir
    """
    )
)
_SIGNATURE = re.compile(r"--|—|sent from|sent via|get outlook|gestuur van")
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"[.!?\n]+")
_GOOD_DAY = (["good", "day"], ["goeie", "dag"])


class Words(NamedTuple):
    """What people write who speak more languages than those above, kind by kind; each is the words of a phrase."""

    stop: frozenset[str] = frozenset()
    stop_alone: frozenset[str] = frozenset()
    start: frozenset[str] = frozenset()
    help: frozenset[str] = frozenset()
    call: frozenset[str] = frozenset()
    courtesy: frozenset[str] = frozenset()
    about_messages: frozenset[str] = frozenset()


_taught = [Words()]


def teach(words: Words) -> None:
    """Understand these too, from everybody; they take the place of those that were taught before."""
    _taught[:] = [words]


def keyword_of(text: str) -> str:
    """What it says in lower case, its words apart by one space: without marks, emoji, courtesy and a signature.

    Where it is nothing but courtesy, a word of that stays. What was read already stays the same.
    """
    words = words_of(text)
    while len(words) > 1 and words[-1] in _courtesy():
        words = words[:-1]
    return " ".join(_without_courtesy(words))


def command_of(text: str) -> Command | None:
    """What it asks for, whatever was asked before; None where that is nothing of the kind."""
    words = _without_courtesy(words_of(text))
    if _stops(words) or any(map(_wants_none, map(words_of, _SENTENCE_END.split(_plain(text))))):
        return Command.STOP
    if words and words[0] in _STARTS | _taught[0].start and _is_about_messages(words[1:]):
        return Command.START
    return Command.HELP if keyword_of(text) in _HELPS | _taught[0].help else None


def asks_to_be_called(text: str) -> bool:
    """Whether its sender wants a call, in their own words or by their network's “Please Call Me” (`number_to_call`)."""
    words = words_of(text)
    rest = words
    while rest and rest[0] in _WISHES | _courtesy() | _CALLERS:
        rest = rest[1:]
    if _after(rest, (*_CALLS, *_taught[0].call)) is not None or (
        rest and rest[0] in _CALLS_ALONE and _is_courtesy(rest[1:])
    ):
        return True
    if _number_in(rest):
        return True
    # In the midst of other words it is a wish only with a please beside it: "You said you will call me".
    return any(
        words[at : at + 2] in (["call", "me"], ["phone", "me"], ["bel", "my"], ["skakel", "my"])
        and _PLEASE.intersection((*words[max(at - 1, 0) : at], *words[at + 2 : at + 3]))
        for at in range(len(words))
    )


def number_to_call(text: str) -> str:
    """The number that the networks write into a “Please Call Me”, in digits; empty where there is none.

    Such a text is “Please Call” or “Please Call Me”, perhaps the sender's name, their number, and an advertisement. It
    may come from a number of the network's.
    """
    return _number_in(_without_courtesy(words_of(text)))


def _number_in(words: Sequence[str]) -> str:
    if not words or words[0] not in _CALLS_ALONE:
        return ""
    named = words[1 : _LONGEST_NAME + 3]  # with the "me" before it, and the number
    first = next((at for at, word in enumerate(named, start=1) if word.isdigit()), len(words))
    digits = ""
    for word in words[first:]:
        if not word.isdigit() or len(digits) >= _SHORTEST_NUMBER:
            break
        digits += word
    return digits if len(digits) >= _SHORTEST_NUMBER else ""


def _is_courtesy(words: Sequence[str]) -> bool:
    # "Can I call you" asks for something else.
    return set(words) <= _courtesy() - {"you"}


def _stops(words: Sequence[str]) -> bool:
    stops = (*_STOPS, *_taught[0].stop)
    plain = [word for word in words if word not in _BETWEEN]
    if _after(words, stops) is not None or _after(plain, stops) is not None:
        return True
    while words and words[0] in _WISHES | _courtesy():
        words = words[1:]
    # After a wish, "stop taking them" is about something else too.
    rest = _after(words, (*stops, *_STOPS_ALONE, *_taught[0].stop_alone))
    return rest is not None and _is_about_messages(rest)


def _wants_none(words: Sequence[str]) -> bool:
    """Whether a sentence wishes for no messages in its midst, and says nothing else: "the messages must stop"."""
    for greeting in _GOOD_DAY:
        while (others := _without(words, greeting)) is not None:
            words = others
    for phrase in (*_UNWANTED, *_ENOUGH):
        rest = _without(words, phrase.split())
        if rest is None or not _MESSAGES.intersection(rest):
            continue
        is_wish = phrase in _UNWANTED or not _WISHES.isdisjoint(rest) or not _PLEASE.isdisjoint(rest)
        beside = _AROUND_THEM | (_RECEIVING if phrase in _UNWANTED else frozenset())
        if is_wish and _is_about_messages([word for word in rest if word not in beside]):
            return True
    return False


def _without(words: Sequence[str], part: Sequence[str]) -> Sequence[str] | None:
    """What stands around the first place where this part is; None where it is nowhere."""
    for at in range(len(words) - len(part) + 1):
        if words[at : at + len(part)] == part:
            return [*words[:at], *words[at + len(part) :]]
    return None


def _is_about_messages(words: Sequence[str]) -> bool:
    return set(words) <= _about_messages() | _courtesy() | _WISHES


def _after(words: Sequence[str], phrases: Collection[str]) -> Sequence[str] | None:
    """What follows the phrase with which they begin; None where they begin with none of them."""
    if not words:
        return None
    # A key that was held: "stoppp".
    spelled = [re.sub(r"(.)\1+$", r"\1", words[0]), *words[1:]]
    for phrase in phrases:
        parts = phrase.split()
        if parts in (list(words[: len(parts)]), spelled[: len(parts)]):
            return words[len(parts) :]
    return None


def _without_courtesy(words: Sequence[str]) -> Sequence[str]:
    while len(words) > 1 and words[0] in _courtesy():
        words = words[2:] if words[:2] in _GOOD_DAY and len(words) > 2 else words[1:]
    return words


def words_of(text: str) -> Sequence[str]:
    """Its words above a signature, in lower case, without apostrophes, marks and emoji."""
    lines = [line.strip() for line in _plain(text).splitlines() if line.strip()]
    signed = next((number for number, line in enumerate(lines) if number and _SIGNATURE.match(line)), None)
    words = [part for word in _WORD.findall("\n".join(lines[:signed])) for part in _parted(word)]
    if words and all(len(word) == 1 and word.isalpha() for word in words):
        return ["".join(words)]  # "S T O P"
    return words


def _plain(text: str) -> str:
    """In lower case, digits as 0 to 9, without what can't be seen and marks on letters that no letter has."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = (
        each for each in text if unicodedata.category(each) not in {"Cf", "Me", "Mn"} and each not in "'’‘`ʼ"
    )
    return "".join(str(unicodedata.digit(each)) if each.isdecimal() else each for each in seen)


def _courtesy() -> frozenset[str]:
    return _COURTESY | _taught[0].courtesy


def _about_messages() -> frozenset[str]:
    return _ABOUT_MESSAGES | _taught[0].about_messages


def _parted(word: str) -> Sequence[str]:
    """The space that was left out of "stopsms" or "stopasb", or was never there in "stop2quit"."""
    rest = word.removeprefix("stop")
    parts = rest in _about_messages() | _courtesy() or rest[:1].isdigit()
    return ["stop", rest] if rest != word and parts else [word]
