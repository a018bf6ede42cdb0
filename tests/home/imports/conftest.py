"""An import on its way, as a nurse's acts and a worker take it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from home.imports.acts import import_check, import_run, import_upload
from home.imports.importable import importable
from home.imports.work import carry_on_next
from home.models import Import
from tests.home.conftest import Cast

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_a_known_time() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def work(now: datetime = NOW) -> None:
    """As a worker does until nothing waits."""
    while carry_on_next(now=now):
        pass


@pytest.fixture
def upload(cast: Cast) -> Callable[..., Import]:
    """Upload a file as the nurse of the first clinic."""

    def upload(file: SimpleUploadedFile, kind: str = "patients", **given: Any) -> Import:
        return import_upload(
            **{
                "kind": importable(kind),
                "clinic": cast.clinic,
                "by": cast.nurse,
                "file": file,
                "language": "en",
                "now": NOW,
                **given,
            }
        )

    return upload


@pytest.fixture
def tried(upload: Callable[..., Import]) -> Callable[..., Import]:
    """Upload and try it."""

    def tried(file: SimpleUploadedFile, **given: Any) -> Import:
        run = upload(file, **given)
        assert import_check(import_id=run.pk, matched=run.matched, now=NOW)
        work()
        run.refresh_from_db()
        assert run.state == "checked", run.error
        return run

    return tried


@pytest.fixture
def done(tried: Callable[..., Import]) -> Callable[..., Import]:
    """Upload, try, and carry out."""

    def done(file: SimpleUploadedFile, **given: Any) -> Import:
        run = tried(file, **given)
        assert import_run(import_id=run.pk, now=NOW)
        work()
        run.refresh_from_db()
        assert run.state == "done", run.error
        return run

    return done
