"""The examples of RFC 5545, section 3.8.5.3, that a pattern of ours expresses, in the order of the section.

`config` is the pattern without its times, `dates` the dates that the section lists: lines of a year, the zone's
abbreviation and the dates of each month; open at the end where the section has "...". The other 28 examples need
several series, or count in a way that no pattern has, as every n-th day.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Example:
    title: str
    rrule: str
    config: dict[str, Any]
    dates: str

    def listed(self) -> list[tuple[date, str]]:
        """Each date with the abbreviation of its zone."""
        found = []
        for line in self.dates.strip().splitlines():
            year, zone, *months = re.split(r" +", line.strip())
            for month, numbers in zip(months[::2], months[1::2], strict=True):
                for span in numbers.split(","):
                    first, _, last = span.partition("-")
                    for day in range(int(first), int(last or first) + 1):
                        found.append((date(int(year), _MONTHS.index(month) + 1, day), zone))
        return found


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]

EXAMPLES = (
    Example(
        "Daily for 10 occurrences",
        "FREQ=DAILY;COUNT=10",
        {"type": "weekly", "weekdays": _EVERY_DAY, "start_date": "1997-09-02", "count": 10},
        "1997 EDT Sep 2-11",
    ),
    Example(
        "Daily until December 24, 1997",
        "FREQ=DAILY;UNTIL=19971224T000000Z",
        {"type": "weekly", "weekdays": _EVERY_DAY, "start_date": "1997-09-02", "until": "1997-12-23"},
        """1997 EDT Sep 2-30 Oct 1-25
           1997 EST Oct 26-31 Nov 1-30 Dec 1-23""",
    ),
    Example(
        "Weekly for 10 occurrences",
        "FREQ=WEEKLY;COUNT=10",
        {"type": "weekly", "weekdays": [1], "start_date": "1997-09-02", "count": 10},
        """1997 EDT Sep 2,9,16,23,30 Oct 7,14,21
           1997 EST Oct 28 Nov 4""",
    ),
    Example(
        "Weekly until December 24, 1997",
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        {"type": "weekly", "weekdays": [1], "start_date": "1997-09-02", "until": "1997-12-23"},
        """1997 EDT Sep 2,9,16,23,30 Oct 7,14,21
           1997 EST Oct 28 Nov 4,11,18,25 Dec 2,9,16,23""",
    ),
    Example(
        "Every other week",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        {"type": "weekly", "weekdays": [1], "interval": 2, "start_date": "1997-09-02"},
        """1997 EDT Sep 2,16,30 Oct 14
           1997 EST Oct 28 Nov 11,25 Dec 9,23
           1998 EST Jan 6,20 Feb 3,17""",
    ),
    Example(
        "Weekly on Tuesday and Thursday for five weeks",
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        {"type": "weekly", "weekdays": [1, 3], "start_date": "1997-09-02", "until": "1997-10-06"},
        "1997 EDT Sep 2,4,9,11,16,18,23,25,30 Oct 2",
    ),
    Example(
        "Weekly on Tuesday and Thursday for five weeks",
        "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
        {"type": "weekly", "weekdays": [1, 3], "start_date": "1997-09-02", "count": 10},
        "1997 EDT Sep 2,4,9,11,16,18,23,25,30 Oct 2",
    ),
    Example(
        "Every other week on Monday, Wednesday, and Friday until December 24, 1997",
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        {
            "type": "weekly",
            "weekdays": [0, 2, 4],
            "interval": 2,
            "start_date": "1997-09-01",
            "until": "1997-12-23",
        },
        """1997 EDT Sep 1,3,5,15,17,19,29 Oct 1,3,13,15,17
           1997 EST Oct 27,29,31 Nov 10,12,14,24,26,28 Dec 8,10,12,22""",
    ),
    Example(
        "Every other week on Tuesday and Thursday, for 8 occurrences",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        {"type": "weekly", "weekdays": [1, 3], "interval": 2, "start_date": "1997-09-02", "count": 8},
        "1997 EDT Sep 2,4,16,18,30 Oct 2,14,16",
    ),
    Example(
        "Monthly on the first Friday for 10 occurrences",
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        {"type": "monthly", "weekday": 4, "nth": 1, "start_date": "1997-09-05", "count": 10},
        """1997 EDT Sep 5 Oct 3
           1997 EST Nov 7 Dec 5
           1998 EST Jan 2 Feb 6 Mar 6 Apr 3
           1998 EDT May 1 Jun 5""",
    ),
    Example(
        "Monthly on the first Friday until December 24, 1997",
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        {"type": "monthly", "weekday": 4, "nth": 1, "start_date": "1997-09-05", "until": "1997-12-23"},
        """1997 EDT Sep 5 Oct 3
           1997 EST Nov 7 Dec 5""",
    ),
    Example(
        "The first Saturday that follows the first Sunday of the month",
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        {"type": "monthly", "weekday": 5, "month_day": 7, "start_date": "1997-09-13"},
        """1997 EDT Sep 13 Oct 11
           1997 EST Nov 8 Dec 13
           1998 EST Jan 10 Feb 7 Mar 7
           1998 EDT Apr 11 May 9 Jun 13""",
    ),
    Example(
        "Every 4 years, the first Tuesday after a Monday in November",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        {
            "type": "yearly",
            "weekday": 1,
            "interval": 4,
            "month_day": 2,
            "month": 11,
            "start_date": "1996-11-05",
        },
        """1996 EST Nov 5
           2000 EST Nov 7
           2004 EST Nov 2""",
    ),
    Example(
        "Where WKST makes a difference: weeks from Monday",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        {"type": "weekly", "weekdays": [1, 6], "interval": 2, "start_date": "1997-08-05", "count": 4},
        "1997 EDT Aug 5,10,19,24",
    ),
)
