"""An import on its way, as in `tests/home/imports/`, with its clinics."""

from tests.home.conftest import cast  # noqa: F401 - a fixture
from tests.home.imports.conftest import _at_a_known_time, done, tried, upload  # noqa: F401 - fixtures
