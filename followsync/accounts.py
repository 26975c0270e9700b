"""Where a target points to, and whether two targets point to one place: what the config says beside what the store remembers."""

from __future__ import annotations

from followsync.calendars.google_token import TokenFile
from followsync.config.settings import CalDavTarget, GoogleTarget
from followsync.core.target import TargetState


def remembered(settings: CalDavTarget | GoogleTarget, state: TargetState) -> str:
    """The address at which a target's calendar was found, "" where none was, or where the config names another one since."""
    account = account_of(settings)
    return state.collection.removeprefix(account) if state.collection.startswith(account) else ""


def renamed(settings: CalDavTarget | GoogleTarget, state: TargetState) -> str:
    """The address of the calendar of before, where the config has another name for it since, and points to the same server and person; ""
    where all else is so too."""
    account, _, name = account_of(settings).removesuffix("\n").rpartition("\n")
    before, _, collection = state.collection.rpartition("\n")
    same, _, other = before.rpartition("\n")
    return collection if other != name and same == account else ""


def left_behind(target: str, state: TargetState) -> str:
    """A sentence on the calendars of before, where entries of ours were left standing; "" where there are none."""
    if not state.former:
        return ""
    named = " and ".join(f"'{one.split(chr(10))[-2]}' ({bare(one.rpartition(chr(10))[2])})" for one in state.former)
    return (
        f"What was written before still stands on the calendar {named}, which the config names no more: each entry is there twice, and "
        "what is answered there is not read. To go on there, write into the config again what it said; to take the old entries away, do "
        f"that too, say 'followsync purge --target {target} --yes', and change the config once more; if they may stay, or that calendar is "
        f"gone, say 'followsync purge --target {target} --forget'."
    )


def bare(collection: str) -> str:
    """Without what stands beside the calendar: a task list (see ``followsync.calendars.google_place``)."""
    return collection.partition("#")[0]


def account_of(settings: CalDavTarget | GoogleTarget) -> str:
    """Where a target points to; the collection found there is remembered behind it."""
    server, user = (settings.url, settings.username) if isinstance(settings, CalDavTarget) else (settings.root_url, "")
    return f"{server}\n{user}\n{settings.calendar}\n"


def login_digest(settings: CalDavTarget | GoogleTarget, digest: str) -> str:
    """What a refused login waits for: another config than that with this ``digest``, that somebody signs in again, or another key."""
    if isinstance(settings, CalDavTarget):
        return digest
    files = (settings.token.file, settings.client_secrets.file)
    return " ".join([digest, *(TokenFile(one).stamp for one in files if one is not None)])


def same_login(one: CalDavTarget | GoogleTarget, other: CalDavTarget | GoogleTarget) -> bool:
    """Whether two targets log in as the same person: ``dana`` is ``dana@example.org``. On some servers each person's calendars have the
    same addresses, so the address alone does not tell. At Google it does, whoever signed in."""
    if not (isinstance(one, CalDavTarget) and isinstance(other, CalDavTarget)):
        return isinstance(one, GoogleTarget) and isinstance(other, GoogleTarget)
    mine, theirs = (each.username or ("" if "://" in each.url else each.url) for each in (one, other))
    (name, _, domain), (other_name, _, other_domain) = (each.casefold().partition("@") for each in (mine, theirs))
    return name == other_name and (domain == other_domain or not (domain and other_domain))
