"""What is told of a prospect beside a line or an outcome: fields, tags, people, and what the next meeting is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from followsync.core.history import Promised
from followsync.core.newsletter import NEWSLETTER
from followsync.core.prospect import INSTEAD_OF, Prospect, Stakeholder

_IN_FIELDS = frozenset({"learned", "close_step", NEWSLETTER})


def field_name(name: str) -> str:
    """``Contract-End`` is the field ``contract_end``."""
    return name.lower().replace(" ", "_").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said beside a line or an outcome. ``texts`` and ``days`` hold only what was given; "" takes a text away."""

    words: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    agenda: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    stakeholders: tuple[Stakeholder, ...] = ()
    they_know: bool | None = None
    note: str = ""

    def over(self, prospect: Prospect) -> Prospect:
        """The prospect with what was said laid over it; tags and people are added to."""
        own = {name: value for name, value in self.texts.items() if name not in _IN_FIELDS}
        extra = {name: value for name, value in self.texts.items() if name in _IN_FIELDS}
        people = {one.name.casefold(): one for one in (*prospect.stakeholders, *self.stakeholders)}
        fields = {name: value for name, value in {**prospect.fields, **extra, **self.days}.items() if value}
        return replace(
            prospect,
            **own,
            tags=tuple(dict.fromkeys((*prospect.tags, *self.tags))),
            stakeholders=tuple(people.values()),
            fields=fields,
            loans=prospect.loans,
        )

    def over_promise(self, promise: Promised) -> Promised:
        return replace(
            promise,
            agenda=self.agenda or promise.agenda,
            questions=self.questions or promise.questions,
            they_know=promise.they_know if self.they_know is None else self.they_know,
        )

    def kept(self, prospect: Prospect) -> Prospect:
        """Agenda, questions and ``they_know`` where there is no promise to carry them: they stand under "What we know"."""
        said = {"agenda": "; ".join(self.agenda), "questions": "; ".join(self.questions)}
        said["they_know"] = "" if self.they_know is None else "yes" if self.they_know else "no"
        return replace(prospect, fields={**prospect.fields, **{name: value for name, value in said.items() if value}})

    def replaces(self, method: str) -> bool:
        """Whether another method is to stand in for it."""
        return f"{INSTEAD_OF}{field_name(method)}" in self.days

    @property
    def for_the_meeting(self) -> bool:
        return bool(self.agenda or self.questions or self.they_know is not None)
