-- What is counted of requests: refusals by address and minute, and the use of quotas. Small reference tables: nodes add to them, nobody joins them.
CREATE TABLE identity.refused_request (
    minute timestamptz NOT NULL,
    address text NOT NULL,
    reason text NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT refused_request_pkey PRIMARY KEY (minute, address, reason)
);
CREATE TABLE identity.quota_use (
    scope_key text NOT NULL,
    period_start timestamptz NOT NULL,
    used bigint NOT NULL,
    CONSTRAINT quota_use_pkey PRIMARY KEY (scope_key, period_start)
);
