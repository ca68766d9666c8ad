-- Async projections: which build is served, which one is being made, and how far each build has read each partition.
CREATE TABLE log.projection (
    name text NOT NULL,
    active_build int NOT NULL,
    next_build int,
    CONSTRAINT projection_pkey PRIMARY KEY (name)
);

CREATE TABLE log.projection_checkpoint (
    partition int NOT NULL,
    projection text NOT NULL,
    build int NOT NULL,
    position bigint NOT NULL,
    stop_position bigint,
    stop_reason text,
    CONSTRAINT projection_checkpoint_pkey PRIMARY KEY (partition, projection, build)
) WITH (fillfactor = 50);
