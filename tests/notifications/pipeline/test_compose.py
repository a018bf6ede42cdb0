"""What a message carries for its type is kept as JSON, whatever may be in it."""

import json
from typing import Any

import pytest

from notifications.pipeline.compose import _json


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"dose_ids": [1, 2], "due_at": "2026-08-03T06:00:00+00:00"},
        {"é": {"“a”": [None, True, 0.5, "\n\t\\"]}},
    ],
)
def test_data_is_written_as_json_writes_it(data: dict[str, Any]) -> None:
    assert _json(data) == json.dumps(data)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        _json({"dose": object()})
