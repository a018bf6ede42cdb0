"""What was handed out, as a sentence."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from medications import formats
from medications.models import Medicine
from notifications.texts.formats import listed


def handed_out_words(given: Iterable[tuple[Medicine, Decimal]]) -> str:
    """As "Handed out: 28 tablets of Metformin 500 mg and 56 tablets of Amlodipine 5 mg."."""
    each = _("%(amount)s of %(medicine)s")
    words = [
        each % {"amount": formats.quantity(quantity, medicine.form), "medicine": medicine}
        for medicine, quantity in given
    ]
    return _("Handed out: %(what)s.") % {"what": listed(words)}
