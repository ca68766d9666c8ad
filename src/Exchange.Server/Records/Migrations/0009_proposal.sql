-- Proposals and disputes without their values, which stand in the events of the record: kept in the transactions that store these. Led by partition. Of `told`
-- and `telling` see ProposalNotices.
CREATE SCHEMA record;
CREATE TABLE record.proposal (
    partition int NOT NULL,
    record_id uuid NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,
    resource text NOT NULL,
    is_dispute boolean NOT NULL,
    proposer text NOT NULL,
    owner text NOT NULL,
    owner_field int NOT NULL,
    fields text NOT NULL,
    state smallint NOT NULL,
    create_time timestamptz NOT NULL,
    due_time timestamptz NOT NULL,
    decide_time timestamptz,
    decided_version bigint,
    told smallint NOT NULL,
    telling uuid,
    telling_state smallint,
    telling_owner text,
    CONSTRAINT proposal_pkey PRIMARY KEY (partition, record_id, version)
);
CREATE INDEX proposal_owner_due_time_idx ON record.proposal (owner, due_time, record_id, version);
CREATE INDEX proposal_proposer_due_time_idx ON record.proposal (proposer, due_time, record_id, version);
CREATE INDEX proposal_due_time_idx ON record.proposal (due_time) WHERE state = 1;
CREATE INDEX proposal_told_idx ON record.proposal (partition) WHERE told <> state OR telling IS NOT NULL;
