"""Is the promise kept? Every open prospect has exactly one next action, and it stands on the rep's calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from followsync.cli import leftovers
from followsync.cli.session import NoStore
from followsync.core.clocks import believable
from followsync.core.history import Kind
from followsync.core.item import State
from followsync.core.promises import ledger
from followsync.core.standing import standing
from followsync.core.steps import known_by_another_place
from followsync.errors import CalendarError, Problem, SecretMissing
from followsync.verbs import method_at_start

if TYPE_CHECKING:
    from datetime import datetime

    from followsync.cli.session import Session
    from followsync.config.settings import BusySource, GoogleBusy, GoogleTarget, Target
    from followsync.core.item import Written
    from followsync.core.promises import Line
    from followsync.core.target import TargetState
    from followsync.picture import Picture
    from followsync.store import Transaction


def problems(run: Session, reps: Sequence[str]) -> tuple[Problem, ...]:
    """What breaks the promise, or soon will; nothing where all is well. Asks no server: it reads what the last cycles confirmed."""
    try:
        store = run.store
    except NoStore as error:
        return Problem("store", 0, 0, str(error)), *(one for rep in reps for one in _secrets(run, rep))
    with store.reading() as tx:
        found = (*(one for rep in reps for one in _of_rep(run, tx, rep)), *_orphans(run, tx), *_left(run, tx, reps))
    return tuple(dict.fromkeys(found))  # what a sign-in and the last cycle tell of one target may be the same sentence


def _left(run: Session, tx: Transaction, reps: Sequence[str]) -> Iterator[Problem]:
    for left in leftovers.dropped(run, tx, reps):
        yield Problem(left.target, 0, 0, str(left))


def late(run: Session, reps: Sequence[str]) -> tuple[Problem, ...]:
    """Promises whose time is over and that are still to be done. That is the rep's to do, and no fault of what the calendar shows."""
    found: list[Problem] = []
    try:
        store = run.store
    except NoStore:  # which ``problems`` tells
        return ()
    with store.reading() as tx:
        for rep in reps:
            picture = run.picture(tx, rep)
            histories = tx.histories(rep, open_only=True)
            for name, stance in picture.stances.items():
                lines = ledger(stance.prospect, histories.get(name, ()), picture.rules, picture.rep, picture.now)
                found += [_late(name, line, picture) for line in lines if line.waits(picture.now)]
    return tuple(found)


def misplaced(run: Session, reps: Sequence[str]) -> list[str]:
    """What to write in the config where history knows steps by another place than where they are listed, or cadences by another name. That
    may be meant so, and is no fault of what the calendar shows."""
    try:
        store = run.store
    except NoStore:  # which ``problems`` tells
        return []
    with store.reading() as tx:
        found: list[str] = []
        for rep in reps:
            histories = tx.histories(rep, open_only=True)
            standings = (standing(one, histories.get(one.id, ())) for one in tx.prospects(rep, open_only=True))
            found += known_by_another_place(run.rules(rep).cadences, standings)
    return list(dict.fromkeys(found))


def _late(prospect: str, line: Line, picture: Picture) -> Problem:
    until = line.until.astimezone(picture.rep.workdays.zone)
    return Problem(prospect, 0, 0, f"promised: {line.method} on {line.day:%a %Y-%m-%d}, and not done by {until:%a %H:%M}")


def _orphans(run: Session, tx: Transaction) -> Iterator[Problem]:
    for one in tx.prospects(open_only=True):
        if one.rep not in run.settings.reps:
            yield Problem(
                one.id,
                0,
                0,
                f"nobody follows up: the config has no rep '{one.rep}' any more; 'followsync handover {one.rep} REP' gives them to another",
            )


def _of_rep(run: Session, tx: Transaction, rep: str) -> Iterator[Problem]:
    picture = run.picture(tx, rep)
    yield from _plan(picture)
    yield from _calendars(run, tx, picture)
    yield from _busy(run, tx, rep)
    yield from _secrets(run, rep)


def _plan(picture: Picture) -> Iterator[Problem]:
    for name, stance in picture.stances.items():
        count = len({one.id for one in stance.actions[:1]})
        if count != 1 or picture.next_action(name) is None:
            yield Problem(name, 0, 0, "this open prospect has no next action")
        if stance.standing.captured is None:
            yield Problem(name, 0, 0, "its history does not tell when it came in: import or capture it again")


def _calendars(run: Session, tx: Transaction, picture: Picture) -> Iterator[Problem]:
    rep = picture.rep.rep
    changed = {
        name: max((fact.at for fact in facts if believable(fact.at, picture.now)), default=None)
        for name, facts in tx.histories(rep).items()
    }
    for name in run.settings.reps[rep].targets:
        state = tx.target_state(rep, name)
        rows = [row for row in picture.rows if row.target == name]
        yield from _state(name, state)
        yield from _strange(name, state, tx.foreign(rep, name), _bare(tx, rep, state), rows)
        yield from _troubles(name, rows)
        for prospect, sentence in leftovers.with_guests(picture, name):
            yield Problem(prospect, 0, 0, sentence)
        if run.settings.targets[name].type != "ics" and state.last_good:
            yield from _standing(picture, name, rows, changed, state.last_good)
            yield from _promises(picture, name, rows, changed, state.last_good)
            yield from _buying(tx, picture, name, changed, state.last_good)


def _buying(tx: Transaction, picture: Picture, name: str, changed: dict[str, datetime | None], synced: datetime) -> Iterator[Problem]:
    """What is bought at once for several must stand there and name them all, unless the rep threw it away: then it comes back."""
    for one in picture.buying:
        if any((at := changed.get(gift.prospect)) is None or at > synced for gift in one.gifts):
            continue
        row = next((row for row in tx.written_of(picture.rep.rep, one.action) if row.target == name), None)
        if row is None or (row.state is State.OPEN and row.agreed is None):
            yield Problem(name, 0, 0, f"\"{one.title}\" does not stand there: 'followsync sync' writes it")
        elif row.state is State.OPEN and row.ours and row.ours.title != one.title:
            yield Problem(
                name, 0, 0, f'"{row.ours.title}" stands there, and it is "{one.title}" by now: \'followsync sync\' writes it anew'
            )


def _promises(
    picture: Picture, name: str, rows: Sequence[Written], changed: dict[str, datetime | None], synced: datetime
) -> Iterator[Problem]:
    """What stands there must be what was promised: that method, on that day. Where the rep moved it by hand that is in the history, and
    a promise of a day that has passed rolls on; neither is a mismatch."""
    for row in rows:
        stance = picture.stances.get(row.prospect)
        at = changed.get(row.prospect)
        action = next((one for one in stance.actions if one.id == row.action), None) if stance else None
        if stance is None or action is None or action.kind is not Kind.PROMISE or row.state is not State.OPEN or row.agreed is None:
            continue
        shown = row.agreed.start.astimezone(picture.rep.workdays.zone).date()
        if action.id not in stance.standing.moved and shown != action.due >= picture.today and (at is None or at <= synced):
            yield Problem(row.prospect, 0, 0, f"promised for {action.due:%a %Y-%m-%d}, but it stands on {shown:%a %Y-%m-%d} on {name}")
        said = method_at_start(row.agreed.title, picture.rules)
        ours = method_at_start(row.ours.title, picture.rules) if row.ours else None
        if said and said.method not in (action.method, ours.method if ours else ""):
            yield Problem(
                row.prospect, 0, 0, f"promised: {action.method}, but its entry on {name} says {said.method}: '{row.agreed.title}'"
            )


def _busy(run: Session, tx: Transaction, rep: str) -> Iterator[Problem]:
    readings = tx.busy_readings(rep)
    for name in run.settings.reps[rep].busy:
        if name in readings and (error := readings[name].error):
            yield Problem(name, 0, 0, f"{error} Until then, what was read earlier counts: 'followsync status' says how old it is.")


def _secrets(run: Session, rep: str) -> Iterator[Problem]:
    for name in run.settings.reps[rep].targets:
        yield from _secret(name, run.settings.targets[name], run, rep)
    for name in run.settings.reps[rep].busy:
        yield from _secret(name, run.settings.busy[name], run, rep)


def exposed_secrets(run: Session, reps: Sequence[str]) -> list[str]:
    from followsync.config.secret import exposed

    of = [run.settings.reps[key] for key in reps]
    places = [
        run.settings,  # the store's
        *(run.settings.targets[name] for rep in of for name in rep.targets),
        *(run.settings.busy[name] for rep in of for name in rep.busy),
    ]
    return list(dict.fromkeys(sentence for place in places for sentence in exposed(place)))


def _secret(name: str, place: Target | BusySource, run: Session, rep: str) -> Iterator[Problem]:
    """A password that cannot be had needs no server to be seen. A command is not run for a look."""
    from followsync.config import Secret

    if place.type == "google":
        if trouble := sign_in_trouble(run, place, rep):
            yield Problem(name, 0, 0, trouble)
        return
    secret = place.password if place.type == "caldav" else getattr(place, "url", None)
    if not isinstance(secret, Secret) or secret.command:
        return
    try:
        secret.reveal()
    except SecretMissing as error:
        yield Problem(name, 0, 0, str(error))


def sign_in_trouble(run: Session, place: GoogleTarget | GoogleBusy, rep: str) -> str:
    """A sentence where nobody signed in to Google, where not all was granted, where that ends soon, or is of another client, as the files
    tell; else ""."""
    from followsync.calendars.google_login import login_of, unticked
    from followsync.config.settings import GoogleTarget

    if place.client_secrets.command or place.token.command:
        return ""
    tasks = isinstance(place, GoogleTarget) and run.settings.writes_tasks(place)
    try:
        login = login_of(place, tasks=tasks)
        return unticked(login, place, tasks=tasks) or login.notice(run.now(rep).tzinfo)
    except CalendarError as error:
        return str(error)


def _state(name: str, state: TargetState) -> Iterator[Problem]:
    if sentence := state.held or state.error or state.notice:
        yield Problem(name, 0, 0, sentence)
    if state.left:
        yield Problem(name, 0, 0, f"{len(state.left)} of its entries stand there twice and cannot be removed: delete the copies on a phone")


def _bare(tx: Transaction, rep: str, state: TargetState) -> frozenset[str]:
    """Those of the unknown that do not say whose they are."""
    return frozenset(href for href in state.unknown if not tx.marked_at(rep, state.target, href))


def _strange(
    name: str, state: TargetState, foreign: Collection[str], unmarked: Collection[str], rows: Sequence[Written]
) -> Iterator[Problem]:
    """What is ours there and is not looked after. ``unmarked``: what of it does not say whose it is."""
    bare = sum(href in foreign and href in unmarked for href in state.unknown)
    unknown = sum(href in foreign for href in state.unknown) - bare
    if unknown:
        entries, them = ("an entry", "it") if unknown == 1 else (f"{unknown} entries", "them")
        yield Problem(name, 0, 0, f"{entries} of somebody who is not in the store: import or add them again, or delete {them} on a phone")
    if bare:
        entries, them = ("an entry", "it") if bare == 1 else (f"{bare} entries", "them")
        yield Problem(
            name,
            0,
            0,
            f"{entries} of ours lost the marks that say whose they are, so answers in {them} are not read: see that all is planned again, "
            f"then delete {them} on a phone",
        )
    standing = {row.action: row for row in rows if row.state is not State.GONE}
    for row in (standing[action] for href, action in state.copies if href in foreign and action in standing):
        if row.state is State.OPEN:
            said = f"a copy of its entry stands on {name}: an answer in either counts; delete the one that is too much"
        else:
            said = (
                f"a copy of its entry, which was answered, stands on {name} and looks open: delete it; what is written there is still read"
            )
        yield Problem(row.prospect, 0, 0, said)


def _troubles(name: str, rows: Sequence[Written]) -> Iterator[Problem]:
    for row in rows:
        if row.intended is not None or row.removing:
            yield Problem(row.prospect, 0, 0, f"a write to {name} got no answer yet: 'followsync sync' settles it")
        if row.state is State.OPEN and (row.refused or row.trouble):
            yield Problem(row.prospect, 0, 0, f"{name} does not take or show its entry: {row.trouble or 'refused'}")


def _standing(
    picture: Picture, name: str, rows: Sequence[Written], changed: dict[str, datetime | None], synced: datetime
) -> Iterator[Problem]:
    """What was there at the last good cycle must stand there; what came later waits for the next one."""
    standing = [row for row in rows if row.state is State.OPEN and row.agreed is not None]
    by_action = {row.action: row for row in standing}
    shown = Counter(row.prospect for row in standing)
    for prospect, stance in picture.stances.items():
        at = changed.get(prospect)
        if at is None or at > synced or any(row.refused or row.trouble for row in rows if row.prospect == prospect):
            continue
        if any(one.id not in by_action for one in stance.actions):
            yield Problem(prospect, 0, 0, f"its next action does not stand on {name}: 'followsync sync' writes it")
        elif shown[prospect] > len(stance.actions):
            yield Problem(
                prospect,
                0,
                0,
                f"{shown[prospect]} entries stand on {name}, and only {len(stance.actions)} is wanted: 'followsync sync' tidies up",
            )
    for row in standing:
        at = changed.get(row.prospect)
        if not row.prospect or (row.agreed and row.agreed.theirs):
            continue  # word of a sign-in; and what no sync removes
        if row.prospect not in picture.stances and (at is None or at <= synced):
            yield Problem(row.prospect, 0, 0, f"closed or removed, but its entry still stands on {name}: 'followsync sync' removes it")
