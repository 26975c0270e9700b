"""What no single value can tell: names that must exist elsewhere, steps that count from each other, hours that overlap.

The checks read the file's tree, not the models, so that one wrong value hides no other; what has a wrong shape is passed over here,
for the models complain of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from followsync.config.document import Node
from followsync.config.settings import DAY_PARTS, METHODS
from followsync.config.times import WEEKDAYS, parse_weekdays, parse_window
from followsync.config.words import near
from followsync.config.words import place as calendar_place
from followsync.core.cadence import LAST, PREVIOUS, START, Window
from followsync.errors import Problem

Say = Callable[[Node, str], None]
_COUNTS = ("after", "every", "before", "on")


def problems(root: Node, where: str) -> Iterator[Problem]:
    found: list[Problem] = []

    def say(place: Node, sentence: str) -> None:
        found.append(place.problem(where, sentence))

    methods = {*METHODS, *(name for name, _, _ in root["methods"].items())}
    _empty(root, say)
    for _, place, rep in root["reps"].items():
        _rep(root, place, rep, methods, say)
    _twins(root, Path(where).absolute().parent, say)
    for section in ("targets", "busy"):
        for _, place, server in root[section].items():
            _server(section, place, server, say)
    for name, place, method in root["methods"].items():
        if name not in METHODS and method.pairs is not None and "verb" not in method:
            say(place, f"the method '{name}' needs a 'verb', which begins its titles, such as 'verb: Send {name} to'")
    for _, _, cadence in root["cadences"].items():
        _cadence(root, cadence, methods, say)
    for _, _, reason in root["reasons"].items():
        _known(reason["method"], "method", methods, say)
    yield from found


def _empty(node: Node, say: Say) -> None:
    for key, place, value in node.items():
        if value.empty:
            say(place, f"'{key}' is empty; write what belongs there, or leave the key out")
        _empty(value, say)
    for part in node.parts():
        if part.empty:
            say(part, "this item of the list is empty; write what belongs there, or delete the dash or comma")
        _empty(part, say)


def _known(name: Node, kind: str, known: Iterable[str], say: Say) -> None:
    if name.text is not None and name.text.strip() not in known:
        say(name, f"unknown {kind} '{name.text}'{near(name.text, known) or _choice(kind, known)}")


def _choice(kind: str, known: Iterable[str]) -> str:
    return f"; known are: {', '.join(sorted(known))}" if known else f"; the config has no {kind} yet"


# Reps, targets and busy sources


def _rep(root: Node, place: Node, rep: Node, methods: set[str], say: Say) -> None:
    for key, kind, section in (("targets", "target", "targets"), ("busy", "busy source", "busy")):
        names = [name for name, _, _ in root[section].items()]
        seen: set[str] = set()
        for name, part in rep[key].texts():
            _known(part, kind, names, say)
            if name in seen:
                say(part, f"'{name}' is named twice")
            seen.add(name)
    _overlaps(rep["hours"], say)
    if rep["hours"].pairs and all(value.elements == () for _, _, value in rep["hours"].items()):
        say(place, "this rep never works; write hours such as {mon-fri: 09:00-17:00}")
    for method, at, week in rep["blocks"].items():
        if method not in methods:
            say(at, f"unknown method '{method}'{near(method, methods) or _choice('method', methods)}")
        _overlaps(week, say)
    if rep["holidays"].pairs is not None and not any(word in rep["holidays"] for word in ("region", "extra")):
        say(rep.key("holidays"), "these holidays name no days; write a 'region' such as US-MI, or 'extra' days")


def _ranges(week: Node) -> Iterator[tuple[int, Window, Node]]:
    """Each weekday's ranges, as far as they can be read."""
    for key, _, value in week.items():
        for part in value.parts() or (value,):
            try:
                days, window = parse_weekdays(key), parse_window(part.plain())
            except ValueError:
                continue  # the models say so
            yield from ((day, window, part) for day in days)


def _overlaps(week: Node, say: Say) -> None:
    taken: dict[int, list[Window]] = {}
    told: set[tuple[int, int]] = set()
    for day, window, place in _ranges(week):
        clash = next((other for other in taken.get(day, ()) if window.start < other.end and other.start < window.end), None)
        if clash and (place.line, place.column) not in told:
            told.add((place.line, place.column))
            say(place, f"these hours overlap {clash.start:%H:%M}-{clash.end:%H:%M} of the same day ({WEEKDAYS[day]})")
        taken.setdefault(day, []).append(window)


def _twins(root: Node, folder: Path, say: Say) -> None:
    """One calendar has one target, or the two would take each other's entries for their own; and one file has one rep, for it is written
    whole. Targets that nobody uses do no harm."""
    users: dict[str, list[str]] = {}
    first: dict[tuple[str, ...], tuple[str, Node]] = {}
    for key, _, rep in root["reps"].items():
        for name, part in rep["targets"].texts():
            users.setdefault(name, []).append(key)
            if root["targets"][name]["type"].text == "ics" and (others := [one for one in users[name] if one != key]):
                say(
                    part,
                    f"the file of '{name}' holds one rep's follow-ups, and '{others[0]}' has it already; give '{key}' a file of their own",
                )
    for name, place, target in root["targets"].items():
        if name not in users or not (where := _calendar(target, folder)):
            continue
        if where not in first:
            first[where] = (name, place)
            continue
        other, there = first[where]
        what = "file" if where[0] == "ics" else "calendar"
        say(
            place,
            f"'{name}' is the same {what} as '{other}' in line {there.line}, column {there.column}; keep one of them and name that one in "
            f"the rep's 'targets', or give each a {what} of its own",
        )


def _calendar(target: Node, folder: Path) -> tuple[str, ...]:
    """What makes a target's calendar another one than others, as far as the file tells; empty where it is not right yet."""
    calendar = (target["calendar"].text or "Follow-ups").strip()
    url = target["url"].text
    match target["type"].text, target["path"].text:
        case "caldav", _ if url:
            user = target["username"].text or ("" if "://" in url else url)
            return ("caldav", calendar_place(calendar), "", user) if "://" in calendar else ("caldav", calendar_place(url), calendar, user)
        case "google", _ if target["token"].pairs:
            whose = "" if "@" in calendar else repr(target["token"].plain())  # an id is the same calendar, whoever signs in
            return "google", calendar_place(target["root_url"].text or ""), whose, calendar
        case "ics", str() as path:
            with suppress(RuntimeError):  # the models say that this home folder is not known
                return "ics", os.path.normpath(folder / Path(path).expanduser())
    return ()


def _server(section: str, place: Node, server: Node, say: Say) -> None:
    match server["type"].text:
        case "caldav" if ("username" in server) != ("password" in server):
            have, lack = ("username", "password") if "username" in server else ("password", "username")
            say(server.key(have), f"'{have}' needs a '{lack}' too")
        case "ics" if section == "busy" and ("path" in server) == ("url" in server):
            say(place, "an ICS source has either a 'path' or a 'url'; write one of them")


# Cadences


def _cadence(root: Node, cadence: Node, methods: set[str], say: Say) -> None:
    steps = cadence["steps"].parts()
    for step in steps:
        _step(root, cadence, step, methods, say)
    _origins(steps, say)
    _branches(cadence, steps, say)
    used = {step["method"].text for step in steps}
    prefer = cadence["prefer"]
    if prefer.text is not None and prefer.text not in used:
        known = sorted(name for name in used if name)
        say(prefer, f"'prefer' names '{prefer.text}', a method that no step of this cadence uses{near(prefer.text, known)}")


def _step(root: Node, cadence: Node, step: Node, methods: set[str], say: Say) -> None:
    if step.pairs is None:
        return
    counts = [word for word in _COUNTS if word in step]
    if not counts:
        say(step, "this step has no day; write one of after, every, before, on")
    for extra in counts[1:]:
        say(step.key(extra), f"a step has one of after, every, before, on; this one has '{counts[0]}' and '{extra}'")
    _known(step["method"], "method", methods, say)
    if len(counts) == 1:
        _anchor(cadence, step, counts[0], say)
    _part(root, step["window"], say)


def _anchor(cadence: Node, step: Node, count: str, say: Say) -> None:
    """after and every count ``from`` something, before and on from a date field."""
    if count in ("after", "every"):
        if "of" in step:
            say(step.key("of"), f"'of' belongs to before and on; '{count}' counts 'from' start, previous, last or a step's id")
        return
    if "from" in step:
        say(step.key("from"), f"'from' belongs to after and every; '{count}' counts from the date field that 'of' names")
    named = step["on"].text or ""
    if named.isidentifier():
        if "of" in step:
            say(step.key("of"), f"the date field is named twice, in 'on' ({named}) and in 'of'; write it once")
    elif "of" not in step and "start" not in cadence:
        say(step.key(count), f"'{count}' needs a date field to count from; write 'of: contract_end', or give the cadence a 'start'")


def _part(root: Node, window: Node, say: Say) -> None:
    """A window may be a part of the day, which every rep must know, for a cadence may meet any rep's prospect."""
    name = (window.text or "").strip().lower()
    if not name or name[0].isdigit() or name in DAY_PARTS:
        return
    reps = list(root["reps"].items())
    lacking = [rep for rep, _, values in reps if name not in {part.strip().lower() for part, _, _ in values["day_parts"].items()}]
    if lacking:
        known = {*DAY_PARTS, *(part for _, _, values in reps for part, _, _ in values["day_parts"].items())}
        who = "" if len(lacking) == len(reps) else f" for the rep '{lacking[0]}'"
        hint = near(name, known - {name}) or "; define it in the rep's 'day_parts', or write hours such as 14:00-16:00"
        say(window, f"unknown part of the day '{name}'{who}{hint}")


def _origins(steps: tuple[Node, ...], say: Say) -> None:
    """Ids are unique, and following ``from`` from step to step always ends."""
    ids: dict[str, int] = {}
    for number, step in enumerate(steps):
        name = step["id"].text or f"step-{number + 1}"
        if name in (START, PREVIOUS, LAST):
            say(step["id"], f"'{name}' cannot be an id: 'from' has a meaning of its own for it")
        elif name in ids:
            say(step if step["id"].empty else step["id"], f"duplicate step id '{name}': step {ids[name] + 1} has it already")
        else:
            ids[name] = number
    origin: dict[int, int] = {}
    for number, step in enumerate(steps):
        name = step["from"].text or START
        if name == PREVIOUS and number:
            origin[number] = number - 1
        elif name in ids:
            origin[number] = ids[name]
        elif name not in (START, PREVIOUS, LAST):
            known = [other for other in ids if other != step["id"].text]
            say(step["from"], f"'from' names no step: '{name}'{near(name, [*known, START, PREVIOUS, LAST])}")
    _cycles(steps, origin, say)


def _branches(cadence: Node, steps: tuple[Node, ...], say: Say) -> None:
    """``if`` looks at the step that ``from`` names, else at the one before; it must be able to hold."""
    ids = {step["id"].text or f"step-{number + 1}": number for number, step in enumerate(steps)}
    looks = {number: ids.get(step["from"].text or "", number - 1) for number, step in enumerate(steps) if "if" in step}
    if looks.get(0) == -1:
        say(steps[0].key("if"), "the first step has no step before it whose outcome 'if' could look at; move it down, or leave 'if' out")
    limit = cadence["retry"]["limit"].scalar
    for number, of in looks.items():
        words = [part.text or "" for part in steps[number]["if"].parts()] or [steps[number]["if"].text or ""]
        counts = [int(word.split()[0]) for word in words if word[:1].isdigit()]
        if isinstance(limit, int) and len(counts) == len(words) and min(counts) > limit:
            say(
                steps[number]["if"],
                f"this can never hold: after {limit} the rep is asked (retry: limit); write {limit} or fewer, or raise it",
            )
        seen = [number]
        while (of := looks.get(seen[-1], -1)) >= 0 and of not in seen:
            seen.append(of)
        if of == number == min(seen) and len(seen) > 1:
            ring = ", ".join(str(one + 1) for one in sorted(seen))
            say(steps[number]["if"], f"this can never hold: the 'if' of these steps wait for each other: {ring}")


def _cycles(steps: tuple[Node, ...], origin: dict[int, int], say: Say) -> None:
    settled: set[int] = set()
    for first in origin:
        trail: list[int] = []
        step: int | None = first
        while step is not None and step not in settled and step not in trail:
            trail.append(step)
            step = origin.get(step)
        if step is not None and step in trail:
            ring = trail[trail.index(step) :]
            place = steps[min(ring)]["from"]
            if len(ring) == 1:
                say(place, "this step counts from itself; name another step, or start, previous or last")
            else:
                say(place, f"these steps count from each other in a circle: {', '.join(str(number + 1) for number in sorted(ring))}")
        settled.update(trail)
