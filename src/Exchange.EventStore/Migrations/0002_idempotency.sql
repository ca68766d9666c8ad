-- Answers of requests with an idempotency key. Ranges of recorded_at are made ahead and dropped when old, so there is no default partition.
-- scope 0: the request, with its whole answer when one transaction stored it; scope 1: the answer for the unit in this partition.
CREATE TABLE log.idempotency (
    partition int NOT NULL,
    client text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    scope smallint NOT NULL,
    recorded_at timestamptz NOT NULL,
    fingerprint bytea NOT NULL,
    outcome bytea,
    CONSTRAINT idempotency_pkey PRIMARY KEY (partition, client, key, scope, recorded_at)
) PARTITION BY RANGE (recorded_at);
