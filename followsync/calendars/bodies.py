"""What a CalDAV server is asked, as text: made once of ``caldav``'s elements, filled in for each request. The only home of ``caldav``.

The requests themselves are our own: its objects send more of them, write without preconditions, and turn an unknown sync token into a
silent download of everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from caldav.elements import cdav, dav
from caldav.elements.base import BaseElement, ValuedBaseElement

from followsync.calendars.wire import CS

_HERE = "@here@"


class _CTag(ValuedBaseElement):
    tag = CS + "getctag"


def _of(element: BaseElement, *children: BaseElement) -> BaseElement:
    return element.append(children)


def _props(*props: BaseElement) -> str:
    return str(_of(dav.Propfind(), _of(dav.Prop(), *props)))


_DATA = _of(dav.Prop(), dav.GetEtag(), cdav.CalendarData())
_SYNC = str(_of(dav.SyncCollection(), dav.SyncToken(value=_HERE), dav.SyncLevel(value="1"), _of(dav.Prop(), dav.GetEtag())))
_MULTIGET = str(_of(cdav.CalendarMultiGet(), _DATA, dav.Href(value=_HERE)))
_HREF = f"<{_MULTIGET.partition(_HERE)[0].rpartition('<')[2]}{_HERE}{_MULTIGET.partition(_HERE)[2].partition('>')[0]}>"

WITH_TEXTS = str(_of(dav.SyncCollection(), dav.SyncToken(value=""), dav.SyncLevel(value="1"), _DATA))  # some servers leave the texts out
CTAG = _props(_CTag())
TOKEN = _props(dav.SyncToken())
LISTING = _props(dav.GetEtag(), _CTag())
_KINDS = dav.ResourceType(), dav.DisplayName(), cdav.SupportedCalendarComponentSet()
HOMES = _props(*_KINDS, dav.CurrentUserPrincipal(), cdav.CalendarHomeSet())
HOME_SET = _props(cdav.CalendarHomeSet())
CALENDARS = _props(*_KINDS)


def sync_collection(token: str) -> str:
    """What is new since ``token``, "" for everything (RFC 6578, 3.2)."""
    return _SYNC.replace(_HERE, escape(token))


def multiget(hrefs: Iterable[str]) -> str:
    """RFC 4791, 7.9."""
    return _MULTIGET.replace(_HREF, "".join(_HREF.replace(_HERE, escape(href)) for href in hrefs))


def query(start: datetime, end: datetime) -> str:
    """The events that touch a time (RFC 4791, 7.8)."""
    events = _of(cdav.CompFilter(name="VEVENT"), cdav.TimeRange(start, end))
    data = _of(dav.Prop(), dav.GetEtag(), cdav.CalendarData())
    return str(_of(cdav.CalendarQuery(), data, _of(cdav.Filter(), _of(cdav.CompFilter(name="VCALENDAR"), events))))


def make(name: str) -> str:
    """A new calendar for events and tasks (RFC 4791, 5.3.1)."""
    kinds = _of(cdav.SupportedCalendarComponentSet(), cdav.Comp(name="VEVENT"), cdav.Comp(name="VTODO"))
    return str(_of(cdav.Mkcalendar(), _of(dav.Set(), _of(dav.Prop(), dav.DisplayName(value=name), kinds))))
