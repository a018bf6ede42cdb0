"""A soak of seconds: all that it looks at is there, and nothing is lost. How fast and how large isn't looked at."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from huey.contrib.djhuey import HUEY

from tests.soak.__main__ import table
from tests.soak.load import Load
from tests.soak.run import PROCESSES, soak

SECONDS = 15.0
DOSES = 40


@pytest.mark.usefixtures("transactional_db")
def test_a_stack_under_load_tells_each_dose_once_and_is_measured_meanwhile(tmp_path: Path) -> None:
    HUEY.flush()
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    soaked = soak(SECONDS, Load(doses=DOSES, messages=0), every=2.0, database=url, folder=tmp_path)
    assert soaked.wrong == []
    assert soaked.doses >= DOSES
    assert soaked.pages > 0
    last = soaked.samples[-1]
    assert set(last.memory) == set(PROCESSES)
    assert all(mib > 10 for mib in last.memory.values())
    assert last.sessions > 1
    assert "nothing lost" in table(soaked) or soaked.uneven
