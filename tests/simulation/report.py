"""What is said of a program that failed."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.simulation.program import Act, Program
from tests.simulation.run import Ended, run
from tests.simulation.shrink import shortest


@dataclass
class Report:
    """On one run of the simulation, at this commit."""

    commit: str
    failures: int = 0

    def of(self, ended: Ended, *, short: bool = False) -> str:
        """With the shortest program that fails; or, in `short`, without."""
        self.failures += 1
        said = [
            f"Seed {ended.program.seed} fails at commit {self.commit}:",
            *(f"  {each}" for each in ended.wrong),
        ]
        if not short:
            least = shrunk(ended)
            said += [
                f"The shortest program that fails has {len(least.program.acts)} acts:",
                *(f"  {each}" for each in least.story),
                *(f"  {each}" for each in least.wrong),
                f"Again: python -m tests.simulation --from {least.program.seed} --seeds 1 --replay '{least.program}'",
            ]
        return "\n".join(said)


def shrunk(ended: Ended, *, tries: int | None = None) -> Ended:
    """What a program does that failed, without all that it doesn't need for that; or without what was found in so many
    tries.
    """
    seed = ended.program.seed

    def fails(acts: Sequence[Act]) -> bool:
        return bool(run(Program(seed, tuple(acts)), thoroughly=1).wrong)

    acts = ended.program.acts[: len(ended.story)]
    # What came after the act at which it was found did nothing for it; unless it was found in the end.
    acts = acts if fails(acts) else ended.program.acts
    return run(Program(seed, shortest(acts, fails, tries=tries)), thoroughly=1)
