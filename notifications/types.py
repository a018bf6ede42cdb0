"""The values that flow through the engine. All frozen; none knows the database."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

IN_APP = "in_app"
WANTED_LANGUAGE = "wanted_language"
"""Stands with the first decision about a message that isn't in the language that its reader wanted."""
OPT_IN = frozenset({"whatsapp"})
"""Channels by which nobody is written to who didn't agree to it, staff neither. To who did they carry whatever a type
doesn't keep from them.
"""


class Priority(IntEnum):
    """How a message is ordered among others; URGENT also passes quiet hours."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    URGENT = 3


class Lane(IntEnum):
    """Where a delivery waits to be claimed, the last first. HELD is what goes out as one digest at its time."""

    LOW = Priority.LOW
    NORMAL = Priority.NORMAL
    HIGH = Priority.HIGH
    URGENT = Priority.URGENT
    HELD = 4


class Category(StrEnum):
    """What a message is about: the rows of a person's choices."""

    MEDICATION = "medication"
    STOCK = "stock"
    VACCINATION = "vaccination"
    VISIT = "visit"
    EVENT = "event"
    SYSTEM = "system"


class EmailTime(StrEnum):
    """When e-mail that isn't urgent may go out, on the person's wall."""

    IMMEDIATE = "immediate"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Detail(StrEnum):
    """Whether what a lock screen shows may name a medicine."""

    DISCREET = "discreet"
    DETAILED = "detailed"


class Reason(StrEnum):
    """Why a channel was or wasn't used, or why work was not done. Rows keep it; words are made where it is shown."""

    DEFAULT = "default"
    CHOSEN = "chosen"
    ALWAYS = "always"
    REQUESTED = "requested"
    ONLY_WAY = "only_way"
    OFF_BY_DEFAULT = "off_by_default"
    OFF_BY_CHOICE = "off_by_choice"
    CHANNEL_OFF = "channel_off"
    NOT_REQUESTED = "not_requested"
    PLANNED = "planned"
    REPEATED = "repeated"
    ASKED_WEEKLY = "asked_weekly"
    NO_ADDRESS = "no_address"
    NO_TEMPLATE = "no_template"
    NO_RECORDING = "no_recording"
    NOT_ON_WHATSAPP = "not_on_whatsapp"
    NO_CONSENT = "no_consent"
    NO_CONSENT_TREATMENT = "no_consent_treatment"
    UNVERIFIED = "unverified"
    PAUSED = "paused"
    QUIET_HOURS = "quiet_hours"
    NIGHT = "night"
    NO_HOUR = "no_hour"
    EMAIL_TIME = "email_time"
    TOO_LATE = "too_late"
    EXPIRED = "expired"
    GONE = "gone"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    NO_LONGER_RELEVANT = "no_longer_relevant"
    NOT_ANSWERED = "not_answered"
    CRASHED = "crashed"
    REPLY_TOO_LATE = "reply_too_late"
    NO_ACCOUNT = "no_account"
    REACHED = "reached"
    OVERTAKEN = "overtaken"
    BUDGET = "budget"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Texts:
    """All the texts of one event type in one language, with `{{ placeholder }}`s.

    The two `discreet` ones stand in for their namesakes outside the inbox unless the person chose
    "detailed": they are what a shared phone or a lock screen shows, so they hold no values but those that say nothing
    of anybody (`Param.discreet`).
    """

    title: str
    body: str
    email_subject: str
    email_body: str
    short_text: str
    email_subject_discreet: str
    short_text_discreet: str


TEXT_FIELDS: tuple[str, ...] = tuple(f.name for f in fields(Texts))
DISCREET_FIELDS = ("email_subject_discreet", "short_text_discreet")
"""The texts that hold no placeholder but those of a `discreet` param."""

TEXT_GROUPS: Mapping[str, tuple[str, ...]] = {
    "inbox": ("title", "body"),
    "email": ("email_subject", "email_body", "email_subject_discreet"),
    "short": ("short_text", "short_text_discreet"),
}
"""Which texts go together, by the preview that shows them: all of a group are somebody's own words, or none is."""


@dataclass(frozen=True, slots=True)
class Param:
    """One placeholder of an event type.

    `format` turns the raw value into text. It is called inside the reader's language and time zone,
    so it may use Django's date formats and gettext. `sample` is a raw value for previews. A `discreet` one may stand
    where others look: it tells nobody who or what it is about, such as a day.
    """

    name: str
    label: Any
    sample: Hashable
    format: Callable[[Any], str] = str
    discreet: bool = False


@dataclass(frozen=True, slots=True)
class Publication:
    """An event record as an event type sees it: what was published, and when (aware), where that is known."""

    id: int
    payload: Mapping[str, Any]
    at: datetime | None = None


class About(NamedTuple):
    """Whom a message concerns, and to which part of the world it belongs: the staff of that scope see it, no others.

    Both are ids of rows of the apps above, which the engine doesn't know: `subject_id` of the person whose data it has
    (POPIA's data subject, here a patient), `scope_id` of the scope (a clinic). What has no scope is head office's.
    """

    scope_id: int | None = None
    subject_id: int | None = None


ABOUT_NOBODY = About()
NO_DATA: Mapping[str, Any] = {}


class Recipient(NamedTuple):
    """One message for one person: who, about what, with which values.

    `params` has a hashable value for each `Param` of the type. `dedupe_key` is unique per person: the same
    key never makes a second message; begin it with a date or an id that grows, an index on it stays cheap.
    `path` is the page to open, without the language ("/today/"). `data` (JSON) is handed back to
    `still_relevant` at the moment of sending. After `valid_until` (aware) the message isn't sent any more. `about`
    decides which staff see it. `no_stand_in` says why neither a channel that stands in (`EventType.stands_in`) nor
    one that costs money carries it unless the person chose that, where that is so: it repeats what another message
    said, for one. `requested` names the only channels that may carry it, where it answers by the way that somebody
    wrote; what they turned off stays off.
    """

    event_record_id: int | None
    user_id: int
    params: Mapping[str, Hashable]
    dedupe_key: str
    path: str = ""
    data: Mapping[str, Any] = NO_DATA
    related_object_type: str = ""
    related_object_id: int | None = None
    valid_until: datetime | None = None
    about: About = ABOUT_NOBODY
    no_stand_in: Reason | None = None
    requested: frozenset[str] | None = None


def always_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """The answer of a type whose messages never go stale before their `valid_until`."""
    return [True] * len(data)


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of thing that happens, and everything the engine must know to tell people of it.

    `payload` names each key that a publication must have, with its Python type, `optional` those that it may have.
    `recipients` gets a batch of publications and the moment (aware), and yields a `Recipient` for each person to tell;
    it makes a constant number of queries a batch. `still_relevant` gets the `data` of a batch of messages that are
    about to be sent and answers, in the same order, whether each still holds, or why it doesn't where that is more than
    that it isn't needed; also a constant number of queries.
    `channels` is the default for people who chose nothing; the plan of the category (`rules.plans`) says in which
    order, and may add to it. A `clinical` type can't be turned off in the inbox.
    All types of a category have the same of both, since people choose by category. `stands_in` names channels that
    carry it although they are off by default, to whoever can be reached by no other, or by one of `OPT_IN` alone, which
    they then follow: for what such a person must not miss, since an SMS costs the clinic money.
    A `time_critical` one ignores quiet hours and the e-mail time of day.
    One that is `for_staff` reaches nobody else, so others needn't choose about it.
    `retention` is how long its messages are kept. `reply_hint` says, by language, how its SMS is answered by SMS; it
    follows the short text where people can answer, so it is discreet and holds no placeholder.
    """

    name: str
    label: Any
    category: Category
    payload: Mapping[str, type]
    params: tuple[Param, ...]
    texts: Mapping[str, Texts]
    recipients: Callable[[Sequence[Publication], datetime], Iterable[Recipient]]
    still_relevant: Callable[[Sequence[Mapping[str, Any]]], Sequence[bool | Reason]] = always_relevant
    channels: Mapping[str, bool] = field(default_factory=lambda: {IN_APP: True})
    stands_in: frozenset[str] = frozenset()
    priority: Priority = Priority.NORMAL
    clinical: bool = False
    time_critical: bool = False
    require_acknowledgment: bool = False
    for_staff: bool = False
    optional: Mapping[str, type] = field(default_factory=dict)
    retention: timedelta = timedelta(days=365)
    reply_hint: Mapping[str, str] = field(default_factory=dict)

    def is_on(self, channel: str) -> bool:
        """Whether this channel carries it to people who chose nothing."""
        return self.channels.get(channel, channel in OPT_IN)

    def permitted(self, text_field: str) -> list[str]:
        """The names of the placeholders that may stand in this one of `TEXT_FIELDS`."""
        everywhere = text_field not in DISCREET_FIELDS
        return [param.name for param in self.params if everywhere or param.discreet]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until `end` on the person's wall; `end` before `start` passes midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one person asked for. Hashable, so that equal wishes are routed once a batch.

    `choices` holds (category or event type, channel, on) only where it differs from what is so without it; a channel
    in `muted` is off for all of them. Until `paused_until` begins in the person's zone, nothing that can wait leaves
    the inbox. `calls_at_night`: for what can't wait, they are also called at night.
    """

    timezone: str = "Africa/Johannesburg"
    quiet_hours: QuietHours | None = None
    email_time: EmailTime = EmailTime.IMMEDIATE
    detail: Detail = Detail.DISCREET
    choices: frozenset[tuple[str, str, bool]] = frozenset()
    muted: frozenset[str] = frozenset()
    paused_until: date | None = None
    calls_at_night: bool = False

    def choice(self, event_type: str, category: str, channel: str) -> bool | None:
        """What they chose for this type of message by this channel, or else for its category; None is nothing."""
        for about in (event_type, category):
            for on in (False, True):
                if (about, channel, on) in self.choices:
                    return on
        return None


NEVER_ROUTED = frozenset(
    {
        *(Reason.NO_LONGER_RELEVANT, Reason.NOT_ANSWERED, Reason.CRASHED, Reason.REPLY_TOO_LATE),
        *(Reason.NO_ACCOUNT, Reason.REACHED, Reason.OVERTAKEN, Reason.BUDGET, Reason.STOPPED),
    }
)
"""The reasons that routing never gives: they are found out afterwards."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What routing decided for one channel: whether to send, when (aware; None is at once), and why.

    `stands_in`: it is sent because nothing else reaches the person, also where `reason` says until when it is held.
    `step` is its place in the plan that the message goes by, from 0, and `minutes` how long it waits after the step
    before; None is beside the plan, whatever comes of it.
    """

    channel: str
    send: bool
    reason: Reason
    send_at: datetime | None = None
    stands_in: bool = False
    step: int | None = None
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Rendered:
    """The finished texts of one message, discreet where the person wants it so.

    `values` are those of placeholders that a channel wants by themselves, by their names.
    """

    title: str
    body: str
    email_subject: str
    email_body: str
    short_text: str
    reply_hint: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class QuickReplyOption:
    """One answer that a message takes: its name, its button's word in the message's language, and what gives it."""

    name: str
    label: str
    token: str


@dataclass(frozen=True, slots=True)
class Item:
    """One of several messages that go out as one."""

    title: str
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is asked to send. `key` is the same at each attempt (Message-ID, idempotency key).

    A later message of the same `thread` makes an earlier one needless, where the reader's device can replace it. After
    `valid_until` (aware) it is of no use. `answers` are the quick replies that it takes, for channels that ask for them
    (`Channel.takes_quick_replies`). A digest has the messages that it is made of as its `items`; `categories` and
    `event_types` are those of all of them. `found` is what the channel itself looked up for the address
    (`Channel.look_up`).
    """

    key: str
    address: str
    subject: str
    body: str
    language: str
    url: str
    priority: Priority
    thread: str = ""
    valid_until: datetime | None = None
    answers: tuple[QuickReplyOption, ...] = ()
    user_id: int | None = None
    categories: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    found: Any = None


@dataclass(frozen=True, slots=True)
class SendResult:
    """What the provider answered: its name, its own id for the message, and the parts that it charges, if it does.

    `cost` is in rand; None where nobody knows the price.
    """

    provider: str
    provider_id: str = ""
    parts: int = 0
    cost: Decimal | None = None
