-- One row: the version of the tables, and how often the journal was opened.
CREATE TABLE IF NOT EXISTS aitta_journal (
    schema_version INT NOT NULL,
    opened BIGINT NOT NULL
);

-- The number that stands for a persistence id in row keys. Sequence numbers up to deleted_to were deleted.
CREATE TABLE IF NOT EXISTS aitta_replica (
    replica INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    persistence_id VARCHAR(255) NOT NULL UNIQUE,
    deleted_to BIGINT NOT NULL
);

-- row_key: replica * 2^40 + sequence number. A single BIGINT as the primary key is what H2 clusters rows by.
-- VARBINARY, not BLOB: a BLOB lives in a table of its own and costs up to twice as much.
CREATE TABLE IF NOT EXISTS aitta_event (
    row_key BIGINT PRIMARY KEY,
    writer VARCHAR(64) NOT NULL,
    written_at BIGINT NOT NULL,
    adapter_manifest VARCHAR(255) NOT NULL,
    ser_id INT NOT NULL,
    ser_manifest VARCHAR(255) NOT NULL,
    payload VARBINARY(1000000) NOT NULL
);

CREATE TABLE IF NOT EXISTS aitta_snapshot (
    row_key BIGINT PRIMARY KEY,
    written_at BIGINT NOT NULL,
    ser_id INT NOT NULL,
    ser_manifest VARCHAR(255) NOT NULL,
    payload VARBINARY(1000000) NOT NULL
);
