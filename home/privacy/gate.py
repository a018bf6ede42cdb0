"""Who may be written to outside the inbox.

The rule, in this one place: whoever has a care role (a patient with an account, a guardian, a carer), or had one and
said yes or no then, is written to by a channel only if they agreed to that channel, and of treatment only if they also
agreed to be reminded of it. Staff without a care role are written to about their work, which rests on that work; by a
channel that anybody has to agree to (`OPT_IN`) only once they did. Codes, invitations and notices
to an address (home/transactional/) are no reminders: they go out, and never come here.
"""

from collections import defaultdict
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When

from home.models import CareRole, Consent
from home.privacy.sentences import REMINDERS, reading_language, sentence
from notifications.gate import Barred, Reachable
from notifications.models.lookups import Ids, Many, numbers
from notifications.types import OPT_IN, Reason

_ASKED = ""
"""Stands in for a purpose where the ids are those of people who are asked, whatever they said."""


class ConsentGate:
    """What the consents say, to the engine (`notifications.gate.Gate`)."""

    def barred(self, reachable: Reachable) -> Barred:
        asked, agreed = _agreed(Many(set().union(*reachable.values())))
        if not asked and OPT_IN.isdisjoint(reachable):
            return {}
        untreated = asked - agreed.get(REMINDERS, set())
        found = {}
        for channel, user_ids in reachable.items():
            bars = dict.fromkeys(untreated.intersection(user_ids), Reason.NO_CONSENT_TREATMENT)
            wanted = set(user_ids) if channel in OPT_IN else asked.intersection(user_ids)
            missing = wanted - agreed.get(channel, set())
            bars |= dict.fromkeys(missing, Reason.NO_CONSENT)
            if bars:
                found[channel] = bars
        return found

    def sentence(self, channel: str) -> str:
        return sentence(channel, reading_language())


def is_asked(user_id: int) -> bool:
    """Whether this person is one of those who are asked. Two queries at most.

    Whoever said something of a channel alone that anybody has to agree to, isn't.
    """
    said = Consent.objects.filter(user_id=user_id).exclude(purpose__in=OPT_IN)
    return CareRole.objects.filter(user_id=user_id).exists() or said.exists()


def _agreed(user_ids: Many) -> tuple[set[int], dict[str, set[int]]]:
    """Those of these people who are asked, and by purpose those whose consent stands."""
    roles = CareRole.objects.filter(user_id__any_of=user_ids).order_by()
    consents = Consent.objects.filter(user_id__any_of=user_ids).order_by()
    stands = When(withdrawn_at__isnull=True, then=F("purpose"))
    consents = consents.exclude(purpose__in=OPT_IN, withdrawn_at__isnull=False)
    said = consents.annotate(of=Case(stands, default=Value(_ASKED), output_field=CharField()))
    rows = _ids(roles.annotate(of=Value(_ASKED))).union(_ids(said), all=True)
    agreed: dict[str, set[int]] = defaultdict(set)
    for purpose, ids in rows:
        # What is grouped by a constant is one row also where there is nothing.
        agreed[purpose].update(numbers(ids))
    asked = [people for purpose, people in agreed.items() if purpose not in OPT_IN]
    return set().union(*asked), agreed


def _ids(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """By what they are `of`, the ids of their people as one text."""
    found: QuerySet[Any, Any] = rows.values("of").annotate(ids=Ids("user_id")).values_list("of", "ids")
    return found
