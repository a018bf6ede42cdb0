"""Which errors are the database's own: it is away, full, or cut somebody off."""

from django.db import Error, InterfaceError, OperationalError

AWAY = (OperationalError, InterfaceError)
"""What nobody's row and nobody's form is to blame for."""
CUT_OFF = {"25P03", "25P04"}
"""PostgreSQL ended the session, because its transaction was idle or open for too long. Drivers call it internal."""
_GONE = ("08", "57P")
"""With what the code of an error begins that says that the connection is gone or the server shuts down."""
DISK_FULL = "53100"


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of what went wrong (docs: Appendix A); empty where there is none, as on SQLite."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def words_of(error: BaseException) -> str:
    """What an error says; of the database's own the first line alone, for the next ones quote the row that it was at.

    COPY, when it is cut off or out of room, may quote a whole message.
    """
    said = str(error)
    return said.partition("\n")[0] if isinstance(error, Error) else said


def is_passing(error: BaseException) -> bool:
    """Whether the same may well work in a while, with nothing changed."""
    return isinstance(error, AWAY) or sqlstate(error) in CUT_OFF


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, and not only what was asked by it refused; also where nobody knows."""
    code = sqlstate(error)
    unknown = not code and isinstance(error, AWAY) and not is_full(error)
    return unknown or code in CUT_OFF or code.startswith(_GONE)


def is_full(error: BaseException) -> bool:
    """Whether the disk of the database is full: until there is room, nothing that is written works."""
    return sqlstate(error) == DISK_FULL or "database or disk is full" in str(error)
