"""A form of which nothing came: the page where it stood, with a sentence that says why, and with what was typed, in a field from which it
can be sent. Where the follow-up that it was about is no longer to be done, it stands with what is to be done now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import Response

from followsync import log
from followsync.core.prospect import Prospect
from followsync.errors import StoreError
from followsync.store import Store, Transaction
from followsync.web import views
from followsync.web.page import Pages, Shown, Stray, Told, Typed
from followsync.web.rendering import html
from followsync.web.visit import Here, Visits

_NOT_NOW, _SOON = (429, 503), "5"  # seconds
_KEPT = "What you typed stands below: send it with what is to be done now, or keep it as a note."
_NOTE = "What you typed stands below: it can still be kept as a note."
_COPY = "What you typed stands below."
_NO_STORE = "Nothing can be written down at this moment. Send it again in a minute; if it stays so, whoever runs the server has to look."


class Refused(Exception):
    """A form that changes nothing. ``status`` of the answer, and what to say."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


@dataclass(frozen=True, slots=True)
class Back:
    """Where a form stood: ``today``, ``who`` or ``add``; of which prospect; and what was typed into it."""

    where: str
    prospect: str = ""
    typed: Typed = field(default_factory=Typed)


@dataclass(frozen=True, slots=True)
class GivingBack:
    store: Store
    visits: Visits
    pages: Pages

    def answer(self, request: Request, refusal: Exception, back: Back) -> Response:
        """Raises HTTPException 404 for an address that leads nowhere."""
        if isinstance(refusal, StoreError):
            log.events().warning("a form could not be taken in", failure=refusal)
            refusal = Refused(503, _NO_STORE)
        line = back.typed.line
        says = f"“{line}”: {refusal}" if line else str(refusal)  # the next line may stand in its field by now
        shown = Shown(Told(says, wrong=True), back.typed, refusal.status if isinstance(refusal, Refused) else 422)
        try:
            with self.store.reading() as tx:
                answer = self._shown(request, tx, back, shown)
        except StoreError:  # nothing can be read either
            answer = html(request, "kept.html", {"told": shown.told, "typed": shown.typed, "stray": None}, shown.status)
        if shown.status in _NOT_NOW:
            answer.headers["Retry-After"] = _SOON
        return answer

    def _shown(self, request: Request, tx: Transaction, back: Back, shown: Shown) -> Response:
        here = self.visits.here(tx, request)
        if back.where == "add":
            return self.pages.show_add(request, here, shown)
        found = here.theirs(tx, back.prospect)
        if back.typed.told:
            shown = self._with_the_text(tx, here, found, back, shown)
        if found and back.where == "who":
            return self.pages.show_who(request, tx, here, found, shown)
        return self.pages.show_today(request, tx, here, shown)

    def _with_the_text(self, tx: Transaction, here: Here, found: Prospect | None, back: Back, shown: Shown) -> Shown:
        """In the card that it was sent from, else in that of what is next with them; where the page has none, above it."""
        if found is None or shown.told is None:
            return _added(shown, Stray("", ""), _COPY)
        seen = self.visits.picture(tx, here)
        placed = None if tx.outcome(found.id) else seen.next_action(found.id)
        same = next((one for one in seen.by_prospect.get(found.id, ()) if one.action.id == shown.typed.action), None)
        if placed is None:
            return _added(shown, Stray(found.id, found.name), _NOTE)
        to = same or placed
        typed = replace(shown.typed, action=to.action.id)
        is_there = to is placed if back.where == "who" else views.is_today(seen, to)
        stray = None if is_there else Stray(found.id, found.name, views.card(seen, to))
        return _added(replace(shown, typed=typed), stray, "" if same else _KEPT)


def _added(shown: Shown, stray: Stray | None, more: str) -> Shown:
    return replace(shown, stray=stray, told=shown.told and replace(shown.told, more=more))
