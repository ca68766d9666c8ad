-- Ids of client assertions that were used, until they expire: each is good for one token, on whichever node. A small reference table.
CREATE SCHEMA identity;
CREATE TABLE identity.client_assertion (
    client text NOT NULL,
    jti_hash bytea NOT NULL,
    expire_time timestamptz NOT NULL,
    CONSTRAINT client_assertion_pkey PRIMARY KEY (client, jti_hash)
);
CREATE INDEX client_assertion_expire_time_idx ON identity.client_assertion (expire_time);
