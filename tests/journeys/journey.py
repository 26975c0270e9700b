"""Reads a journey: plain text of what a rep did, day by day, and what the phone's calendar showed.

Mon 2026-01-05 08:00                    a moment: the daemon runs a cycle there, and a little later
  cli: add Jenny, 248.867.5309          at the terminal, before that cycle
  phone: Jenny: done                    typed before the title of Jenny's entry (or: move to DAY TIME, note TEXT, > AGREED,
                                        waiting …, delete); with two entries, into the one that asks
  phone: Jenny again: done              the same, into her last answered entry: a correction
  phone: Jenny again: copy to DAY TIME  her last answered entry, duplicated and dragged there
  phone: new: DAY TIME TITLE            typed as a new entry
  cli: undo                             takes back the last change
  > Thu 2026-01-08 14:00 Call Jenny …   what the calendar shows after it, all of it
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from followsync.core.history import Result
from followsync.core.item import Item
from followsync.core.wording import is_record
from tests.machine.room import ZONE, Room

_MOMENT = re.compile(r"^\w{3} (\d{4}-\d\d-\d\d \d\d:\d\d)")


def play(room: Room, script: Path) -> str:
    """The same text, with what the calendar really shows."""
    told: list[str] = []
    waiting = False
    for line in script.read_text(encoding="utf-8").splitlines():
        if line.startswith("  > "):
            continue
        if waiting and not line.startswith("  "):
            told += _calendar(room)
            waiting = False
        told.append(line)
        if moment := _MOMENT.match(line):
            room.now = datetime.strptime(moment[1], "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
            assert f"{room.now:%a}" == line[:3], f"{line}: that is a {room.now:%A}"
            waiting = True
        elif line.startswith("  "):
            channel, _, said = line.strip().partition(": ")
            {"cli": _at_the_terminal, "phone": _on_the_phone}[channel](room, said)
    if waiting:
        told += _calendar(room)
    return "\n".join(told) + "\n"


def _calendar(room: Room) -> list[str]:
    assert room.believe(force=True).ok
    with room.quiet():
        assert room.cycle(force=True).ok
    return [f"  > {item.start:%a %Y-%m-%d %H:%M} {item.title}" for _, item in _items(room)]


def _at_the_terminal(room: Room, said: str) -> None:
    verb, _, rest = said.partition(" ")
    who, _, text = rest.partition(", ")
    name = who.lower().replace(" ", "-").replace("'", "")
    match verb:
        case "add":
            fields = dict(part.split("=") for part in text.split(", ") if "=" in part)
            phone = next((part for part in text.split(", ") if part and "=" not in part), "")
            room.capture(who, id=name, phone=phone, **fields)
        case "promise":
            room.promise(name, text)
        case "undo":
            with room.store.writing() as tx:
                change = tx.last_change("dana")
                assert change
                tx.take_back(change)
        case "log":
            result, _, agreement = text.partition(" ")
            room.log(name, Result(result), agreement)
        case _:
            raise ValueError(f"nobody types {said!r}")


def _on_the_phone(room: Room, said: str) -> None:
    who, _, did = said.partition(": ")
    if who == "new":
        room.server.phone_add(_typed(did))
        return
    href, item = _entry(room, who)
    verb, _, rest = did.partition(" ")
    match verb:
        case "move":
            room.server.phone_move(href, _moment(rest))
        case "copy":
            text = room.server.entries[href][1].replace(f"UID:{item.uid}", f"UID:copy-of-{item.uid}")
            room.server.phone_move(room.server.phone_add(text), _moment(rest))
        case "note":
            room.server.phone_edit(href, body=f"{rest}\n{item.body}")
        case "delete":
            room.server.phone_delete(href)
        case ">" | "waiting":
            room.server.phone_edit(href, body=f"{did}\n{item.body}")
        case _:
            room.server.phone_edit(href, title=f"{did} {item.title}")


def _moment(said: str) -> datetime:
    return datetime.strptime(said, "to %a %Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def _entry(room: Room, who: str) -> tuple[str, Item]:
    """href and entry that the rep means."""
    name = who.removesuffix(" again").lower().replace(" ", "-").replace("'", "")
    if who.endswith(" again"):
        return [(href, item) for href, item in _items(room) if item.prospect == name and is_record(item)][-1]
    found = [(href, item) for href, item in _items(room) if item.prospect == name and not (is_record(item) or item.done)]
    asks = [(href, item) for href, item in found if "?" in item.title]
    (meant,) = asks if len(found) > 1 else found
    return meant


def _items(room: Room) -> list[tuple[str, Item]]:
    """Everything on the calendar, also what the rep typed, in the order of time."""
    found = [(href, room.server.phone_item(href, ZONE)) for href in room.server.entries]
    return sorted(found, key=lambda pair: (pair[1].start, pair[0]))


def _typed(said: str) -> str:
    """``Tue 2026-06-09 14:00 Call …`` as a phone writes it, a quarter of an hour long."""
    start = datetime.strptime(said[:20], "%a %Y-%m-%d %H:%M")
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:phone\r\nBEGIN:VEVENT\r\nUID:typed-{start:%Y%m%d}\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID=America/Detroit:{start:%Y%m%dT%H%M%S}\r\nDURATION:PT15M\r\nSUMMARY:{said[21:]}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
