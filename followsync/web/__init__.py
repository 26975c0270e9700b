"""The web server inside the daemon: the feeds, the phone pages, whether all is well, and figures for Prometheus. It reads the store; only
what a rep tells through a page changes anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from followsync.vitals import Inside


@contextmanager
def serving(inside: Inside) -> Iterator[None]:
    """Serve where ``feed.listen`` says, and nowhere where it says nothing. Raises ListenError where that place cannot be had."""
    listen = inside.settings().feed.listen
    if listen is None:
        yield
        return
    from followsync.web.app import application  # a daemon that serves nothing does without all that is below it
    from followsync.web.server import bound, serve

    with serve(application(inside), bound(listen)):
        yield
