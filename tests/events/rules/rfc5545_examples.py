"""Every example of RFC 5545, section 3.8.5.3, in its order: what it gives, or why no series of ours says it.

`dates` is what the section lists: lines of a year, the zone's abbreviation and the dates of each month; open at the end
where it says "...". A rule that the section gives in two ways stands here twice.
"""

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Example:
    title: str
    dtstart: str
    rrule: str
    dates: str = ""
    refused: str = ""  # the part that no pattern of ours says
    because: str = ""

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
_DAILY = "every n-th day isn't a number of weeks"
_SEVERAL_DAYS = "several days a month are several series"
_SEVERAL_MONTHS = "several months a year are several series"
_FROM_THE_END = "from the end of the month we count only to the last"
_EVERY_SUCH_DAY = "every such weekday of a month isn't one"
_WITHIN_A_DAY = "more than once a day"

EXAMPLES = (
    Example(
        "Daily for 10 occurrences",
        "19970902T090000",
        "FREQ=DAILY;COUNT=10",
        "1997 EDT Sep 2-11",
    ),
    Example(
        "Daily until December 24, 1997",
        "19970902T090000",
        "FREQ=DAILY;UNTIL=19971224T000000Z",
        """1997 EDT Sep 2-30 Oct 1-25
           1997 EST Oct 26-31 Nov 1-30 Dec 1-23""",
    ),
    Example(
        "Every other day",
        "19970902T090000",
        "FREQ=DAILY;INTERVAL=2",
        refused="INTERVAL",
        because=_DAILY,
    ),
    Example(
        "Every 10 days, 5 occurrences",
        "19970902T090000",
        "FREQ=DAILY;INTERVAL=10;COUNT=5",
        refused="INTERVAL",
        because=_DAILY,
    ),
    Example(
        "Every day in January, for 3 years",
        "19980101T090000",
        "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        refused="BYDAY",
        because=_SEVERAL_DAYS,
    ),
    Example(
        "Every day in January, for 3 years",
        "19980101T090000",
        "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
        refused="BYMONTH",
        because=_SEVERAL_DAYS,
    ),
    Example(
        "Weekly for 10 occurrences",
        "19970902T090000",
        "FREQ=WEEKLY;COUNT=10",
        """1997 EDT Sep 2,9,16,23,30 Oct 7,14,21
           1997 EST Oct 28 Nov 4""",
    ),
    Example(
        "Weekly until December 24, 1997",
        "19970902T090000",
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        """1997 EDT Sep 2,9,16,23,30 Oct 7,14,21
           1997 EST Oct 28 Nov 4,11,18,25 Dec 2,9,16,23""",
    ),
    Example(
        "Every other week",
        "19970902T090000",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        """1997 EDT Sep 2,16,30 Oct 14
           1997 EST Oct 28 Nov 11,25 Dec 9,23
           1998 EST Jan 6,20 Feb 3,17""",
    ),
    Example(
        "Weekly on Tuesday and Thursday for five weeks",
        "19970902T090000",
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        "1997 EDT Sep 2,4,9,11,16,18,23,25,30 Oct 2",
    ),
    Example(
        "Weekly on Tuesday and Thursday for five weeks",
        "19970902T090000",
        "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
        "1997 EDT Sep 2,4,9,11,16,18,23,25,30 Oct 2",
    ),
    Example(
        "Every other week on Monday, Wednesday, and Friday until December 24, 1997",
        "19970901T090000",
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        """1997 EDT Sep 1,3,5,15,17,19,29 Oct 1,3,13,15,17
           1997 EST Oct 27,29,31 Nov 10,12,14,24,26,28 Dec 8,10,12,22""",
    ),
    Example(
        "Every other week on Tuesday and Thursday, for 8 occurrences",
        "19970902T090000",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "1997 EDT Sep 2,4,16,18,30 Oct 2,14,16",
    ),
    Example(
        "Monthly on the first Friday for 10 occurrences",
        "19970905T090000",
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        """1997 EDT Sep 5 Oct 3
           1997 EST Nov 7 Dec 5
           1998 EST Jan 2 Feb 6 Mar 6 Apr 3
           1998 EDT May 1 Jun 5""",
    ),
    Example(
        "Monthly on the first Friday until December 24, 1997",
        "19970905T090000",
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        """1997 EDT Sep 5 Oct 3
           1997 EST Nov 7 Dec 5""",
    ),
    Example(
        "Every other month on the first and last Sunday of the month for 10 occurrences",
        "19970907T090000",
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        refused="BYDAY",
        because=_SEVERAL_DAYS,
    ),
    Example(
        "Monthly on the second-to-last Monday of the month for 6 months",
        "19970922T090000",
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        refused="BYDAY",
        because=_FROM_THE_END,
    ),
    Example(
        "Monthly on the third-to-the-last day of the month",
        "19970928T090000",
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        refused="BYMONTHDAY",
        because=_FROM_THE_END,
    ),
    Example(
        "Monthly on the 2nd and 15th of the month for 10 occurrences",
        "19970902T090000",
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        refused="BYMONTHDAY",
        because=_SEVERAL_DAYS,
    ),
    Example(
        "Monthly on the first and last day of the month for 10 occurrences",
        "19970930T090000",
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        refused="BYMONTHDAY",
        because=_SEVERAL_DAYS,
    ),
    Example(
        "Every 18 months on the 10th thru 15th of the month for 10 occurrences",
        "19970910T090000",
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        refused="BYMONTHDAY",
        because=_SEVERAL_DAYS,
    ),
    Example(
        "Every Tuesday, every other month",
        "19970902T090000",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        refused="BYDAY",
        because=_EVERY_SUCH_DAY,
    ),
    Example(
        "Yearly in June and July for 10 occurrences",
        "19970610T090000",
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        refused="BYMONTH",
        because=_SEVERAL_MONTHS,
    ),
    Example(
        "Every other year on January, February, and March for 10 occurrences",
        "19970310T090000",
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        refused="BYMONTH",
        because=_SEVERAL_MONTHS,
    ),
    Example(
        "Every third year on the 1st, 100th, and 200th day for 10 occurrences",
        "19970101T090000",
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        refused="BYYEARDAY",
        because="we don't count the days of a year",
    ),
    Example(
        "Every 20th Monday of the year",
        "19970519T090000",
        "FREQ=YEARLY;BYDAY=20MO",
        refused="BYDAY",
        because="we count weekdays in a month only",
    ),
    Example(
        "Monday of week number 20",
        "19970512T090000",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        refused="BYWEEKNO",
        because="we don't number weeks",
    ),
    Example(
        "Every Thursday in March",
        "19970313T090000",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        refused="BYDAY",
        because=_EVERY_SUCH_DAY,
    ),
    Example(
        "Every Thursday, but only during June, July, and August",
        "19970605T090000",
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        refused="BYMONTH",
        because=_SEVERAL_MONTHS,
    ),
    Example(
        "Every Friday the 13th",
        "19970902T090000",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        refused="BYMONTHDAY",
        because="a weekday with a day of the month is the first on or after it, not only on it",
    ),
    Example(
        "The first Saturday that follows the first Sunday of the month",
        "19970913T090000",
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        """1997 EDT Sep 13 Oct 11
           1997 EST Nov 8 Dec 13
           1998 EST Jan 10 Feb 7 Mar 7
           1998 EDT Apr 11 May 9 Jun 13""",
    ),
    Example(
        "Every 4 years, the first Tuesday after a Monday in November",
        "19961105T090000",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        """1996 EST Nov 5
           2000 EST Nov 7
           2004 EST Nov 2""",
    ),
    Example(
        "The third instance into the month of one of Tuesday, Wednesday, or Thursday, for the next 3 months",
        "19970904T090000",
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        refused="BYDAY",
        because="one weekday is counted at a time",
    ),
    Example(
        "The second-to-last weekday of the month",
        "19970929T090000",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        refused="BYDAY",
        because="one weekday is counted at a time",
    ),
    Example(
        "Every 3 hours from 9:00 AM to 5:00 PM on a specific day",
        "19970902T090000",
        "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z",
        refused="FREQ",
        because=_WITHIN_A_DAY,
    ),
    Example(
        "Every 15 minutes for 6 occurrences",
        "19970902T090000",
        "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        refused="FREQ",
        because=_WITHIN_A_DAY,
    ),
    Example(
        "Every hour and a half for 4 occurrences",
        "19970902T090000",
        "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        refused="FREQ",
        because=_WITHIN_A_DAY,
    ),
    Example(
        "Every 20 minutes from 9:00 AM to 4:40 PM every day",
        "19970902T090000",
        "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        refused="BYHOUR",
        because=_WITHIN_A_DAY,
    ),
    Example(
        "Every 20 minutes from 9:00 AM to 4:40 PM every day",
        "19970902T090000",
        "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
        refused="FREQ",
        because=_WITHIN_A_DAY,
    ),
    Example(
        "Where WKST makes a difference: weeks from Monday",
        "19970805T090000",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "1997 EDT Aug 5,10,19,24",
    ),
    Example(
        "Where WKST makes a difference: weeks from Sunday",
        "19970805T090000",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        refused="WKST",
        because="our weeks begin on Monday",
    ),
    Example(
        "Where an invalid date is ignored",
        "20070115T090000",
        "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        refused="BYMONTHDAY",
        because=_SEVERAL_DAYS,
    ),
)
