"""A prospect in another rep's hands: for good, or until the giver is back from leave.

Who looks after a prospect stands with it (``Prospect.rep``), and so does to whom it returns (``Prospect.loans``): there is no moment at
which it is nobody's. That it was handed over is a fact; that it returned follows from it and from the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, timedelta, tzinfo

from followsync.core.item import Written
from followsync.core.placement import Placed, Stand
from followsync.core.prospect import Loan, Prospect
from followsync.core.standing import Standing


def handed_over(prospect: Prospect, taker: str, until: date | None) -> Prospect:
    """Whoever lent it out gets it back whole. What is given for good by somebody to whom it was only lent still returns to its owner."""
    lenders = [loan.rep for loan in prospect.loans]
    if taker in lenders:
        return replace(prospect, rep=taker, loans=prospect.loans[: lenders.index(taker)])
    loans = (*prospect.loans, Loan(prospect.rep, until)) if until else prospect.loans
    return replace(prospect, rep=taker, loans=loans)


def returned(prospect: Prospect, todays: Mapping[str, date]) -> Prospect:
    """``todays``: the reps that there are, and which day it is where they live. The first lender whose day is over has it again, whatever
    became of it in between; a lender who left has nowhere to take it, and it stays where it is."""
    for place, loan in enumerate(prospect.loans):
        if loan.rep in todays and loan.until < todays[loan.rep]:
            return replace(prospect, rep=loan.rep, loans=prospect.loans[:place])
    return prospect


def first_return(prospect: Prospect) -> date | None:
    """The last day before which nothing returns."""
    return min((loan.until for loan in prospect.loans), default=None)


def is_of_the_period(placed: Placed, until: date | None) -> bool:
    """Whether somebody must look after that action by then. A leave that is in the config already has pushed it behind the leave, so the
    days for which it was meant count too."""
    return until is None or min(placed.start.date(), placed.action.due, placed.action.base) <= until


def stood(rows: Iterable[Written]) -> Stand | None:
    """Where an action stood last, of its rows with all who had it, whether its entries still stand or not; None where it never did. A late
    one goes on being late in whosever hands."""
    items = [row.ours for row in rows if row.ours]
    last = max(items, key=lambda item: (item.start.astimezone(UTC), item.missed), default=None)
    return Stand(last.start, last.end, last.due, missed=last.missed, here=False) if last else None


def told(prospect: Prospect, standing: Standing, zone: tzinfo) -> str:
    """In whose hands it is, or was, in a sentence; "" where nobody ever took it over."""
    handed = standing.handed
    if handed is None:
        return ""
    since = f"{handed.at.astimezone(zone):%a %Y-%m-%d}"
    if handed.until is None:
        return f"{handed.giver} handed it over to {handed.taker} on {since}."
    if prospect.loans and prospect.rep == handed.taker:
        return f"{handed.giver} handed it over to {handed.taker} on {since} until {handed.until:%a %Y-%m-%d}: then it returns."
    back = handed.until + timedelta(days=1)
    return (
        f"{handed.taker} looked after it for {handed.giver} from {since} until {handed.until:%a %Y-%m-%d}; back since {back:%a %Y-%m-%d}."
    )


def told_in_entry(prospect: Prospect, standing: Standing, zone: tzinfo | None) -> str:
    """The same in a line of its entry, as long as it is news: while another rep looks after it, and once it is back until its owner was
    in touch."""
    handed = standing.handed
    if handed is None:
        return ""
    if prospect.rep == handed.taker:
        until = f" until {handed.until:%a %Y-%m-%d}" if handed.until and prospect.loans else ""
        return f"Handed over by {handed.giver}{until}"
    if handed.until is None or prospect.rep != handed.giver:
        return ""
    if standing.last_touch and standing.last_touch.astimezone(zone).date() > handed.until:
        return ""
    return f"{handed.taker} looked after it until {handed.until:%a %Y-%m-%d}"
