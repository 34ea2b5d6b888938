/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams of any encoding as UTF-8, however the bytes arrive: held against iconv on the
 * whole text, and the place of each line against the line feeds of the source.
 */
#include <errno.h>
#include <iconv.h>

#include "buf.h"
#include "cmocka_all.h"
#include "utf8_stream.h"

static struct tw_arena arena;
static struct tw_diags diags;
static uint32_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)seed * below >> 32);
}

static int begin(void **state)
{
    (void)state;
    tw_arena_init(&arena, (size_t)1 << 28);
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    seed = 20230209;
    return 0;
}

static int end(void **state)
{
    (void)state;
    tw_arena_release(&arena);
    return 0;
}

/* --- the reference --------------------------------------------------------------- */

/* The whole text by iconv; a unit that it does not take becomes FF. */
static struct tw_str by_iconv(const char *label, struct tw_str bytes, size_t unit)
{
    iconv_t cd = iconv_open("UTF-8", label);
    assert_true(cd != (iconv_t)-1);
    char *out = tw_arena_alloc(&arena, bytes.len * 4 + 64), *to = out;
    char *in = (char *)(uintptr_t)bytes.ptr;
    size_t left = bytes.len, room = bytes.len * 4 + 64;
    while (left) {
        if (iconv(cd, &in, &left, &to, &room) != (size_t)-1)
            break;
        size_t skip = left < unit ? left : unit;
        *to++ = '\xff';
        room--;
        in += skip;
        left -= skip;
        iconv(cd, NULL, NULL, NULL, NULL);
    }
    iconv_close(cd);
    return (struct tw_str){out, (size_t)(to - out)};
}

/* Where the line behind AT begins in the source, or its length. */
static size_t next_line(struct tw_str bytes, size_t at, size_t unit, bool big_end)
{
    for (; at + unit <= bytes.len; at += unit) {
        bool feed = true;
        for (size_t k = 0; k < unit; k++)
            feed &= bytes.ptr[at + k] == (k == (big_end ? unit - 1 : 0) ? '\n' : 0);
        if (feed)
            return at + unit;
    }
    return bytes.len;
}

/* --- the stream ------------------------------------------------------------------- */

struct source {
    struct tw_str bytes;
    uint32_t piece;
};

static enum tw_status read_some(void *ctx, char *bytes, size_t room, size_t *got)
{
    struct source *s = ctx;
    size_t n = 1 + any(s->piece);
    *got = n < room ? n : room;
    if (*got > s->bytes.len)
        *got = s->bytes.len;
    if (*got)
        memcpy(bytes, s->bytes.ptr, *got);
    s->bytes = tw_str_from(s->bytes, *got);
    return TW_OK;
}

static enum tw_status lend_some(void *ctx, struct tw_str *bytes)
{
    struct source *s = ctx;
    *bytes = tw_str_first(s->bytes, 1 + any(s->piece));
    s->bytes = tw_str_from(s->bytes, bytes->len);
    return TW_OK;
}

struct stream {
    struct source source;
    struct tw_utf8_stream *stream;
};

static void open_stream(struct stream *s, struct tw_str bytes, const char *encoding,
                        uint32_t piece, bool lends)
{
    s->source = (struct source){bytes, piece};
    s->stream =
        tw_utf8_stream_open(&arena, (struct tw_byte_source){read_some, &s->source},
                            tw_str_of(encoding), TW_STR("dump"), &diags);
    assert_non_null(s->stream);
    if (lends)
        tw_utf8_stream_lend(s->stream, lend_some);
}

/* Reads to the end by both kinds of call. */
static struct tw_str read_all(struct stream *s)
{
    char piece[5000];
    struct tw_buf all;
    tw_buf_init(&all, &arena);
    for (;;) {
        struct tw_str got = {piece, 0};
        enum tw_status status =
            any(2) ? tw_utf8_stream_read(s->stream, piece, 1 + any(4999), &got.len)
                   : tw_utf8_stream_block(s->stream, &got);
        assert_int_equal(status, TW_OK);
        if (got.len == 0)
            break;
        tw_buf_str(&all, got);
    }
    return tw_buf_view(&all);
}

struct kind {
    const char *label;
    size_t unit;
    bool big_end;
};

static void check(struct tw_str bytes, struct kind kind, uint32_t piece, bool lends)
{
    struct stream s;
    open_stream(&s, bytes, kind.label, piece, lends);
    struct tw_str got = read_all(&s);
    struct tw_str want = by_iconv(kind.label, bytes, kind.unit);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.ptr, want.ptr, want.len);
    size_t raw = 0;
    for (size_t at = 0; at < got.len; at++) {
        if (at == 0 || got.ptr[at - 1] == '\n')
            assert_true(tw_utf8_stream_place(s.stream, at) == raw);
        if (got.ptr[at] == '\n')
            raw = next_line(bytes, raw, kind.unit, kind.big_end);
    }
}

/* --- the tests -------------------------------------------------------------------- */

static const struct kind gb_family[] = {{"GB18030", 1, false},
                                        {"GBK", 1, false},
                                        {"GB2312", 1, false},
                                        {"cp936", 1, false}};
enum { FAMILY = sizeof gb_family / sizeof gb_family[0] };

static void every_pair_of_bytes_is_decoded_as_iconv_does(void **state)
{
    (void)state;
    struct tw_buf bytes;
    tw_buf_init(&bytes, &arena);
    for (int lead = 0x80; lead < 0x100; lead++)
        for (int trail = 0; trail < 0x100; trail++) {
            tw_buf_char(&bytes, (char)lead);
            tw_buf_char(&bytes, (char)trail);
            tw_buf_str(&bytes, TW_STR(",\n"));
        }
    for (size_t i = 0; i < FAMILY; i++) {
        struct tw_arena_mark mark = tw_arena_mark(&arena);
        check(tw_buf_view(&bytes), gb_family[i], 1 << 20, i & 1);
        tw_arena_rewind(&arena, mark);
    }
}

/* Bytes that often look like text of the family, and as often do not. */
static struct tw_str gb_bytes(size_t len, uint32_t wrong)
{
    struct tw_buf b;
    tw_buf_init(&b, &arena);
    while (b.len < len) {
        if (any(100) < wrong) {
            tw_buf_char(&b, (char)any(256));
            continue;
        }
        switch (any(6)) {
        case 0:
            tw_buf_str(&b, TW_STR("\xbd\xe2\xc3\xdc\xb7\xfe\xce\xf1"));
            break;
        case 1: /* four bytes */
            tw_buf_char(&b, (char)(0x81 + any(0x7e)));
            tw_buf_char(&b, (char)('0' + any(10)));
            tw_buf_char(&b, (char)(0x81 + any(0x7e)));
            tw_buf_char(&b, (char)('0' + any(10)));
            break;
        case 2: /* two */
            tw_buf_char(&b, (char)(0x81 + any(0x7e)));
            tw_buf_char(&b, (char)(0x40 + any(0xbf)));
            break;
        case 3:
            tw_buf_char(&b, '\n');
            break;
        default:
            tw_buf_str(&b, tw_str_first(TW_STR("2023-02-09,128.50,paid"), any(23)));
        }
    }
    return tw_str_first(tw_buf_view(&b), len);
}

static void any_bytes_are_decoded_as_iconv_does_however_they_arrive(void **state)
{
    (void)state;
    static const struct kind others[] = {
        {"BIG5", 1, false}, {"EUC-JP", 1, false}, {"ISO-8859-1", 1, false}};
    for (int round = 0; round < 60; round++) {
        struct tw_arena_mark mark = tw_arena_mark(&arena);
        size_t len = round < 40 ? any(300) : 100000 + any(60000);
        struct tw_str bytes = gb_bytes(len, (uint32_t)(round % 3) * 20);
        uint32_t piece = round & 1 ? 1 + any(7) : 1 << 17;
        if (len > 1000 && round & 1)
            piece = 3000;
        struct kind kind = round % 5 ? gb_family[any(FAMILY)] : others[any(3)];
        check(bytes, kind, piece, round & 2);
        tw_arena_rewind(&arena, mark);
    }
}

static void lines_longer_than_a_block_keep_their_places(void **state)
{
    (void)state;
    struct tw_buf b;
    tw_buf_init(&b, &arena);
    for (int line = 0; line < 4; line++) {
        for (int i = 0; i < 100000; i++)
            tw_buf_str(&b, i % 7 ? TW_STR("\xc3\xdc") : TW_STR("x"));
        tw_buf_char(&b, '\n');
    }
    check(tw_buf_view(&b), gb_family[0], 1 << 16, true);
}

/* ASCII, Chinese, characters beyond FFFF, and units that are none. */
static struct tw_str wide_bytes(size_t units, bool big_end, bool wrong)
{
    struct tw_buf b;
    tw_buf_init(&b, &arena);
    static const uint16_t some[] = {'\n',   'a',    ',',    0x4e00,
                                    0x0a0a, 0x5bc6, 0x000d, '7'};
    bool high = false;
    for (size_t n = 0; n < units || high; n++) {
        unsigned unit = some[any(8)];
        if (high || (wrong && any(50) == 0))
            unit = 0xdc00 + any(1024);
        high = !high && any(10) == 0;
        if (high)
            unit = 0xd800 + any(1024);
        tw_buf_char(&b, (char)(big_end ? unit >> 8 : unit & 255));
        tw_buf_char(&b, (char)(big_end ? unit & 255 : unit >> 8));
    }
    return tw_buf_view(&b);
}

static void sixteen_bits_are_decoded_with_their_places(void **state)
{
    (void)state;
    for (int round = 0; round < 24; round++) {
        struct tw_arena_mark mark = tw_arena_mark(&arena);
        bool big_end = round & 1;
        size_t units = round < 16 ? any(100) : 50000;
        struct tw_str bytes = wide_bytes(units, big_end, round & 2);
        if (round & 4)
            bytes = tw_str_first(bytes, bytes.len - (bytes.len > 0));
        check(bytes, (struct kind){big_end ? "UTF-16BE" : "UTF-16LE", 2, big_end},
              round & 8 ? 1 << 17 : 333, true);
        tw_arena_rewind(&arena, mark);
    }
}

static struct tw_str wide_of(struct tw_str ascii, bool big_end)
{
    struct tw_buf b;
    tw_buf_init(&b, &arena);
    for (size_t i = 0; i < ascii.len; i++) {
        tw_buf_char(&b, big_end ? '\0' : ascii.ptr[i]);
        tw_buf_char(&b, big_end ? ascii.ptr[i] : '\0');
    }
    return tw_buf_view(&b);
}

static struct tw_str joined(struct tw_str a, struct tw_str b)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    tw_buf_str(&buf, a);
    tw_buf_str(&buf, b);
    return tw_buf_view(&buf);
}

static struct tw_str decided(struct tw_str bytes)
{
    struct stream s;
    open_stream(&s, bytes, "", 1 << 17, true);
    return tw_utf8_stream_encoding(s.stream);
}

static void utf16_without_a_mark_is_known_where_there_is_no_doubt(void **state)
{
    (void)state;
    struct tw_str header = TW_STR("id,name\n1,"), tail = TW_STR("\n");
    for (int big_end = 0; big_end < 2; big_end++) {
        const char *want = big_end ? "UTF-16BE" : "UTF-16LE";
        struct tw_str first = wide_of(header, big_end), last = wide_of(tail, big_end);
        struct tw_str name =
            big_end ? TW_STR("\x4e\0\x5b\xc6") : TW_STR("\0\x4e\xc6\x5b");
        assert_text(decided(joined(joined(first, name), last)), want);
        assert_text(decided(joined(first, last)), want);
        /* A surrogate alone, a zero character, no line end, too few characters. */
        struct tw_str lone = big_end ? TW_STR("\xd8\0") : TW_STR("\0\xd8");
        assert_text(decided(joined(joined(first, TW_STR("\0\0")), last)), "UTF-8");
        assert_text(decided(wide_of(TW_STR("id,name"), big_end)), "UTF-8");
        assert_text(decided(wide_of(TW_STR("a\nb\n"), big_end)), "UTF-8");
        struct stream s = {.source = {joined(joined(first, lone), last), 1 << 17}};
        struct tw_byte_source source = {read_some, &s.source};
        s.stream =
            tw_utf8_stream_open(&arena, source, TW_STR(""), TW_STR("dump"), &diags);
        if (s.stream)
            assert_false(tw_str_starts(tw_utf8_stream_encoding(s.stream), "UTF-16"));
    }
    assert_text(decided(TW_STR("id,name\n1,\0\0\0\n")), "UTF-8");
}

static void utf8_is_lent_without_a_copy_and_keeps_its_places(void **state)
{
    (void)state;
    struct tw_buf b;
    tw_buf_init(&b, &arena);
    tw_buf_str(&b, TW_STR("\xef\xbb\xbf"));
    while (b.len < 300000)
        tw_buf_str(&b, TW_STR("1,\xe8\xa7\xa3\xe5\xaf\x86\n"));
    struct tw_str bytes = tw_buf_view(&b);
    struct stream s;
    open_stream(&s, bytes, "", 40000, true);
    size_t at = 3, lent = 0;
    for (;;) {
        struct tw_str got;
        assert_int_equal(tw_utf8_stream_block(s.stream, &got), TW_OK);
        if (got.len == 0)
            break;
        assert_memory_equal(got.ptr, bytes.ptr + at, got.len);
        lent += got.ptr == bytes.ptr + at ? got.len : 0;
        at += got.len;
        assert_true(tw_utf8_stream_place(s.stream, at - 3) == at);
    }
    assert_int_equal(at, bytes.len);
    assert_true(lent >= bytes.len - (1 << 16)); /* but for the block that was probed */
    open_stream(&s, bytes, "", 40000, false);
    struct tw_str copied = read_all(&s);
    assert_int_equal(copied.len, bytes.len - 3);
    assert_memory_equal(copied.ptr, bytes.ptr + 3, copied.len);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(every_pair_of_bytes_is_decoded_as_iconv_does),
        T(any_bytes_are_decoded_as_iconv_does_however_they_arrive),
        T(lines_longer_than_a_block_keep_their_places),
        T(sixteen_bits_are_decoded_with_their_places),
        T(utf16_without_a_mark_is_known_where_there_is_no_doubt),
        T(utf8_is_lent_without_a_copy_and_keeps_its_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
