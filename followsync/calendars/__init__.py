"""Where actions are written. ``open_calendar`` is the one place that knows every kind of target."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, assert_never

from followsync.core.pace import ALONE, Limits
from followsync.core.target import Capabilities
from followsync.errors import CalendarError

if TYPE_CHECKING:
    from followsync.calendars.base import Calendar
    from followsync.config.settings import CalDavTarget, GoogleTarget, IcsTarget


def open_calendar(
    target: CalDavTarget | GoogleTarget | IcsTarget,
    *,
    zone: tzinfo,
    clock: Callable[[], datetime],
    collection: str = "",
    capabilities: Capabilities | None = None,
    tasks: bool = True,
    make: bool = True,
    before: str = "",
    limits: Limits = ALONE,
) -> Calendar:
    """The calendar of a target. ``zone``: the rep's. ``clock`` stamps what is written. ``collection``: where it was found an earlier time,
    and ``capabilities``: what was found out about its server then. ``tasks``: some follow-ups are written as tasks.
    ``before``: the address of the calendar that the config called by another name until now, which may be renamed.
    ``make``: what is missing is made; else NotMade is raised (a task list that is missing is none then).
    ``limits``: how much may be asked of a server that counts.

    An ``ics`` target is no calendar that can be read back: it is written by ``followsync.calendars.feed.publish``.
    Raises CalendarError where the target cannot be opened, SecretMissing where its password cannot be had.
    """
    if target.type == "caldav":
        from followsync.calendars.caldav import open_caldav  # the library is large, and a file needs none of it

        return open_caldav(
            url=target.url,
            username=target.username,
            password=target.password.reveal() if target.password else "",
            calendar=target.calendar,
            timeout=target.timeout.total_seconds(),
            zone=zone,
            clock=clock,
            collection=collection,
            capabilities=capabilities,
            auth=target.auth,
            make=make,
        )
    if target.type == "google":
        from followsync.calendars.google import open_google  # the library is larger still
        from followsync.calendars.google_login import login_of
        from followsync.calendars.google_place import list_in

        return open_google(
            login_of(target, tasks=tasks),
            root=target.root,
            calendar=target.calendar,
            tasks=target.tasks if tasks or list_in(collection or before).id else "",  # what was written as a task once may be ticked yet
            timeout=target.timeout.total_seconds(),
            zone=zone,
            clock=clock,
            collection=collection,
            writes_tasks=tasks,
            make=make,
            before=before,
            limits=limits,
        )
    if target.type == "ics":
        raise CalendarError(f"{target.path} is a file that is written and never read back: publish it.")
    assert_never(target)


def forget_refusals() -> None:
    """To be said where a person may have mended a login: what this process knows of refused ones is asked for anew."""
    if login := sys.modules.get("followsync.calendars.google_login"):  # else nothing was refused here
        login.forget_refusals()
