"""Every limit on how often something may be tried, in one place, each with its reason.

Those of the pages are written as allauth does: how many, in what time (m minutes, d days), counted for each `ip`
address, signed-in `user`, or `key`, which is said beside it. They count in the cache. An address of IPv6 counts by its
first half. `home/limits.py` says who falls under which; REST calls that sign somebody in go the same way.

The idea (docs/decisions/0073): who guesses is slowed by address, and by account over all devices that nobody knows. A
device on which the owner has signed in has counts of its own, so that no stranger can use them up.
"""

from datetime import timedelta

SESSION = timedelta(days=90)
"""Of a patient on their own phone: they see but their own, and a password is a hurdle for many."""
SESSION_BRIEF = timedelta(hours=12)
"""Of staff, and on a shared phone: a shift."""

WRONG_PASSWORDS = 10
"""At one account from one address in LOCK_HOURS. Ten is more than anybody mistypes. Kept in the database (axes)."""
LOCK_HOURS = 0.25

PAGES = {
    # Wrong passwords ----------------------------------------------------------------------------------------
    # `key` is the account with the known device. As many as a stranger has at one address.
    "password_known_device": "10/15m/key,50/d/key",
    # Strangers, many accounts: all phones of a clinic or a network may share the address, so it isn't few.
    "password_address": "30/m/ip,300/d/ip",
    # Strangers, one account from many addresses; `key` is the account. The owner still gets in on a known device, and
    # by a code. 100 is what NIST SP 800-63B 5.2.2 allows before a password must be of no use.
    "password_account": "30/15m/key,100/d/key",
    # Second steps, wrong; `key` is the account, whose password is right already. A right one clears the count. Of a
    # million codes, three of which hold at a time, 50 a day find one in 6,700 days.
    "login_failed": "10/15m/key,50/d/key",
    # The owner, signed in, is asked anew who they are.
    "reauthenticate": "10/m/user",
    # Codes to sign in with, and links to choose a password -------------------------------------------------
    # `key` is the address with the known device: enough for somebody who waits and asks again.
    "code_known_device": "3/15m/key,10/d/key",
    # `key` is the address with that of the stranger who asks.
    "code_asker": "3/15m/key,10/d/key",
    # Strangers, many addresses. Each code can be tried five times, so this also says how often anybody's is guessed at.
    "code_address": "30/m/ip,500/d/ip",
    # Strangers, one address from many; `key` is that address. Nobody is woken by more SMS than this, nor pays for them.
    "code_destination": "6/15m/key,20/d/key",
    # Somebody signed in has a code sent to their own address; `key` is the address.
    "request_login_code": "3/15m/key,10/d/key",
    # What is typed as a code; `key` is the session. It counts five itself, which many at the same moment would pass.
    "confirm_code": "20/15m/key",
    # The same of strangers, by address.
    "confirm_code_address": "60/m/ip",
    # The page behind the link: its key is too long to be guessed.
    "reset_password_from_key": "20/m/ip",
    # What somebody signed in changes -----------------------------------------------------------------------
    "change_password": "5/m/user",
    # A code to an address that one wants to be reached at.
    "verify_address": "5/15m/user,10/d/user",
    # The same to one address from all accounts but its owner's; `key` is the address.
    "verify_address_destination": "6/15m/key,20/d/key",
    # At a clinic's desk -------------------------------------------------------------------------------------
    # A code to a patient's phone; `key` is the number. Nobody is woken by more SMS than this, nor pays for them.
    "desk_code_destination": "4/15m/key,10/d/key",
    # What a nurse types as a code that was read to her. Each code counts five itself; a queue of patients is more.
    "desk_code_try": "60/15m/user",
    # Staff ------------------------------------------------------------------------------------------------
    # Invitations to work that a manager sends: a clinic's whole staff on one day, and no mailing list.
    "staff_invitation": "30/h/user,100/d/user",
    # The same to one address from all managers; `key` is the address.
    "staff_invitation_destination": "5/h/key,10/d/key",
    # allauth's own, off: counted above, or pages that aren't offered --------------------------------------
    "login": "",
    "reset_password": "",
    "signup": "20/m/ip",
    "change_phone": "",
    "manage_email": "",
    "confirm_email": "",
    "verify_phone": "",
}

CALLS = {
    # All REST calls of a person, or of an address from which nobody has signed in: a program that runs wild is stopped.
    "call": "1200/min",
    # Signing in by REST, right or wrong, from one address: no program needs more tokens. Wrong ones count above too.
    "sign_in": "30/min",
    # Scheduling, of which each call may write to 10,000 people.
    "schedule": "300/min",
    # Importing, of which each call may register thousands.
    "import": "30/min",
    # Pages behind links in messages, which need no sign-in, from one address. Their keys are too long to be guessed.
    "link": "120/min",
}
