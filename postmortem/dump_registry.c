/* SPDX-License-Identifier: Apache-2.0 */
/* The dump formats, and the choice of one by content. */
#include <string.h>

#include "record.h"

#define X(name) extern const struct tw_dump tw_dump_##name;
#include "dumps.inc"
#undef X

const struct tw_dump *const tw_dumps[] = {
#define X(name) &tw_dump_##name,
#include "dumps.inc"
#undef X
    NULL};

const struct tw_dialect tw_dialect_default = {
    .delimiter = -1,
    .quote = -1,
    .escape = -1,
    .record_max = (size_t)64 << 20,
    .buffer = (size_t)256 << 10,
};

const struct tw_dump *tw_dump_by_name(struct tw_str name)
{
    for (size_t i = 0; tw_dumps[i]; i++)
        if (tw_str_is(name, tw_dumps[i]->name))
            return tw_dumps[i];
    return NULL;
}

/* Hive rewrites the rows of its own files. */
#define IN_HIVE                                                          \
    "INSERT OVERWRITE DIRECTORY '/tmp/out' ROW FORMAT DELIMITED FIELDS " \
    "TERMINATED BY '\\001' SELECT * FROM TABLE"

/* Tables in binary, and the command that has their engine write text. */
static const struct {
    const char *magic, *what, *instead;
} binary[] = {
    {"PAR1", "Parquet",
     "duckdb -c \"COPY (SELECT * FROM 'FILE') TO 'out.csv' (HEADER, NULLSTR '\\N')\", "
     "or "
     "clickhouse local -q \"SELECT * FROM file('FILE', Parquet) FORMAT CSVWithNames\" "
     ">out.csv"},
    {"ORC", "ORC",
     "hive --orcfiledump -d FILE >out.jsonl, or clickhouse local -q \"SELECT * FROM "
     "file('FILE', ORC) FORMAT CSVWithNames\" >out.csv"},
    {"PGDMP", "an archive of pg_dump", "pg_restore -f out.sql FILE"},
    {"SEQ\x04", "SequenceFile", IN_HIVE},
    {"SEQ\x05", "SequenceFile", IN_HIVE},
    {"SEQ\x06", "SequenceFile", IN_HIVE},
    {"RCF\x01", "RCFile", IN_HIVE},
    {"Obj\x01", "Avro",
     "avro-tools tojson FILE >out.jsonl, or clickhouse local -q \"SELECT * FROM "
     "file('FILE', Avro) FORMAT CSVWithNames\" >out.csv"},
};

bool tw_dump_tell_binary(struct tw_str head, struct tw_str file_name,
                         struct tw_diags *diags)
{
    for (size_t i = 0; i < sizeof binary / sizeof binary[0]; i++)
        if (tw_str_starts(head, binary[i].magic)) {
            TW_DIAG(diags, TW_D_dump_binary_table, TW_NOWHERE, file_name,
                    tw_str_of(binary[i].what), tw_str_of(binary[i].instead));
            return true;
        }
    return false;
}

/* Well-known beginnings that no format here reads: taken for delimited text they would
 * give an answer that means nothing. */
static const struct {
    const char *magic, *what;
} foreign[] = {
    {"PK\x03\x04", "ZIP or XLSX"},
    {"<?xml", "XML"},
    {"PRAGMA ", "SQLite's SQL"},
    {"{", "JSON"},
    {"[{", "JSON"},
    {"%PDF", "PDF"},
    {"\x7f"
     "ELF",
     "ELF"},
    {"SQLite format 3", "SQLite"},
};

const struct tw_dump *tw_dump_detect(struct tw_str head, struct tw_str file_name,
                                     struct tw_diags *diags)
{
    if (tw_dump_tell_binary(head, file_name, diags))
        return NULL;
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (tw_str_starts(head, foreign[i].magic)) {
            TW_DIAG(diags, TW_D_dump_format_foreign, TW_NOWHERE, file_name,
                    tw_str_of(foreign[i].what));
            return NULL;
        }
    const struct tw_dump *best = NULL;
    unsigned best_score = 0;
    for (size_t i = 0; tw_dumps[i]; i++) {
        unsigned score = tw_dumps[i]->probe(head, file_name);
        if (score > best_score) {
            best = tw_dumps[i];
            best_score = score;
        }
    }
    if (!best)
        TW_DIAG(diags, TW_D_dump_format_unknown, TW_NOWHERE, file_name);
    return best;
}
