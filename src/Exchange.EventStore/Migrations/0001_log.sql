-- The log: one row per partition with its head, the events, and which partition stands in which slot.
CREATE TABLE log.store (
    id smallint NOT NULL CONSTRAINT store_id_check CHECK (id = 1),
    store_id uuid NOT NULL,
    generation uuid NOT NULL,
    format int NOT NULL,
    hub_key_name bytea,
    create_time timestamptz NOT NULL,
    CONSTRAINT store_pkey PRIMARY KEY (id)
);

INSERT INTO log.store (id, store_id, generation, format, create_time)
VALUES (1, gen_random_uuid(), gen_random_uuid(), 1, now());

CREATE TABLE log.partition_slot (
    kind text NOT NULL,
    slot int NOT NULL,
    partition int NOT NULL,
    CONSTRAINT partition_slot_pkey PRIMARY KEY (kind, slot),
    CONSTRAINT partition_slot_partition_key UNIQUE (partition)
);

-- These ids spread evenly when the tables are distributed by hash of the id over 32 shards; 0..31 would not.
INSERT INTO log.partition_slot (kind, slot, partition)
SELECT 'record', slot - 1, partition
FROM unnest(ARRAY[8, 1, 31, 24, 10, 48, 5, 50, 4, 17, 16, 85, 36, 0, 37, 3, 52, 62, 136, 28, 6, 21, 39, 13, 2, 27, 58, 41, 9, 22, 11, 18])
    WITH ORDINALITY AS u (partition, slot);

INSERT INTO log.partition_slot (kind, slot, partition)
VALUES ('governance', 0, 1000), ('audit', 0, 1001), ('audit', 1, 1002), ('audit', 2, 1003), ('audit', 3, 1004);

-- Half-empty pages: every append updates its row, and must find room for the new version on the same page.
CREATE TABLE log.log_partition (
    partition int NOT NULL,
    head bigint NOT NULL,
    head_hash bytea NOT NULL,
    last_recorded_at timestamptz NOT NULL,
    key_epoch bigint NOT NULL,
    CONSTRAINT log_partition_pkey PRIMARY KEY (partition)
) WITH (fillfactor = 50);

-- head_hash of an empty partition is the genesis that Chain/EventHash.cs describes.
INSERT INTO log.log_partition (partition, head, head_hash, last_recorded_at, key_epoch)
SELECT p.partition, 0, '\x01'::bytea || sha256('exchange log'::bytea || uuid_send(s.store_id) || int4send(p.partition)), 'epoch', 0
FROM log.partition_slot AS p CROSS JOIN log.store AS s;

CREATE TABLE log.event (
    partition int NOT NULL,
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    payload bytea NOT NULL,
    caller text NOT NULL,
    client text NOT NULL,
    governance_position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (partition, position),
    CONSTRAINT event_partition_stream_id_version_key UNIQUE (partition, stream_id, version)
);
