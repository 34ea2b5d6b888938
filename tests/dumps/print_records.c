/* SPDX-License-Identifier: Apache-2.0 */
/*
 * print_records [OPTION…] FILE: every record that the reader gives, as it gives it, for
 * scripts that hold the values themselves against where they came from.
 *
 *     columns x6964 x6e616d65
 *     1 12 x31 x - end          number, offset, cells: `x` and their bytes in
 *     2 20 x32 x61 end          hexadecimal digits, `-` is NULL
 *     refused ragged 3 29 1     reason, number, offset, how many records
 *     note ambiguous_null 2     by its place in enum tw_note
 *     all 4
 *
 * Whoever finds no last line has not got all of them. Options: --dump, --encoding,
 * --table, --schema FILE, --columns a,b, --delimiter, --quote, --escape, --null as
 * those of `twinwall impact`; --want a,b: these columns only; --piece N: the source
 * gives N bytes at a time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "impact.h"
#include "impact_data.h"
#include "impact_spec.h"
#include "input.h"

struct job {
    struct tw_arena *arena;
    struct tw_diags *diags;
    struct tw_impact_options options;
    struct tw_str schema, want;
    uint64_t piece;
    struct tw_str path;
};

struct pieces {
    struct tw_input *input;
    size_t most;
};

static enum tw_status read_piece(void *ctx, char *bytes, size_t room, size_t *got)
{
    struct pieces *p = ctx;
    return tw_input_read(p->input, bytes, room < p->most ? room : p->most, got);
}

static bool set_option(struct job *job, const char *name, const char *value)
{
    bool known;
    if (strcmp(name, "schema") == 0) {
        job->schema = tw_str_of(value);
        return true;
    }
    if (strcmp(name, "want") == 0) {
        job->want = tw_str_of(value);
        return true;
    }
    if (strcmp(name, "piece") == 0)
        return tw_parse_u64(tw_str_of(value), 1 << 30, &job->piece) && job->piece;
    return tw_impact_option_set(job->arena, &job->options, name, tw_str_of(value),
                                tw_fmt(job->arena, "--%s", name), TW_NOWHERE,
                                job->diags, &known);
}

static void print_hex(struct tw_str text)
{
    fputs(" x", stdout);
    for (size_t i = 0; i < text.len; i++)
        printf("%02x", (unsigned)(unsigned char)text.ptr[i]);
}

static struct tw_records *open_records(struct job *job, struct pieces *pieces)
{
    const struct tw_impact_options *o = &job->options;
    struct tw_byte_source source = {read_piece, pieces};
    struct tw_utf8_stream *stream =
        tw_utf8_stream_open(job->arena, source, o->encoding, job->path, job->diags);
    if (!stream)
        return NULL;
    const struct tw_dump *dump =
        o->dump.len
            ? tw_dump_by_name(o->dump)
            : tw_dump_detect(tw_utf8_stream_head(stream), job->path, job->diags);
    if (!dump)
        return NULL;
    const struct tw_dump_open how = {.arena = job->arena,
                                     .stream = stream,
                                     .name = job->path,
                                     .dialect = &o->dialect,
                                     .table = o->table,
                                     .schema = job->schema,
                                     .diags = job->diags};
    return dump->open(&how);
}

/* The places of the columns that are wanted; SIZE_MAX: there is none of that name. */
static size_t *find_wanted(const struct job *job, struct tw_records *records,
                           size_t *count)
{
    TW_VEC(size_t) wanted = {0};
    struct tw_str rest = job->want, name;
    for (size_t i = 0; job->want.len == 0 && i < records->ncolumns; i++)
        *tw_vec_add(job->arena, &wanted) = i;
    while (job->want.len && tw_str_split(&rest, ',', &name)) {
        size_t at = SIZE_MAX;
        for (size_t i = 0; !records->column && i < records->ncolumns; i++)
            if (tw_str_eq(records->columns[i].name, name) ||
                tw_str_eq(records->columns[i].alias, name))
                at = i;
        *tw_vec_add(job->arena, &wanted) =
            records->column ? records->column(records, name) : at;
    }
    *count = wanted.len;
    return wanted.at;
}

static void print_record(const struct tw_record *record)
{
    printf("%" PRIu64 " %" PRIu64, record->number, record->offset);
    for (size_t i = 0; i < record->nfields; i++) {
        const struct tw_record_field *field = &record->fields[i];
        if (field->is_null)
            fputs(" -", stdout);
        else
            print_hex((struct tw_str){field->ptr, field->len});
    }
    puts(" end");
}

static enum tw_status print_all(struct tw_records *records)
{
    uint64_t all = 0;
    for (;;) {
        struct tw_record record = {0};
        enum tw_next next = records->next(records, &record);
        if (next == TW_NEXT_END)
            break;
        if (next != TW_NEXT_RECORD && next != TW_NEXT_REFUSED)
            return TW_ERR_INPUT;
        if (next == TW_NEXT_RECORD)
            print_record(&record);
        else
            printf("refused %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                   tw_refusal_name(record.refusal), record.number, record.offset,
                   record.times);
        all += next == TW_NEXT_RECORD ? 1 : record.times;
    }
    for (size_t i = 0; i < TW_NOTE_COUNT; i++)
        if (records->notes[i])
            printf("note %zu %" PRIu64 "\n", i, records->notes[i]);
    printf("all %" PRIu64 "\n", all);
    return TW_OK;
}

static enum tw_status run(void *ctx)
{
    struct job *job = ctx;
    struct pieces pieces = {
        .input = tw_input_open(job->arena, job->path, job->path, job->diags),
        .most = (size_t)job->piece};
    if (!pieces.input)
        return TW_ERR_INPUT;
    struct tw_records *records = open_records(job, &pieces);
    if (!records)
        return TW_ERR_INPUT;
    size_t count, *wanted = find_wanted(job, records, &count);
    fputs("columns", stdout);
    for (size_t i = 0; i < count; i++) {
        if (wanted[i] >= records->ncolumns) {
            fprintf(stderr, "there is no wanted column %zu\n", i + 1);
            return TW_ERR_INPUT;
        }
        print_hex(records->columns[wanted[i]].name);
    }
    puts("");
    records->want(records, wanted, count);
    return print_all(records);
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    struct tw_diags diags;
    struct job job = {.arena = &arena, .diags = &diags, .piece = 1 << 30};
    tw_arena_init(&arena, (size_t)1 << 30);
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    tw_impact_options_init(&job.options);
    int at = 1;
    bool ok = true;
    for (; ok && at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2)
        ok = set_option(&job, argv[at] + 2, argv[at + 1]);
    if (!ok || at + 1 != argc) {
        fprintf(stderr, "usage: print_records [OPTION VALUE]… FILE\n");
        tw_arena_release(&arena);
        return 2;
    }
    job.path = tw_str_of(argv[at]);
    enum tw_status status = tw_arena_run(&arena, run, &job);
    struct tw_buf told;
    tw_buf_init(&told, &arena);
    tw_diags_print(&diags, false, true, &told);
    fprintf(stderr, "%.*s", (int)told.len, tw_buf_view(&told).ptr);
    tw_arena_release(&arena);
    return status == TW_OK ? 0 : 1;
}
