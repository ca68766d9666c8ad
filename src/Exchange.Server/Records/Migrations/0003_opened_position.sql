-- Where in its partition each record was opened: what walks through a partition goes by this, in the order its rows lie in. A table made before gets the
-- column from the log and is put in that order; a field that had its name makes room, as every field named like a column of the system's does. Its indexes
-- get the names that no resource can have, with a `$`; those of fields are made anew and hold the rows that have a value there, so that no plan takes one to
-- find a record by its id. Tables that are not of the hub's making stay as they are.
SET LOCAL citus.multi_shard_modify_mode TO 'sequential';

DO $$
DECLARE
    subject text;
    index text;
    renamed text;
    field text;
BEGIN
    FOR subject IN
        SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'subject' AND c.relkind = 'r' AND 3 = (
            SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname IN ('partition', 'record_id', 'source_versions') AND NOT a.attisdropped)
    LOOP
        IF EXISTS (
            SELECT FROM pg_attribute AS a
            WHERE a.attrelid = format('subject.%I', subject)::regclass AND a.attname = 'opened_position' AND NOT a.attisdropped)
        THEN
            EXECUTE format('ALTER TABLE subject.%I RENAME COLUMN opened_position TO %I', subject, 'opened_position$');
        END IF;
        EXECUTE format('ALTER TABLE subject.%I ADD COLUMN opened_position bigint', subject);
        EXECUTE format(
            'UPDATE subject.%I AS s SET opened_position = e.position FROM log.event AS e '
            'WHERE e.partition = s.partition AND e.stream_id = s.record_id AND e.version = 1', subject);
        EXECUTE format('ALTER TABLE subject.%I ALTER COLUMN opened_position SET NOT NULL', subject);
        FOR index IN
            SELECT c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid = format('subject.%I', subject)::regclass AND starts_with(c.relname, subject || '_')
                AND substr(c.relname, length(subject) + 2) ~ '^(pkey|search_idx|field_[0-9]+_idx)$'
        LOOP
            renamed := subject || '$' || substr(index, length(subject) + 2);
            IF renamed LIKE '%$field\_%' THEN
                SELECT a.attname INTO field
                FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[1]
                WHERE i.indexrelid = format('subject.%I', index)::regclass;
                EXECUTE format('DROP INDEX subject.%I', index);
                EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON subject.%I (partition, %I) WHERE %I IS NOT NULL', renamed, subject, field, field);
            ELSIF to_regclass(format('subject.%I', renamed)) IS NULL THEN
                EXECUTE format('ALTER INDEX subject.%I RENAME TO %I', index, renamed);
            ELSE
                EXECUTE format('DROP INDEX subject.%I', index);
            END IF;
        END LOOP;
        -- A table is not put in the order of an index that says which rows it holds.
        EXECUTE format('CREATE INDEX %I ON subject.%I (partition, opened_position)', subject || '$order_idx', subject);
        EXECUTE format('CLUSTER subject.%I USING %I', subject, subject || '$order_idx');
        EXECUTE format('DROP INDEX subject.%I', subject || '$order_idx');
        EXECUTE format('CREATE INDEX %I ON subject.%I (partition, opened_position) WHERE opened_position IS NOT NULL', subject || '$opened_idx', subject);
        EXECUTE format('ANALYZE subject.%I', subject);
    END LOOP;
END
$$;
