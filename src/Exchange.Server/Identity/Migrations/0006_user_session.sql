-- Users' sessions, known by the hash of their token, and their attempts to sign in, so that lock-out holds on every node. Small reference tables.
CREATE TABLE identity.session (
    token_hash bytea NOT NULL,
    user_id text NOT NULL,
    sid text NOT NULL,
    create_time timestamptz NOT NULL,
    use_time timestamptz NOT NULL,
    idle_expire_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL,
    CONSTRAINT session_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX session_user_id_idx ON identity.session (user_id);

CREATE TABLE identity.sign_in (
    user_id text NOT NULL,
    failures int NOT NULL,
    locked_until timestamptz,
    admitted boolean NOT NULL,
    last_step bigint NOT NULL,
    CONSTRAINT sign_in_pkey PRIMARY KEY (user_id)
);
