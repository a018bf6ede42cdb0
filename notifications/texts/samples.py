"""What a message would say if its values were those of the samples."""

from dataclasses import replace

from django.conf import settings

from notifications.texts.rendering import render
from notifications.types import Detail, EventType, Rendered, Texts

_EMPTY = Texts("", "", "", "", "", "", "")


def sample(event_type: EventType, texts: Texts, language: str, detail: Detail) -> Rendered:
    """The texts filled with the type's sample values. Raises TemplateTextError where a text can't be used."""
    values = {param.name: param.sample for param in event_type.params}
    return render(event_type, texts, values, language=language, timezone=settings.TIME_ZONE, detail=detail)


def sample_values(event_type: EventType, language: str) -> dict[str, str]:
    """What the sample of each placeholder looks like in that language."""
    return {
        param.name: sample(
            event_type, replace(_EMPTY, body=f"{{{{ {param.name} }}}}"), language, Detail.DETAILED
        ).body
        for param in event_type.params
    }
