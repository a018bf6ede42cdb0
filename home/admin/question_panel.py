"""A question that staff are asked only when there is something to ask about."""

from wagtail.admin.panels import FieldPanel


class QuestionPanel(FieldPanel):
    """A field that is shown only while its form asks it: the form names those that it asks in `asked`."""

    class BoundPanel(FieldPanel.BoundPanel):
        def is_shown(self) -> bool:
            return super().is_shown() and self.field_name in self.form.asked
