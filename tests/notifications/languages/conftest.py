"""A language that nobody speaks: a row in the settings, a file of texts and a catalogue."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings as site
from django.utils import translation

from notifications import registry
from notifications.languages import files, switches
from notifications.rules import keywords
from site_config.catalogues import compile_catalogues

CODE, NAME, MARK = "qq", "Probe", "Qq"


def file_text() -> str:
    """Its file: each discreet text is the English one, marked."""
    lines = ["draft = false", "[words]", 'stop = ["qstop"]', 'start = ["qgo"]', 'help = ["qhelp"]']
    lines += ['yes = ["qyes"]', 'no = ["qno"]', '[answers."medication.dose_due"]', 'taken = ["qdone"]']
    for event_type in registry.event_types():
        english = event_type.texts["en"]
        lines.append(f'[messages."{event_type.name}"]')
        for field in ("email_subject_discreet", "short_text_discreet"):
            lines.append(f"{field} = {json.dumps(f'{MARK} {getattr(english, field)}')}")
        if hint := event_type.reply_hint.get("en"):
            lines.append(f"reply_hint = {json.dumps(f'{MARK} {hint}')}")
    return "\n".join(lines)


def catalogue() -> polib.POFile:
    """Its catalogue: each text is the English one, marked."""
    found = polib.pofile(str(site.BASE_DIR / "locale/zu/LC_MESSAGES/django.po"))
    for entry in found:
        entry.msgstr = f"{MARK} {entry.msgid}"
    return found


@pytest.fixture
def added(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """The folder of its file and its catalogue, as the site has them that was started with it."""
    (tmp_path / f"{CODE}.toml").write_text(file_text(), encoding="utf-8")
    place = tmp_path / "locale" / CODE / "LC_MESSAGES"
    place.mkdir(parents=True)
    catalogue().save(str(place / "django.po"))
    compile_catalogues(tmp_path / "locale")
    settings.MESSAGE_LANGUAGES = [*settings.MESSAGE_LANGUAGES, (CODE, NAME)]
    settings.LANGUAGE_FILES = tmp_path
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, str(tmp_path / "locale")]
    with translation.override("en"):
        keywords.teach(files.words())
        yield tmp_path
    settings.LANGUAGE_FILES = site.BASE_DIR / "locale"
    settings.MESSAGE_LANGUAGES = settings.MESSAGE_LANGUAGES[:-1]
    keywords.teach(files.words())


@pytest.fixture
def switch_on(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Switches languages on for these scopes; what is of no scope without any."""

    def on(*languages: str, scopes: tuple[int | None, ...] = (None,)) -> None:
        found = dict.fromkeys(scopes, frozenset(languages))
        monkeypatch.setattr(
            switches, "_selects", [lambda ids: {id_: found[id_] for id_ in ids if id_ in found}]
        )

    return on
