//! How the records got here: runs, batches, checkpoints, rejects, control totals.

use campaignd_contract::{Column, Group, Table};

use super::column::{bytes, choice, date, decimal, identity, index, integer, text, timestamp, unique_index};

const PIPELINE: Column = text("pipeline", 100, "The pipeline").required();
const UNIT_ID: Column =
    text("unit_id", 200, "What was read: a file by its content, a queue, a slice of a table").required();
const BATCH: Column = integer("batch_no", "The batch: etl_batch.batch_no").required();

/// Runs.
pub static ETL_RUN: Table = Table {
    name: "etl_run",
    group: Group::Operations,
    meaning: "A run of a pipeline",
    term: "campaignd",
    key: &["run_no"],
    columns: &[
        identity("run_no", "Number of the run"),
        PIPELINE,
        text("config_hash", 64, "Hash of the settings it ran with").required(),
        text("app_version", 40, "Version of campaignd").required(),
        text("owner", 200, "The daemon that ran it: host, process and start").required(),
        timestamp("started_at", "When it started").required(),
        timestamp("ended_at", "When it ended; NULL: it is running, or its daemon was lost"),
        choice(
            "status",
            &["running", "succeeded", "partly", "failed", "stopped"],
            "How it stands; partly: a file waits for a person; stopped: it was asked to end before it was done",
        )
        .required(),
        text("message", 1000, "What there is to say of it"),
    ],
    inputs: &[],
    indexes: &[],
};

/// Batches.
pub static ETL_BATCH: Table = Table {
    name: "etl_batch",
    group: Group::Operations,
    meaning: "A batch: rows that were committed together, with their checkpoint",
    term: "campaignd",
    key: &["batch_no"],
    columns: &[
        integer("batch_no", "Number of the batch, rising").required(),
        text("batch_id", 64, "Hash of pipeline, unit, positions and settings: a batch that is there was committed")
            .required(),
        integer("run_no", "The run: etl_run.run_no").required(),
        PIPELINE,
        UNIT_ID,
        text("position_from", 400, "Where in the unit it starts").required(),
        text("position_to", 400, "Where it ends").required(),
        integer("rows_read", "Rows read, undecodable ones included").required().unit("rows"),
        integer("rows_undecodable", "Rows that the format couldn't read").required().unit("rows"),
        integer("epoch", "Epoch of the daemon that wrote it").required(),
        text("app_version", 40, "Version of campaignd").required(),
        text("config_hash", 64, "Hash of the settings").required(),
        timestamp("committed_at", "When it was committed").required(),
    ],
    inputs: &[],
    indexes: &[unique_index("etl_batch_id", &["batch_id"]), index("etl_batch_unit", &["pipeline", "unit_id"])],
};

/// Checkpoints.
pub static ETL_CHECKPOINT: Table = Table {
    name: "etl_checkpoint",
    group: Group::Operations,
    meaning: "Up to where the warehouse holds everything of a unit",
    term: "campaignd",
    key: &["pipeline", "unit_id"],
    columns: &[
        PIPELINE,
        UNIT_ID,
        text("position", 400, "The position").required(),
        integer("epoch", "Epoch of the daemon that wrote it").required(),
        timestamp("updated_at", "When it was written").required(),
    ],
    inputs: &[],
    indexes: &[],
};

/// Leases.
pub static ETL_LEASE: Table = Table {
    name: "etl_lease",
    group: Group::Operations,
    meaning: "Which daemon may write for a pipeline; an older epoch is refused",
    term: "fencing epoch",
    key: &["pipeline"],
    columns: &[
        PIPELINE,
        integer("epoch", "Rises each time the pipeline changes hands").required(),
        text("owner", 200, "The daemon that holds it: host, process and start").required(),
        timestamp("heartbeat_at", "When it last said that it is there").required(),
    ],
    inputs: &[],
    indexes: &[],
};

/// Files.
pub static ETL_FILE: Table = Table {
    name: "etl_file",
    group: Group::Operations,
    meaning: "A file that a pipeline has seen, by name and content, and what became of it",
    term: "campaignd",
    key: &["pipeline", "name", "unit_id"],
    columns: &[
        PIPELINE,
        text("name", 400, "Its name, from the folder the pipeline reads").required(),
        UNIT_ID,
        integer("bytes", "Its size").unit("bytes"),
        timestamp("modified_at", "When it was last changed, as the file system says"),
        choice("state", &["loading", "loaded", "duplicate", "held", "quarantined", "empty"], "What became of it")
            .required(),
        text("reason", 1000, "Why, where it wasn't loaded"),
        bytes("layout", "What the format found out about its layout: its header, for one"),
        timestamp("first_seen_at", "When it was first seen").required(),
        timestamp("finished_at", "When it was done with"),
        integer("rows_read", "Rows read of it").unit("rows"),
        text("duplicate_of", 400, "Name of the file with the same content that was loaded"),
    ],
    inputs: &[],
    indexes: &[],
};

/// Messages that were committed.
pub static ETL_INBOX: Table = Table {
    name: "etl_inbox",
    group: Group::Operations,
    meaning: "A message that was committed, so that its repetition changes nothing",
    term: "inbox pattern",
    key: &["queue", "message_key"],
    columns: &[
        text("queue", 200, "The queue").required(),
        text("message_key", 200, "Key of the message").required(),
        BATCH,
        timestamp("seen_at", "When it was first seen").required(),
    ],
    inputs: &[],
    indexes: &[],
};

/// Rejects.
pub static ETL_REJECT: Table = Table {
    name: "etl_reject",
    group: Group::Operations,
    meaning: "A row that couldn't be loaded: why, what it said, where it stands, what it is worth",
    term: "campaignd",
    key: &["batch_no", "ordinal", "output_no"],
    columns: &[
        identity("reject_no", "Number of the reject"),
        BATCH,
        integer("ordinal", "Rows before it in the unit").required().unit("rows"),
        integer("output_no", "Which output of the pipeline, from 0; -1: the format couldn't read the row").required(),
        PIPELINE,
        UNIT_ID,
        integer("source_offset", "Bytes from the start of the unit's (decompressed) content to the row").unit("bytes"),
        integer("source_line", "Line on which it starts, the first being 1").unit("lines"),
        integer("source_length", "Its length").unit("bytes"),
        text("record_kind", 64, "The record kind it should have become"),
        choice("stage", &["decode", "map"], "Where it failed").required(),
        text("code", 64, "Stable code of what is wrong").required(),
        text("field", 100, "The field at fault"),
        text("text", 400, "The offending text, identifying values masked"),
        text("reason", 1000, "What is wrong, in words").required(),
        decimal("value_at_risk", "The amount it would have brought, where that could be read").unit("currency_code"),
        text("currency_code", 3, "Currency of value_at_risk").unit("ISO 4217"),
        bytes("raw_sealed", "The row's bytes, encrypted, for a replay"),
        choice(
            "state",
            &["open", "replayed", "rejected_again", "noted"],
            "What became of it; noted: the row was loaded, without the field",
        )
        .required()
        .default("open"),
        integer("replayed_batch_no", "The batch that loaded it in the end: etl_batch.batch_no"),
        timestamp("rejected_at", "When it was rejected").required(),
    ],
    inputs: &[],
    indexes: &[index("etl_reject_pipeline", &["pipeline", "state"])],
};

/// Control totals.
pub static ETL_CONTROL: Table = Table {
    name: "etl_control",
    group: Group::Operations,
    meaning: "Control totals of a batch: read = accepted + rejected + filtered + duplicate + unknown, and what the sender declared",
    term: "control total",
    key: &["batch_no", "output_no", "measure"],
    columns: &[
        BATCH,
        integer("output_no", "Which output of the pipeline, from 0; -1: all of the unit").required(),
        text(
            "measure",
            200,
            "What is totalled: rows, money (in millionths), or a declared total such as declared:rows",
        )
        .required(),
        text("record_kind", 64, "The record kind of the output"),
        integer("read_total", "What was read"),
        integer("accepted_total", "What was loaded"),
        integer("rejected_total", "What was rejected"),
        integer("filtered_total", "What `when` left out"),
        integer("duplicate_total", "What was there already, with the same values"),
        integer("unknown_total", "Rows whose measure couldn't be read").unit("rows"),
        text("expected_text", 200, "The declared total, as the sender wrote it"),
        text("actual_text", 200, "The same, as counted"),
        choice("verdict", &["agrees", "differs"], "Whether they agree"),
    ],
    inputs: &[],
    indexes: &[],
};

/// What ROI has still to take in.
pub static ETL_DIRTY: Table = Table {
    name: "etl_dirty",
    group: Group::Operations,
    meaning: "A table that a batch changed and ROI hasn't taken in yet",
    term: "campaignd",
    key: &["table_name", "batch_no"],
    columns: &[text("table_name", 64, "The table").required(), BATCH],
    inputs: &[],
    indexes: &[],
};

/// Occurrences of schedules.
pub static ETL_OCCURRENCE: Table = Table {
    name: "etl_occurrence",
    group: Group::Operations,
    meaning: "A time at which a pipeline was due, stored before the run starts so that it can't run twice",
    term: "iCalendar occurrence",
    key: &["pipeline", "nominal_local", "fold"],
    columns: &[
        PIPELINE,
        text("nominal_local", 20, "The local time the schedule names").required().unit("local time"),
        integer("fold", "0, or 1 for the second of two equal local times").required().default("0"),
        timestamp("due_at", "The instant it stands for").required(),
        timestamp("window_from", "Start of the time whose data it brings, included").required(),
        timestamp("window_to", "End of that time, not included").required(),
        choice("origin", &["schedule", "catch_up", "backfill"], "Why it is there").required(),
        choice(
            "state",
            &["due", "running", "succeeded", "partly", "failed", "skipped", "missed"],
            "What became of it; partly: a file waits for a person; skipped: reason says why; missed: the daemon was not \
             there",
        )
        .required(),
        text("reason", 1000, "Why it stands so"),
        integer("attempts", "Runs that were begun for it").required().default("0").unit("runs"),
        integer("retry_files", "1: its next run tries quarantined files again").required().default("0"),
        timestamp("retry_at", "When it is tried again, where it failed in a way that may pass"),
        integer("run_no", "Its latest run: etl_run.run_no"),
        timestamp("updated_at", "When this row was last written").required(),
    ],
    inputs: &[],
    indexes: &[
        index("etl_occurrence_state", &["state", "pipeline"]),
        index("etl_occurrence_due", &["pipeline", "due_at"]),
    ],
};

/// Pipelines, as the daemon and its operators keep them.
pub static ETL_PIPELINE: Table = Table {
    name: "etl_pipeline",
    group: Group::Operations,
    meaning: "What daemons and operators have settled for a pipeline",
    term: "campaignd",
    key: &["pipeline"],
    columns: &[
        PIPELINE,
        timestamp("scheduled_since", "Since when its schedule counts: nothing before it was missed").required(),
        timestamp("paused_at", "When it was paused; NULL: it isn't"),
        text("paused_by", 200, "Who paused it"),
        text("pause_reason", 1000, "Why"),
    ],
    inputs: &[],
    indexes: &[],
};

/// Days by whose hour data must have come.
pub static ETL_EXPECTATION: Table = Table {
    name: "etl_expectation",
    group: Group::Operations,
    meaning: "A day on which a pipeline must have brought data by a certain time, and whether it did",
    term: "service level",
    key: &["pipeline", "day"],
    columns: &[
        PIPELINE,
        date("day", "The day, in the schedule's time zone").required(),
        timestamp("expected_by", "By when data must have come").required(),
        choice("state", &["met", "late", "met_late"], "Whether it came; met_late: it was late and has come").required(),
        timestamp("met_at", "When it came"),
    ],
    inputs: &[],
    indexes: &[index("etl_expectation_state", &["state", "pipeline"])],
};

/// Migrations.
pub static ETL_MIGRATION: Table = Table {
    name: "etl_migration",
    group: Group::Operations,
    meaning: "A change of the tables that was made",
    term: "campaignd",
    key: &["version"],
    columns: &[
        integer("version", "Number of the change, rising by one").required(),
        text("name", 200, "What it does").required(),
        timestamp("applied_at", "When it was made").required(),
        text("app_version", 40, "Version of campaignd that made it").required(),
    ],
    inputs: &[],
    indexes: &[],
};
