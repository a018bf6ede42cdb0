"""What a described provider is sent, and how its answer is named."""

from notifications.rules.http_fields import filled, flat, placeholders

FIELDS = {
    "messages": [{"to": "{digits}", "content": "Clinic: {text}", "unicode": True, "parts": 8}],
    "n": None,
}


def test_names_in_braces_are_found_and_filled_however_deep() -> None:
    assert placeholders(FIELDS) == {"digits", "text"}
    values = {"digits": "2782", "text": "{digits} {nothing}", "number": "+2782", "key": "k"}
    assert filled(FIELDS, values) == {
        "messages": [{"to": "2782", "content": "Clinic: {digits} {nothing}", "unicode": True, "parts": 8}],
        "n": None,
    }


def test_json_is_named_by_the_way_to_each_value() -> None:
    assert flat({"a": [{"id": 7, "none": None}], "b": "x"}) == {"a.0.id": "7", "b": "x"}
    assert flat([]) == {}
    assert flat("OK") == {"": "OK"}
