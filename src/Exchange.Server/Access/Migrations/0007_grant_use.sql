-- What was read by grants with a quota: one row for each bound, of its newest period.
CREATE SCHEMA access;

CREATE TABLE access.grant_use (
    partition int NOT NULL,
    grant_name text NOT NULL,
    bound text NOT NULL,
    period_start timestamptz NOT NULL,
    used bigint NOT NULL,
    CONSTRAINT grant_use_pkey PRIMARY KEY (partition, grant_name, bound)
) WITH (fillfactor = 50);
