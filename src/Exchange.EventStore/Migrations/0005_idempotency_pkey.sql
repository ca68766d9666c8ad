-- Keys are looked up by partition and key alone when a transaction has one partition; with the client first that reads the whole partition.
ALTER TABLE log.idempotency
    DROP CONSTRAINT idempotency_pkey,
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (partition, key, client, scope, recorded_at);
