"""The config's shape: what keys there are, their defaults, and what each is for. Editors complete from these descriptions."""

from __future__ import annotations

from collections import Counter
from datetime import time, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, PrivateAttr, Tag

from followsync.config import times as t
from followsync.config import words as w
from followsync.config.secret import Secret
from followsync.core.cadence import START, Busy, Duration, Form, Shift, Shows, Unit, Window
from followsync.core.pace import Limits, Shared
from followsync.errors import LoginNeeded

_OFFICE = Window(time(9), time(17))
_DETERMINE = "determine next steps"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# Reps


class Holidays(Part):
    """Public holidays of a place, with days of the rep's own."""

    region: w.Region = Field(default="", description="country[-subdivision], such as US-MI")
    extra: tuple[t.Day, ...] = Field(default=(), description="more days off, such as 2026-12-24")
    but: tuple[t.Day, ...] = Field(default=(), alias="except", description="holidays that are worked")


def _region_alone(value: object) -> object:
    return {"region": value} if isinstance(value, str) else value


HolidaysOrRegion = Annotated[
    Holidays, BeforeValidator(_region_alone, json_schema_input_type=Annotated[str, Field(pattern="^[A-Za-z]{2,3}(-.+)?$")] | Holidays)
]
Week = dict[t.Weekdays, t.Windows]


class Rep(Part):
    """One sales rep: when they work, where their actions are written, and what is busy."""

    name: w.Line = Field(default="", description="as people say it; the key itself where it is missing")
    timezone: w.Zone = Field(description="the rep's IANA time zone, such as America/Detroit")
    hours: Week = Field(default={"mon-fri": (_OFFICE,)}, min_length=1, description="when the rep works: {mon-fri: 09:00-17:00}")
    holidays: HolidaysOrRegion | None = Field(default=None, description="US-MI, or {region: US-MI, extra: [2026-12-24], except: []}")
    away: tuple[t.Leave, ...] = Field(default=(), description="leave: a list of FIRST-DAY/LAST-DAY")
    capacity: w.Whole = Field(default=12, ge=1, le=1000, description="how many actions a day takes")
    buffer: t.Span = Field(default=timedelta(minutes=10), description="free time kept around other appointments")
    targets: tuple[str, ...] = Field(default=(), description="where the actions are written: names from 'targets'")
    busy: tuple[str, ...] = Field(default=(), description="calendars that are only read for free/busy: names from 'busy'")
    blocks: dict[str, Week] = Field(default={}, description="time kept for a method: {call: {'tue,thu': 09:00-11:00}}")
    day_parts: dict[w.Line, t.HalfDay] = Field(
        default={}, description="names for parts of a day; morning is 09:00-12:00, afternoon 13:00-17:00"
    )
    daily_page: t.Daily = Field(default=time(8), description="when the day's page is ready, or 'off'")


# Targets and busy sources


class _Server(Part):
    timeout: t.Span = Field(default=timedelta(seconds=30), description="how long to wait for an answer")

    @property
    def host(self) -> str:
        """The server that is asked, "" where none is; of a secret address nobody knows."""
        return ""


class _CalDav(_Server):
    type: Literal["caldav"]
    url: w.DavUrl = Field(description="the server's, the account's or the calendar's address, or only the domain or e-mail address")
    username: str = Field(default="", description="the account's name; 'url' where that is an e-mail address and this is missing")
    password: Secret | None = Field(
        default=None, description="where the (app) password is kept: {env: NAME}, {file:}, {command:} or {credential:}"
    )
    auth: Literal["auto", "basic", "digest", "bearer"] = Field(
        default="auto", description="how to log in; auto: basic, or digest where the server asks for it; bearer: the password is a token"
    )

    @property
    def host(self) -> str:
        """Of an e-mail address or a domain alone: the domain, which stands for whatever server is found there."""
        return urlsplit(self.url).hostname or self.url.rpartition("@")[2].partition("/")[0]


class _Google(_Server):
    type: Literal["google"]
    client_secrets: Secret = Field(description="where the OAuth client's JSON (or a service account's) is kept: {file: google-client.json}")
    token: Secret = Field(description="where the login is kept: {file: google-token.json}, written by 'followsync auth google'")
    subject: w.Line = Field(default="", description="for a service account with delegation: the e-mail address of the person it acts for")
    root_url: w.Url = Field(default="https://www.googleapis.com/", description="another server, for tests")

    @property
    def root(self) -> str:
        """With the slash that every path counts from."""
        return self.root_url.rstrip("/") + "/"

    @property
    def host(self) -> str:
        return urlsplit(self.root_url).hostname or ""


class CalDavTarget(_CalDav):
    """A calendar on a CalDAV server."""

    calendar: w.CalendarName = Field(default="Follow-ups", description="the calendar's name, made if it is missing; or its https address")
    write: Literal["event", "task", "auto"] = Field(default="event", description="events, tasks, or as each method says (auto)")


class GoogleTarget(_Google):
    """A calendar and a task list of a Google account."""

    calendar: w.Line = Field(default="Follow-ups", description="our own secondary calendar, made if it is missing; or a calendar's id")
    write: Literal["event", "task", "auto"] = Field(
        default="auto", description="auto: methods with 'as: task' become tasks, all else events"
    )
    tasks: w.Line = Field(default="Follow-ups", description="the task list for those")


class IcsTarget(_Server):
    """A file that calendar programs can read."""

    type: Literal["ics"]
    path: w.FilePath = Field(description="the file; a relative path counts from the config's folder")


AllDay = Annotated[Literal["free", "busy"], Field(description="whether an all-day entry (a birthday, a fair) blocks the day")]


class CalDavBusy(_CalDav):
    """Calendars on a CalDAV server that are only read."""

    calendars: tuple[w.Line, ...] = Field(default=(), description="the calendars' names; all of them where it is missing")
    all_day: AllDay = "free"


class GoogleBusy(_Google):
    """Calendars of a Google account that are only read."""

    calendars: tuple[w.Line, ...] = Field(default=("primary",), description="the calendars' ids (primary, an address), or their names")
    all_day: Annotated[
        Literal["free", "busy"], Field(description="without effect: Google tells of a whole day only where it is marked as busy there")
    ] = "free"


def _kind_of_address(value: object) -> str:
    return "secret" if isinstance(value, (dict, Secret)) else "address"


AddressOrSecret = Annotated[Annotated[w.FeedUrl, Tag("address")] | Annotated[Secret, Tag("secret")], Discriminator(_kind_of_address)]


class IcsBusy(_Server):
    """An ICS file or address that is only read."""

    type: Literal["ics"]
    path: w.FilePath | None = Field(default=None, description="a file; a relative path counts from the config's folder")
    url: AddressOrSecret | None = Field(
        default=None, repr=False, description="an https or webcal address; of a private calendar, where it is kept: {env: NAME}, {file:}, …"
    )
    all_day: AllDay = "free"

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "") if isinstance(self.url, str) else ""

    def address(self) -> str:
        """The address itself, read now where it is a secret. Raises LoginNeeded where it cannot be had or is none."""
        if not isinstance(self.url, Secret):
            return self.url or ""
        try:
            return w.feed_address(self.url.reveal())
        except ValueError as error:
            raise LoginNeeded(f"the secret address of this calendar cannot be used: {error}") from None


Target = Annotated[CalDavTarget | GoogleTarget | IcsTarget, Field(discriminator="type")]
BusySource = Annotated[CalDavBusy | GoogleBusy | IcsBusy, Field(discriminator="type")]


# Rules


class Method(Part):
    """How a follow-up is done. A method of your own needs no more than a verb."""

    verb: w.Line = Field(default="", description="begins the title: 'Call', 'Send candy-gram to'")
    minutes: w.Whole = Field(default=15, ge=1, le=1440, description="how long it takes")
    alarms: tuple[t.Alarm, ...] = Field(default=(15,), description="how long before the start the phone rings; [] for never")
    busy: Busy = Field(
        default=Busy.DUE, description="when it blocks the rep's time: due (promises always, steps from their day on), always, never"
    )
    form: Form = Field(default=Form.EVENT, alias="as", description="an event, or a task")
    lead: t.Days | None = Field(default=None, description="how long before its day it is to be done: a letter must arrive")
    buy: t.DaysOrOff = Field(
        default=None, description="how long before the first of a month it is bought, once for all who get one in that month; or 'off'"
    )
    shows: Shows = Field(default=Shows.NOTHING, description="what the title's dash and the location carry")
    hours: t.HalfDay | None = Field(default=None, description="the prospect's own office hours")
    title: w.Template = Field(default="", description="a template for the title")
    body: w.Template = Field(default="", description="a template for the notes")


class Step(Part):
    """One step of a cadence: one of after, every, before, on; a method; a purpose."""

    id: w.Line = Field(
        default="",
        description="a name that 'from' of other steps can use, and that history knows the step by, wherever it is listed: "
        "a step without one is known by its place, so give each an id before you insert, move or take out steps",
    )
    after: t.DaysOrNone | None = Field(
        default=None, description="how long after 'from' it is due: 3 days, 4 working days, 3 weeks, 4 months"
    )
    every: t.Days | None = Field(default=None, description="how often it is due, counted from 'from', without end")
    before: t.DaysOrNone | None = Field(default=None, description="how long before the day in field 'of' it is due")
    on: t.OnDay | None = Field(default=None, description="the date field whose day it is due on")
    of: w.Line = Field(default="", description="the date field that before and on count from; the cadence's start where it is missing")
    since: w.Line = Field(default=START, alias="from", description="start, previous, last (real contact), or a step's id")
    method: w.Line = Field(description="how: call, visit, email, video, meeting, coffee, letter, gift, newsletter, or one of your own")
    purpose: w.Line = Field(description="why: a text, or a name from 'purposes'")
    agenda: tuple[w.Line, ...] = Field(default=(), description="what to talk about")
    questions: tuple[w.Line, ...] = Field(default=(), description="what to ask")
    they_know: w.YesNo | None = Field(default=None, description="whether they know why you come: yes or no")
    window: t.WindowOrPart | None = Field(default=None, description="part of the day: morning, afternoon, 14:00-16:00")
    minutes: w.Whole | None = Field(default=None, ge=1, le=1440, description="how long it takes, where not as the method says")
    shift: Shift = Field(default=Shift.NEXT, description="what a weekend or holiday does: next, previous or none")
    when: w.Results = Field(
        default=(),
        alias="if",
        description="only after these outcomes or attempts of the step that 'from' names, else of the one listed before: "
        "done, no answer, left message, 3 attempts",
    )
    to: Literal["", "absent deciders"] = Field(default="", description="whom it is for, where not the prospect's person")
    form: Form | None = Field(default=None, alias="as", description="an event or a task, where not as the method says")
    title: w.Template = Field(default="", description="a template for the title")
    body: w.Template = Field(default="", description="a template for the notes")


class Retry(Part):
    """What an unanswered attempt leads to."""

    after: t.Days = Field(default=Duration(1, Unit.WORKING_DAYS), description="how long after the attempt the next one is due")
    limit: w.Limit = Field(default=None, description="attempts at one step, in a row, before the rep is asked; or none")


class Cadence(Part):
    """A named follow-up rule; the first one that fits a prospect is used."""

    criteria: dict[w.Line, w.Criterion] = Field(
        default={}, alias="for", description="which prospects; all must match: {stage: pitched, tags: [a, b]}"
    )
    start: w.Line = Field(default="", description="the date field that the steps count from; the day of capture where it is missing")
    steps: tuple[Step, ...] = Field(min_length=1, description="the follow-ups, each as {after: 3 days, method: email, purpose: say thanks}")
    min_gap: t.Days | None = Field(default=None, description="streams closer than this become one action")
    prefer: w.Line = Field(default="", description="the method that wins such a merge; else the earlier's")
    ahead: t.Days | None = Field(default=None, description="show all that is due this soon, not only the next")
    retry: Retry = Field(default_factory=Retry, description="what an unanswered attempt leads to")


class Reason(Part):
    """A reason for delay that drives the date."""

    of: w.Line = Field(default="", description="the date field it counts from; the reason's own name where it is missing")
    before: t.DaysOrNone = Field(default=Duration(30, Unit.DAYS), description="how long before that day")
    method: w.Line = Field(default="visit", description="how")
    purpose: w.Line = Field(default=_DETERMINE, description="why: a text, or a name from 'purposes'")


class Purpose(Part):
    """A purpose with its questions, for steps to name."""

    text: w.Line = Field(description="what stands in the title after 'to'")
    questions: tuple[w.Line, ...] = Field(default=(), description="what to ask")


# The rest


class Sync(Part):
    """How often the calendars are read and written."""

    every: t.Span = Field(default=timedelta(minutes=5), description="the time between two cycles")
    google_calls: w.Whole = Field(
        default=10_000,
        ge=60,
        description="calls a minute that Google lets one project make; all daemons and workers together keep below it",
    )


class Feed(Part):
    """The ICS feed and the web server that gives it."""

    listen: w.Address | None = Field(default=None, description="HOST:PORT of the web server; no server where it is missing")
    public_url: w.Url | None = Field(default=None, description="the address that phones use, where a proxy stands before it")
    past: t.Days = Field(default=Duration(30, Unit.DAYS), description="how much of the past it shows")
    future: t.Days = Field(default=Duration(365, Unit.DAYS), description="how much of the future it shows")


class Page(Part):
    """The phone page; it is served by the feed's web server."""

    public_url: w.Url | None = Field(default=None, description="the address that phones use, where it is not the feed's")


class Settings(Part):
    """The whole config of FollowSync."""

    store: w.Store = Field(default="sqlite", description="sqlite (in the state folder), sqlite:///PATH, or postgresql+psycopg://HOST/NAME")
    store_password: Secret | None = Field(default=None, description="where the password of a store on PostgreSQL is kept")
    reps: dict[w.Name, Rep] = Field(min_length=1, description="the sales reps, each under a name: {dana: {timezone: America/Detroit}}")
    targets: dict[w.Name, Target] = Field(default={}, description="where actions are written, each under a name")
    busy: dict[w.Name, BusySource] = Field(default={}, description="calendars that are only read for free/busy, each under a name")
    methods: dict[w.Line, Method] = Field(default={}, description="how follow-ups are done; the built-in ones are changed key by key")
    cadences: dict[w.Line, Cadence] = Field(default={}, description="the follow-up rules, in the order in which they are tried")
    reasons: dict[w.Line, Reason] = Field(default={}, description="reasons for delay that drive the date")
    purposes: dict[w.Line, Purpose] = Field(default={}, description="purposes with their questions")
    sync: Sync = Field(default_factory=Sync, description="how often the calendars are read and written")
    feed: Feed = Field(default_factory=Feed, description="the ICS feed and its web server")
    page: Page = Field(default_factory=Page, description="the phone page")
    _path: Path = PrivateAttr(default=Path())

    @cached_property
    def digest(self) -> str:
        """Tells whether anything was edited; secrets are not part of the config."""
        return sha256(self.model_dump_json().encode()).hexdigest()

    @cached_property
    def users(self) -> Counter[str]:
        """Target -> how many reps write to it."""
        return Counter(name for rep in self.reps.values() for name in set(rep.targets))

    def writes_tasks(self, target: CalDavTarget | GoogleTarget) -> bool:
        """Whether any follow-up is written there as a task."""
        forms = [
            *(method.form for method in self.methods.values()),
            *(step.form for cadence in self.cadences.values() for step in cadence.steps),
        ]
        return target.write == "task" or (target.write == "auto" and Form.TASK in forms)

    def limits(self, shared: Shared | None) -> Limits:
        """How much may be asked of servers that count, in this process or in all that share a store."""
        return Limits(self.sync.google_calls, shared)

    @cached_property
    def servers(self) -> dict[str, frozenset[str]]:
        """By rep, the hosts that their cycle asks."""
        found = {}
        for key, rep in self.reps.items():
            several = [*(self.targets[name] for name in rep.targets), *(self.busy[name] for name in rep.busy)]
            found[key] = frozenset(one.host for one in several if one.host)
        return found

    @property
    def path(self) -> Path:
        """The file it came from; a reload reads it again."""
        return self._path

    @property
    def folder(self) -> Path:
        """What relative paths count from."""
        return self._path.parent


DAY_PARTS = {"morning": Window(time(9), time(12)), "afternoon": Window(time(13), time(17))}

# As they would stand in the file: the user's keys are laid over them, then all is read in one go.
METHODS: dict[str, dict[str, Any]] = {
    "call": {"verb": "Call", "minutes": 15, "shows": "phone", "hours": "09:00-17:00"},
    "visit": {"verb": "Visit", "minutes": 45, "shows": "address"},
    "email": {"verb": "Email", "minutes": 10, "shows": "email"},
    "video": {"verb": "Video call with", "minutes": 30, "shows": "url"},
    "meeting": {"verb": "Meet", "minutes": 60, "shows": "address"},
    "coffee": {"verb": "Coffee with", "minutes": 60, "shows": "address"},
    "letter": {"verb": "Write letter to", "minutes": 20, "shows": "address"},
    "proposal": {"verb": "Deliver proposal to", "minutes": 20},
    "gift": {"verb": "Send gift to", "minutes": 20, "shows": "address", "buy": "1 week"},
    "newsletter": {"verb": "Send newsletter to", "minutes": 10, "shows": "email"},
}
REASONS: dict[str, dict[str, Any]] = {"contract_end": {"of": "contract_end", "before": "30 days", "method": "visit"}}
