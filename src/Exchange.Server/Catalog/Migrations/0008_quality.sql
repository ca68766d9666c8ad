-- How well records meet their quality rules and when departments last changed them, by partition: counts and times, no values. Kept in the background, one partition of
-- one resource at a time by whoever holds its row in `measurement`.
CREATE SCHEMA quality;

-- How far the changes of a partition were read, where the last of this resource was, and of what the scores are.
CREATE TABLE quality.measurement (
    partition int NOT NULL,
    resource text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    changed_position bigint NOT NULL,
    rules text COLLATE "C" NOT NULL,
    score_position bigint NOT NULL,
    score_time timestamptz,
    CONSTRAINT measurement_pkey PRIMARY KEY (partition, resource)
);

CREATE INDEX measurement_resource_idx ON quality.measurement (resource);

CREATE TABLE quality.score (
    partition int NOT NULL,
    resource text COLLATE "C" NOT NULL,
    field int NOT NULL,
    rule int NOT NULL,
    owner text COLLATE "C" NOT NULL,
    checks bigint NOT NULL,
    met bigint NOT NULL,
    CONSTRAINT score_pkey PRIMARY KEY (partition, resource, field, rule, owner)
);

CREATE INDEX score_resource_idx ON quality.score (resource);

CREATE TABLE quality.change (
    partition int NOT NULL,
    resource text COLLATE "C" NOT NULL,
    department text COLLATE "C" NOT NULL,
    change_time timestamptz NOT NULL,
    CONSTRAINT change_pkey PRIMARY KEY (partition, resource, department)
);

CREATE INDEX change_resource_idx ON quality.change (resource);
