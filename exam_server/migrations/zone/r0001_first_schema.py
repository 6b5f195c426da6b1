"""Make the first schema of the zone."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "log_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entry")),
        info={"roles": ("centre", "zone")},
    )
    op.create_table(
        "staff_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shown_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("wrong_passwords", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_account")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_account_name")),
        info={"roles": ("centre", "zone")},
    )
    op.create_table(
        "zone_hand_over",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("sittings", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("quarantined_noted", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_zone_hand_over")),
        info={"roles": ("zone",)},
    )
    op.create_table(
        "zone_package",
        sa.Column(
            "purpose",
            sa.Enum(
                "live", "reserve", "rehearsal", name="purpose", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("key_file", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_zone_package")),
        info={"roles": ("zone",)},
    )
    op.create_table(
        "zone_quarantined_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_quarantined_event")),
        sa.UniqueConstraint("attempt", "seq", "digest", name=op.f("uq_zone_quarantined_event_attempt_seq_digest")),
        info={"roles": ("zone",)},
    )
    op.create_table(
        "zone_room",
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("enrolment_code", sa.String(), nullable=True),
        sa.Column("enrolment_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("room", name=op.f("pk_zone_room")),
        info={"roles": ("zone",)},
    )
    op.create_table(
        "zone_session",
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("exam", sa.String(), nullable=False),
        sa.Column("exam_title", sa.String(), nullable=False),
        sa.Column("session_title", sa.String(), nullable=False),
        sa.Column("server", sa.String(), nullable=False),
        sa.Column("zone_name", sa.String(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("late_limit_s", sa.Integer(), nullable=False),
        sa.Column("earliest_hand_in_s", sa.Integer(), nullable=False),
        sa.Column("grace_s", sa.Integer(), nullable=False),
        sa.Column("heartbeat_s", sa.Integer(), nullable=False),
        sa.Column("sealed_id_hash_key", sa.LargeBinary(), nullable=False),
        sa.Column("roster_revision", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "live", "reserve", "rehearsal", name="purpose", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("wrong_room_codes", sa.Integer(), nullable=False),
        sa.Column("rooms_opened_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("quarantined_noted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_zone_session")),
        info={"roles": ("zone",)},
    )
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name=op.f("fk_staff_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
        info={"roles": ("centre", "zone")},
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "zone_device",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("signing_key", sa.LargeBinary(), nullable=False),
        sa.Column("encryption_key", sa.LargeBinary(), nullable=False),
        sa.Column("software", sa.String(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("wrong_id_numbers", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["room"], ["zone_room.room"], name=op.f("fk_zone_device_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_device")),
        sa.UniqueConstraint("room", "seat", name=op.f("uq_zone_device_room_seat")),
        info={"roles": ("zone",)},
    )
    op.create_table(
        "zone_release",
        sa.Column(
            "purpose",
            sa.Enum(
                "live", "reserve", "rehearsal", name="purpose", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["purpose"], ["zone_package.purpose"], name=op.f("fk_zone_release_purpose")),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_zone_release")),
        info={"roles": ("zone",)},
    )
    op.create_table(
        "zone_sealed_paper",
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "live", "reserve", "rehearsal", name="purpose", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("trade", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content_key_sha256", sa.String(), nullable=False),
        sa.Column("context", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["purpose"], ["zone_package.purpose"], name=op.f("fk_zone_sealed_paper_purpose")),
        sa.PrimaryKeyConstraint("paper", name=op.f("pk_zone_sealed_paper")),
        info={"roles": ("zone",)},
    )
    with op.batch_alter_table("zone_sealed_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_zone_sealed_paper_purpose"), ["purpose"], unique=False)

    op.create_table(
        "zone_sitting",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_no", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("trade", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("id_last4", sa.String(), nullable=False),
        sa.Column("id_keyed_hash", sa.String(), nullable=False),
        sa.Column("order_seed", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "expected",
                "signed_in",
                "confirmed",
                "answering",
                "paused",
                "handed_in",
                "collected",
                "absent",
                "voided",
                "stopped",
                "moved_out",
                name="sittingstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["room"], ["zone_room.room"], name=op.f("fk_zone_sitting_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_sitting")),
        sa.UniqueConstraint("room", "seat", name=op.f("uq_zone_sitting_room_seat")),
        sa.UniqueConstraint("ticket_no", name=op.f("uq_zone_sitting_ticket_no")),
        info={"roles": ("zone",)},
    )
    op.create_table(
        "zone_attempt",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sitting", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("acked_seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("accepts_until", sa.BigInteger(), nullable=False),
        sa.Column("collect_told_at", sa.BigInteger(), nullable=True),
        sa.Column("collect_words", sa.String(), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["zone_device.id"], name=op.f("fk_zone_attempt_device")),
        sa.ForeignKeyConstraint(["sitting"], ["zone_sitting.id"], name=op.f("fk_zone_attempt_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_attempt")),
        sa.UniqueConstraint("sitting", name=op.f("uq_zone_attempt_sitting")),
        info={"roles": ("zone",)},
    )
    with op.batch_alter_table("zone_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_zone_attempt_device"), ["device"], unique=False)

    op.create_table(
        "zone_incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("sitting", sa.BigInteger(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["zone_sitting.id"], name=op.f("fk_zone_incident_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_incident")),
        info={"roles": ("zone",)},
    )
    with op.batch_alter_table("zone_incident", schema=None) as batch_op:
        batch_op.create_index("ix_zone_incident_room_at", ["room", "at"], unique=False)

    op.create_table(
        "zone_ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["zone_sitting.id"], name=op.f("fk_zone_ledger_entry_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_ledger_entry")),
        info={"roles": ("zone",)},
    )
    with op.batch_alter_table("zone_ledger_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_zone_ledger_entry_sitting"), ["sitting"], unique=False)

    op.create_table(
        "zone_portrait",
        sa.Column("sitting", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["zone_sitting.id"], name=op.f("fk_zone_portrait_sitting")),
        sa.PrimaryKeyConstraint("sitting", name=op.f("pk_zone_portrait")),
        info={"roles": ("zone",)},
    )
    op.create_table(
        "zone_attempt_event",
        sa.Column("attempt", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["attempt"], ["zone_attempt.id"], name=op.f("fk_zone_attempt_event_attempt")),
        sa.PrimaryKeyConstraint("attempt", "seq", name=op.f("pk_zone_attempt_event")),
        info={"roles": ("zone",)},
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("zone_attempt_event")
    op.drop_table("zone_portrait")
    with op.batch_alter_table("zone_ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_zone_ledger_entry_sitting"))

    op.drop_table("zone_ledger_entry")
    with op.batch_alter_table("zone_incident", schema=None) as batch_op:
        batch_op.drop_index("ix_zone_incident_room_at")

    op.drop_table("zone_incident")
    with op.batch_alter_table("zone_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_zone_attempt_device"))

    op.drop_table("zone_attempt")
    op.drop_table("zone_sitting")
    with op.batch_alter_table("zone_sealed_paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_zone_sealed_paper_purpose"))

    op.drop_table("zone_sealed_paper")
    op.drop_table("zone_release")
    op.drop_table("zone_device")
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_session_account_id"))

    op.drop_table("staff_session")
    op.drop_table("zone_session")
    op.drop_table("zone_room")
    op.drop_table("zone_quarantined_event")
    op.drop_table("zone_package")
    op.drop_table("zone_hand_over")
    op.drop_table("staff_account")
    op.drop_table("log_entry")
