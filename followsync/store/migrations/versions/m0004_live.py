"""Rows of entries that no longer stand are told apart, and who else has a row of an entry is found by where it stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("written", sa.Column("live", sa.Boolean, nullable=False, server_default=sa.true()))
    data, live = sa.column("data", sa.Text), sa.column("live", sa.Boolean)
    # JSON as ``codec`` writes it: a quote inside a text has a backslash before it, so no text looks like this.
    asked = [data.like(f'%"{name}":true%') for name in ("unread", "fresh", "removing")]
    gone = sa.and_(data.like('%"state":"gone"%'), ~sa.or_(*asked))
    op.execute(sa.update(sa.table("written", data, live)).where(gone).values(live=sa.false()))
    op.create_index("ix_written_rep_live_target_action", "written", ["rep", "live", "target", "action"])
    op.create_index("ix_written_target_href", "written", ["target", "href"])
