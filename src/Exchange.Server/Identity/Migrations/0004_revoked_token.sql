-- Access tokens that were revoked before their time (RFC 7009), until they expire. A small reference table: each node reads all of it every second.
CREATE TABLE identity.revoked_token (
    client text NOT NULL,
    jti text NOT NULL,
    expire_time timestamptz NOT NULL,
    CONSTRAINT revoked_token_pkey PRIMARY KEY (client, jti)
);
