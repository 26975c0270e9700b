"""Leads against the store: who is new, and what of whom changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from followsync.capture import prospect_id
from followsync.core.prospect import Prospect
from followsync.errors import Problem
from followsync.importer.lead import Bad, Lead, Leads, Told, nobody
from followsync.importer.ours import TEXTS, Shelf, changes_between
from followsync.phone import tel


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. ``update``: id -> field name -> (before, after). ``same``: rows that say nothing new. ``bad``: in the order
    of their lines."""

    create: tuple[Prospect, ...]
    update: tuple[tuple[str, Mapping[str, tuple[str, str]]], ...]
    same: int
    bad: tuple[Bad, ...] = ()
    changed: tuple[Prospect, ...] = field(default=(), repr=False)


def preview(tx: Shelf, leads: Leads, *, rep: str, region: str, reps: Collection[str] | None = None, told: Told = nobody) -> Preview:
    """What importing would do: a row that fits a known prospect (by id, else phone, e-mail, name) updates what it says, others are new.

    ``rep`` takes the rows that name nobody; a row that names somebody who is not of ``reps`` stands aside. Empty cells delete nothing; tags
    and stakeholders are added to. ``told`` hears how many rows are compared."""
    known = _Known(tx.prospects(), region)
    stored = dict(known.by_id)
    bad = list(leads.bad)
    touched: dict[str, int] = {}
    named: set[str] = set()
    for number, lead in enumerate(leads.rows, 1):
        told(number, len(leads.rows))
        wanted = replace(lead.prospect, rep=lead.prospect.rep or rep)
        found = known.find(wanted, touched, named)
        if sentence := _wrong(wanted, found, reps):
            bad.append(Bad(Problem(lead.where, lead.line, 0, sentence), lead.raw))
            continue
        merged = _merged(found, lead) if found else replace(wanted, id=prospect_id(wanted.id or wanted.name, known.by_id))
        known.add(merged)
        touched[merged.id] = touched.get(merged.id, 0) + 1
        if wanted.id:
            named.add(merged.id)
    create = tuple(known.by_id[name] for name in touched if name not in stored)
    changed = tuple(known.by_id[name] for name in touched if name in stored and known.by_id[name] != stored[name])
    update = tuple((prospect.id, changes_between(stored[prospect.id], prospect)) for prospect in changed)
    same = sum(times for name, times in touched.items() if stored.get(name) == known.by_id[name])
    return Preview(create, update, same, tuple(sorted(bad, key=lambda one: one.problem)), changed)


def _wrong(wanted: Prospect, found: Prospect | None, reps: Collection[str] | None) -> str:
    """What makes a lead unusable beside what is known, or ""."""
    if reps is not None and wanted.rep not in reps:
        return f'rep: the config has no rep "{wanted.rep}"; write {" or ".join(sorted(reps))}, or nothing'
    if found is None and not wanted.name:
        return f'there is no name in this row, and no prospect with the id "{wanted.id}"'
    return ""


class _Known:
    """The prospects that rows are compared with: those of the store, and those that earlier rows of the file brought."""

    def __init__(self, prospects: list[Prospect], region: str) -> None:
        self.by_id: dict[str, Prospect] = {}
        self._region = region
        self._ids: dict[tuple[str, str, str], list[str]] = {}
        for prospect in prospects:
            self.add(prospect)

    def add(self, prospect: Prospect) -> None:
        self.by_id[prospect.id] = prospect
        for key in self._keys(prospect):
            ids = self._ids.setdefault(key, [])
            if prospect.id not in ids:
                ids.append(prospect.id)

    def find(self, lead: Prospect, touched: Collection[str], named: Collection[str]) -> Prospect | None:
        """The prospect that the row means. Two people of one business, each with a row of their own, stay two; and so do two rows that
        say different ids. ``touched``: those that had a row in this file; ``named``: those that a row named by an id."""
        same_id = self.by_id.get(lead.id) or (self.by_id.get(prospect_id(lead.id, ())) if lead.id else None)
        if same_id and same_id.rep == lead.rep:
            return same_id
        for key in self._keys(lead):
            candidates = [self.by_id[name] for name in self._ids.get(key, ())]
            others = named if lead.id else ()
            fitting = [one for one in candidates if one.id not in others and not _another(one, lead, one.id in touched)]
            if fitting:
                return min(fitting, key=lambda one: one.person.casefold() != lead.person.casefold())
        return None

    def _keys(self, prospect: Prospect) -> Iterator[tuple[str, str, str]]:
        if number := tel(prospect.phone, self._region) if prospect.phone else "":
            yield prospect.rep, "phone", number
        if prospect.email:
            yield prospect.rep, "email", prospect.email.casefold()
        if prospect.name:
            yield prospect.rep, "name", " ".join(prospect.name.casefold().split())


def _another(known: Prospect, lead: Prospect, had_a_row: bool) -> bool:
    """Whether the row is somebody else with the same business or switchboard: another person, and another address or a row already."""
    if not known.person or not lead.person or known.person.casefold() == lead.person.casefold():
        return False
    return had_a_row or bool(known.email and lead.email and known.email.casefold() != lead.email.casefold())


def _merged(found: Prospect, row: Lead) -> Prospect:
    lead = row.prospect
    said = {name: value for name in (*TEXTS, "rep") if (value := getattr(lead, name))}
    fields = {**found.fields, **lead.fields}
    if not lead.person and found.person == lead.name:
        del said["name"]  # the row knows only the person of a business that we know by its name
    if row.business and found.person:  # the switchboard takes nothing from the person's own number
        said = {name: value for name, value in said.items() if not getattr(found, name)}
        fields = {**lead.fields, **found.fields}
    people = {person.name.casefold(): person for person in (*found.stakeholders, *lead.stakeholders)}
    return replace(
        found,
        **said,
        tags=tuple(dict.fromkeys((*found.tags, *lead.tags))),
        stakeholders=tuple(people.values()) if lead.stakeholders else found.stakeholders,
        fields=fields,
    )
