/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders that Dumpling and mydumper write, by the names of their files:
 *
 *     metadata                             when, from where, and whether it is finished
 *     pay-schema-create.sql                CREATE DATABASE
 *     pay.bill-schema.sql                  CREATE TABLE
 *     pay.bill.000000000.sql (.csv, .gz)   data; the numbers may be missing
 *
 * Special characters of names are %XX. Of a dump from TiDB, `Pos` is the timestamp of
 * the snapshot: milliseconds since 1970 in its upper bits, exact, and in UTC; the times
 * in the text carry no zone.
 */
#include "dataset.h"
#include "date.h"
#include "input.h"
#include "num.h"
#include "sql_table.h"

enum { METADATA_MAX = 64 << 20, TSO_SHIFT = 18 };

/* NAME without a suffix of compression. */
static struct tw_str uncompressed(struct tw_str name)
{
    static const char *const suffixes[] = {".gz", ".zst", ".xz"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (tw_str_ends(name, suffixes[i]))
            return tw_str_first(name, name.len - tw_str_of(suffixes[i]).len);
    return name;
}

static bool is_digits(struct tw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!tw_is_digit(s.ptr[i]))
            return false;
    return s.len > 0;
}

/* The last piece of NAME behind a point; empty where there is none. */
static struct tw_str last_piece(struct tw_str name)
{
    size_t n = name.len;
    while (n > 0 && name.ptr[n - 1] != '.')
        n--;
    return n ? tw_str_from(name, n) : TW_STR("");
}

static size_t points(struct tw_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '.';
    return n;
}

/* The name of a data file is DB.TABLE[.N…].(sql|csv): *STEM is "DB.TABLE". */
static bool data_stem(struct tw_str name, struct tw_str *stem)
{
    struct tw_str s = uncompressed(name);
    if (!tw_str_ends(s, ".sql") && !tw_str_ends(s, ".csv"))
        return false;
    s = tw_str_first(s, s.len - 4);
    while (points(s) > 1 && is_digits(last_piece(s)))
        s = tw_str_first(s, s.len - last_piece(s).len - 1);
    *stem = s;
    return points(s) == 1 && s.ptr[0] != '.' && !tw_str_ends(s, ".");
}

static bool is_schema(struct tw_str name)
{
    return tw_str_ends(uncompressed(name), "-schema.sql");
}

/* What is neither data nor the declaration of a table. */
static bool is_about(struct tw_str name)
{
    static const char *const suffixes[] = {
        "-schema-create.sql",   "-schema-view.sql", "-schema-triggers.sql",
        "-schema-trigger.sql",  "-schema-post.sql", "-schema-sequence.sql",
        "-schema-policies.sql", "-metadata",        "-checksum"};
    struct tw_str s = uncompressed(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (tw_str_ends(s, suffixes[i]))
            return true;
    return tw_str_is(name, "metadata") || tw_str_is(name, "metadata.partial");
}

static bool has(const struct tw_folder *folder, const char *name)
{
    for (size_t i = 0; i < folder->names.len; i++)
        if (tw_str_is(folder->names.at[i], name))
            return true;
    return false;
}

static const struct tw_source *read_metadata(struct tw_arena *arena,
                                             const struct tw_folder *folder,
                                             struct tw_diags *diags)
{
    struct tw_buf path;
    tw_buf_init(&path, arena);
    tw_buf_str(&path, folder->path);
    tw_buf_text(&path, "metadata");
    struct tw_str at = tw_buf_view(&path);
    return tw_source_load(arena, at, at, METADATA_MAX, TW_STR("UTF-8"), diags);
}

/* The rest of the first line of TEXT that begins with KEY, blanks and "#" before it
 * left out; empty: none does. */
static struct tw_str value_of(struct tw_str text, const char *key)
{
    struct tw_str line;
    while (tw_str_split(&text, '\n', &line)) {
        line = tw_str_trim(line);
        if (tw_str_starts(line, "#"))
            line = tw_str_trim(tw_str_from(line, 1));
        if (tw_str_starts(line, key))
            return tw_str_trim(tw_str_from(line, tw_str_of(key).len));
    }
    return TW_STR("");
}

bool tw_dumpling_is(struct tw_arena *arena, const struct tw_folder *folder)
{
    if (has(folder, "metadata")) {
        struct tw_diags quiet;
        tw_diags_init(&quiet, arena, TW_LANG_EN);
        const struct tw_source *src = read_metadata(arena, folder, &quiet);
        if (src && value_of(src->text, "Started dump at:").len)
            return true;
    }
    bool data = false, schema = false;
    for (size_t i = 0; i < folder->names.len; i++) {
        struct tw_str stem, name = folder->names.at[i];
        schema |= tw_str_ends(uncompressed(name), "-schema-create.sql");
        data |= !is_schema(name) && !is_about(name) && data_stem(name, &stem);
    }
    return data && schema;
}

struct tw_str tw_tso_text(struct tw_arena *arena, uint64_t tso)
{
    enum { DAY = 86400000 };
    uint64_t ms = tso >> TSO_SHIFT;
    int64_t year;
    unsigned month, day, clock = (unsigned)(ms % DAY);
    tw_day_civil((int64_t)(ms / DAY), &year, &month, &day);
    return tw_fmt(arena, "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ", (int)year, month, day,
                  clock / 3600000, clock / 60000 % 60, clock / 1000 % 60, clock % 1000);
}

/* The time of the data: by the snapshot's timestamp, else as the text has it. */
static struct tw_str time_of(struct tw_arena *arena, struct tw_str metadata)
{
    uint64_t tso;
    if (tw_str_is(value_of(metadata, "Log:"), "tidb-binlog") &&
        tw_parse_u64(value_of(metadata, "Pos:"), UINT64_MAX, &tso))
        return tw_tso_text(arena, tso);
    return tw_str_copy(arena, value_of(metadata, "Started dump at:"));
}

struct table {
    struct tw_str stem; /* as file names have it */
    struct tw_str db, name;
};

static struct table table_of(struct tw_arena *arena, struct tw_str stem)
{
    size_t n = tw_str_find(stem, '.');
    return (struct table){stem, tw_percent_decode(arena, tw_str_first(stem, n)),
                          tw_percent_decode(arena, tw_str_from(stem, n + 1))};
}

static struct tw_str schema_path(struct tw_arena *arena, const struct tw_folder *folder,
                                 struct tw_str stem)
{
    struct tw_buf path;
    tw_buf_init(&path, arena);
    for (size_t i = 0; i < folder->names.len; i++) {
        struct tw_str name = folder->names.at[i];
        if (!is_schema(name) || uncompressed(name).len != stem.len + 11 ||
            !tw_str_eq(tw_str_first(name, stem.len), stem))
            continue;
        tw_buf_str(&path, folder->path);
        tw_buf_str(&path, name);
        break;
    }
    return tw_buf_view(&path);
}

static bool refuse(struct tw_diags *diags, enum tw_diag_id id,
                   const struct tw_folder *folder, struct tw_str what)
{
    TW_DIAG(diags, id, TW_NOWHERE, folder->path, what);
    return false;
}

struct choice {
    struct tw_arena *arena;
    const struct tw_folder *folder;
    struct tw_str asked;
    TW_VEC(struct table) tables; /* with data, each once */
    struct tw_buf names;
    struct table chosen;
    size_t matches;
};

static void add_table(struct choice *c, struct tw_str stem, bool data)
{
    struct table t = table_of(c->arena, stem);
    for (size_t i = 0; i < c->tables.len; i++)
        if (tw_str_eq(c->tables.at[i].stem, stem))
            return;
    *tw_vec_add(c->arena, &c->tables) = t;
    tw_buf_text(&c->names, c->names.len ? ", " : "");
    tw_buf_str(&c->names, tw_sql_table_text(c->arena, t.db, t.name));
    bool asked = c->asked.len ? tw_sql_table_is(c->asked, t.db, t.name) : data;
    if (asked)
        c->chosen = t;
    c->matches += asked;
}

/* Which table? Tables without data count where they are asked for by name. */
static bool choose(struct choice *c, struct tw_diags *diags)
{
    const struct tw_folder *f = c->folder;
    for (size_t i = 0; i < f->names.len; i++) {
        struct tw_str stem, name = f->names.at[i];
        if (is_schema(name) || is_about(name))
            continue;
        if (!data_stem(name, &stem)) {
            struct tw_buf path;
            tw_buf_init(&path, c->arena);
            tw_buf_str(&path, f->path);
            tw_buf_str(&path, name);
            TW_DIAG(diags, TW_D_dumpling_stranger, TW_NOWHERE, tw_buf_view(&path));
            return false;
        }
        add_table(c, stem, true);
    }
    for (size_t i = 0; i < f->names.len; i++) {
        struct tw_str name = uncompressed(f->names.at[i]);
        if (is_schema(name) && points(name) == 2)
            add_table(c, tw_str_first(name, name.len - 11), false);
    }
    if (c->matches > 1)
        return refuse(diags, TW_D_sql_tables_several, f, tw_buf_view(&c->names));
    if (c->matches == 0 && c->asked.len)
        TW_DIAG(diags, TW_D_sql_table_missing, TW_NOWHERE, f->path, c->asked,
                c->names.len ? tw_buf_view(&c->names) : TW_STR("-"));
    return c->matches > 0 || c->asked.len == 0;
}

bool tw_dumpling_expand(struct tw_arena *arena, const struct tw_folder *folder,
                        struct tw_str table, struct tw_dataset_files *files,
                        struct tw_diags *diags)
{
    if (!has(folder, "metadata"))
        return refuse(diags, TW_D_dumpling_unfinished, folder, TW_STR("metadata"));
    const struct tw_source *src = read_metadata(arena, folder, diags);
    if (!src)
        return false;
    if (value_of(src->text, "Finished dump at:").len == 0)
        return refuse(diags, TW_D_dumpling_unfinished, folder,
                      TW_STR("Finished dump at"));
    struct choice c = {.arena = arena, .folder = folder, .asked = table};
    tw_buf_init(&c.names, arena);
    if (!choose(&c, diags))
        return false;
    struct tw_str schema = schema_path(arena, folder, c.chosen.stem);
    struct tw_str as_of = time_of(arena, src->text);
    for (size_t i = 0; i < folder->names.len; i++) {
        struct tw_str stem, name = folder->names.at[i];
        if (is_schema(name) || is_about(name) || !data_stem(name, &stem) ||
            !tw_str_eq(stem, c.chosen.stem))
            continue;
        struct tw_buf path;
        tw_buf_init(&path, arena);
        tw_buf_str(&path, folder->path);
        tw_buf_str(&path, name);
        *tw_vec_add(arena, &files->list) =
            (struct tw_dataset_file){.path = tw_buf_view(&path),
                                     .dump = TW_STR("dumpling"),
                                     .table = c.chosen.name,
                                     .schema = schema,
                                     .as_of = as_of};
    }
    return true;
}

struct tw_str tw_dumpling_schema_of(struct tw_arena *arena, struct tw_str path)
{
    size_t folder = path.len;
    struct tw_str stem;
    while (folder && path.ptr[folder - 1] != '/')
        folder--;
    struct tw_str name = tw_str_from(path, folder);
    if (is_schema(name) || is_about(name) || !data_stem(name, &stem))
        return TW_STR("");
    struct tw_buf out;
    tw_buf_init(&out, arena);
    tw_buf_str(&out, tw_str_first(path, folder));
    tw_buf_str(&out, stem);
    tw_buf_text(&out, "-schema.sql");
    return tw_buf_view(&out);
}
