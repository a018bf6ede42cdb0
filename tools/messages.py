"""Keeps locale/ in step with the texts in code and templates: python -m tools.messages [--check]. No gettext needed.

Without `--check` it writes the catalogues: new texts are added, translations kept, texts nobody uses dropped. With it,
it says what is out of step, missing, fuzzy or has other placeholders than its original, and fails.

The languages that only messages are in (settings.MESSAGE_LANGUAGES) have a catalogue of what messages take from code:
`IN_MESSAGES`, and the names of days and months. What it lacks is no mistake: it is said where clinics switch the
language on, and until then it is in English there.

A catalogue may also hold texts of a library that doesn't speak the language itself. Add those by hand, with the
library's name as their place ("#: allauth"): they stay for as long as the library has them.
"""

import calendar
import os
import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import allauth
import phonenumber_field
import polib
from babel.messages.extract import extract_python
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
NOT_SHOWN = {"tests", "tools"}  # packages that no user ever reads
LIBRARIES = {
    "allauth": Path(allauth.__file__).parent / "locale/en/LC_MESSAGES/django.po",
    # It has no English catalogue: any other one names its texts.
    "phonenumber_field": Path(phonenumber_field.__file__).parent / "locale/nl/LC_MESSAGES/django.po",
}
IN_MESSAGES = (
    "events/quick_replies.py",
    "events/visit_formats.py",
    "home/conversations/texts.py",
    "medications/quick_replies.py",
    "notifications/channels/email/channel.py",
    "notifications/channels/voice/script.py",
    "notifications/replies/reply_links.py",
    "notifications/replies/texts.py",
    "notifications/texts/formats.py",
    "templates/notifications/email.html",
    "templates/notifications/email.txt",
)
# Each function's arguments by their meaning; the lazy and the no-op forms take the same.
ARGUMENTS = {
    "gettext": ("msgid",),
    "ngettext": ("msgid", "msgid_plural"),
    "pgettext": ("msgctxt", "msgid"),
    "npgettext": ("msgctxt", "msgid", "msgid_plural"),
}
FUNCTIONS = {
    f"{name}{form}": arguments for name, arguments in ARGUMENTS.items() for form in ("", "_lazy", "_noop")
}
FUNCTIONS["_"] = ARGUMENTS["gettext"]
NOT_TRANSLATED = "not translated: "
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


def extract(paths: Iterable[Path]) -> polib.POFile:
    """Every text in these files, in the order of files and lines."""
    found = polib.POFile()
    found.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    by_key: dict[tuple[str | None, str], polib.POEntry] = {}
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        for function, texts, comments in _calls(path):
            given = dict(zip(FUNCTIONS[function], texts, strict=False))
            key = (given.get("msgctxt"), given["msgid"])
            if key not in by_key:
                plural = {0: "", 1: ""} if "msgid_plural" in given else {}
                by_key[key] = polib.POEntry(**given, msgstr_plural=plural, comment="\n".join(comments))
                found.append(by_key[key])
            entry = by_key[key]
            if (name, "") not in entry.occurrences:
                entry.occurrences.append((name, ""))  # no line numbers: they would change with every commit
            if "%(" in entry.msgid and "python-format" not in entry.flags:
                entry.flags.append("python-format")
    return found


def _calls(path: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    code = path.read_text()
    if path.suffix != ".py":
        # Django turns a template into calls amid filler; without indentation that is tokens enough for Python.
        code = "\n".join(line.lstrip() for line in templatize(code, origin=str(path)).splitlines())
    keywords = dict.fromkeys(FUNCTIONS)
    for call in extract_python(BytesIO(code.encode()), keywords, ["Translators:"], {"encoding": "utf-8"}):
        function: Any = call[1]
        texts: Any = call[2] if isinstance(call[2], tuple | list) else [call[2]]
        given = [text for text in texts if isinstance(text, str)]
        if len(given) >= len(FUNCTIONS[function]):
            yield function, given, list(call[3] or ())


def sources() -> list[Path]:
    """Our own code and templates, in order."""
    packages = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name not in NOT_SHOWN]
    code = [path for package in packages for path in package.rglob("*.py")]
    templates = [path for kind in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{kind}")]
    return sorted(code + templates)


def days_and_months() -> Iterator[polib.POEntry]:
    """As Django asks for them, which has them in no language that only messages are in."""
    names = {*calendar.day_name, *calendar.month_name[1:]}
    return (polib.POEntry(msgid=name, occurrences=[("django", "")]) for name in sorted(names))


def borrowed(catalogue: polib.POFile, found: polib.POFile) -> Iterator[polib.POEntry]:
    """The texts of libraries that this catalogue translates, but for those that are ours too."""
    ours = _keys(found)
    for name, path in LIBRARIES.items():
        theirs = _keys(polib.pofile(str(path))) - ours
        for entry in catalogue:
            if (name, "") in entry.occurrences and _key(entry) in theirs:
                yield polib.POEntry(
                    msgctxt=entry.msgctxt,
                    msgid=entry.msgid,
                    msgid_plural=entry.msgid_plural,
                    occurrences=[(name, "")],
                )


def updated(found: polib.POFile, old: polib.POFile, language: str) -> polib.POFile:
    """The found texts with the translations that the old catalogue has for them."""
    new = polib.POFile()
    new.header = old.header
    new.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
        **old.metadata,
    }
    for entry in found:
        before = old.find(entry.msgid, msgctxt=entry.msgctxt)
        if before and bool(before.msgid_plural) == bool(entry.msgid_plural):
            entry.msgstr, entry.msgstr_plural = before.msgstr, before.msgstr_plural
            entry.tcomment = before.tcomment
            entry.flags += [flag for flag in before.flags if flag not in entry.flags]
        new.append(entry)
    return new


def problems(found: polib.POFile, catalogue: polib.POFile) -> Iterator[str]:
    """One line for each thing that would show a reader the wrong words."""
    wanted, present = _keys(found), _keys(catalogue)
    yield from (f"not in the catalogue: {key[1]!r}" for key in wanted - present)
    yield from (f"used nowhere: {key[1]!r}" for key in present - wanted)
    for entry in catalogue:
        if entry.obsolete:
            yield f"used nowhere: {entry.msgid!r}"
        elif entry.fuzzy:
            yield f"fuzzy: {entry.msgid!r}"
        elif not entry.translated():
            yield f"{NOT_TRANSLATED}{entry.msgid!r}"
        elif not _same_placeholders(entry):
            yield f"other placeholders than the original: {entry.msgid!r}"


def _keys(catalogue: polib.POFile) -> set[tuple[str | None, str, str]]:
    return {_key(entry) for entry in catalogue if not entry.obsolete}


def _key(entry: polib.POEntry) -> tuple[str | None, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def _same_placeholders(entry: polib.POEntry) -> bool:
    if not entry.msgid_plural:
        return _placeholders(entry.msgid) == _placeholders(entry.msgstr)
    permitted = _placeholders(entry.msgid) | _placeholders(entry.msgid_plural)  # “one” may be a word
    return all(_placeholders(text) <= permitted for text in entry.msgstr_plural.values())


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def wanted(language: str, catalogue: polib.POFile) -> polib.POFile:
    """What belongs into the catalogue of a language."""
    if language in dict(settings.LANGUAGES):
        found = extract(sources())
        found.extend(list(borrowed(catalogue, found)))
    else:
        found = extract(ROOT / name for name in IN_MESSAGES)
        found.extend(list(days_and_months()))
    return found


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    wrong = 0
    for language, _name in settings.MESSAGE_LANGUAGES:
        if language == settings.LANGUAGE_CODE:
            continue
        path = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
        catalogue = polib.pofile(str(path)) if path.exists() else polib.POFile()
        found = wanted(language, catalogue)
        if "--check" not in arguments:
            catalogue = updated(found, catalogue, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            catalogue.save(str(path))
        said = sorted(problems(found, catalogue))
        if language not in dict(settings.LANGUAGES):
            said = [line for line in said if not line.startswith(NOT_TRANSLATED)]
        print(*(f"{path.relative_to(ROOT)}: {line}" for line in said), sep="\n", end="\n" if said else "")
        print(f"{path.relative_to(ROOT)}: {len(found)} texts, {len(said)} problems.")
        wrong += len(said)
    return 1 if wrong and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
