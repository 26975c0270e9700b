"""One follow-up to do, and the moment at which it is worked out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from followsync.core.cadence import Cadence, Form, Rules, Window
from followsync.core.history import Kind, StepRef
from followsync.core.newsletter import NEWSLETTER, wanted
from followsync.core.prospect import Prospect
from followsync.core.standing import Standing
from followsync.core.workdays import RepRules

DECIDE, CHECK = "decide", "check"  # what the rep does when no method is known, and when we wait for them
PURPOSE = "determine next steps"  # where nobody stated one


@dataclass(frozen=True, slots=True)
class Action:
    """One follow-up to do.

    ``due``: the day it is to be done, after shifts and lead; ``base``: the unshifted day the rule or the agreement gave.
    ``start``: the hour (aware) of a promise, or of a check, where one was said. ``window``: it must stand inside; ``liked``: it should, in
    the first rather than in the next (a retry's other hour bands). ``any_day``: it stands on its due day even if that is not worked.
    ``why``: sentences that explain the day.
    ``ahead``: it was promised for a day that is still to come, or put there by hand. ``attempt``: which try this is, 1 for the first.
    ``area``: the postcode of where it takes the rep, "" where it takes them nowhere. ``version``: of the cadence that it comes from.
    ``title``, ``body``: templates, "" for the built-in wording.
    """

    id: str
    prospect: str
    kind: Kind
    method: str
    purpose: str
    due: date
    base: date
    minutes: int
    start: datetime | None = None
    window: Window | None = None
    liked: tuple[Window, ...] = ()
    agenda: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    they_know: bool | None = None
    steps: tuple[StepRef, ...] = ()
    form: Form = Form.EVENT
    attempt: int = 1
    hot: bool = False
    any_day: bool = False
    ahead: bool = False
    timezone: str = ""
    area: str = ""
    version: str = ""
    title: str = ""
    body: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resting:
    """Nothing is to be done, and why: the prospect is closed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """One prospect at one moment: all that its plan is worked out from. ``today`` is the rep's; ``cadence``: the one that fits."""

    prospect: Prospect
    rules: Rules
    standing: Standing
    rep: RepRules
    today: date
    cadence: Cadence | None

    def usual_method(self, said: str = "") -> str:
        """What was said, else what the prospect prefers, else a call."""
        return said or self.prospect.method or "call"

    @property
    def wants_newsletter(self) -> bool | None:
        """None while nobody knows."""
        return wanted(self.prospect.fields.get(NEWSLETTER, ""), self.standing.newsletter)

    def version_for(self, steps: Iterable[StepRef]) -> str:
        """The version of the cadence, where any of the steps is one of it."""
        return self.cadence.version if self.cadence and any(ref.cadence == self.cadence.name for ref in steps) else ""

    def day_after(self, moment: datetime) -> date:
        """The next working day after the day of ``moment``."""
        return self.rep.workdays.next_day(self.rep.workdays.today(moment) + timedelta(days=1))

    def shifted(self, day: date, to: date) -> list[str]:
        """Why it is not done on that day."""
        if day == to:
            return []
        return [f"Moved from {day:%a %Y-%m-%d} to {to:%a %Y-%m-%d}: {self.rep.workdays.why_off(day)}."]
