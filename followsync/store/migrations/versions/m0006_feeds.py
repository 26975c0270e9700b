"""Feeds: who may read what of a rep, and what each of them showed last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("redacted", sa.Boolean, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False, server_default=""),
        sa.Column("modified", sa.Text, nullable=False, server_default=""),
        sa.Column("settled", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("name", name="pk_feed"),
    )
