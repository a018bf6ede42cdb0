"""What comes next in a call, by the key that was pressed.

Whoever picks up hears first that it is a message from the clinic, and the message only after a 1: anybody may pick up.
After each message its own keys answer it, 9 repeats it, 0 ends all calls, and nothing goes on to the next one. A key
that means nothing is said to, and asked again once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

HEAR, REPEAT, STOP = "1", "9", "0"


class Step(StrEnum):
    """What the person hears next."""

    GREET = "greet"
    PLAY = "play"
    ASK_AGAIN = "ask_again"
    ANSWERED = "answered"
    STOPPED = "stopped"
    END = "end"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a call a key was asked for: after the greeting (0), or after the message of that number.

    `again` is said of a place where it was asked for the second time.
    """

    number: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """The next step, and where a key is asked for after it; None where the call ends with it.

    A message that is answered is followed by the next one, at `place`.
    """

    step: Step
    place: Place | None


def next_move(place: Place | None, key: str, *, messages: int, answers: Collection[str]) -> Move:
    """What follows the `key` pressed at `place`, empty where none was; without a place somebody has just picked up.

    `messages` is how many the call has, `answers` are the keys that answer the message at that place.
    """
    if place is None:
        return Move(Step.GREET, Place())
    if key == STOP:
        return Move(Step.STOPPED, None)
    if place.number == 0:
        if key == HEAR:
            return _play(1, messages)
        return Move(Step.END, None) if place.again else Move(Step.ASK_AGAIN, Place(again=True))
    if key == REPEAT:
        return Move(Step.PLAY, Place(place.number))
    if key in answers:
        return Move(Step.ANSWERED, _play(place.number + 1, messages).place)
    if key and not place.again:
        return Move(Step.ASK_AGAIN, Place(place.number, again=True))
    return _play(place.number + 1, messages)


def _play(number: int, messages: int) -> Move:
    return Move(Step.PLAY, Place(number)) if number <= messages else Move(Step.END, None)
