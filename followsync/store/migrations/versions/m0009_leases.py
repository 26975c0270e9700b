"""Whose a rep's cycle is, and when the next one is due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "rep_lease",
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
        sa.Column("due", sa.Double, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("rep", name="pk_rep_lease"),
    )
    op.create_index("ix_rep_lease_due", "rep_lease", ["due"])
