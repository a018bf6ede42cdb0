"""Our configurations of Wagtail's apps do what Wagtail's own do, but for the REST interface."""

import ast
import inspect
import textwrap
from typing import Any

import pytest
from django.apps import apps
from wagtail.documents.apps import WagtailDocsAppConfig
from wagtail.images.apps import WagtailImagesAppConfig
from wagtail.snippets.apps import WagtailSnippetsAppConfig

from home.apps import DocumentsConfig, ImagesConfig, SnippetsConfig

OF_THE_INTERFACE = {"register_content_types()"}
"""What builds it; with whatever adds to its `api`."""


def done_by(config: type[Any]) -> list[str]:
    """The statements of `ready`, however its names are imported."""
    (ready,) = ast.parse(textwrap.dedent(inspect.getsource(config.ready))).body
    assert isinstance(ready, ast.FunctionDef)
    return [ast.unparse(each) for each in ready.body if not isinstance(each, ast.Import | ast.ImportFrom)]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SnippetsConfig, WagtailSnippetsAppConfig),
        (ImagesConfig, WagtailImagesAppConfig),
        (DocumentsConfig, WagtailDocsAppConfig),
    ],
)
def test_an_app_starts_as_wagtails_own_does_but_for_the_interface(ours: type[Any], theirs: type[Any]) -> None:
    left_out = [each for each in done_by(theirs) if each in OF_THE_INTERFACE or each.startswith("api.")]
    assert left_out
    assert done_by(ours) == [each for each in done_by(theirs) if each not in left_out]
    assert isinstance(apps.get_app_config(theirs.label), ours)
