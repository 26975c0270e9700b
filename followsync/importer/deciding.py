"""Leads against the store: who is new, and what of whom changes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

from followsync.capture import prospect_id
from followsync.core.prospect import Prospect
from followsync.errors import Problem
from followsync.importer.known import Known
from followsync.importer.lead import Bad, Lead, Leads, Told, nobody
from followsync.importer.ours import TEXTS, Shelf, changes_between


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. ``update``: id -> field name -> (before, after). ``same``: rows that say nothing new. ``bad``: in the order
    of their lines. ``odd``: what of the rows that go in is kept as text though it looks like a day, or should be a time zone."""

    create: tuple[Prospect, ...]
    update: tuple[tuple[str, Mapping[str, tuple[str, str]]], ...]
    same: int
    bad: tuple[Bad, ...] = ()
    changed: tuple[Prospect, ...] = field(default=(), repr=False)
    odd: tuple[Problem, ...] = ()


def preview(tx: Shelf, leads: Leads, *, rep: str, region: str, reps: Collection[str] | None = None, told: Told = nobody) -> Preview:
    """What importing would do: a row that fits a known prospect (by id, else phone, e-mail, name) updates what it says, others are new.

    ``rep`` takes the rows that name nobody; a row that names somebody who is not of ``reps`` stands aside. Empty cells delete nothing; tags
    and stakeholders are added to. ``told`` hears how many rows are compared."""
    known = Known(tx.prospects(), region)
    merging = _Merging(known)
    stored = dict(known.by_id)
    bad = list(leads.bad)
    named: set[str] = set()
    for number, lead in enumerate(leads.rows, 1):
        told(number, len(leads.rows))
        wanted = replace(lead.prospect, rep=lead.prospect.rep or rep)
        found = known.find(wanted, merging.spoken, named, partial(merging.adds_nothing, lead))
        if sentence := _wrong(wanted, found, reps):
            bad.append(Bad(Problem(lead.where, lead.line, 0, sentence), lead.raw))
            continue
        merged = merging.take(found, lead) if found else replace(wanted, id=prospect_id(wanted.id or wanted.name, known.by_id))
        known.add(merged)
        merging.count(merged, lead)
        if wanted.id:
            named.add(merged.id)
    touched = merging.touched
    create = tuple(known.by_id[name] for name in touched if name not in stored)
    changed = tuple(known.by_id[name] for name in touched if name in stored and known.by_id[name] != stored[name])
    update = tuple((prospect.id, changes_between(stored[prospect.id], prospect)) for prospect in changed)
    same = sum(times for name, times in touched.items() if stored.get(name) == known.by_id[name])
    aside = {one.problem.line for one in bad}
    odd = tuple(one for one in leads.odd if one.line not in aside)
    return Preview(create, update, same, tuple(sorted(bad, key=lambda one: one.problem)), changed, odd)


def _wrong(wanted: Prospect, found: Prospect | None, reps: Collection[str] | None) -> str:
    """What makes a lead unusable beside what is known, or ""."""
    if reps is not None and wanted.rep not in reps:
        return f'rep: the config has no rep "{wanted.rep}"; write {" or ".join(sorted(reps))}, or nothing'
    if found is None and not wanted.name:
        return f'there is no name in this row, and no prospect with the id "{wanted.id}"'
    return ""


_CONTACTS = ("phone", "email", "address", "url")
_NUMBERED = re.compile(rf"(?:{'|'.join(_CONTACTS)})_\d+")


class _Merging:
    """``touched``: how many rows of this file each prospect had; ``spoken``: those that had one of their own, and not only one of their
    business."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.touched: dict[str, int] = {}
        self.spoken: set[str] = set()

    def take(self, found: Prospect, row: Lead) -> Prospect:
        """What the prospect becomes: the first row of a file says what is so now, a further one what is so besides."""
        if found.id in self.spoken or (row.business and found.person):
            return self._besides(_named(found, row.prospect), row.prospect)
        if found.id in self.touched and not found.person:  # its business had a row; whom to talk to has numbers of their own
            contacts = {name: getattr(row.prospect, name) or getattr(found, name) for name in _CONTACTS}
            return self._besides(replace(self._updated(found, row.prospect), **contacts), found)
        return self._updated(found, row.prospect)

    def adds_nothing(self, row: Lead, found: Prospect) -> bool:
        return self.take(found, row) == found

    def count(self, prospect: Prospect, row: Lead) -> None:
        self.touched[prospect.id] = self.touched.get(prospect.id, 0) + 1
        if not row.business:
            self.spoken.add(prospect.id)

    def _updated(self, found: Prospect, lead: Prospect) -> Prospect:
        said = {name: value for name in (*TEXTS, "rep") if (value := getattr(lead, name))}
        if lead.notes in found.notes:
            said.pop("notes", None)  # a part of what stands there already
        if self.known.dialled(lead.phone) == self.known.dialled(found.phone):
            said.pop("phone", None)  # the same number, in another hand
        if lead.email.casefold() == found.email.casefold():
            said.pop("email", None)
        if not lead.person and found.person == lead.name:
            said.pop("name", None)  # the row knows only the person of a business that we know by its name
        if _parts(lead.address) <= _parts(found.address):
            said.pop("address", None)  # a place without its street says nothing new
        numbered = {name: value for name, value in lead.fields.items() if _NUMBERED.fullmatch(name)}
        fields = {**found.fields, **{name: value for name, value in lead.fields.items() if name not in numbered}}
        for name, value in numbered.items():  # whose place in which list: another program counts otherwise
            self._add(fields, name.rpartition("_")[0], value)
        return replace(_joined(found, lead), **said, fields=fields)

    def _add(self, fields: dict[str, str], name: str, value: str) -> None:
        """As ``phone_2`` or under the next free number, where it does not stand yet."""
        there = {form for field, known in fields.items() if field.startswith(f"{name}_") for form in self._forms(known)}
        if not there & self._forms(value):
            fields[next(field for number in count(2) if (field := f"{name}_{number}") not in fields)] = value

    def _forms(self, value: str) -> set[str]:
        return {value, value.casefold(), self.known.dialled(value)}

    def _besides(self, one: Prospect, other: Prospect) -> Prospect:
        """``one``, and all of ``other`` that does not contradict it; a second number or address gets a field of its own."""
        known = {"phone": self.known.phones(one), "email": self.known.emails(one)}
        fields = {**other.fields, **one.fields}
        for name in _CONTACTS:
            value = getattr(other, name)
            if value and getattr(one, name) and not self._forms(value) & (known.get(name) or {getattr(one, name)}):
                self._add(fields, name, value)
        texts = {name: getattr(one, name) or getattr(other, name) for name in TEXTS}
        if other.notes and other.notes not in one.notes:
            texts["notes"] = "\n".join(filter(None, (one.notes, other.notes)))
        return replace(_joined(one, other), **texts, fields=fields)


def _parts(address: str) -> set[str]:
    return {part for one in re.split(r"[,\n]", address.casefold()) if (part := one.strip())}


def _named(found: Prospect, lead: Prospect) -> Prospect:
    """A person whose business a further row tells is whom to talk to there."""
    return replace(found, name=lead.name, person=found.name) if lead.person and not found.person and found.name == lead.person else found


def _joined(one: Prospect, other: Prospect) -> Prospect:
    """With the tags and stakeholders of both."""
    people = {person.name.casefold(): person for person in (*one.stakeholders, *other.stakeholders)}
    return replace(one, tags=tuple(dict.fromkeys((*one.tags, *other.tags))), stakeholders=tuple(people.values()))
