-- One row per resource that was ever published: whoever publishes holds its lock, on whichever node. A small reference table.
CREATE SCHEMA catalog;
CREATE TABLE catalog.publication (
    resource text NOT NULL,
    CONSTRAINT publication_pkey PRIMARY KEY (resource)
);
