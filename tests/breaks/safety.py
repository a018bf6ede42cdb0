"""The hazard log, and what it names."""

from tests.breaks.edit import Break

BREAKS = (
    Break(
        name="a_test_that_a_hazard_names_is_renamed",
        file="tests/faults/test_outages.py",
        old="def test_when_the_mail_server_is_back_every_mail_is_sent_once(",
        new="def test_mail_comes_later(",
        tests=("tests/architecture/test_hazards.py::test_what_is_named_is_there",),
    ),
    Break(
        name="the_hazard_log_keeps_what_is_open_to_itself",
        file="tools/safety.py",
        old="for heading, left in found for each in left]",
        new="for heading, left in found for each in left[1:]]",
        tests=("tests/architecture/test_hazards.py::test_what_is_open_stands_above_the_rest",),
    ),
)
