/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record splitter. Three states: at the start of a field, in a bare field, in
 * quotes. A line ends with LF or CR LF; a CR anywhere else is data. A quote opens a
 * quoted field only as the field's first byte; behind the closing quote only a
 * delimiter, a line end or the end of input may stand.
 *
 * Most records of most dumps hold no quote and no escape. For them a line is a record
 * and each delimiter ends a field: plain_record() finds both in one pass over blocks of
 * 16 bytes, and gives up at the first quote or escape. The state machine below it is
 * the reference; the two are held equal by the tests.
 */
#include "csv.h"

#include <string.h>

#include "num.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct scan {
    struct tw_arena *arena;
    const struct tw_csv_dialect *d;
    struct tw_str in;
    struct tw_csv_record *out;
    bool last;
    size_t at;
};

static void add_field(struct scan *s, size_t from, size_t to, bool quoted, bool encoded)
{
    if (s->out->fields_max && s->out->fields.len == s->out->fields_max) {
        s->out->dropped++;
        return;
    }
    *tw_vec_add(s->arena, &s->out->fields) = (struct tw_csv_field){
        .raw = {s->in.ptr + from, to - from}, .quoted = quoted, .encoded = encoded};
}

/* Is AT a line end? 0: no, 1 or 2: its length, -1: cannot be told yet. */
static int line_end(const struct scan *s, size_t at)
{
    if (s->in.ptr[at] == '\n')
        return 1;
    if (s->in.ptr[at] != '\r')
        return 0;
    if (at + 1 == s->in.len)
        return s->last ? 0 : -1;
    return s->in.ptr[at + 1] == '\n' ? 2 : 0;
}

/* After a stray quote: to the end of the line. */
static enum tw_csv_result skip_line(struct scan *s, size_t stray)
{
    s->out->stray = stray;
    size_t n = tw_str_find(tw_str_from(s->in, s->at), '\n');
    if (s->at + n == s->in.len && !s->last)
        return TW_CSV_MORE;
    s->out->used = s->at + n + (s->at + n < s->in.len);
    return TW_CSV_STRAY_QUOTE;
}

/* The end of a field at s->at: 1 another field follows, 0 the record is complete,
 * -1 more bytes are needed, -2 neither delimiter nor line end stands here. */
static int field_end(struct scan *s)
{
    if (s->at == s->in.len) {
        if (!s->last)
            return -1;
        s->out->used = s->at;
        return 0;
    }
    if (s->in.ptr[s->at] == s->d->delimiter) {
        s->at++;
        return 1;
    }
    int n = line_end(s, s->at);
    if (n > 0) {
        s->at += (size_t)n;
        s->out->used = s->at;
        return 0;
    }
    return n < 0 ? -1 : -2;
}

static enum tw_csv_result quoted_field(struct scan *s, int *end)
{
    size_t start = ++s->at;
    bool encoded = false;
    for (;; s->at++) {
        if (!s->d->escape)
            s->at += tw_str_find(tw_str_from(s->in, s->at), s->d->quote);
        if (s->at == s->in.len)
            goto open;
        char c = s->in.ptr[s->at];
        if (s->d->escape && c == s->d->escape && c != s->d->quote) {
            encoded = true;
            if (++s->at == s->in.len)
                goto open;
            continue;
        }
        if (c != s->d->quote)
            continue;
        if (s->at + 1 == s->in.len && !s->last)
            return TW_CSV_MORE;
        if (s->at + 1 == s->in.len || s->in.ptr[s->at + 1] != s->d->quote)
            break;
        encoded = true;
        s->at++;
    }
    add_field(s, start, s->at, true, encoded);
    s->at++;
    *end = field_end(s);
    if (*end == -1)
        return TW_CSV_MORE;
    return *end == -2 ? skip_line(s, s->at - 1) : TW_CSV_RECORD;
open:
    if (!s->last)
        return TW_CSV_MORE;
    s->out->used = s->in.len;
    s->out->stray = start - 1;
    return TW_CSV_OPEN_QUOTE;
}

static enum tw_csv_result bare_field(struct scan *s, int *end)
{
    size_t start = s->at;
    bool encoded = false;
    for (; s->at < s->in.len; s->at++) {
        char c = s->in.ptr[s->at];
        if (c == s->d->delimiter || c == '\n')
            break;
        if (c == '\r') {
            int n = line_end(s, s->at);
            if (n < 0)
                return TW_CSV_MORE;
            if (n > 0)
                break;
        }
        if (s->d->quote && c == s->d->quote)
            return skip_line(s, s->at);
        if (s->d->escape && c == s->d->escape) {
            encoded = true;
            if (++s->at == s->in.len)
                break;
        }
    }
    if (s->at == s->in.len && !s->last)
        return TW_CSV_MORE;
    add_field(s, start, s->at, false, encoded);
    *end = field_end(s);
    return TW_CSV_RECORD;
}

/* The record's last field, from FROM, and its line end at NL (or the end of input). */
static enum tw_csv_result plain_end(struct scan *s, size_t from, size_t nl)
{
    bool has_end = nl < s->in.len;
    size_t to = has_end && nl > from && s->in.ptr[nl - 1] == '\r' ? nl - 1 : nl;
    add_field(s, from, to, false, false);
    s->out->used = nl + has_end;
    return TW_CSV_RECORD;
}

#ifdef __SSE2__
enum { BLOCK = 16 };

/* As many whole blocks as there are. 1: *RESULT is the answer; 0: nothing special was
 * seen up to s->at, the last field begins at *FROM; -1: not a plain record. */
static int plain_blocks(struct scan *s, size_t *from, enum tw_csv_result *result)
{
    const char *p = s->in.ptr;
    const __m128i lf = _mm_set1_epi8('\n');
    const __m128i delimiter = _mm_set1_epi8(s->d->delimiter);
    const __m128i quote = _mm_set1_epi8(s->d->quote ? s->d->quote : '\n');
    const __m128i escape = _mm_set1_epi8(s->d->escape ? s->d->escape : '\n');
    for (; s->in.len - s->at >= BLOCK; s->at += BLOCK) {
        const __m128i *block = (const void *)(p + s->at);
        __m128i x = _mm_loadu_si128(block);
        __m128i end = _mm_cmpeq_epi8(x, lf);
        __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, escape));
        unsigned ends = (unsigned)_mm_movemask_epi8(end);
        unsigned odds = (unsigned)_mm_movemask_epi8(_mm_andnot_si128(end, odd));
        unsigned seps = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, delimiter));
        unsigned before = ends ? (ends & (0u - ends)) - 1 : 0xffffu;
        if (odds & before)
            return -1;
        for (seps &= before; seps; seps &= seps - 1) {
            size_t at = s->at + (unsigned)__builtin_ctz(seps);
            add_field(s, *from, at, false, false);
            *from = at + 1;
        }
        if (ends) {
            *result = plain_end(s, *from, s->at + (unsigned)__builtin_ctz(ends));
            return 1;
        }
    }
    return 0;
}
#else
static int plain_blocks(struct scan *s, size_t *from, enum tw_csv_result *result)
{
    (void)s, (void)from, (void)result;
    return 0;
}
#endif

/* False where a quote or an escape stands in the record: nothing was decided. */
static bool plain_record(struct scan *s, enum tw_csv_result *result)
{
    size_t from = 0;
    int found = plain_blocks(s, &from, result);
    if (found)
        return found > 0;
    for (; s->at < s->in.len && s->in.ptr[s->at] != '\n'; s->at++) {
        char c = s->in.ptr[s->at];
        if ((s->d->quote && c == s->d->quote) || (s->d->escape && c == s->d->escape))
            return false;
        if (c != s->d->delimiter)
            continue;
        add_field(s, from, s->at, false, false);
        from = s->at + 1;
    }
    *result = s->at == s->in.len && !s->last ? TW_CSV_MORE : plain_end(s, from, s->at);
    return true;
}

enum tw_csv_result tw_csv_next(struct tw_arena *arena,
                               const struct tw_csv_dialect *dialect,
                               struct tw_str bytes, bool last,
                               struct tw_csv_record *record)
{
    record->fields.len = record->dropped = 0;
    record->used = 0;
    if (bytes.len == 0)
        return last ? TW_CSV_END : TW_CSV_MORE;
    struct scan s = {arena, dialect, bytes, record, last, 0};
    enum tw_csv_result plain;
    if (plain_record(&s, &plain))
        return plain;
    s.at = 0;
    record->fields.len = record->dropped = 0;
    int end;
    do {
        bool quoted =
            dialect->quote && s.at < bytes.len && bytes.ptr[s.at] == dialect->quote;
        enum tw_csv_result result =
            quoted ? quoted_field(&s, &end) : bare_field(&s, &end);
        if (result != TW_CSV_RECORD)
            return result;
    } while (end == 1);
    return end == -1 ? TW_CSV_MORE : TW_CSV_RECORD;
}

/* What a letter behind the escape stands for, where not for itself. */
static const struct {
    const char *letters, *values; /* of equal length */
    bool hex;                     /* x and two hexadecimal digits (or one) */
    bool octal;                   /* one to three octal digits */
} escape_tables[] = {
    [TW_CSV_ESCAPES_ITSELF] = {"", "", false, false},
    [TW_CSV_ESCAPES_MYSQL] = {"0bnrtZ", "\0\b\n\r\t\x1a", false, false},
    [TW_CSV_ESCAPES_CLICKHOUSE] = {"0abfnrtv", "\0\a\b\f\n\r\t\v", true, false},
    [TW_CSV_ESCAPES_POSTGRES] = {"bfnrtv", "\b\f\n\r\t\v", true, true},
};

/* The value of the digits of BASE at IN, MOST of them at most; *USED: how many. */
static char digits(struct tw_str in, unsigned base, size_t most, size_t *used)
{
    unsigned value = 0;
    for (*used = 0; *used < most && *used < in.len; ++*used) {
        unsigned digit = (unsigned)tw_hex_digit(in.ptr[*used]); /* -1: beyond all */
        if (digit >= base)
            break;
        value = value * base + digit;
    }
    return (char)(unsigned char)(value & 0xff);
}

/* What the bytes at IN, behind an escape, stand for; *USED: how many of them. */
static char unescape(enum tw_csv_escapes escapes, struct tw_str in, size_t *used)
{
    char c = in.ptr[0], value;
    *used = 1;
    if (escape_tables[escapes].octal) {
        size_t n;
        value = digits(in, 8, 3, &n);
        if (n) {
            *used = n;
            return value;
        }
    }
    if (escape_tables[escapes].hex && c == 'x') {
        size_t n, least = escapes == TW_CSV_ESCAPES_CLICKHOUSE ? 2 : 1;
        value = digits(tw_str_from(in, 1), 16, 2, &n);
        if (n >= least) {
            *used = 1 + n;
            return value;
        }
    }
    const char *letters = escape_tables[escapes].letters;
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? escape_tables[escapes].values[at - letters] : c;
}

struct tw_str tw_csv_decode(struct tw_arena *arena,
                            const struct tw_csv_dialect *dialect,
                            const struct tw_csv_field *field)
{
    if (!field->encoded)
        return field->raw;
    char *out = tw_arena_alloc(arena, field->raw.len);
    size_t n = 0;
    for (size_t i = 0; i < field->raw.len; i++) {
        char c = field->raw.ptr[i];
        struct tw_str behind = tw_str_from(field->raw, i + 1);
        if (field->quoted && c == dialect->quote && behind.len) {
            c = behind.ptr[0];
            i++;
        } else if (dialect->escape && c == dialect->escape && behind.len) {
            size_t used;
            c = unescape(dialect->escapes, behind, &used);
            i += used;
        }
        out[n++] = c;
    }
    return (struct tw_str){out, n};
}

/*
 * The same machine as above, one byte at a time and without fields: to find the end of
 * a record that is too long to be kept.
 */
enum skip_state {
    FIELD_START,
    BARE,
    BARE_ESCAPE,
    QUOTED,
    QUOTED_ESCAPE,
    CLOSED,
    CLOSED_CR,
    STRAY
};

static enum skip_state skip_byte(const struct tw_csv_dialect *d, enum skip_state state,
                                 char c)
{
    switch (state) {
    case FIELD_START:
    case BARE:
        if (d->quote && c == d->quote)
            return state == FIELD_START ? QUOTED : STRAY;
        if (c == d->delimiter)
            return FIELD_START;
        return d->escape && c == d->escape ? BARE_ESCAPE : BARE;
    case BARE_ESCAPE:
        return BARE;
    case QUOTED:
        if (d->escape && c == d->escape && c != d->quote)
            return QUOTED_ESCAPE;
        return c == d->quote ? CLOSED : QUOTED;
    case QUOTED_ESCAPE:
        return QUOTED;
    case CLOSED:
        if (c == d->quote)
            return QUOTED;
        if (c == d->delimiter)
            return FIELD_START;
        return c == '\r' ? CLOSED_CR : STRAY;
    case CLOSED_CR:
    case STRAY:
        break;
    }
    return STRAY;
}

size_t tw_csv_skip(const struct tw_csv_dialect *dialect, unsigned *state,
                   struct tw_str bytes, bool *ended)
{
    enum skip_state at = (enum skip_state) * state;
    for (size_t i = 0; i < bytes.len; i++) {
        bool inside = at == QUOTED || at == QUOTED_ESCAPE || at == BARE_ESCAPE;
        if (bytes.ptr[i] == '\n' && !inside) {
            *ended = true;
            return i + 1;
        }
        at = skip_byte(dialect, at, bytes.ptr[i]);
    }
    *ended = false;
    *state = at;
    return bytes.len;
}

bool tw_csv_skip_in_quotes(unsigned state)
{
    return state == QUOTED || state == QUOTED_ESCAPE;
}
