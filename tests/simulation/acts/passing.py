"""Time passes, and consumers work, or don't."""

from collections import deque
from datetime import timedelta
from random import Random

from tests.simulation.acts.answers import answer_by_link, answer_on_page, look_at_message
from tests.simulation.acts.clinic import change_visit
from tests.simulation.acts.kinds import act
from tests.simulation.acts.wishes import change_consent, choose_channel
from tests.simulation.consumers import WORK
from tests.simulation.deaths import SEAMS, Kill
from tests.simulation.due import due, next_due
from tests.simulation.outside import LUCK, NAMES
from tests.simulation.scene import Scene

MINUTE = timedelta(minutes=1)
SOON = timedelta(hours=1)
"""So long a program goes on when it is over."""


@act(weight=14, always=True)
def go_on(scene: Scene, chance: Random) -> str:
    """Time goes on from one due moment to the next, and somebody works at each."""
    moments = chance.randint(1, 5)
    for _ in range(moments):
        _to_the_next(scene)
        _work(scene, chance, kill=None)
    return f"{moments} moments, until {scene.now:%m-%d %H:%M:%S}"


@act(weight=9, always=True)
def work(scene: Scene, chance: Random) -> str:
    """Somebody works at the next due moment, or at this one, and may die of it."""
    if chance.random() < 0.7:
        _to_the_next(scene)
    kill = _death(scene, chance) if chance.random() < 0.7 else None
    lived = _work(scene, chance, kill)
    return f"{kill or 'whole turn'}{'' if lived else ', died'}"


def _death(scene: Scene, chance: Random) -> Kill:
    """At anything that it does, or in one step: of what there is to do, or of what may come of that."""
    step = chance.choice(("", *sorted(due(scene.now)), chance.choice(list(WORK))))
    seams = SEAMS if step in ("", *NAMES) else SEAMS[:2]
    return Kill(chance.choice(seams), chance.randint(1, 4 if step else 12), step)


@act(weight=4)
def nobody_works(scene: Scene, chance: Random) -> str:
    """Time goes on without anybody there."""
    minutes = chance.choice((1, 3, 20, 90, 300, 1500, 2900))
    scene.pass_time(chance.randint(1, minutes) * MINUTE)
    return f"until {scene.now:%m-%d %H:%M:%S}"


def settle(scene: Scene) -> None:
    """Somebody works, undisturbed, until what there is to do at this moment, and soon after, is done."""
    scene.outside.luck.clear()
    end = scene.now + SOON
    while not scene.judge.wrong:
        scene.outside.turn_begins()
        scene.consumers[0].work()
        scene.judge.look(thoroughly=False)
        scene.judge.look_at_what_is_left()
        due = next_due(scene.now)
        if due is None or due > end:
            return
        _to_the_next(scene)


def _to_the_next(scene: Scene) -> None:
    """The full minute at which something is due next, or a quarter of an hour on."""
    due = next_due(scene.now) or scene.now + 15 * MINUTE
    minute = due.replace(second=0, microsecond=0)
    scene.clock.move_to(minute if minute >= due else minute + MINUTE)


def _work(scene: Scene, chance: Random, kill: Kill | None) -> bool:
    first, other = chance.sample(scene.consumers, 2)
    scene.outside.luck = deque(chance.choices(list(LUCK), list(LUCK.values()), k=8))
    scene.outside.meanwhile = lambda: _somebody_acts(scene, chance)

    def another_comes() -> None:
        mine, scene.outside.luck = scene.outside.luck, deque()
        other.work()
        scene.judge.look(thoroughly=False)
        scene.outside.luck = mine

    scene.outside.another_comes = another_comes
    scene.outside.turn_begins()
    lived = first.work(kill)
    if not lived:
        scene.outside.doubt()
        _somebody_acts(scene, chance)
    return lived


def _somebody_acts(scene: Scene, chance: Random) -> None:
    """While a message is on its way, or whoever had it is dead."""
    may = (
        answer_on_page,
        answer_on_page,
        answer_by_link,
        look_at_message,
        look_at_message,
        change_consent,
        choose_channel,
        change_visit,
        change_visit,
    )
    for _ in range(chance.randint(1, 2)):
        chance.choice(may)(scene, chance)
