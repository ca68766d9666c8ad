-- Data keys of streams with sealed values, wrapped by the hub key. A destroyed one keeps its row, so that no second key is made.
CREATE TABLE log.data_key (
    partition int NOT NULL,
    stream_id uuid NOT NULL,
    wrapped_key bytea,
    destroy_time timestamptz,
    CONSTRAINT data_key_pkey PRIMARY KEY (partition, stream_id),
    CONSTRAINT data_key_wrapped_key_check CHECK ((wrapped_key IS NULL) = (destroy_time IS NOT NULL))
);
