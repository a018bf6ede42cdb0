"""Events as calendar apps read them: iCalendar (RFC 5545), without a master of its recurrences."""
