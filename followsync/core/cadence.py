"""Follow-up rules as values: methods, steps, cadences, and which cadence fits a prospect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from datetime import time
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise

from followsync.core.prospect import Prospect


class Unit(StrEnum):
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Duration:
    """``Duration(4, Unit.WORKING_DAYS)`` is what the YAML file calls ``4 working days``."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit.value.removesuffix('s') if self.count == 1 else self.unit.value}"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A part of a day, local wall-clock time; ``end`` is exclusive and later than ``start``."""

    start: time
    end: time


class Shows(StrEnum):
    """What the title's dash and the location carry."""

    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    URL = "url"
    NOTHING = ""


class Busy(StrEnum):
    """When an action blocks the rep's time: ``due`` = promises always, the rest from the day they are due."""

    DUE = "due"
    ALWAYS = "always"
    NEVER = "never"


class Form(StrEnum):
    EVENT = "event"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Method:
    """How a follow-up is done. ``alarms``: minutes before the start. ``hours``: the prospect's own office hours.

    ``verb`` begins the title. ``lead``: how long before its due day it is to be done (a letter that must arrive).
    ``buy``: how long before the first of a month it is bought, for all of that month; None where each is seen to by itself.
    ``title`` and ``body`` are templates; "" means the built-in wording.
    """

    name: str
    verb: str
    minutes: int
    alarms: tuple[int, ...] = (15,)
    busy: Busy = Busy.DUE
    form: Form = Form.EVENT
    lead: Duration | None = None
    buy: Duration | None = None
    shows: Shows = Shows.NOTHING
    hours: Window | None = None
    title: str = ""
    body: str = ""


class Count(StrEnum):
    """How a step reaches its day."""

    AFTER = "after"
    EVERY = "every"
    BEFORE = "before"
    ON = "on"


class Shift(StrEnum):
    """What a weekend or holiday does to a due day. It never moves the base day of what follows."""

    NEXT = "next"
    PREVIOUS = "previous"
    NONE = "none"


NO_ANSWER, LEFT_MESSAGE = "no answer", "left message"  # what ``if`` tells apart of attempts
START, PREVIOUS, LAST = "start", "previous", "last"  # the words ``from`` knows besides the id of another step


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a cadence. ``id`` is unique in its cadence (the YAML's, else ``step-N``).

    ``since`` is the YAML's ``from``: START, PREVIOUS (the step before), LAST (last real contact) or a step's id.
    ``of``: the date field that BEFORE and ON count from; "" means the cadence's start field.
    ``when`` lists the outcomes (``yes``, ``done`` …) or attempts (NO_ANSWER, LEFT_MESSAGE, ``attempt`` for either) that let this step run,
    of the step that ``Cadence.looked_at`` says, ``tries`` the number of attempts in a row (0: none); without both it always runs
    (YAML ``if``).
    """

    id: str
    count: Count
    duration: Duration | None
    method: str
    purpose: str
    since: str = START
    of: str = ""
    agenda: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    they_know: bool | None = None
    window: Window | None = None
    minutes: int | None = None
    shift: Shift = Shift.NEXT
    when: tuple[str, ...] = ()
    tries: int = 0
    to: str = ""
    form: Form | None = None
    title: str = ""
    body: str = ""

    @property
    def branches(self) -> bool:
        """Whether it runs only after some outcome or attempt of another step."""
        return bool(self.when or self.tries)


@dataclass(frozen=True, slots=True)
class Retry:
    """What an unanswered attempt leads to. ``limit``: attempts before the rep is asked; None = for ever."""

    after: Duration = Duration(1, Unit.WORKING_DAYS)
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Cadence:
    """A named follow-up rule. ``criteria``: field name -> accepted values (lower case); all must match.

    ``start`` names a date field of the prospect; where it is missing or absent, the day of capture counts. ``version``: what
    ``version_of`` says of all the rest.
    """

    name: str
    steps: tuple[Step, ...]
    criteria: Mapping[str, frozenset[str]] = field(default_factory=dict)
    start: str = ""
    min_gap: Duration | None = None
    prefer: str = ""
    ahead: Duration | None = None
    retry: Retry = Retry()
    version: str = ""

    def looked_at(self, step: Step) -> Step | None:
        """The step whose outcome or attempts ``if`` looks at: the one that ``from`` names, else the one listed before; None where there is
        none."""
        named = next((one for one in self.steps if one.id == step.since), None)
        return named or next((before for before, one in pairwise(self.steps) if one.id == step.id), None)

    def branches_of(self, step: str) -> tuple[Step, ...]:
        """What runs only after some outcome or attempt of the step of that id."""
        return tuple(one for one in self.steps if one.branches and (of := self.looked_at(one)) and of.id == step)

    def branches_beside(self, step: str, tried: Collection[str]) -> tuple[Step, ...]:
        """The other branches of what the step of that id is a branch of, where that is among the ``tried``."""
        several = [self.branches_of(of) for of in sorted(tried)]
        return tuple(one for found in several if any(same.id == step for same in found) for one in found if one.id != step)


def version_of(cadence: Cadence) -> str:
    """Four characters (0-9a-f) that tell whether its rules were edited; the name is no rule. What stands at its default is left out, so
    that a key which a later followsync knows changes no version."""
    return sha256(_told(replace(cadence, name="", version="")).encode()).hexdigest()[:4]


def _told(value: object) -> str:
    """The same text on every machine, whatever order sets and mappings have."""
    match value:
        case Mapping():
            return "{" + ",".join(f"{key!r}:{_told(value[key])}" for key in sorted(value)) + "}"
        case frozenset():
            return "{" + ",".join(sorted(map(repr, value))) + "}"
        case tuple():
            return "[" + ",".join(map(_told, value)) + "]"
        case StrEnum():
            return repr(value.value)
        case Duration() | Window() | Step() | Retry() | Cadence():
            told = ((one.name, getattr(value, one.name)) for one in fields(value) if not _is_default(one, getattr(value, one.name)))
            return "(" + ",".join(f"{name}={_told(each)}" for name, each in told) + ")"
        case _:
            return repr(value)


def _is_default(one: Field[object], value: object) -> bool:
    return bool(value == (one.default if one.default_factory is MISSING else one.default_factory()))


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for delay that drives the date: ``before`` the day in field ``of``, by ``method``, to ``purpose``."""

    name: str
    of: str
    before: Duration
    method: str
    purpose: str
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Purpose:
    name: str
    text: str
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the rep decided in advance."""

    methods: Mapping[str, Method]
    cadences: tuple[Cadence, ...] = ()
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    purposes: Mapping[str, Purpose] = field(default_factory=dict)

    @property
    def versions(self) -> tuple[tuple[str, str], ...]:
        """Of each cadence, by its name."""
        return tuple((one.name, one.version) for one in self.cadences)

    def method(self, name: str) -> Method:
        """The method of that name; an unknown one (an old config's, a word typed by the rep) gets plain defaults."""
        return self.methods.get(name) or Method(name, verb=name.capitalize(), minutes=15)

    def purpose(self, said: str) -> Purpose:
        """The purpose that was said by its name (as people type it: ``better product`` is ``better-product``, also behind the verb that a
        line without one gets) or by its text; else one with just that text."""
        words = {_folded(said), *(_folded(said).removeprefix(verb) for verb in _GIVEN_VERBS)}
        found = (one for one in self.purposes.values() if words & {_folded(one.name), _folded(one.text)})
        return next(found, Purpose("", said))


_GIVEN_VERBS = ("talk about ", "see ")  # "call about the competition", "visit to the competition"


def _folded(words: str) -> str:
    return " ".join(words.replace("-", " ").replace("_", " ").casefold().split())


def cadence_for(prospect: Prospect, cadences: tuple[Cadence, ...]) -> Cadence | None:
    """The first cadence all of whose criteria the prospect meets; values compare without case."""
    return next((cadence for cadence in cadences if fits(prospect, cadence.criteria)), None)


def fits(prospect: Prospect, criteria: Mapping[str, frozenset[str]]) -> bool:
    """Whether a prospect meets them all; the accepted values are in lower case."""
    return all(_values(prospect, name) & accepted for name, accepted in criteria.items())


def _values(prospect: Prospect, name: str) -> frozenset[str]:
    match name:
        case "tags":
            return frozenset(tag.lower() for tag in prospect.tags)
        case "stage" | "source" | "reason" | "method" | "role" | "name" | "person" | "timezone":
            return frozenset({str(getattr(prospect, name)).lower()})
        case "preferred_method":
            return frozenset({prospect.method.lower()})
        case _:
            return frozenset({prospect.fields.get(name, "").lower()})
