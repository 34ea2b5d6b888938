/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random rows, written as MySQL writes them with ENCLOSED BY '"' ESCAPED BY '"', are
 * read back as they were; any bytes at all are read or refused.
 */
#include "impact_bench.h"

enum { ROWS = 12, COLUMNS = 3, VALUE_MAX = 8 };

struct value {
    enum { IS_NULL, NUMBER, TEXT } kind;
    char bytes[VALUE_MAX];
    size_t len;
};

static uint32_t dice(uint64_t *seed, uint32_t sides)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % sides;
}

/* ZEROS: with the digit and the byte that only their neighbours may tell apart. */
static struct value random_value(uint64_t *seed, bool zeros)
{
    static const char texts[] = "N,\"\n\rNab,\"\0"
                                "0",
                      digits[] = "0123456789";
    struct value v = {.kind = TEXT};
    uint32_t kind = dice(seed, 5);
    v.kind = kind == 0 ? IS_NULL : kind == 1 ? NUMBER : TEXT;
    v.len = v.kind == NUMBER ? 1 + dice(seed, 3) : dice(seed, VALUE_MAX);
    for (size_t i = 0; i < v.len; i++)
        v.bytes[i] = v.kind == NUMBER ? digits[dice(seed, 10)]
                                      : texts[dice(seed, zeros ? 12 : 10)];
    return v;
}

static void write_value(struct tw_buf *out, const struct value *v, bool crlf)
{
    if (v->kind == IS_NULL) {
        tw_buf_text(out, "\"N");
        return;
    }
    if (v->kind == TEXT)
        tw_buf_char(out, '"');
    for (size_t i = 0; i < v->len; i++) {
        char c = v->bytes[i];
        if (c == '"' || c == '\0' || c == (crlf ? '\r' : '\n'))
            tw_buf_char(out, '"');
        tw_buf_char(out, c ? c : '0');
    }
    if (v->kind == TEXT)
        tw_buf_char(out, '"');
}

struct read_back {
    struct tw_arena arena;
    struct tw_diags diags;
    struct piecewise bytes;
    struct tw_records *records;
};

static void open_doubled(struct read_back *r, struct tw_str bytes, size_t buffer)
{
    static const struct tw_str names[COLUMNS] = {{"a", 1}, {"b", 1}, {"c", 1}};
    tw_arena_init(&r->arena, (size_t)1 << 28);
    tw_diags_init(&r->diags, &r->arena, TW_LANG_EN);
    r->bytes = (struct piecewise){bytes, 1 << 20};
    struct tw_dialect *d = tw_new(&r->arena, struct tw_dialect);
    *d = tw_dialect_default;
    d->delimiter = ',';
    d->quote = d->escape = '"';
    d->columns = names;
    d->ncolumns = COLUMNS;
    d->buffer = buffer;
    struct tw_dump_open how = {.arena = &r->arena, .dialect = d, .diags = &r->diags};
    how.stream =
        tw_utf8_stream_open(&r->arena, (struct tw_byte_source){read_piece, &r->bytes},
                            TW_STR("UTF-8"), TW_STR("a"), &r->diags);
    r->records = tw_dump_by_name(TW_STR("outfile"))->open(&how);
    assert_non_null(r->records);
    static const size_t all[COLUMNS] = {0, 1, 2};
    r->records->want(r->records, all, COLUMNS);
}

struct written {
    struct value rows[ROWS][COLUMNS];
    size_t from[ROWS]; /* where each begins */
};

static void write_rows(struct written *w, struct tw_buf *out, uint64_t *seed, bool crlf,
                       bool zeros)
{
    for (size_t i = 0; i < ROWS; i++) {
        w->from[i] = out->len;
        for (size_t k = 0; k < COLUMNS; k++) {
            w->rows[i][k] = random_value(seed, zeros);
            tw_buf_text(out, k ? "," : "");
            write_value(out, &w->rows[i][k], crlf);
        }
        tw_buf_text(out, crlf ? "\r\n" : "\n");
    }
}

static void is_row(const struct written *w, const struct tw_record *record)
{
    size_t i = 0;
    while (i < ROWS && w->from[i] != record->offset)
        i++;
    assert_true(i < ROWS);
    for (size_t k = 0; k < COLUMNS; k++) {
        const struct value *v = &w->rows[i][k];
        assert_int_equal(record->fields[k].is_null, v->kind == IS_NULL);
        if (v->kind == IS_NULL)
            continue;
        assert_int_equal(record->fields[k].len, v->len);
        assert_memory_equal(record->fields[k].ptr, v->bytes, v->len);
    }
}

static void written_rows_are_read_back_or_are_ambiguous(void **state)
{
    (void)state;
    uint64_t seed = 3;
    size_t refused = 0, rounds = 2000;
    for (size_t round = 0; round < rounds; round++) {
        bool crlf = round & 1, zeros = round & 2;
        struct tw_arena arena;
        tw_arena_init(&arena, 1 << 24);
        struct tw_buf out;
        tw_buf_init(&out, &arena);
        struct written w;
        write_rows(&w, &out, &seed, crlf, zeros);
        struct read_back r;
        open_doubled(&r, tw_buf_view(&out), 1 + round % 70);
        struct tw_record record;
        size_t given = 0;
        enum tw_next next;
        while ((next = r.records->next(r.records, &record)) != TW_NEXT_END) {
            if (next == TW_NEXT_RECORD) {
                is_row(&w, &record);
                given++;
                continue;
            }
            assert_int_equal(next, TW_NEXT_REFUSED);
            assert_int_equal(record.refusal, TW_REFUSED_AMBIGUOUS);
            assert_true(zeros);
            refused++;
        }
        assert_true(given <= ROWS && (zeros || given == ROWS));
        tw_arena_release(&r.arena);
        tw_arena_release(&arena);
    }
    assert_in_range(refused, 1, rounds / 10);
}

static void every_byte_is_of_a_record_or_of_a_refused_one(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int round = 0; round < 4000; round++) {
        static const char alphabet[] = "\"\"\"N,,\n\n\r10x";
        char bytes[60];
        size_t len = dice(&seed, sizeof bytes), seen = 0, lines = 0;
        for (size_t i = 0; i < len; i++)
            bytes[i] = alphabet[dice(&seed, sizeof alphabet - 1)];
        struct read_back r;
        open_doubled(&r, (struct tw_str){bytes, len}, 1 + (size_t)round % 70);
        struct tw_record record;
        enum tw_next next;
        while ((next = r.records->next(r.records, &record)) != TW_NEXT_END) {
            assert_true(next == TW_NEXT_RECORD || next == TW_NEXT_REFUSED);
            assert_int_equal(record.offset, seen);
            assert_true(record.bytes > 0);
            seen += record.bytes;
            lines++;
        }
        for (size_t i = seen; i < len; i++)
            assert_true(bytes[i] == '\n' || bytes[i] == '\r');
        assert_true(lines <= len);
        tw_arena_release(&r.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_rows_are_read_back_or_are_ambiguous),
        cmocka_unit_test(every_byte_is_of_a_record_or_of_a_refused_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
