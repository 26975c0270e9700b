"""Entries that no prospect is behind: the day's page, what is bought ahead, and word of a target that waits for a sign-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from followsync.core.alerts import alert, alert_id, is_wanted
from followsync.core.buying import entry, is_wanted_again
from followsync.core.cadence import Form
from followsync.core.daily_page import Line, is_open, page, page_id
from followsync.core.item import Item, State, Written
from followsync.core.operations import generation, uid
from followsync.picture import Picture

Notice = tuple[Item, date | None]  # the entry, and the day for which it was written


def notice_ids(seen: Picture, alerts: Mapping[str, str]) -> set[str]:
    """The action ids of all that may be wanted. ``alerts``: target -> why it waits for a sign-in."""
    return {page_id(seen.rep.rep), *(one.action for one in seen.buying), *(alert_id(target) for target in alerts)}


def notices(seen: Picture, alerts: Mapping[str, str], rows: Mapping[str, Written], *, paged: bool = True) -> dict[str, Notice]:
    """What is to stand on a target beside the actions, by action id. ``alerts``: of the other targets; ``rows``: of ``notice_ids``, whether
    they stand there or not; ``paged``: whether the day's page is wanted there, which is no task."""
    page_too = _page(seen, rows.get(page_id(seen.rep.rep))) if paged else ()
    buying = _buying(seen, rows, Form.EVENT if paged else Form.TASK)
    return {item.action: (item, day) for item, day in (*_alerts(seen, alerts, rows), *buying, *page_too)}


def _buying(seen: Picture, rows: Mapping[str, Written], form: Form) -> Iterator[Notice]:
    for one in seen.buying:
        row = rows.get(one.action)
        if is_wanted_again(row, seen.today, seen.rep.workdays):
            yield entry(one, row, seen.today, seen.rep.workdays, uid(one.action, generation(row)), form), seen.today


def _alerts(seen: Picture, alerts: Mapping[str, str], rows: Mapping[str, Written]) -> Iterator[Notice]:
    for target, why in alerts.items():
        action = alert_id(target)
        row = rows.get(action)
        if is_wanted(row, seen.today):
            yield alert(target, why, seen.today, seen.rep.workdays.zone, uid(action, generation(row))), seen.today


def _page(seen: Picture, row: Written | None) -> Iterator[Notice]:
    """Today's, as long as it is open; else the one of before stays as it was read. It is one entry, which goes on with the days."""
    at = seen.rep.daily_page
    if at is None:
        return
    workdays, action = seen.rep.workdays, page_id(seen.rep.rep)
    if workdays.works(seen.today) and is_open(row, workdays.at(seen.today, at), seen.today, seen.now):
        here = (one for one in seen.placed if one.start.astimezone(workdays.zone).date() == seen.today)
        lines = (Line(one, seen.item(one).title) for one in here)
        if today := page(lines, workdays, at, seen.today, action, uid(action, generation(row))):
            yield today, seen.today
            return
    if row and row.state is State.OPEN and row.ours:
        yield row.ours, row.placed
