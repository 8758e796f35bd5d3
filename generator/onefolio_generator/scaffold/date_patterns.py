"""Patterns that match exactly the dates and timestamps of the years 1000 to 2999.

A generator of strings that knows only the pattern, and not the format, makes valid dates from them. Validators with
linear-time regular expressions have no look-ahead and no back-references, so that all alternatives are listed.
"""

from __future__ import annotations

_DAYS = "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])"
_LEAP_YEARS = "[12][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|2[048])00"
_DATE = f"([12][0-9]{{3}}-({_DAYS})|({_LEAP_YEARS})-02-29)"

_FRACTION = r"(\.[0-9]+)?"
_OFFSET = "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_TIME = f"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]{_FRACTION}{_OFFSET}"

_LAST_MINUTE = 23 * 60 + 59
_HOURS_OFF_UTC = (*range(-12, 0), *range(1, 15))
_MINUTES_OFF_UTC = (-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825)
"""Today's offsets from UTC that are no whole hours, in minutes."""


def _leap_second_at(offset: int) -> str:
    """Return the pattern of a leap second, which ends a UTC day, at an offset from UTC in minutes."""
    hour, minute = divmod((_LAST_MINUTE + offset) % (24 * 60), 60)
    hours_off, minutes_off = divmod(abs(offset), 60)
    sign = "-" if offset < 0 else r"\+"
    return f"{hour:02}:{minute:02}:60{sign}{hours_off:02}:{minutes_off:02}"


_LEAP_SECONDS = "|".join(
    [
        f"23:59:60{_FRACTION}([Zz]|[+-]00:00)",
        *(_leap_second_at(60 * hours) for hours in _HOURS_OFF_UTC),
        *map(_leap_second_at, _MINUTES_OFF_UTC),
    ]
)

DATE_PATTERN = f"^{_DATE}$"
"""A calendar day; impossible days such as 2023-02-29 do not match."""

TIMESTAMP_PATTERN = f"^{_DATE}[Tt]({_TIME}|{_LEAP_SECONDS})$"
"""A timestamp of RFC 3339. Leap seconds match in UTC and, without a fraction, at the offsets in use today."""
