"""Times as nginx writes them, always UTC.

Models nginx's src/core/ngx_times.c.
"""

from __future__ import annotations

import functools
import time

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


_utc = functools.lru_cache(maxsize=64)(time.gmtime)  # many requests share a second


def log_time(now: float) -> str:
    """`23/Nov/2026:04:35:05 +0000`: access logs."""
    t = _utc(int(now))
    return f"{t.tm_mday:02}/{MONTHS[t.tm_mon - 1]}/{t.tm_year}:{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} +0000"


def error_time(now: float) -> str:
    """`2026/11/23 04:35:24`: error logs."""
    return time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime(now))


def http_time(now: float) -> str:
    """`Mon, 23 Nov 2026 04:35:05 GMT`: headers."""
    t = _utc(int(now))
    return (
        f"{DAYS[t.tm_wday]}, {t.tm_mday:02} {MONTHS[t.tm_mon - 1]} {t.tm_year} "
        f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} GMT"
    )


def listing_time(now: float) -> str:
    """`23-Nov-2026 04:35`: lists of files."""
    t = _utc(int(now))
    return f"{t.tm_mday:02}-{MONTHS[t.tm_mon - 1]}-{t.tm_year} {t.tm_hour:02}:{t.tm_min:02}"


def iso_8601(now: float) -> str:
    """`2026-11-23T04:35:05+00:00`."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now))
