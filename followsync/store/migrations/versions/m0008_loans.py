"""Until when a prospect is lent to another rep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("prospect", sa.Column("returns", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_prospect_returns", "prospect", ["returns"])
