#!/usr/bin/env python3
"""Writes moments.tsv: dates as ONIX writes them, in six zones, and the instant at which each begins.

The instants come from Python's zone tables, not from this crate. Of a local time that a change of the clocks skips or
repeats the later reading counts, so that nothing is sold early.
"""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

ZONES = ["UTC", "Europe/Paris", "America/Toronto", "Australia/Lord_Howe", "Asia/Kathmandu", "-05:00"]

# The text, its DateFormat, its local time, and the minutes that its own offset is ahead of UTC.
TEXTS = [
    ("20131107", "00", "2013-11-07 00:00:00", None),
    ("2013-11-07", "00", "2013-11-07 00:00:00", None),
    ("2013-11-07", "14", "2013-11-07 00:00:00", None),
    ("201311", "01", "2013-11-01 00:00:00", None),
    ("2013-11", "01", "2013-11-01 00:00:00", None),
    ("2013", "05", "2013-01-01 00:00:00", None),
    ("201345", "02", "2013-11-04 00:00:00", None),
    ("20134", "03", "2013-10-01 00:00:00", None),
    ("20131107T0830", "13", "2013-11-07 08:30:00", None),
    ("20131107T083045", "14", "2013-11-07 08:30:45", None),
    ("2013-11-07T08:30:45", "14", "2013-11-07 08:30:45", None),
    ("20131107T08", "13", "2013-11-07 08:00:00", None),
    ("20131107T000000-0500", "14", "2013-11-07 00:00:00", -300),
    ("2012-10-25T00:00:00-04:00", "14", "2012-10-25 00:00:00", -240),
    ("20131107T1530Z", "13", "2013-11-07 15:30:00", 0),
    ("2013-11-07T15:30:00Z", "14", "2013-11-07 15:30:00", 0),
    ("20131107T153000+0545", "14", "2013-11-07 15:30:00", 345),
    ("2013-11-07T15:30:00+01", "14", "2013-11-07 15:30:00", 60),
    ("2013-11-07-05:00", "00", "2013-11-07 00:00:00", -300),
    ("20131107Z", "00", "2013-11-07 00:00:00", 0),
    ("2013-11-07T24:00:00", "14", "2013-11-08 00:00:00", None),
    ("20131231T2400", "13", "2014-01-01 00:00:00", None),
    ("20240229", "00", "2024-02-29 00:00:00", None),
    ("20240229T120000", "14", "2024-02-29 12:00:00", None),
    # The clocks go forward in Paris, in Toronto, and on Lord Howe by half an hour.
    ("20270328T023000", "14", "2027-03-28 02:30:00", None),
    ("20270314T023000", "14", "2027-03-14 02:30:00", None),
    ("20271003T021500", "14", "2027-10-03 02:15:00", None),
    # They go back.
    ("20271031T023000", "14", "2027-10-31 02:30:00", None),
    ("20271107T013000", "14", "2027-11-07 01:30:00", None),
    ("20270404T014500", "14", "2027-04-04 01:45:00", None),
    ("20271031", "00", "2027-10-31 00:00:00", None),
    ("20280101T000000.250", "14", "2028-01-01 00:00:00", None),
    ("20240230", "00", None, None),
    ("20230229", "00", None, None),
    ("20241301", "00", None, None),
    ("20240100", "00", None, None),
    ("20240101T2500", "13", None, None),
    ("20240101T1260", "13", None, None),
    ("20131107T083045+9", "14", None, None),
    ("soon", "00", None, None),
    ("07/11/2013", "00", None, None),
    ("", "00", None, None),
]


def zone(name):
    if name == "-05:00":
        return timezone(timedelta(hours=-5))
    return ZoneInfo(name)


def instant(local, offset, name):
    moment = datetime.fromisoformat(local)
    if offset is not None:
        readings = [moment.replace(tzinfo=timezone(timedelta(minutes=offset)))]
    else:
        readings = [moment.replace(tzinfo=zone(name), fold=fold) for fold in (0, 1)]
    return max(reading.astimezone(timezone.utc) for reading in readings)


lines = ["# text, DateFormat, zone, the instant at which it begins; - is no date. Written by make_moments.py"]
for text, form, local, offset in TEXTS:
    for name in ZONES:
        start = "-"
        if local is not None:
            start = instant(local, offset, name).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines.append(f"{text}\t{form}\t{name}\t{start}")
Path(__file__).with_name("moments.tsv").write_text("\n".join(lines) + "\n")
