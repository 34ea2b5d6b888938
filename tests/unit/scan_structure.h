/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delimited text made to be hard, and the masks of each kernel of the scanner against
 * those of the plain one: for the unit test, and for programs of other processors,
 * which have no library but this project's.
 */
#ifndef TW_SCAN_STRUCTURE_H
#define TW_SCAN_STRUCTURE_H

#include <string.h>

#include "buf.h"
#include "scan_kernel.h"

enum { SCAN_TEXT_MAX = 6000 };

static inline uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static inline size_t below(uint64_t *seed, size_t n)
{
    return next_random(seed) % n;
}

static inline const char *pick(uint64_t *seed, const char *const *list, size_t n)
{
    return list[below(seed, n)];
}

/* One field: most are well written, some are not, but for CLEAN ones. */
static inline void put_field(struct tw_buf *out, uint64_t *seed, bool clean, bool last)
{
    static const char *const bare[] = {"",    "x",   "失败", "2023-02-09", "12.50",
                                       "\\N", "a b", "失",   "东",         "0.1",
                                       "-3",  "\\N", "ab",   "失败x",      "x失败"};
    static const char *const quoted[] = {
        "\"\"",           "\"a,b\"",       "\"失败\"",
        "\"x\ny\"",       "\"x\r\ny\"",    "\"say \"\"失败\"\"\"",
        "\"\\N\"",        "\"\n\n\"",      "\"失\"\"败\"",
        "\",\n\"\"\n,\"", "\"2023-02-09\""};
    static const char *const odd[] = {
        "5\" x",         "\"a\"b", "\"a\" ", "\xff",         "失\xe5\xa4",
        "\"open",        "a\"",    "\r",     "x\\",          "\\\"",
        "\xef\xbb\xbfx", "a\\\nb", "\\,",    "\xed\xa0\x80", "\xf0\x9f\x98\x80"};
    size_t kind = below(seed, 400);
    if (kind < 3 && !clean)
        tw_buf_text(out, pick(seed, odd, sizeof odd / sizeof odd[0]));
    else if (kind < 60)
        tw_buf_text(out, pick(seed, quoted, sizeof quoted / sizeof quoted[0]));
    else if (kind < 70)
        for (size_t n = below(seed, 200); n > 0; n--)
            tw_buf_char(out, (char)('a' + n % 26));
    else
        tw_buf_text(out, pick(seed, bare, sizeof bare / sizeof bare[0]));
    if (last)
        tw_buf_text(out, below(seed, 4) == 0 ? "\r\n" : "\n");
}

/* ODD: how many of 1000 records are broken on purpose. */
static inline struct tw_str random_text(struct tw_arena *arena, uint64_t *seed,
                                        size_t odd, bool clean)
{
    struct tw_buf out;
    tw_buf_init(&out, arena);
    if (below(seed, 8) == 0)
        tw_buf_text(&out, "\xef\xbb\xbf");
    tw_buf_text(&out, "a,b,c\n");
    size_t size = below(seed, SCAN_TEXT_MAX);
    while (out.len < size) {
        size_t fields = below(seed, 1000) < odd ? below(seed, 6) : 3;
        if (below(seed, 1000) < odd && below(seed, 3) == 0)
            tw_buf_text(&out, "a,b,c\n");
        for (size_t i = 0; i < fields; i++) {
            if (i)
                tw_buf_char(&out, ',');
            put_field(&out, seed, clean, i + 1 == fields);
        }
        if (fields == 0)
            tw_buf_char(&out, '\n');
    }
    if (below(seed, 3) == 0 && out.len > 8)
        out.len -= 1 + below(seed, 7); /* cut anywhere */
    return tw_buf_view(&out);
}

static inline struct tw_str random_bytes(struct tw_arena *arena, uint64_t *seed)
{
    static const char alphabet[] = "aab,,,\"\"\n\n\r\\\xe5\xa4\xb1\xe8\xb4\xa5";
    size_t n = below(seed, 400);
    char *bytes = tw_arena_alloc(arena, n + 8);
    memcpy(bytes, "a,b,c\n", 6);
    for (size_t i = 6; i < n + 6; i++)
        bytes[i] = alphabet[below(seed, sizeof alphabet - 1)];
    return (struct tw_str){bytes, n + 6};
}

/* What one kernel is asked, and what it found. */
struct scan_question {
    char quote, escape;
    bool wants_separators;
    unsigned nneedles; /* 0 to 4 */
    size_t step;       /* as many bytes are done at a time */
};

static inline struct tw_scan scan_by(const struct tw_scan_kernel *kernel,
                                     struct tw_arena *arena, struct scan_question q,
                                     const struct tw_needle_filter *filter,
                                     const char *bytes, size_t len)
{
    size_t room = len + 2 * (size_t)TW_SCAN_MARGIN;
    struct tw_scan s = {.bytes = bytes,
                        .len = len,
                        .delimiter = ',',
                        .quote = q.quote,
                        .escape = q.escape,
                        .nfields = 3,
                        .header = TW_STR("a,b,c"),
                        .filter = filter,
                        .wants_separators = q.wants_separators};
    s.separators = tw_new_array(arena, room, uint32_t);
    s.ends = tw_new_array(arena, room, uint32_t);
    s.ranks = tw_new_array(arena, room, uint32_t);
    s.hits = tw_new_array(arena, room, uint32_t);
    while (s.done < len)
        kernel->run(&s, q.step < len - s.done ? s.done + q.step : len);
    return s;
}

static inline bool same_offsets(const uint32_t *a, const uint32_t *b, size_t n)
{
    return n == 0 || memcmp(a, b, n * sizeof *a) == 0;
}

/* What of it is not as the plain kernel has it, or NULL. "Odd" may be said without need
 * (by bytes behind the last record); then nothing else is compared. */
static inline const char *scan_difference(const struct tw_scan *s,
                                          const struct tw_scan *plain)
{
    if (s->done != plain->done)
        return "done";
    if (plain->odd && !s->odd)
        return "odd";
    if (s->odd)
        return NULL;
    if (s->nends != plain->nends || !same_offsets(s->ends, plain->ends, s->nends))
        return "ends";
    if (s->nseparators != plain->nseparators)
        return "number of separators";
    if (s->wants_separators &&
        !same_offsets(s->separators, plain->separators, s->nseparators))
        return "separators";
    if (s->nhits != plain->nhits || !same_offsets(s->hits, plain->hits, s->nhits))
        return "hits";
    return NULL;
}

/* ROUNDS random texts by all kernels; *COMPARED: how often every offset was. NULL, or
 * what differs, in *ROUND by *KERNEL. */
static inline const char *scan_structure(struct tw_arena *arena, size_t rounds,
                                         size_t *compared, size_t *round,
                                         const char **kernel)
{
    static const char *const texts[] = {"\xe5\xa4\xb1\xe8\xb4\xa5", "2023",
                                        "x\xe5\xa4\xb1", "\"b"};
    const struct tw_scan_kernel *kernels[5];
    size_t n = tw_scan_kernels(kernels);
    uint64_t seed = 11;
    *compared = 0;
    for (size_t i = 0; i < rounds; i++) {
        struct tw_arena_mark mark = tw_arena_mark(arena);
        bool clean = i % 3 != 0;
        struct tw_str text = i % 8 ? random_text(arena, &seed, clean ? 0 : 3, clean)
                                   : random_bytes(arena, &seed);
        char *bytes = tw_arena_alloc(arena, text.len + 2 * (size_t)TW_SCAN_MARGIN);
        memcpy(bytes + TW_SCAN_MARGIN, text.ptr, text.len);
        struct scan_question q = {i % 7 ? '"' : '\0', i % 5 ? '\0' : '\\', i % 4 != 1,
                                  (unsigned)(i / 2 % 5),
                                  below(&seed, 2) ? SIZE_MAX : 1 + below(&seed, 300)};
        struct tw_needles needles = {0};
        for (unsigned k = 0; k < q.nneedles; k++)
            tw_needles_add(arena, &needles, tw_str_of(texts[k]));
        struct tw_needle_filter filter;
        tw_needle_filter_init(&filter, &needles, text);
        struct tw_scan plain = scan_by(kernels[n - 1], arena, q, &filter,
                                       bytes + TW_SCAN_MARGIN, text.len);
        for (size_t k = 0; k + 1 < n; k++) {
            struct tw_scan s = scan_by(kernels[k], arena, q, &filter,
                                       bytes + TW_SCAN_MARGIN, text.len);
            const char *what = scan_difference(&s, &plain);
            *round = i;
            *kernel = kernels[k]->name;
            if (what)
                return what;
            *compared += !s.odd;
        }
        tw_arena_rewind(arena, mark);
    }
    return NULL;
}

#endif
