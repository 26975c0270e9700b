"""Reading: list, show, agenda, status. Nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from followsync import telling
from followsync.cli import leftovers, output, shapes, who
from followsync.cli.audit import sign_in_trouble
from followsync.cli.session import Session, session
from followsync.cli.words import Json, Rep, Who
from followsync.core.handover import told
from followsync.core.history import Touched
from followsync.core.item import State
from followsync.core.promises import ledger
from followsync.core.reading import BusyReading
from followsync.core.standing import standing
from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.core.history import Result
    from followsync.core.prospect import Prospect
    from followsync.core.target import TargetState
    from followsync.picture import Picture
    from followsync.store import Transaction
    from followsync.store.leases import Standing


def register(app: typer.Typer) -> None:
    app.command("list")(pipeline)
    app.command("show")(show)
    app.command("agenda", short_help="What is to be done on a day.")(agenda)
    app.command("status")(status)


def pipeline(ctx: typer.Context, *, rep: Rep = "", json: Json = False) -> None:
    """The pipeline: every prospect and its next action."""
    run = session(ctx)
    listed: list[shapes.Json] = []
    with run.store.reading() as tx:
        for key in run.reps(rep):
            picture = run.picture(tx, key)
            outcomes = tx.outcomes(key)
            listed += [shapes.prospect(one, outcomes.get(one.id), picture) for one in tx.prospects(key)]
    if json:
        output.emit(listed)
        return
    if not listed:
        output.say("There are no prospects yet. 'followsync add' captures one, 'followsync import' many.")
        return
    listed.sort(key=lambda one: (one["next_action"] is None, one["next_action"]["start"] if one["next_action"] else "", one["id"]))
    output.table(("ID", "STAGE", "STATE", "NEXT ACTION", "WHEN"), (_listed(one) for one in listed))


def _listed(one: shapes.Json) -> tuple[str, ...]:
    action = one["next_action"]
    when = f"{datetime.fromisoformat(action['start']):%a %Y-%m-%d %H:%M}" if action else ""
    return one["id"], one["stage"], one["state"], action["title"] if action else "", when


def show(ctx: typer.Context, name: Who, *, json: Json = False) -> None:
    """One prospect: who they are, where it stands, what happened."""
    run = session(ctx)
    with run.store.reading() as tx:
        found, outcome, picture = meant(run, tx, name)
        facts = tx.history(found.id)
    zone = picture.rep.workdays.zone
    promises = ledger(found, facts, picture.rules, picture.rep, picture.now)
    if json:
        lines = {"promises": [shapes.promise(line, zone) for line in promises], "history": shapes.history(facts, zone)}
        output.emit({**shapes.prospect(found, outcome, picture), **_details(found), "loans": _loans(found), **lines})
        return
    output.say(f"{found.name} ({found.id}) – {'open' if outcome is None else f'closed with {outcome}'}")
    for label, value in _details(found).items():
        if value:
            output.say(f"  {label.replace('_', ' ')}: {_flat(value)}")
    if handed := told(found, standing(found, facts), zone):
        output.say(f"  hands: {handed}")
    if outcome is None and (placed := picture.next_action(found.id)):
        output.say(f"\nNext: {picture.item(placed).title}")
        output.say(f"      {telling.span(placed.start, placed.end)}, due {placed.action.due}, {_where(picture.targets(placed.action.id))}")
        for point in placed.action.agenda:
            output.say(f"      - {point}")
    if promises:
        output.say("\nPromises")
    for line in promises:
        output.say(f"  {telling.promised(line, zone)}")
    output.say("\nHistory")
    for fact in facts:
        output.say(f"  {fact.at.astimezone(zone):%Y-%m-%d %H:%M}  {telling.entry(fact, zone)}")


def meant(run: Session, tx: Transaction, name: str) -> tuple[Prospect, Result | None, Picture]:
    found = who.find(tx, name, run.region)
    return found, tx.outcome(found.id), run.picture(tx, found.rep)


def _details(one: Prospect) -> dict[str, Any]:
    texts = ("person", "role", "phone", "email", "address", "url", "timezone", "method", "source", "reason", "notes")
    return {
        **{name: getattr(one, name) for name in texts},
        "tags": list(one.tags),
        "stakeholders": [
            {"name": each.name, "role": each.role, "present": each.present, "address": each.address} for each in one.stakeholders
        ],
        "fields": dict(one.fields),
    }


def _loans(one: Prospect) -> list[shapes.Json]:
    return [{"rep": loan.rep, "until": loan.until.isoformat()} for loan in one.loans]


def _flat(value: Any) -> str:
    match value:
        case dict():
            return "; ".join(f"{name.replace('_', ' ')} {text}" for name, text in value.items())
        case [dict(), *_]:
            return "; ".join(f"{one['name']}, {one['role']}, {'present' if one['present'] else 'absent'}" for one in value)
        case list():
            return ", ".join(value)
        case _:
            return str(value)


def _where(targets: list[str]) -> str:
    return f"stands on {', '.join(targets)}" if targets else "not on a calendar yet"


def agenda(
    ctx: typer.Context,
    day: Annotated[
        list[str] | None, typer.Argument(metavar="[DAY]", help="2026-01-08, tomorrow, Friday; today where it is missing.")
    ] = None,
    *,
    rep: Rep = "",
    json: Json = False,
) -> None:
    """What is to be done on a day, and what was answered in the calendar."""
    run = session(ctx)
    listed: list[shapes.Json] = []
    days = []
    with run.store.reading() as tx:
        for key in run.reps(rep):
            asked = _day(run, key, " ".join(day or ()))
            days.append(asked)
            listed += _agenda(tx, run.picture(tx, key), asked)
    listed.sort(key=lambda one: (datetime.fromisoformat(one["start"]), one["id"]))
    if json:
        output.emit(listed)
        return
    output.say(f"{days[0]:%A %Y-%m-%d}: {len(listed) or 'no'} follow-up{'' if len(listed) == 1 else 's'}")
    if listed:
        output.table(("TIME", "ACTION", "KIND", "STATE", "ON"), (_line(one) for one in listed))


def _agenda(tx: Transaction, picture: Picture, day: date) -> list[shapes.Json]:
    zone = picture.rep.workdays.zone
    todo = [shapes.action(picture, one) for one in picture.placed if one.start.astimezone(zone).date() == day]
    records: dict[str, list[Any]] = {}
    for row in picture.rows:
        if shapes.answered(row) and row.agreed and row.agreed.start.astimezone(zone).date() == day:
            records.setdefault(row.action, []).append(row)
    for action, rows in records.items():
        touches = [fact for fact in tx.history(rows[0].prospect) if isinstance(fact, Touched) and fact.action == action]
        todo.append(shapes.record(rows[0], touches[-1] if touches else None, [row.target for row in rows]))
    return todo


def _line(one: shapes.Json) -> tuple[str, ...]:
    start, end = datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])
    return (
        "all day" if telling.all_day(start, end) else f"{start:%H:%M}-{end:%H:%M}",
        one["title"],
        one["kind"],
        one["state"],
        ", ".join(one["targets"]),
    )


def _day(run: Session, rep: str, said: str) -> date:
    from followsync.cli.fields import day

    rules = run.rep_rules(rep)
    return date.fromisoformat(day(run, "DAY", said, rep)) if said else rules.workdays.today(run.now(rep))


def status(ctx: typer.Context, *, rep: Rep = "", json: Json = False) -> None:
    """Each target: when it was last in step, what waits, what is wrong; each busy source: when it was read. Exit code 1 where something
    needs a person."""
    run = session(ctx)
    shown: dict[str, shapes.Json] = {}
    sources: dict[str, shapes.Json] = {}
    with run.store.reading() as tx:
        for key in run.reps(rep):
            for name in run.settings.reps[key].targets:
                shown[name if name not in shown else f"{key}/{name}"] = _state(run, tx, tx.target_state(key, name))
            readings = tx.busy_readings(key)
            for name in run.settings.reps[key].busy:
                sources[name if name not in sources else f"{key}/{name}"] = _source(run, readings.get(name, BusyReading(key, name)))
        left = leftovers.dropped(run, tx, run.reps(rep))
    chosen = run.reps(rep)
    cycles = [one for one in run.store.cycles() if one.rep in chosen]
    if json:
        behind = [{"rep": one.rep, "target": one.target, "entries": one.entries, "where": one.where, "message": str(one)} for one in left]
        told = [{"rep": one.rep, "due_in": round(one.due), "worker": one.holder, "fence": one.fence, "tries": one.tries} for one in cycles]
        output.emit({"targets": shown, "busy": sources, "left": behind, **({"cycles": told} if cycles else {})})
    else:
        _tell_status(run, shown)
        _tell_sources(run, sources)
        _tell_cycles(cycles)
        for one in left:
            output.say(f"\n{one.target}: {one}")
    wrong = any(one[what] for one in shown.values() for what in ("error", "held", "login_needed", "quarantined"))
    if wrong or left or any(one["error"] for one in sources.values()):
        raise typer.Exit(1)


def _tell_cycles(cycles: Sequence[Standing]) -> None:
    """Where several workers share the reps."""
    if not cycles:
        return
    output.say()
    rows = []
    for one in cycles:
        due = "now" if one.due <= 0 or one.news else f"in {round(one.due)} seconds"
        rows.append((one.rep, "runs" if one.holder and one.left > 0 else due, one.holder or "nobody", str(one.tries)))
    output.table(("REP", "NEXT CYCLE", "WORKER", "TRIES"), rows)


def _source(run: Session, reading: BusyReading) -> shapes.Json:
    zone = run.rep_rules(reading.rep).workdays.zone
    at = reading.at.astimezone(zone).isoformat() if reading.at else None
    until = reading.not_before.astimezone(zone).isoformat() if reading.not_before else None
    return {
        "rep": reading.rep,
        "last_good": at,
        "requests": reading.requests,
        "failures": reading.failures,
        "not_before": until,
        "login_needed": reading.login_needed,
        "error": reading.error,
    }


def _tell_sources(run: Session, sources: dict[str, shapes.Json]) -> None:
    """While a source cannot be read, what was read last counts, and how old that is must be seen."""
    if not sources:
        return
    output.say()
    rows = []
    for name, one in sources.items():
        at = datetime.fromisoformat(one["last_good"]) if one["last_good"] else None
        age = f" ({_age(run.now(one['rep']) - at)} old, and used until it can be read again)" if at and one["error"] else ""
        pause = f" Left alone until {datetime.fromisoformat(one['not_before']):%H:%M}." if one["not_before"] else ""
        last = f"{at:%a %Y-%m-%d %H:%M}" if at else "never"
        rows.append((name, one["rep"], last, str(one["requests"]), f"{one['error'] or 'none'}{age}{pause}"))
    output.table(("BUSY SOURCE", "REP", "LAST READ", "REQUESTS", "TROUBLE"), rows)


def _age(length: timedelta) -> str:
    minutes = max(0, round(length.total_seconds() / 60))
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}s"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _state(run: Session, tx: Transaction, state: TargetState) -> shapes.Json:
    rows = tx.written(state.rep, state.target)
    zone = run.rep_rules(state.rep).workdays.zone
    return {
        "rep": state.rep,
        "last_good": state.last_good.astimezone(zone).isoformat() if state.last_good else None,
        "pending": sum(row.intended is not None or row.removing for row in rows),
        "quarantined": sum(bool(row.refused or row.trouble) for row in rows if row.state is State.OPEN)
        + len(state.left)
        + len(state.unknown),
        "failures": state.failures,
        "not_before": state.not_before.astimezone(zone).isoformat() if state.not_before else None,
        "login_needed": state.login_needed,
        "held": state.held,
        "error": state.error or _sign_in(run, state) or state.notice,
    }


def _sign_in(run: Session, state: TargetState) -> str:
    """What the files of a Google sign-in tell that no cycle has met yet."""
    from followsync.config.settings import GoogleTarget

    settings = run.settings.targets[state.target]
    return sign_in_trouble(run, settings, state.rep) if isinstance(settings, GoogleTarget) else ""


def _tell_status(run: Session, shown: dict[str, shapes.Json]) -> None:
    output.say(f"config {run.path}")
    if not shown:
        raise UsageError("The config names no target: nothing is written anywhere. Add one under 'targets' and name it in the rep's.")
    rows = [
        (
            name,
            one["rep"],
            telling.told_at(one["last_good"]) if one["last_good"] else "never",
            str(one["pending"]),
            str(one["quarantined"]),
            _trouble(one),
        )
        for name, one in shown.items()
    ]
    output.table(("TARGET", "REP", "LAST GOOD", "PENDING", "QUARANTINED", "TROUBLE"), rows)


def _trouble(one: shapes.Json) -> str:
    pause = f" Left alone until {telling.told_at(one['not_before'])}." if one["not_before"] else ""
    entries = "some entries: see 'followsync check'" if one["quarantined"] else "none"
    return f"{one['held'] or one['error'] or entries}{pause}"
