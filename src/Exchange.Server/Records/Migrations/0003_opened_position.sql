-- Where in its partition each record was opened: what walks through a partition goes by this, in the order its rows lie in. A table made before gets the
-- column from the log; a field that had its name makes room, as every field named like a column of the system's does. Its indexes get the names that
-- no resource can have, with a `$`.
DO $$
DECLARE
    subject text;
    index text;
BEGIN
    FOR subject IN
        SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'subject' AND c.relkind = 'r'
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
        LOOP
            EXECUTE format('ALTER INDEX subject.%I RENAME TO %I', index, subject || '$' || substr(index, length(subject) + 2));
        END LOOP;
        EXECUTE format('CREATE INDEX %I ON subject.%I (partition, opened_position)', subject || '$opened_idx', subject);
    END LOOP;
END
$$;
