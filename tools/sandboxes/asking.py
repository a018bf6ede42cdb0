"""Asks the sandboxes of providers, and says of each question whether the answer is as documented.

Nothing is asked without --yes, nor of a provider whose credentials aren't in the environment.
"""

import argparse
from collections.abc import Sequence

from tools.sandboxes import africastalking, twilio
from tools.sandboxes.question import Sandbox, differences

SANDBOXES = (twilio.SMS, twilio.CALLS, africastalking.SMS)
NOTHING_ASKED = 2


def main(arguments: Sequence[str] | None = None, sandboxes: Sequence[Sandbox] = SANDBOXES) -> int:
    """0 where all that was asked is as documented, 1 where it isn't, 2 where nothing was asked."""
    parser = argparse.ArgumentParser(prog="python -m tools.sandboxes", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="SANDBOX", help=", ".join(each.name for each in sandboxes)
    )
    parser.add_argument("--yes", action="store_true", help="really ask them, over the internet")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - {each.name for each in sandboxes}:
        parser.error(f"There is no {', '.join(sorted(unknown))}.")
    chosen = [each for each in sandboxes if not asked.names or each.name in asked.names]
    results = [_is_as_documented(each) for each in chosen if _may_ask(each, is_yes=asked.yes)]
    if not results:
        return NOTHING_ASKED
    return 0 if all(results) else 1


def _may_ask(sandbox: Sandbox, *, is_yes: bool) -> bool:
    if lacking := sandbox.lacks():
        print(f"{sandbox.name}: not asked, without {', '.join(lacking)}")
        return False
    if not is_yes:
        print(f"{sandbox.name}: with --yes, {len(sandbox.questions)} questions to {sandbox.host}")
    return is_yes


def _is_as_documented(sandbox: Sandbox) -> bool:
    is_so = True
    for question in sandbox.questions:
        found = list(differences(sandbox, question))
        is_so = is_so and not found
        print(f"{sandbox.name}: {question.about}: {'; '.join(found) or 'as documented'}")
    return is_so
