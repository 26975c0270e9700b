"""Who is looking at whose follow-ups: the page that an address leads to, its rep, and how things stand for that rep now."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from starlette.exceptions import HTTPException
from starlette.requests import Request

from followsync import rules as config_rules
from followsync.addresses import digest
from followsync.capturing import Occasion
from followsync.config import Settings
from followsync.core.cadence import Rules
from followsync.core.prospect import Prospect
from followsync.core.workdays import RepRules
from followsync.picture import Picture, picture
from followsync.report.counting import Asked, figures
from followsync.report.figures import Figures
from followsync.store import Page, Transaction
from followsync.vitals import Inside
from followsync.web import views
from followsync.web.forms import Tokens

_BUSY_BEHIND, _BUSY_AHEAD = timedelta(days=1), timedelta(days=120)
_VIA = "page"


@dataclass(frozen=True, slots=True)
class Here:
    """A page that there is, under its address, of a rep whom the config knows. ``now``: in the rep's zone."""

    page: Page
    tokens: Tokens
    settings: Settings
    rules: Rules
    rep: RepRules
    now: datetime

    @property
    def occasion(self) -> Occasion:
        return Occasion(self.rules, self.rep, self.now, _VIA)

    @property
    def name(self) -> str:
        """The rep's, in words."""
        return self.settings.reps[self.page.rep].name or self.page.rep

    @property
    def public(self) -> tuple[str, ...]:
        """The addresses that phones may know this server by."""
        return tuple(url for url in (self.settings.page.public_url, self.settings.feed.public_url) if url)

    def theirs(self, tx: Transaction, prospect: str) -> Prospect | None:
        """Of this rep only: of whom others have, this page knows nothing."""
        found = tx.prospect(prospect)
        return found if found and found.rep == self.page.rep else None


class Visits:
    """What was worked out is shared by all who look within the same minute at a store in which nothing has changed."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._lock = threading.Lock()
        self._pictures: dict[str, tuple[object, Picture]] = {}
        self._figures: dict[str, tuple[object, Figures]] = {}
        self._rules: dict[str, tuple[str, Rules, RepRules]] = {}

    def here(self, tx: Transaction, request: Request) -> Here:
        """Every page is compared, each in constant time, so that how long it takes tells nothing. Raises HTTPException 404 for a secret
        that leads nowhere, or to a rep who left."""
        secret = str(request.path_params["secret"])
        asked, found = digest(secret), None
        for page in tx.pages():
            if compare_digest(page.secret, asked):
                found = page
        settings = self._inside.settings()
        if found is None or found.rep not in settings.reps:
            raise HTTPException(404)
        rules, rep = self._rules_of(settings, found.rep)
        now = self._inside.clock().astimezone(rep.workdays.zone)
        return Here(found, Tokens(secret, now), settings, rules, rep, now)

    def _rules_of(self, settings: Settings, rep: str) -> tuple[Rules, RepRules]:
        with self._lock:
            known = self._rules.get(rep)
        if known is None or known[0] != settings.digest:
            known = settings.digest, config_rules.rules(settings, rep), config_rules.rep_rules(settings, rep)
            with self._lock:
                self._rules[rep] = known
        return known[1], known[2]

    def picture(self, tx: Transaction, here: Here) -> Picture:
        """Busy times are those that the last cycle read: no server is asked, and no file. To be asked before ``tx`` changes anything."""
        rep, key = here.page.rep, _moment(tx, here)
        with self._lock:
            known = self._pictures.get(rep)
        if known and known[0] == key:
            return known[1]
        used = here.settings.reps[rep]
        first, last = here.now - _BUSY_BEHIND, here.now + _BUSY_AHEAD
        busy = [time for name, one in tx.busy_readings(rep).items() if name in used.busy for time in one.between(first, last)]
        made = picture(tx, here.rules, here.rep, used.targets, busy, here.now)
        with self._lock:
            self._pictures[rep] = key, made
        return made

    def figures(self, tx: Transaction, here: Here) -> Figures:
        """Of the last months: the whole history is read for them."""
        rep, key = here.page.rep, _moment(tx, here)
        with self._lock:
            known = self._figures.get(rep)
        if known and known[0] == key:
            return known[1]
        since = here.rep.workdays.today(here.now) - views.LOOKED_BACK
        made = figures(tx.prospects(rep), tx.histories(rep), Asked(here.rules, here.rep, here.now, since))
        with self._lock:
            self._figures[rep] = key, made
        return made


def _moment(tx: Transaction, here: Here) -> tuple[object, ...]:
    return here.settings.digest, tx.revision(here.page.rep), here.now.replace(second=0, microsecond=0)
