"""What a template writes agrees with what the messages say."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from notifications.texts import formats


@pytest.mark.parametrize(("language", "written"), [("en", "1200.5"), ("af", "1200,5")])
def test_numbers_in_pages_are_written_as_in_messages(language: str, written: str) -> None:
    with translation.override(language):
        page = Template("{{ value }} {{ value|floatformat }}").render(Context({"value": Decimal("1200.5")}))
        assert page == f"{written} {written}"
        assert formats.number(Decimal("1200.5")) == written
