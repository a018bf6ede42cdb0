from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from notifications.exceptions import TemplateTextError
from notifications.rules.placeholders import problems
from notifications.texts import formats
from notifications.texts.rendering import RenderRequest, render, render_many
from notifications.types import TEXT_FIELDS, Detail, Param, Rendered
from tests.notifications.rules.examples import TEXTS, event_type

VALUES = {"name": "Thandi", "medicine": "Metformin", "until": "Friday"}
ZONE = "Africa/Johannesburg"


def rendered(values=VALUES, *, type=None, texts=TEXTS, language="en", timezone=ZONE, detail=Detail.DETAILED):
    return render(type or event_type(), texts, values, language=language, timezone=timezone, detail=detail)


def request(values=VALUES, *, language="en", timezone=ZONE, detail=Detail.DETAILED):
    return RenderRequest(values, language, timezone, detail)


@given(st.text(st.sampled_from("{}%# .|()nameZ_1\n")), st.booleans())
def test_what_has_no_problem_renders_and_what_has_one_does_not(text, allow):
    permitted = ("name", "n", "a") if allow else ()
    params = tuple(Param(name, "", "") for name in permitted)
    type = event_type(params=params)

    def attempt():
        return rendered(dict.fromkeys(permitted, "X"), type=type, texts=replace(texts_of(""), body=text))

    if problems(text, permitted):
        with pytest.raises(TemplateTextError):
            attempt()
    else:
        assert "{{" not in attempt().body


def texts_of(text):
    return replace(TEXTS, **dict.fromkeys(TEXT_FIELDS, text))


def test_it_fills_all_texts():
    assert rendered() == Rendered(
        title="Metformin is low",
        body="Dear Thandi,\nMetformin lasts until Friday.",
        email_subject="Metformin is low",
        email_body="Metformin lasts until Friday.",
        short_text="Metformin is low.",
    )


def test_a_discreet_message_names_no_medicine_outside():
    discreet, detailed = rendered(detail=Detail.DISCREET), rendered()
    assert discreet == replace(
        detailed, email_subject="You have a reminder", short_text="You have a reminder from your clinic."
    )


def test_one_batch_can_be_discreet_for_one_and_detailed_for_the_other():
    requests = [request(detail=detail) for detail in (Detail.DETAILED, Detail.DISCREET)]
    results = render_many(event_type(), {"en": TEXTS}, requests)
    assert [r.email_subject for r in results] == ["Metformin is low", "You have a reminder"]


def test_a_value_that_is_no_placeholder_of_the_type_cannot_be_shown():
    with pytest.raises(TemplateTextError, match="unknown placeholders: secret"):
        rendered({**VALUES, "secret": "x"}, texts=replace(TEXTS, body="{{ secret }}"))


@pytest.mark.parametrize("text", ["{{ nmae }}", "{{ name.upper }}", "{% now 'Y' %}", "{{"])
def test_a_text_with_anything_else_is_not_sent(text):
    with pytest.raises(TemplateTextError):
        rendered(texts=replace(TEXTS, body=text))


def test_a_missing_value_is_named():
    with pytest.raises(TemplateTextError, match=r"stock\.low got no value for 'until'"):
        rendered({"name": "Thandi", "medicine": "Metformin"})


def test_only_values_that_are_used_are_needed_and_formatted():
    def refuse(value):
        raise AssertionError(value)

    type = event_type(params=(Param("name", "", ""), Param("medicine", "", "", refuse)))
    assert rendered({"name": "Thandi"}, type=type, texts=texts_of("Dear {{ name }}")).title == "Dear Thandi"
    shown = rendered({"name": "Thandi", "medicine": "x"}, type=type, texts=texts_of("Dear {{ name }}"))
    assert shown.body == "Dear Thandi"


@pytest.mark.parametrize("value", ["{{ name }}", "{% load x %}", "<b>&amp;</b>", "}} {{", "{#", "\\1 %s {0}"])
def test_a_value_is_neither_scanned_nor_escaped(value):
    result = rendered({**VALUES, "medicine": value})
    assert result.email_body == f"{value} lasts until Friday."
    assert result.title == f"{value} is low"


@pytest.mark.parametrize(
    "end", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", " \n\n "]
)
def test_a_value_cannot_break_a_header(end):
    result = rendered({**VALUES, "medicine": f"A{end}Bcc: all@example.org"})
    for line in (result.title, result.email_subject, result.short_text):
        assert line.startswith("A Bcc: all@example.org is low")
        assert len(line.splitlines()) == 1


def test_a_body_keeps_its_lines():
    assert rendered({**VALUES, "medicine": "A\r\n\nB"}).email_body == "A\n\nB lasts until Friday."


def test_nothing_unprintable_comes_through():
    dirty = "A\x00\x07\x1b\x7f\x9f\ud800\tB"
    result = rendered({**VALUES, "medicine": dirty}, texts=texts_of("x\x00{{ medicine }}\udfff\r\ny"))
    assert result.body == "xA B\ny"
    assert result.title == "xA B y"


@given(st.text(st.characters()))
def test_every_result_can_be_stored_and_sent(value):
    result = rendered({**VALUES, "medicine": value})
    for text in (result.title, result.body, result.email_subject, result.email_body, result.short_text):
        assert "\x00" not in text
        text.encode()
    assert len(result.title.splitlines()) == 1
    assert len(result.email_subject.splitlines()) == 1
    assert len(result.short_text.splitlines()) == 1


TIMED = event_type(
    params=(
        Param("day", "", "", formats.day),
        Param("time", "", "", formats.clock),
    )
)
TIMED_TEXTS = {"en": texts_of("On {{ day }} at {{ time }}"), "af": texts_of("Op {{ day }} om {{ time }}")}
MOMENT = datetime(2026, 12, 24, 22, 30, tzinfo=UTC)


def test_values_are_written_in_the_readers_language_and_zone_whatever_is_active():
    requests = [
        request({"day": MOMENT, "time": MOMENT}, language=language, timezone=zone)
        for language, zone in [("af", ZONE), ("en", "UTC"), ("en", ZONE), ("af", "UTC"), ("af", ZONE)]
    ]
    with translation.override("de"), timezone.override("Asia/Tokyo"):
        titles = [r.title for r in render_many(TIMED, TIMED_TEXTS, requests)]
        assert translation.get_language() == "de"
        assert timezone.get_current_timezone_name() == "Asia/Tokyo"
    assert titles == [
        "Op 25 Desember 2026 om 00:30",
        "On 24 December 2026 at 22:30",
        "On 25 December 2026 at 00:30",
        "Op 24 Desember 2026 om 22:30",
        "Op 25 Desember 2026 om 00:30",
    ]


def test_language_and_zone_are_as_before_also_after_an_error():
    with translation.override("de"), timezone.override("Asia/Tokyo"):
        with pytest.raises(TemplateTextError):
            render_many(TIMED, TIMED_TEXTS, [request({})])
        assert (translation.get_language(), timezone.get_current_timezone_name()) == ("de", "Asia/Tokyo")


def test_a_language_without_texts_is_refused():
    with pytest.raises(TemplateTextError, match="no texts in 'af'"):
        render_many(event_type(), {"en": TEXTS}, [request(language="af")])


def test_no_requests_make_no_messages():
    assert render_many(event_type(), {}, []) == []


def counting(calls):
    def write(value):
        calls.append(value)
        return formats.day(value)

    return event_type(params=(Param("name", "", ""), Param("day", "", "", write)))


def test_a_thousand_equal_messages_are_rendered_once():
    calls = []
    requests = [request({"name": "Thandi", "day": date(2026, 11, 24)}) for _ in range(1000)]
    results = render_many(counting(calls), {"en": texts_of("{{ day }}")}, requests)
    assert len(calls) == 1
    assert len(results) == 1000
    assert all(result is results[0] for result in results)


def test_a_thousand_people_with_the_same_day_have_it_formatted_once_a_language():
    calls = []
    requests = [
        request({"name": f"Person {n}", "day": date(2026, 11, 24)}, language="af" if n % 2 else "en")
        for n in range(1000)
    ]
    texts = texts_of("{{ name }}: {{ day }}")
    results = render_many(counting(calls), {"en": texts, "af": texts}, requests)
    assert len(calls) == 2
    assert [result.title for result in results] == [f"Person {n}: 24 November 2026" for n in range(1000)]


@given(
    st.lists(
        st.builds(
            RenderRequest,
            st.fixed_dictionaries({"day": st.dates(date(2000, 1, 1)), "time": st.just(MOMENT)}),
            st.sampled_from(["en", "af"]),
            st.sampled_from(["UTC", ZONE, "America/New_York"]),
            st.sampled_from(Detail),
        ),
        max_size=12,
    )
)
def test_a_batch_gives_what_one_by_one_gives(requests):
    def alone(r):
        texts = TIMED_TEXTS[r.language]
        return render(TIMED, texts, r.values, language=r.language, timezone=r.timezone, detail=r.detail)

    assert render_many(TIMED, TIMED_TEXTS, requests) == [alone(r) for r in requests]
