"""Word to the rep that a target waits for a sign-in, as an entry on the calendars that still work: a rep never looks into a log."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from followsync.core.cadence import Form
from followsync.core.identity import action_id
from followsync.core.item import Item, State, Written
from followsync.core.ruler import block_of


def alert_id(target: str) -> str:
    """In place of an action's id; no prospect is behind it."""
    return action_id("", "sign-in", target)


def alert(target: str, sentence: str, today: date, zone: tzinfo, uid: str) -> Item:
    """An entry of the whole day, which goes on with the days and takes nobody's time."""
    start, end = (datetime.combine(day, time.min, zone) for day in (today, today + timedelta(days=1)))
    body = f"{sentence}\nWhat stands there is not read or written until then. Whoever runs the server can help."
    return Item(
        uid=uid,
        form=Form.EVENT,
        title=f"FollowSync: {target} needs a new sign-in",
        body=body,
        start=start,
        end=end,
        all_day=True,
        action=alert_id(target),
        due=today,
        block=block_of(body),
    )


def is_wanted(row: Written | None, today: date) -> bool:
    """Whether it is to stand there: one that the rep threw away or answered comes back on another day."""
    return row is None or row.state is State.OPEN or row.placed != today
