-- A program from before format 2 that still runs would not find the answers of several units, and decide them again: its statements fail from here on.
ALTER TABLE log.idempotency RENAME COLUMN outcome TO answer;
