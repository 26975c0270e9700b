"""The tables as they are now. ``migrations`` leads an older store here; a test holds the two together.

``data`` columns are JSON text made by ``codec``: the whole dataclass. The columns beside it are the keys and what is asked for in SQL.
Times are UTC ISO text of fixed width, so that they sort.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    column,
    false,
    true,
)

HEAD = "0010"  # the newest migration; four digits, so that text order is age order
VERSION_TABLE = "followsync_version"

CLOSED_MEANS_YES_OR_NO = "(open AND outcome = '') OR (NOT open AND outcome IN ('yes', 'no'))"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

prospect = Table(
    "prospect",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rep", Text, nullable=False),
    Column("open", Boolean(create_constraint=True, name="open"), nullable=False),
    Column("outcome", Text, nullable=False),  # "" while open: a NULL would slip through the constraint
    Column("captured_at", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("returns", Text, nullable=False, server_default=""),  # the day after which it returns to whoever lent it out, "" mostly
    CheckConstraint(CLOSED_MEANS_YES_OR_NO, name="closed_means_yes_or_no"),
    Index(None, column("rep")),
    Index(None, column("returns")),
)

entry = Table(
    "entry",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("prospect_id", Text, ForeignKey("prospect.id", ondelete="CASCADE"), nullable=False),
    Column("at", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("undone", Boolean, nullable=False, server_default=false()),
    Index(None, column("prospect_id"), column("seq")),
    sqlite_autoincrement=True,  # a number once given is never given again
)

# ``prospect`` is no foreign key: when a person is removed, the rows stay until their calendar entries are deleted.
written = Table(
    "written",
    metadata,
    Column("rep", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("prospect", Text, nullable=False),
    Column("href", Text, nullable=False),
    Column("data", Text, nullable=False),  # all but ``raw``
    Column("raw", Text, nullable=False),
    Column("live", Boolean, nullable=False, server_default=true()),  # not: its entry no longer stands, and nothing is asked about it
    Index(None, column("rep"), column("target"), column("href")),
    Index(None, column("rep"), column("live"), column("target"), column("action")),
    Index(None, column("target"), column("href")),
)

# What stands in a target's calendar and is not ours: only where, and in which version, so that it is not read again and again.
# ``prospect``: whose it says it is, "" where it does not say so, or is nobody's for good.
foreign_entry = Table(
    "foreign_entry",
    metadata,
    Column("rep", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("href", Text, primary_key=True),
    Column("etag", Text, nullable=False),
    Column("prospect", Text, nullable=False, server_default=""),
)

# Grows with each committed change of what a rep's plan is made from; a rep without a row is at 0.
rep_revision = Table(
    "rep_revision",
    metadata,
    Column("rep", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)

# Whose a rep's cycle is, and when the next one is due (see ``leases``); PostgreSQL only: of a file the operating system keeps locks.
# Times are seconds since 1970 on the database's clock.
rep_lease = Table(
    "rep_lease",
    metadata,
    Column("rep", Text, primary_key=True),
    Column("holder", Text, nullable=False),  # "" while nobody has it
    Column("fence", BigInteger, nullable=False),
    Column("until", Double, nullable=False),
    Column("due", Double, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Index(None, column("due")),
)

# How many calls may be made, of what is counted for all who share the store (see ``tokens``). ``at``: when there were so many, in seconds
# since 1970 on the database's clock.
bucket = Table(
    "bucket",
    metadata,
    Column("name", Text, primary_key=True),
    Column("tokens", Double, nullable=False),
    Column("at", Double, nullable=False),
)

target_state = Table(
    "target_state",
    metadata,
    Column("rep", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("data", Text, nullable=False),
)

# What can be taken back (see ``journal``). ``batch``: changes that are taken back together.
change = Table(
    "change",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("rep", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("undone", Boolean, nullable=False),
    Index(None, column("rep"), column("id")),
    sqlite_autoincrement=True,
)

# ``before``: the prospect's ``data``, "" where the change captured it. Its new entries are those after ``after_seq``, to ``last_seq``.
change_part = Table(
    "change_part",
    metadata,
    Column("change_id", BigInteger, ForeignKey("change.id", ondelete="CASCADE"), primary_key=True),
    Column("prospect_id", Text, ForeignKey("prospect.id", ondelete="CASCADE"), primary_key=True),
    Column("before", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("after_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Index(None, column("prospect_id")),
)

# Who may read what of a rep (see ``feeds``), and what was shown last. ``secret``: "" where the feed was removed; such a row stays.
feed = Table(
    "feed",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rep", Text, nullable=False),
    Column("redacted", Boolean, nullable=False),
    Column("secret", Text, nullable=False),
    Column("salt", Text, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("modified", Text, nullable=False, server_default=""),
    Column("settled", Text, nullable=False, server_default=""),
)

# Whose follow-ups are behind which page (see ``pages``). ``secret``: "" where the page was removed; such a row stays.
page = Table(
    "page",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rep", Text, nullable=False),
    Column("secret", Text, nullable=False),
)

# What was told through a page, so that the same form counts once. ``batch``: the change that it made (see ``change``), "" where none.
page_form = Table(
    "page_form",
    metadata,
    Column("page", Text, primary_key=True),
    Column("token", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("prospect", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Index(None, column("page"), column("at")),
)

# ``changes``: the number of committed writes. ``busy REP SOURCE``: the last reading of a busy source.
meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
