"""The phone page, as it is looked at: today, the week, the pipeline, one prospect, and where a line is typed. Nothing here changes
anything."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from followsync.core.clocks import believable
from followsync.core.prospect import Prospect
from followsync.store import Form, Transaction
from followsync.vitals import Inside
from followsync.web import forms, views
from followsync.web.forms import LONGEST, LONGEST_NOTE
from followsync.web.rendering import html
from followsync.web.visit import Here, Visits


@dataclass(frozen=True, slots=True)
class Told:
    """What stands above the page: a sentence, and what follows from it. ``wrong``: nothing was done. ``undo``: by what the form is known,
    where what it did can be taken back."""

    said: str
    more: str = ""
    wrong: bool = False
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a rep typed into a form that could not be taken in: it is given back, so that nothing typed is lost. ``action``: in whose
    card."""

    action: str = ""
    next: str = ""
    note: tuple[str, ...] = ()
    line: str = ""

    @property
    def told(self) -> tuple[str, ...]:
        """The lines of it, "" where nothing was typed."""
        return tuple(one for one in (self.next, *self.note) if one)


@dataclass(frozen=True, slots=True)
class Stray:
    """What was typed about a follow-up that no card of the page is for. ``card``: what stands now of that prospect, None where nothing
    does; ``prospect`` and ``name``: "" where they are in the pipeline no more."""

    prospect: str
    name: str
    card: views.Card | None = None

    @property
    def field(self) -> str:
        """The id of the field in which it stands."""
        return f"next-{self.card.action}" if self.card else f"kept-{self.prospect}"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows besides its own matter, and with which status."""

    told: Told | None = None
    typed: Typed = field(default_factory=Typed)
    status: int = 200
    stray: Stray | None = None


class Pages:
    """Every method answers a request, and raises HTTPException 404 for an address that leads nowhere."""

    def __init__(self, inside: Inside, visits: Visits) -> None:
        self._store = inside.store
        self._visits = visits

    def without_slash(self, request: Request) -> Response:
        with self._store.reading() as tx:
            self._visits.here(tx, request)
        return Response(status_code=308, headers={"Location": f"{request.path_params['secret']}/", "Cache-Control": "no-store"})

    def today(self, request: Request) -> Response:
        with self._store.reading() as tx:
            here = self._visits.here(tx, request)
            return self.show_today(request, tx, here, Shown(self._told(tx, here, request)))

    def show_today(self, request: Request, tx: Transaction, here: Here, shown: Shown) -> Response:
        midnight = here.now.replace(hour=0, minute=0, second=0, microsecond=0)
        done = [one for one in tx.touches(here.page.rep, midnight) if believable(one.at, here.now)]
        view = views.today(self._visits.picture(tx, here), len(done))
        return self._html(request, here, "today.html", shown, view=view)

    def week(self, request: Request) -> Response:
        with self._store.reading() as tx:
            here = self._visits.here(tx, request)
            return self._html(request, here, "week.html", Shown(), days=views.week(self._visits.picture(tx, here)))

    def pipeline(self, request: Request) -> Response:
        """How it stands; with ``q``, who is meant by that."""
        said = forms.line(request.query_params.get("q", ""))
        with self._store.reading() as tx:
            here = self._visits.here(tx, request)
            seen = self._visits.picture(tx, here)
            if said:
                return self._html(request, here, "found.html", Shown(), said=said, several=views.found(seen, said))
            return self._html(request, here, "pipeline.html", Shown(), view=views.health(seen, self._visits.figures(tx, here)))

    def who(self, request: Request) -> Response:
        with self._store.reading() as tx:
            here = self._visits.here(tx, request)
            found = here.theirs(tx, request.query_params.get("id", ""))
            if found is None:
                raise HTTPException(404)
            return self.show_who(request, tx, here, found, Shown(self._told(tx, here, request)))

    def show_who(self, request: Request, tx: Transaction, here: Here, found: Prospect, shown: Shown) -> Response:
        view = views.person(self._visits.picture(tx, here), found, tx.history(found.id), tx.outcome(found.id))
        return self._html(request, here, "who.html", shown, view=view)

    def add(self, request: Request) -> Response:
        with self._store.reading() as tx:
            here = self._visits.here(tx, request)
            return self.show_add(request, here, Shown(self._told(tx, here, request)))

    def show_add(self, request: Request, here: Here, shown: Shown) -> Response:
        return self._html(request, here, "add.html", shown)

    def manifest(self, request: Request) -> Response:
        """For a phone's home screen (W3C Web Application Manifest)."""
        with self._store.reading() as tx:
            here = self._visits.here(tx, request)
        return html(request, "app.webmanifest", {"rep": here.name}, kind="application/manifest+json; charset=utf-8")

    def _told(self, tx: Transaction, here: Here, request: Request) -> Told | None:
        """What the form did that led here."""
        nonce = forms.nonce_in(request.query_params.get("said", ""))
        taken = tx.form(here.page.name, nonce) if nonce else None
        if taken is None or not taken.said:
            return None
        more = views.next_of(self._visits.picture(tx, here), taken.prospect) if taken.prospect else ""
        return Told(taken.said, more, undo=nonce if can_be_taken_back(tx, here, taken) else "")

    def _html(self, request: Request, here: Here, template: str, shown: Shown, **values: object) -> Response:
        common: dict[str, object] = {
            "rep": here.name,
            "told": shown.told,
            "typed": shown.typed,
            "stray": shown.stray,
            "token": here.tokens.new,
            "longest": {**LONGEST, "kept": LONGEST_NOTE},
        }
        return html(request, template, {**common, **values}, shown.status)


def can_be_taken_back(tx: Transaction, here: Here, taken: Form) -> bool:
    """Whether what that form did is the last thing that was changed: an older change may be what a later one stands on."""
    change = tx.last_change(here.page.rep) if taken.batch else None
    return change is not None and change.batch == taken.batch and not any(part.blocked for part in change.parts)
