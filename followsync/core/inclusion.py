"""Those who decide but were absent: each is reached by an action of their own, and whom nobody can reach by a note to forward.

An action of a step ``to: absent deciders`` says in its StepRef whom it reaches, so that each of them is done, tried again or deleted alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from followsync.core.action import Action
from followsync.core.cadence import Rules, Shows
from followsync.core.history import Kind, StepRef
from followsync.core.prospect import Prospect, Stakeholder

MAIN_CONTACT = "main_contact"  # the field under which an entry that reaches somebody else still tells of the prospect's own person
NOTES = "notes to forward"  # instead of one person: all whose address nobody knows
_PHONE = re.compile(r"[+(]?\d[\d ().\-/x]{5,}")


def absent(prospect: Prospect) -> Mapping[str, tuple[Stakeholder, ...]]:
    """Who is to be reached, by what stands in the StepRef: each one with an address, then all others under NOTES."""
    found = {key: (one,) for key, one in _with_address(prospect).items() if not one.present}
    unknown = tuple(one for one in prospect.stakeholders if not one.present and not one.address)
    return {**found, NOTES: unknown} if unknown else found


def _with_address(prospect: Prospect) -> Mapping[str, Stakeholder]:
    """By name; one that stands there twice is numbered."""
    found: dict[str, Stakeholder] = {}
    for one in prospect.stakeholders:
        if one.address:
            name, twins = one.name.casefold(), 1
            while (key := name if twins == 1 else f"{name} {twins}") in found:
                twins += 1
            found[key] = one
    return found


def included(action: Action, prospect: Prospect) -> Action:
    """The action of a step, made that of the person its StepRef names, or of the notes. They stand in its agenda, so that the record
    tells them when the stakeholders have changed."""
    people = absent(prospect)[action.steps[0].who]
    names = tuple(", ".join(filter(None, [one.name, one.role, one.address])) for one in people)
    action = replace(action, kind=Kind.INCLUDE, agenda=(*action.agenda, *names))
    if not is_notes(action):
        return action
    notes = "note" if len(people) == 1 else "notes"
    return replace(action, purpose=f"write {len(people)} {notes} for {prospect.contact} to forward")


def is_notes(action: Action) -> bool:
    """Whether it is about the notes: "Write 2 notes for Joe to forward"."""
    return any(ref.who == NOTES for ref in action.steps)


def reached(prospect: Prospect, steps: tuple[StepRef, ...]) -> Prospect:
    """The prospect as the action sees it: with the person who is to be reached and only their own number and address. What was tried
    with several of them is tried with them together. Who is no stakeholder any more leaves the prospect's own person."""
    keys = {ref.who for ref in steps}
    people = [one for key, one in _with_address(prospect).items() if key in keys]
    if not people:
        return prospect
    phones = [one.address for one in people if way(one.address) is Shows.PHONE]
    mails = [one.address for one in people if way(one.address) is Shows.EMAIL]
    places = [one.address for one in people if way(one.address) is Shows.ADDRESS]
    if keys & {"", NOTES}:
        people.insert(0, Stakeholder(prospect.contact, prospect.role))
        phones, mails = [*filter(None, [prospect.phone]), *phones], [*filter(None, [prospect.email]), *mails]
    own = ", ".join(filter(None, (prospect.contact, prospect.role, prospect.phone, prospect.email)))
    return replace(
        prospect,
        fields={**prospect.fields, MAIN_CONTACT: own},
        person=" and ".join(one.name for one in people),
        role=people[0].role if len(people) == 1 else "",
        phone=" / ".join(phones),
        email=", ".join(mails),
        address=" / ".join(places) or prospect.address,
    )


def way(address: str) -> Shows:
    """What an address as it was typed is: a mail address, a number, else a place."""
    if "@" in address:
        return Shows.EMAIL
    return Shows.PHONE if _PHONE.fullmatch(address.strip()) else Shows.ADDRESS


_BY: Mapping[Shows, str] = {Shows.PHONE: "call", Shows.EMAIL: "email", Shows.ADDRESS: "letter"}


def method_for(prospect: Prospect, ref: StepRef, name: str, rules: Rules) -> str:
    """The method ``name``, or the one that the address of who is reached allows: nobody is called by a mail address. A visit, a letter or
    a gift may go to the business."""
    person = _with_address(prospect).get(ref.who)
    shows, has = rules.method(name).shows, way(person.address) if person else None
    return _BY[has] if has and shows in (Shows.PHONE, Shows.EMAIL) and shows is not has else name
