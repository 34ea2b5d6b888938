/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the count: dumps in memory, fed in pieces, and the answer as one line.
 */
#ifndef TW_IMPACT_BENCH_H
#define TW_IMPACT_BENCH_H

#include "cmocka_all.h"
#include "impact_data.h"
#include "impact_report.h"
#include "impact_spec.h"

struct piecewise {
    struct tw_str bytes;
    size_t piece;
};

static inline enum tw_status read_piece(void *ctx, char *bytes, size_t room,
                                        size_t *got)
{
    struct piecewise *p = ctx;
    size_t n = p->bytes.len < p->piece ? p->bytes.len : p->piece;
    *got = n < room ? n : room;
    if (*got)
        memcpy(bytes, p->bytes.ptr, *got);
    p->bytes = tw_str_from(p->bytes, *got);
    return TW_OK;
}

struct bench {
    struct tw_arena arena;
    struct tw_diags diags;
    struct tw_impact_options options;
    struct tw_impact *impact;
    size_t piece;
};

static inline void bench_begin(struct bench *b)
{
    memset(b, 0, sizeof *b);
    tw_arena_init(&b->arena, (size_t)1 << 30);
    tw_diags_init(&b->diags, &b->arena, TW_LANG_EN);
    tw_impact_options_init(&b->options);
    b->piece = 1 << 20;
}

static inline void bench_set(struct bench *b, const char *name, const char *value)
{
    bool known;
    (void)tw_impact_option_set(&b->arena, &b->options, name, tw_str_of(value),
                               tw_fmt(&b->arena, "--%s", name), TW_NOWHERE, &b->diags,
                               &known);
    assert_true(known);
}

static inline bool bench_plan(struct bench *b)
{
    if (!b->impact)
        b->impact = tw_impact_new(&b->arena, &b->options, &b->diags);
    return b->impact != NULL;
}

static inline enum tw_status bench_add(struct bench *b, struct tw_str bytes,
                                       const char *name)
{
    struct piecewise p = {bytes, b->piece};
    if (!bench_plan(b))
        return TW_ERR_INPUT;
    return tw_impact_add(b->impact, (struct tw_byte_source){read_piece, &p},
                         tw_str_of(name));
}

/* The ID of the first diagnostic, or "". */
static inline const char *bench_told(const struct bench *b)
{
    return b->diags.list.len ? tw_diag_def(b->diags.list.at[0].id)->id : "";
}

/* "read counted matched affected | reason count@record:offset … | key r/a … | …" */
static inline struct tw_str bench_digest_of(struct tw_arena *arena,
                                            const struct tw_tally *t)
{
    struct tw_buf out;
    tw_buf_init(&out, arena);
    tw_buf_fmt(&out, "%u %u %u %u", (unsigned)t->read, (unsigned)t->counted,
               (unsigned)t->matched, (unsigned)t->affected);
    for (size_t i = 0; i < TW_REFUSAL_COUNT; i++)
        if (t->refused[i].count)
            tw_buf_fmt(
                &out, " | %s %u@%u:%u+%u", tw_refusal_name((enum tw_refusal)i),
                (unsigned)t->refused[i].count, (unsigned)t->refused[i].first.record,
                (unsigned)t->refused[i].first.offset, (unsigned)t->refused[i].bytes);
    size_t n;
    struct tw_group **groups = tw_tally_groups(t, arena, &n);
    for (size_t g = 0; g < n; g++) {
        tw_buf_text(&out, " | ");
        for (size_t i = 0; i < t->plan->nby; i++) {
            tw_buf_fmt(&out, "%s%d:", i ? "," : "", (int)groups[g]->keys[i].kind);
            tw_buf_str(&out, groups[g]->keys[i].text);
        }
        tw_buf_fmt(&out, " %u/%u", (unsigned)groups[g]->affected,
                   (unsigned)groups[g]->records);
    }
    for (size_t i = 0; i < t->plan->ndistinct; i++)
        tw_buf_fmt(&out, " | distinct %u/%u", (unsigned)t->distinct[i].affected,
                   (unsigned)t->distinct[i].count);
    for (size_t i = 0; i < t->plan->nsums; i++) {
        const struct tw_decimal all[] = {t->sums[i].affected_gross,
                                         t->sums[i].affected_refunds, t->sums[i].gross,
                                         t->sums[i].refunds};
        tw_buf_text(&out, " | sum");
        for (size_t k = 0; k < 4; k++) {
            tw_buf_char(&out, ' ');
            tw_buf_decimal(&out, all[k]);
        }
        tw_buf_fmt(&out, " %u %u", (unsigned)t->sums[i].nulls,
                   (unsigned)t->sums[i].not_numbers);
    }
    if (t->first.set)
        tw_buf_fmt(&out, " | %u:%u:%u %u:%u:%u", (unsigned)t->first.file,
                   (unsigned)t->first.record, (unsigned)t->first.offset,
                   (unsigned)t->last.file, (unsigned)t->last.record,
                   (unsigned)t->last.offset);
    return tw_buf_view(&out);
}

static inline struct tw_str bench_digest(struct bench *b)
{
    return bench_digest_of(&b->arena, &b->impact->tally);
}

static inline void bench_end(struct bench *b)
{
    tw_arena_release(&b->arena);
}

#endif
