"""Focus: which of several leases somebody speaks of"""

import sqlalchemy as sa
from alembic import op

import backend.db.tables

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('focuses',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('renewal_id', sa.BigInteger(), nullable=True),
    sa.Column('asked', sa.Text(), server_default='', nullable=False),
    sa.Column('at', backend.db.tables.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'address', name=op.f('pk_focuses'))
    )


def downgrade() -> None:
    op.drop_table('focuses')
