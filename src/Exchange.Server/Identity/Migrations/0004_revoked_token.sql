-- Access tokens that were revoked before their time (RFC 7009), until they expire. A small reference table, read by every node.
CREATE TABLE identity.revoked_token (
    client text NOT NULL,
    jti text NOT NULL,
    revoke_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL,
    CONSTRAINT revoked_token_pkey PRIMARY KEY (client, jti)
);
CREATE INDEX revoked_token_revoke_time_idx ON identity.revoked_token (revoke_time);
CREATE INDEX revoked_token_expire_time_idx ON identity.revoked_token (expire_time);
