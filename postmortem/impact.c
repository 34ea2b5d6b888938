/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the count: the plan from the options, then file after file. */
#include "impact.h"

#include <string.h>

#include "answers_plan.h"
#include "input.h"
#include "scan.h"

enum { GROUPS_MAX = 1000000, DISTINCT_MAX = 10000000, LOOK_UP_EVERY = 4096 };

void tw_impact_options_init(struct tw_impact_options *options)
{
    *options = (struct tw_impact_options){.dialect = tw_dialect_default,
                                          .groups_max = GROUPS_MAX,
                                          .distinct_max = DISTINCT_MAX};
    tw_answers_options_init(options);
}

void tw_said_add(struct tw_arena *arena, struct tw_said_list *list, struct tw_str text,
                 struct tw_str name)
{
    *tw_vec_add(arena, &list->list) = (struct tw_said){text, name};
}

static const struct tw_source *source_of(struct tw_arena *arena, struct tw_said said)
{
    return tw_source_new(arena, said.name, said.text);
}

static bool parse_rules(struct tw_impact *im, const struct tw_said_list *said,
                        struct tw_record_rule **rules, size_t *count)
{
    bool ok = true;
    *count = said->list.len;
    *rules = tw_new_array(im->arena, *count, struct tw_record_rule);
    for (size_t i = 0; i < *count; i++)
        ok &= tw_record_rule_parse(im->arena, source_of(im->arena, said->list.at[i]),
                                   &im->plan.refs, im->diags, &(*rules)[i]);
    return ok;
}

static bool parse_column(struct tw_impact *im, const struct tw_source *src,
                         struct tw_str text, size_t *column)
{
    return tw_column_ref_parse(im->arena, src, text, &im->plan.refs, im->diags, column);
}

static bool parse_measured(struct tw_impact *im, const struct tw_said_list *said,
                           struct tw_measured **out, size_t *count)
{
    bool ok = true;
    *count = said->list.len;
    *out = tw_new_array(im->arena, *count, struct tw_measured);
    for (size_t i = 0; i < *count; i++) {
        const struct tw_source *src = source_of(im->arena, said->list.at[i]);
        (*out)[i].text = tw_str_trim(src->text);
        ok &= parse_column(im, src, src->text, &(*out)[i].column);
    }
    return ok;
}

/* COLUMN[:month|day|hour] */
static bool parse_by(struct tw_impact *im, const struct tw_said_list *said)
{
    static const char *const units[] = {NULL, ":month", ":day", ":hour"};
    bool ok = true;
    struct tw_count_plan *plan = &im->plan;
    plan->nby = said->list.len;
    plan->by = tw_new_array(im->arena, plan->nby, struct tw_by);
    for (size_t i = 0; i < plan->nby; i++) {
        struct tw_by *by = &plan->by[i];
        const struct tw_source *src = source_of(im->arena, said->list.at[i]);
        struct tw_str column = tw_str_trim(src->text);
        by->text = by->title = column;
        for (size_t u = TW_BUCKET_MONTH; u <= TW_BUCKET_HOUR; u++)
            if (tw_str_ends(column, units[u])) {
                by->bucket = (enum tw_bucket)u;
                column = tw_str_first(column, column.len - strlen(units[u]));
            }
        if (!parse_column(im, src, column, &by->column)) {
            ok = false;
            continue;
        }
        const struct tw_column_ref *ref = &plan->refs.list.at[by->column];
        if (ref->kind == TW_COLUMN_NAME)
            by->title = ref->name;
    }
    /* Two cuts of one column are told apart by what was written. */
    for (size_t i = 0; ok && i < plan->nby; i++)
        for (size_t k = 0; k < plan->nby; k++)
            if (k != i && plan->by[k].column == plan->by[i].column)
                plan->by[i].title = plan->by[i].text;
    return ok;
}

static bool parse_zone(struct tw_impact *im)
{
    struct tw_str zone = im->options->zone;
    if (zone.len == 0)
        return true;
    if (!tw_tz_parse(zone, &im->plan.zone)) {
        TW_DIAG(im->diags, TW_D_impact_zone_unknown, TW_NOWHERE, zone);
        return false;
    }
    for (size_t i = 0; i < im->plan.nby; i++)
        if (im->plan.by[i].bucket != TW_BUCKET_NONE)
            return true;
    TW_DIAG(im->diags, TW_D_impact_zone_unused, TW_NOWHERE);
    return false;
}

struct tw_impact *tw_impact_new(struct tw_arena *arena,
                                const struct tw_impact_options *options,
                                struct tw_diags *diags)
{
    struct tw_impact *im = tw_new(arena, struct tw_impact);
    *im = (struct tw_impact){.arena = arena, .diags = diags, .options = options};
    struct tw_count_plan *plan = &im->plan;
    plan->groups_max = options->groups_max;
    plan->distinct_max = options->distinct_max;
    bool ok = options->wrong.list.len > 0;
    if (!ok)
        TW_DIAG(diags, TW_D_impact_no_rule, TW_NOWHERE);
    ok &= parse_rules(im, &options->wrong, &plan->wrong, &plan->nwrong);
    ok &= parse_rules(im, &options->where, &plan->where, &plan->nwhere);
    ok &= parse_measured(im, &options->distinct, &plan->distinct, &plan->ndistinct);
    ok &= parse_measured(im, &options->sums, &plan->sums, &plan->nsums);
    ok &= parse_by(im, &options->by);
    ok = ok && parse_zone(im);
    if (options->dump.len && !tw_dump_by_name(options->dump)) {
        const char *names[64];
        size_t n = 0;
        for (; tw_dumps[n] && n < 63; n++)
            names[n] = tw_dumps[n]->name;
        names[n] = NULL;
        const char *near = tw_nearest(options->dump, names);
        TW_DIAG(diags, TW_D_dump_format_unheard, TW_NOWHERE, options->dump,
                tw_str_of(near ? near : "csv, tsv"));
        ok = false;
    }
    ok &= tw_answers_plan_make(im);
    if (!ok)
        return NULL;
    tw_count_plan_needles(plan, arena);
    tw_tally_init(&im->tally, arena, plan);
    return im;
}

/* The tally stopped by itself: an answer would be wrong, so there is none. */
static enum tw_status tell_stop(struct tw_impact *im)
{
    const struct tw_tally *t = &im->tally;
    const struct tw_count_plan *plan = &im->plan;
    switch (t->stop) {
    case TW_TALLY_GROUPS_FULL:
        TW_DIAG(im->diags, TW_D_impact_groups_full, TW_NOWHERE,
                tw_thousands(im->arena, plan->groups_max));
        break;
    case TW_TALLY_DISTINCT_FULL:
        TW_DIAG(im->diags, TW_D_impact_distinct_full, TW_NOWHERE,
                plan->distinct[t->stop_index].text,
                tw_thousands(im->arena, plan->distinct_max));
        break;
    case TW_TALLY_SUM_OVERFLOW:
        TW_DIAG(im->diags, TW_D_impact_sum_overflow, TW_NOWHERE,
                plan->sums[t->stop_index].text);
        break;
    case TW_TALLY_ZONES_MIXED:
        TW_DIAG(im->diags, TW_D_impact_zones_mixed, TW_NOWHERE,
                plan->by[t->stop_index].text);
        break;
    case TW_TALLY_ANSWERS_FULL:
        tw_answers_tell_full(im);
        break;
    case TW_TALLY_GOES_ON:
        return TW_OK;
    }
    return TW_ERR_INPUT;
}

/* Where the loop looks up: the input's position for progress. */
struct position {
    struct tw_input *input; /* NULL: unknown */
    struct tw_str name;
    const struct tw_dataset_file *file;
};

static bool look_up(struct tw_impact *im, const struct position *at)
{
    const struct tw_impact_options *o = im->options;
    if (o->progress && at->input)
        o->progress(o->ctx, at->name, tw_input_taken(at->input),
                    tw_input_size(at->input));
    if (o->stop && o->stop(o->ctx))
        im->partial = true;
    return im->partial;
}

static enum tw_status end_of(struct tw_impact *im, enum tw_next next)
{
    im->partial |= next == TW_NEXT_STOPPED;
    return next == TW_NEXT_FAILED ? TW_ERR_INPUT : TW_OK;
}

static bool asked_to_stop(void *ctx)
{
    const struct tw_impact *im = ctx;
    return im->options->stop && im->options->stop(im->options->ctx);
}

static void show_progress(void *ctx, uint64_t done)
{
    const struct tw_impact *im = ctx;
    const struct tw_impact_options *o = im->options;
    const struct tw_impact_file *file = &im->files.at[im->files.len - 1];
    if (o->progress && im->input)
        o->progress(o->ctx, file->name,
                    im->scans_file ? done : tw_input_taken(im->input),
                    tw_input_size(im->input));
}

static const struct tw_count_plan *plan_again(void *ctx, struct tw_arena *arena)
{
    const struct tw_impact *im = ctx;
    struct tw_diags *diags = tw_new(arena, struct tw_diags);
    tw_diags_init(diags, arena, im->diags->lang);
    /* Files are not read again: a pipe would be empty. What they say is for the report
     * alone; the columns of --keyed are those of --by. */
    struct tw_impact_options *options = tw_new(arena, struct tw_impact_options);
    *options = *im->options;
    options->baseline = options->key_file = TW_STR("");
    options->fail_on_drift = false;
    options->keyed.list.len = 0;
    const struct tw_impact *again = tw_impact_new(arena, options, diags);
    return again ? &again->plan : NULL;
}

/* Delimited text is scanned, a plain file by several threads. */
static enum tw_status scan_records(struct tw_impact *im, struct tw_records *records,
                                   const struct tw_binding *binding,
                                   const struct position *at)
{
    size_t file = im->files.len - 1;
    const struct tw_scan_how how = {.threads = im->options->threads,
                                    .chunk = im->options->chunk,
                                    .kernel = im->options->kernel,
                                    .stop = asked_to_stop,
                                    .progress = show_progress,
                                    .ctx = im};
    int fd = at->input && tw_text_records_is_plain(records) && !im->options->fingerprint
                 ? tw_input_plain_file(at->input)
                 : -1;
    im->input = at->input;
    im->scans_file = fd >= 0;
    enum tw_next next;
    if (fd >= 0) {
        const struct tw_scan_file in = {
            fd, tw_text_records_offset(records, records->text->start),
            tw_input_size(at->input), at->name};
        next = tw_scan_file(&in, records, binding, &im->tally, file, &how, plan_again,
                            im, im->diags);
    } else {
        next = tw_scan_stream(records, binding, &im->tally, file, &how);
    }
    return im->tally.stop == TW_TALLY_GOES_ON ? end_of(im, next) : tell_stop(im);
}

static enum tw_status count_records(struct tw_impact *im, struct tw_records *records,
                                    const struct tw_binding *binding,
                                    const struct position *at)
{
    size_t file = im->files.len - 1;
    if (records->text && !im->options->record_by_record)
        return scan_records(im, records, binding, at);
    struct tw_record record;
    for (unsigned i = 0;; i++) {
        if (i % LOOK_UP_EVERY == 0 && look_up(im, at))
            return TW_OK;
        enum tw_next next = records->next(records, &record);
        if (next == TW_NEXT_RECORD)
            tw_tally_record(&im->tally, &record, binding, file);
        else if (next == TW_NEXT_REFUSED)
            tw_tally_refuse(&im->tally, &record, file);
        else
            return end_of(im, next);
        if (im->tally.stop != TW_TALLY_GOES_ON)
            return tell_stop(im);
    }
}

/* The partitions of its path, as columns of the file. */
static void add_constants(struct tw_arena *arena, const struct tw_partitions *from,
                          struct tw_records *records)
{
    size_t n = from->list.len;
    struct tw_column *columns = tw_new_array(arena, n, struct tw_column);
    struct tw_record_field *fields = tw_new_array(arena, n, struct tw_record_field);
    for (size_t i = 0; i < n; i++) {
        const struct tw_partition *p = &from->list.at[i];
        columns[i].name = p->name;
        fields[i] = (struct tw_record_field){p->value.ptr,
                                             p->is_null ? 0 : p->value.len, p->is_null};
    }
    records->constant_columns = columns;
    records->constants = fields;
    records->nconstants = n;
}

static enum tw_status read_input(void *ctx, char *bytes, size_t room, size_t *got)
{
    return tw_input_read(ctx, bytes, room, got);
}

static enum tw_status lend_input(void *ctx, struct tw_str *bytes)
{
    return tw_input_block(ctx, bytes);
}

static struct tw_records *open_records(struct tw_impact *im, struct tw_arena *arena,
                                       struct tw_byte_source source,
                                       const struct position *at)
{
    const struct tw_impact_options *o = im->options;
    const struct tw_dataset_file *from = at->file;
    struct tw_str name = at->name, format = o->dump.len ? o->dump : from->dump;
    struct tw_utf8_stream *stream =
        tw_utf8_stream_open(arena, source, o->encoding, name, im->diags);
    if (!stream)
        return NULL;
    if (source.read == read_input)
        tw_utf8_stream_lend(stream, lend_input);
    const struct tw_dump *dump =
        format.len ? tw_dump_by_name(format)
                   : tw_dump_detect(tw_utf8_stream_head(stream), name, im->diags);
    if (!dump)
        return NULL;
    struct tw_impact_file *file = &im->files.at[im->files.len - 1];
    file->format = dump->name;
    file->encoding = tw_str_copy(im->arena, tw_utf8_stream_encoding(stream));
    struct tw_dump_open how = {
        .arena = arena,
        .stream = stream,
        .name = name,
        .dialect = &o->dialect,
        .table = o->dump.len == 0 && from->table.len ? from->table : o->table,
        .schema = from->schema,
        .stop = o->stop,
        .stop_ctx = o->ctx,
        .diags = im->diags};
    struct tw_records *records = dump->open(&how);
    if (records)
        add_constants(arena, &from->partitions, records);
    return records;
}

static enum tw_status add_file(struct tw_impact *im, struct tw_arena *arena,
                               struct tw_byte_source source, const struct position *at)
{
    uint64_t read = im->tally.read, counted = im->tally.counted;
    struct tw_records *records = open_records(im, arena, source, at);
    if (!records) {
        im->partial = im->options->stop && im->options->stop(im->options->ctx);
        return im->partial ? TW_OK : TW_ERR_INPUT;
    }
    if (records->no_header) {
        TW_DIAG(im->diags, TW_D_dump_empty, TW_NOWHERE, at->name);
        im->headless = true;
        return TW_OK;
    }
    struct tw_binding binding;
    if (!tw_binding_make(arena, &im->plan.refs, records, at->name, im->diags, &binding))
        return TW_ERR_INPUT;
    if (im->answers.health.all && records->column) {
        TW_DIAG(im->diags, TW_D_health_columns_open, TW_NOWHERE, at->name);
        return TW_ERR_INPUT;
    }
    if (!tw_answers_bind(im, &binding))
        return TW_ERR_INPUT;
    enum tw_status status = count_records(im, records, &binding, at);
    tw_tally_settle(&im->tally);
    if (status == TW_OK && im->tally.stop != TW_TALLY_GOES_ON)
        status = tell_stop(im);
    struct tw_impact_file *file = &im->files.at[im->files.len - 1];
    memcpy(file->notes, records->notes, sizeof file->notes);
    file->as_of =
        records->as_of.len ? tw_str_copy(im->arena, records->as_of) : at->file->as_of;
    file->read = im->tally.read - read;
    file->refused = file->read - (im->tally.counted - counted);
    return status;
}

enum tw_status tw_impact_add(struct tw_impact *im, struct tw_byte_source source,
                             struct tw_str name)
{
    *tw_vec_add(im->arena, &im->files) =
        (struct tw_impact_file){.name = name, .compression = "plain"};
    struct tw_arena *arena = tw_arena_child(im->arena);
    const struct tw_dataset_file file = {.path = name};
    struct position at = {NULL, name, &file};
    enum tw_status status = add_file(im, arena, source, &at);
    tw_arena_release(arena);
    return status;
}

static enum tw_status add_path(struct tw_impact *im, const struct tw_dataset_file *file)
{
    struct tw_arena *arena = tw_arena_child(im->arena);
    struct tw_str path = file->path;
    struct tw_input *input = tw_input_open_until(arena, path, path, im->options->stop,
                                                 im->options->ctx, im->diags);
    enum tw_status status = TW_ERR_IO;
    if (!input && im->options->stop && im->options->stop(im->options->ctx)) {
        im->partial = true;
        status = TW_OK;
    }
    if (input) {
        *tw_vec_add(im->arena, &im->files) = (struct tw_impact_file){
            .name = path, .compression = tw_input_compression(input)};
        struct position at = {input, path, file};
        if (im->options->fingerprint)
            tw_input_fingerprint(input);
        status = add_file(im, arena, (struct tw_byte_source){read_input, input}, &at);
        im->files.at[im->files.len - 1].sha256 =
            tw_str_copy(im->arena, tw_input_sha256(input));
    }
    tw_arena_release(arena);
    return status;
}

/* --tz was given and no time carried a zone: the flag did nothing, and whoever gave it
 * believes otherwise. */
static enum tw_status check_zone(struct tw_impact *im)
{
    bool any = false, times = false;
    for (size_t i = 0; i < im->plan.nby; i++) {
        any |= im->tally.zoned[i];
        times |= im->tally.zoned[i] || im->tally.unzoned[i];
    }
    if (!im->plan.zone.given || any || !times || im->partial)
        return TW_OK;
    TW_DIAG(im->diags, TW_D_impact_zone_unused, TW_NOWHERE);
    return TW_ERR_INPUT;
}

enum tw_status tw_impact_count(struct tw_impact *im)
{
    struct tw_dataset_files files = {0};
    const struct tw_said_list *paths = &im->options->paths;
    bool ok = true;
    for (size_t i = 0; i < paths->list.len; i++)
        ok &= tw_dataset_expand(im->arena, paths->list.at[i].text, im->options->table,
                                &files, im->diags);
    if (!ok)
        return TW_ERR_IO;
    for (size_t i = 0; i < files.list.len && !im->partial; i++) {
        enum tw_status status = add_path(im, &files.list.at[i]);
        if (status != TW_OK)
            return status;
    }
    return check_zone(im);
}

bool tw_impact_above_ratio(const struct tw_impact *im)
{
    const struct tw_tally *t = &im->tally;
    if (!im->options->has_max_ratio || t->matched == 0)
        return false;
    const struct tw_rational *ratio =
        tw_rational_of(im->arena, t->affected, t->matched);
    return tw_rational_cmp(ratio, im->options->max_ratio) > 0;
}

bool tw_impact_above_affected(const struct tw_impact *im)
{
    return im->options->has_max_affected &&
           im->tally.affected > im->options->max_affected;
}

bool tw_impact_incomplete(const struct tw_impact *im)
{
    return im->tally.matched == 0 || im->headless ||
           tw_tally_refused(&im->tally) > im->options->max_refused;
}
