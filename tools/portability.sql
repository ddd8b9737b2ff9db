-- Whether a PostgreSQL schema can be moved to an engine that spreads registers over several machines, as it stands: one
-- row for each thing that is in the way, none when it can. Such engines keep all rows of a register together, found by
-- register_id, so each key and each reference has to carry it; and what works across machines is less than what works
-- on one, so only plain tables of plain types with B-tree indexes are let through.
--
--     psql --file tools/portability.sql DATABASE
WITH
tables AS (
    SELECT c.oid, c.relname::text AS name, (
        SELECT a.attnum FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname = 'register_id' AND a.attnotnull AND NOT a.attisdropped
    ) AS register
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
),
columns AS (
    SELECT t.name, a.attname::text AS col, a.atttypid, a.attidentity, a.attgenerated, d.adbin IS NOT NULL AS defaulted
    FROM tables t
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
),
indexes AS (
    SELECT t.name, t.register, i.indexrelid::regclass::text AS index, i.indkey[0] AS first, i.indisunique AS is_unique,
        i.indisprimary AS is_primary, t.register = ANY (i.indkey::int2[]) AS carries, m.amname AS method,
        i.indexprs IS NOT NULL AS computed
    FROM tables t
    JOIN pg_index i ON i.indrelid = t.oid
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_am m ON m.oid = c.relam
),
constraints AS (
    SELECT t.name, k.*, r.register AS referenced, t.register AS referring
    FROM tables t
    JOIN pg_constraint k ON k.conrelid = t.oid
    LEFT JOIN tables r ON r.oid = k.confrelid
)
SELECT name, 'has no register_id that is never null' AS why FROM tables WHERE register IS NULL
UNION ALL
SELECT name, 'has no primary key' FROM tables t
WHERE NOT EXISTS (SELECT FROM indexes i WHERE i.name = t.name AND i.is_primary)
UNION ALL
SELECT name, 'index ' || index || ' does not begin with register_id' FROM indexes WHERE first IS DISTINCT FROM register
UNION ALL
SELECT name, 'unique index ' || index || ' leaves register_id out' FROM indexes WHERE is_unique AND carries IS NOT TRUE
UNION ALL
SELECT name, 'index ' || index || ' is not a plain B-tree' FROM indexes WHERE method <> 'btree' OR computed
UNION ALL
-- The register refers to the register: the two columns stand in the same place of the key.
SELECT name, 'foreign key ' || conname || ' leaves register_id out' FROM constraints
WHERE contype = 'f' AND (referenced IS NULL OR array_position(conkey, referring) IS NULL
    OR array_position(conkey, referring) IS DISTINCT FROM array_position(confkey, referenced))
UNION ALL
SELECT name, 'foreign key ' || conname || ' acts by itself' FROM constraints
WHERE contype = 'f' AND (confdeltype <> 'a' OR confupdtype <> 'a')
UNION ALL
SELECT name, 'constraint ' || conname || ' can be deferred' FROM constraints WHERE condeferrable
UNION ALL
SELECT name, 'constraint ' || conname || ' is of a kind that can not be spread' FROM constraints
WHERE contype NOT IN ('p', 'f', 'u', 'c', 'n')
UNION ALL
SELECT name, 'column ' || col || ' has the type ' || format_type(atttypid, NULL) FROM columns
WHERE atttypid NOT IN ('uuid'::regtype, 'bytea'::regtype, 'bigint'::regtype, 'text'::regtype)
UNION ALL
SELECT name, 'column ' || col || ' is filled in by the database' FROM columns
WHERE attidentity <> '' OR attgenerated <> '' OR defaulted
UNION ALL
SELECT t.name, 'trigger ' || g.tgname FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT t.name, 'row security' FROM tables t JOIN pg_class c ON c.oid = t.oid WHERE c.relrowsecurity
UNION ALL
SELECT t.name, 'inherits from another table' FROM tables t JOIN pg_inherits h ON h.inhrelid = t.oid
UNION ALL
-- Views, sequences, partitioned and foreign tables; indexes and TOAST belong to tables.
SELECT c.relname::text, 'is not a plain table' FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind NOT IN ('r', 'i', 't')
UNION ALL
SELECT c.relname::text, 'is not written to the log of changes' FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relpersistence <> 'p'
UNION ALL
SELECT p.proname::text, 'is a function' FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
ORDER BY 1, 2;
