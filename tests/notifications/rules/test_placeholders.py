"""Placeholders of a text: which there are, what is none, and what is put in their place."""

import pytest

from notifications.exceptions import TemplateTextError
from notifications.rules.placeholders import Problem, clean, compile_text, placeholders, problems

PERMITTED = ("name", "medicine", "until")


def bad(piece, nearest=None):
    return Problem("not_a_placeholder", piece, nearest)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("Nothing { to } fill", ()),
        ("{{name}} and {{  medicine  }}, {{ name }}", ("name", "medicine")),
        ("{{ a1_b }}{{c}}", ("a1_b", "c")),
        ("{{ user.password }} {{ name|safe }} {{ Name }} {{ 1a }} {{ _a }}", ()),
        ("{{ name }}}", ("name",)),
    ],
)
def test_it_finds_placeholders(text, names):
    assert placeholders(text) == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ name }} takes {{medicine}} { until } 100% of 5 }", []),
        ("{{ nmae }} and {{ nmae }}", [Problem("unknown", "nmae", "name")]),
        ("{{ zzz }}", [Problem("unknown", "zzz", None)]),
        ("{{ Name }}", [bad("{{ Name }}", "name")]),
        ("{{ user.password }}", [bad("{{ user.password }}")]),
        ("{{ name.__class__ }}", [bad("{{ name.__class__ }}")]),
        ("{{ name() }}", [bad("{{ name() }}", "name")]),
        ("{{ name|safe }}", [bad("{{ name|safe }}", "name")]),
        ("{{ medi\ncine }}", [bad("{{ medi\ncine }}", "medicine")]),
        ("{{}} {{ }}", [bad("{{}}"), bad("{{ }}")]),
        ("{% load x %}{% if name %}", [bad("{% load x %}"), bad("{% if name %}", "name")]),
        ("{% include\n'x' %}", [bad("{% include\n'x' %}")]),
        ("{# {{ name }} #}", [bad("{# {{ name }} #}")]),
        ("{{ name", [bad("{{")]),
        ("name }}", [bad("}}")]),
        ("{{ a {{ name }}", [bad("{{")]),
        ("{{ name }} }}", [bad("}}")]),
        ("{{{ name }}}", [bad("{{{ name }}", "name")]),
        ("{{{{ name }}}}", [bad("{{"), bad("}}")]),
        ("{% name", [bad("{%")]),
        ("name %} #}", [bad("%}"), bad("#}")]),
    ],
)
def test_it_names_what_is_not_a_permitted_placeholder(text, expected):
    assert problems(text, PERMITTED) == expected


@pytest.mark.parametrize(("text", "nearest"), [("{{AWARD}}", "award"), ("{{WARDS}}", "wards")])
def test_the_nearest_name_is_the_one_that_was_written(text, nearest):
    assert problems(text, ("ward", "award", "wards")) == [bad(text, nearest)]


@pytest.mark.parametrize("text", ["{% name %}", "{# name #}"])
def test_a_tag_that_is_a_name_was_meant_as_its_placeholder(text):
    assert problems(text, PERMITTED) == [bad(text, "name")]


def test_a_long_run_of_braces_takes_no_time():
    text = "{{ a" * 20_000 + "{% " * 20_000
    assert len(list(problems(text, PERMITTED))) == 2


def test_a_compiled_text_fills_its_names():
    text = compile_text("Dear {{ name }}: {{ medicine }}{{ name }}.")
    assert text.names == ("name", "medicine", "name")
    assert text.fill({"name": "Jan", "medicine": "Panado"}) == "Dear Jan: PanadoJan."
    assert compile_text("") == compile_text("")


@pytest.mark.parametrize(
    "text", ["{{ user.name }}", "{% load x %}", "{# no #}", "name }}", "{{ name", "{{ Name }}"]
)
def test_what_has_a_problem_is_not_compiled(text):
    with pytest.raises(TemplateTextError, match="is not a placeholder"):
        compile_text(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "Two\r\nlines\rand\vmore\fthere\x85are\u2028of\u2029them",
            "Two\nlines\nand\nmore\nthere\nare\nof\nthem",
        ),
        ("a\tb", "a b"),
        ("nul\x00, bell\x07, delete\x7f, half a pair\ud83d", "nul, bell, delete, half a pair"),
        ("Môre 💊", "Môre 💊"),
    ],
)
def test_what_cannot_be_printed_is_left_out_and_lines_end_alike(text, left):
    assert clean(text) == left
    assert compile_text(f"{text}{{{{ name }}}}{text}").parts == (left, "name", left)
