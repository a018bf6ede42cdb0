"""In which language a message is written: the one that its reader wants where it is on, else the second choice."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import registry
from notifications.inbox.why import second_choice
from notifications.models import Notification, NotificationTemplate
from notifications.pipeline import insert
from notifications.pipeline.compose import compose
from notifications.pipeline.insert import NewMessage
from notifications.services import NotificationService
from notifications.types import About, Recipient
from tests.factories import UserFactory
from tests.notifications.conftest import NOW
from tests.notifications.factories import NotificationPreferencesFactory
from tests.notifications.languages.conftest import switch_on

pytestmark = pytest.mark.django_db

SwitchOn = Callable[..., None]
HERE, ELSEWHERE = 101, 102
DOSE_DUE = "medication.dose_due"
__all__ = ["switch_on"]


def reader(wanted: str = "zu", second: str = "af") -> int:
    row = NotificationPreferencesFactory(language=second, message_language=wanted)
    return int(row.user_id)


def to(user_ids: list[int], *, scope_id: int | None = HERE) -> list[NewMessage]:
    event_type = registry.get(DOSE_DUE)
    params = {param.name: param.sample for param in event_type.params}
    about = About(scope_id)
    return compose(
        event_type,
        [Recipient(None, user_id, params, dedupe_key=f"{user_id}", about=about) for user_id in user_ids],
        now=NOW,
    )


def wanted(message: NewMessage) -> str | None:
    found: str | None = json.loads(message.common.routing)[0].get("wanted_language")
    return found


def test_it_is_the_wanted_one_where_that_is_on(switch_on: SwitchOn) -> None:
    switch_on("zu", scopes=(HERE,))
    [message] = to([reader()])
    assert message.common.language == "zu"
    assert message.common.title == "Unesikhumbuzo esivela emtholampilo wakho"
    assert wanted(message) is None


def test_it_is_the_second_choice_where_that_is_off_and_why_says_so(switch_on: SwitchOn) -> None:
    switch_on("zu", scopes=(ELSEWHERE,))
    [message] = to([reader()])
    assert message.common.language == "af"
    assert "medisyne" in message.common.title
    assert wanted(message) == "zu"
    [id_] = insert.insert([message])
    assert second_choice(Notification.objects.get(pk=id_)) == (
        "You chose messages in isiZulu. Your clinic can’t write this one in it yet, so it is in Afrikaans."
    )


def test_it_is_the_second_choice_where_no_text_is_written_for_the_type(
    switch_on: SwitchOn, settings: Any, tmp_path: Path
) -> None:
    switch_on("zu", scopes=(HERE,))
    settings.LANGUAGE_FILES = tmp_path
    (tmp_path / "zu.toml").write_text('[messages."visit.missed"]\nshort_text_discreet = "x"\n')
    [message] = to([reader()])
    assert message.common.language == "af"


def test_pages_and_messages_may_be_in_different_ones_of_both(switch_on: SwitchOn) -> None:
    switch_on()
    [message] = to([reader(wanted="af", second="en")])
    assert (message.common.language, wanted(message)) == ("af", None)


def test_who_wants_the_language_of_their_pages_has_no_second_choice(switch_on: SwitchOn) -> None:
    switch_on()
    [message] = to([reader(wanted="af", second="af")])
    assert (message.common.language, wanted(message)) == ("af", None)
    assert second_choice(Notification(routing=json.loads(message.common.routing))) == ""


def test_each_reader_of_a_batch_gets_their_own(switch_on: SwitchOn) -> None:
    switch_on("zu", scopes=(HERE,))
    readers = [reader(), reader("xh"), reader("", "af"), UserFactory().pk]
    assert [each.common.language for each in to(readers)] == ["zu", "af", "af", "en"]


def test_a_language_that_is_gone_from_the_settings_is_as_good_as_off(switch_on: SwitchOn) -> None:
    switch_on("tlh", scopes=(HERE,))
    [message] = to([reader("tlh")])
    assert message.common.language == "af"


def test_a_spoilt_file_takes_no_other_reader_with_it(
    switch_on: SwitchOn, settings: Any, tmp_path: Path
) -> None:
    switch_on("zu", "xh", scopes=(HERE,))
    (tmp_path / "xh.toml").write_text((settings.LANGUAGE_FILES / "xh.toml").read_text())
    (tmp_path / "zu.toml").write_text("draft = ")
    settings.LANGUAGE_FILES = tmp_path
    assert [each.common.language for each in to([reader(), reader("xh"), reader("")])] == ["af", "xh", "af"]


def test_a_clinics_own_words_stand_below_the_discreet_ones(switch_on: SwitchOn) -> None:
    switch_on("zu", scopes=(HERE,))
    NotificationTemplate.objects.create(
        event_type=DOSE_DUE,
        scope_id=HERE,
        title_en="Now",
        title_af="Nou",
        body_en="Take {{ doses }}",
        body_af="Neem",
    )
    [message] = to([reader()])
    discreet, _gap, below = message.common.body.partition("\n\n")
    assert discreet == "Unesikhumbuzo esivela emtholampilo wakho"
    assert below.startswith("Take ")


def test_a_message_in_somebodys_own_words_says_them(switch_on: SwitchOn) -> None:
    switch_on("zu")
    user = UserFactory()
    NotificationPreferencesFactory(user=user, message_language="zu")
    [id_] = NotificationService.send(users=[user], title="Closed", message="We are closed on Friday.")
    message = Notification.objects.get(pk=id_)
    assert (message.language, message.title, message.body) == ("zu", "Closed", "We are closed on Friday.")


def test_the_queries_are_as_many_for_many(switch_on: SwitchOn) -> None:
    switch_on("zu", scopes=(HERE,))

    def count(number: int) -> int:
        readers = [reader(["zu", "xh", ""][each % 3], ["en", "af"][each % 2]) for each in range(number)]
        with CaptureQueriesContext(connection) as queries:
            to(readers)
        return len(queries)

    assert count(6) == count(40)
