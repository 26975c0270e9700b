"""Who is in the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

LONG_AGO, FOREVER = date(1000, 1, 1), date(9000, 1, 1)  # the days that are counted with
INSTEAD_OF = "instead_of_"


@dataclass(frozen=True, slots=True)
class Stakeholder:
    """Somebody who has a say. ``present``: was at the last meeting."""

    name: str
    role: str = ""
    present: bool = True
    address: str = ""


@dataclass(frozen=True, slots=True)
class Loan:
    """``rep`` gave it to another one until the end of that day, where ``rep`` lives."""

    rep: str
    until: date


@dataclass(frozen=True, slots=True)
class Prospect:
    """A business or person in the pipeline, open until *yes* or *no*.

    ``name`` is the business, or the person where there is no business. ``phone`` is kept as it was typed.
    ``method`` is the preferred one. ``timezone`` is an IANA name, or "" for the rep's own.
    ``fields`` holds everything else the rep recorded: date fields (``met``, ``contract_end``) as ISO days, others as text.
    ``loans``: to whom it returns by itself, and after which day; each later one lent out what was lent to them.
    """

    id: str
    rep: str
    name: str
    person: str = ""
    role: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    url: str = ""
    timezone: str = ""
    method: str = ""
    source: str = ""
    stage: str = ""
    reason: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    stakeholders: tuple[Stakeholder, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    loans: tuple[Loan, ...] = ()

    def day(self, name: str) -> date | None:
        """The date field ``name``, or None where it is missing or is not a day. The 9999-12-31 and 0001-01-01 of other programs' exports
        say that there is none."""
        try:
            day = date.fromisoformat(self.fields.get(name, ""))
        except ValueError:
            return None
        return day if LONG_AGO < day < FOREVER else None

    def day_of_year(self, name: str) -> date | None:
        """The field ``name`` where it holds a day without a year (``--04-12``, somebody's birthday), in the leap year 1604, from which
        years can be counted and nothing else."""
        try:
            return date.fromisoformat(f"1604{said[1:]}") if (said := self.fields.get(name, "")).startswith("--") else None
        except ValueError:
            return None

    def instead_of(self, method: str) -> str:
        """The method that stands in for ``method`` in what the rules ask for: the field ``instead_of_visit`` may say video."""
        return self.fields.get(f"{INSTEAD_OF}{method.replace(' ', '_').replace('-', '_')}") or method

    @property
    def contact(self) -> str:
        """Whom to talk to: the person, else the business."""
        return self.person or self.name
