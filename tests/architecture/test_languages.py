"""Which languages there are is said in the settings alone: code that names one would have to be changed for another."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NAMED = re.compile(r"""["'](en|af|zu|xh)["']|\w_(en|af)\b""")
NO_CODE = {"migrations", "demo", "formats", "__pycache__"}
TEXTS = {
    *(
        "events/event_texts.py",
        "events/visit_texts.py",
        "home/conversations/event_texts.py",
        "home/event_types.py",
    ),
    *("medications/event_texts.py", "notifications/texts/direct.py"),
    *("home/conversations/danger_words.py", "home/privacy/sentences.py"),
    "medications/admin/importing/dose_cells.py",
    "notifications/channels/voice/gateways/twilio.py",
    "notifications/channels/voice/gateways/africastalking.py",
}
"""The built-in texts and words, and the voices that a provider has."""
COLUMNS = {
    *("events/admin/event_form.py", "events/admin/events.py", "events/admin/plan_words.py"),
    *("events/admin/series.py", "events/worklist_reasons.py"),
    *("events/admin/programmes.py", "events/admin/programme_plan.py", "events/services/programme.py"),
    *(
        "events/admin/programme_change_form.py",
        "events/admin/reports/dates.py",
        "events/admin/reports/fullness.py",
    ),
    *("events/admin/series_form.py", "events/recipients.py", "events/services/series.py"),
    *(
        "events/services/changes/apply.py",
        "events/services/changes/details.py",
        "events/services/insertion.py",
    ),
    *("events/translation.py", "home/models/pages.py", "medications/admin/batches.py"),
    *("medications/admin/medicine_form.py", "medications/admin/medicines.py"),
    *("medications/admin/prescribe_form.py", "medications/admin/prescriptions.py"),
    "medications/admin/importing/prescriptions.py",
    *(
        "medications/audiences.py",
        "medications/models/medicine.py",
        "medications/personal_data.py",
        "medications/recipients/doses.py",
    ),
    *(
        "medications/selectors/catalogue.py",
        "medications/services/prescribing.py",
        "medications/translation.py",
    ),
}
"""What staff write has a column for each language of pages, so another of those takes a migration anyway."""


def naming() -> set[str]:
    """The files of the site's code that name a language."""
    apps = [ROOT / app for app in ("events", "home", "medications", "notifications", "site_config")]
    files = [file for app in apps for file in app.rglob("*.py") if not NO_CODE.intersection(file.parts)]
    return {
        file.relative_to(ROOT).as_posix()
        for file in files
        if file.name != "demo.py" and any(NAMED.search(line) for line in file.read_text().splitlines())
    }


def test_no_other_code_names_a_language() -> None:
    assert naming() - TEXTS - COLUMNS == {"site_config/settings.py"}


def test_what_is_listed_names_one_still() -> None:
    assert (TEXTS | COLUMNS) - naming() == set()
