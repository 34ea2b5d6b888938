/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip by two libraries: whatever the bytes are, both give the same text or both refuse
 * it; and what is refused is what RFC 1952 and `gzip -d` call damaged.
 */
#define ZLIB_CONST
#include <zlib.h>

#include "buf.h"
#include "cmocka_all.h"
#include "decoder.h"

enum { TEXT_MAX = 1 << 18, FILE_MAX = 1 << 18 };

static struct tw_arena arena;
static uint32_t seed = 20230209;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)seed * below >> 32);
}

/* --- decoding ------------------------------------------------------------------- */

struct result {
    bool read; /* to its end, undamaged */
    struct tw_str text;
};

/* Feeds pieces of IN_MAX bytes at most, takes OUT_MAX at most. */
static struct result decode(const struct tw_decoder *d, struct tw_str file,
                            uint32_t in_max, uint32_t out_max, char *text)
{
    void *state = d->open(&arena);
    size_t fill = 0, idle = 0;
    enum tw_decoded decoded = TW_DECODED_MORE;
    while (decoded == TW_DECODED_MORE || file.len) {
        size_t piece = 1 + any(in_max);
        if (piece > file.len)
            piece = file.len;
        struct tw_decoder_io io = {file.ptr, piece, text + fill, 1 + any(out_max),
                                   piece == file.len};
        size_t room = io.out_room;
        if (fill + room > TEXT_MAX)
            io.out_room = room = TEXT_MAX - fill;
        assert_true(room > 0);
        decoded = d->step(state, &io);
        assert_true(io.in_len <= piece && io.out_room <= room);
        fill += room - io.out_room;
        file = tw_str_from(file, piece - io.in_len);
        if (decoded != TW_DECODED_MORE && decoded != TW_DECODED_END)
            return (struct result){false, {text, fill}};
        bool moved = io.in_len != piece || io.out_room != room;
        idle = moved || file.len ? 0 : idle + 1;
        if (idle == 2 && decoded == TW_DECODED_MORE)
            return (struct result){false, {text, fill}};
    }
    return (struct result){true, {text, fill}};
}

static struct result decode_by_all(struct tw_str file)
{
    static char texts[5][TEXT_MAX];
    struct result all[] = {
        decode(&tw_decoder_gzip, file, FILE_MAX, TEXT_MAX, texts[0]),
        decode(&tw_decoder_gzip, file, 3, 5, texts[1]),
        decode(&tw_decoder_gzip, file, 400, 60000, texts[2]),
        decode(&tw_decoder_gzip_zlib, file, FILE_MAX, TEXT_MAX, texts[3]),
        decode(&tw_decoder_gzip_zlib, file, 3, 5, texts[4]),
    };
    for (size_t i = 1; i < sizeof all / sizeof all[0]; i++) {
        assert_int_equal(all[i].read, all[0].read);
        if (all[0].read) {
            assert_int_equal(all[i].text.len, all[0].text.len);
            assert_memory_equal(all[i].text.ptr, all[0].text.ptr, all[0].text.len);
        }
    }
    return all[0];
}

static void assert_refused(struct tw_str file)
{
    struct tw_arena_mark mark = tw_arena_mark(&arena);
    assert_false(decode_by_all(file).read);
    tw_arena_rewind(&arena, mark);
}

static void assert_reads(struct tw_str file, struct tw_str text)
{
    struct tw_arena_mark mark = tw_arena_mark(&arena);
    struct result got = decode_by_all(file);
    assert_true(got.read);
    assert_int_equal(got.text.len, text.len);
    assert_memory_equal(got.text.ptr, text.ptr, text.len);
    tw_arena_rewind(&arena, mark);
}

/* --- files ----------------------------------------------------------------------- */

struct how {
    int level, strategy;
    gz_header *header;
};

static void add_member(struct tw_buf *file, struct tw_str text, struct how how)
{
    enum { GZIP_WINDOW = 15 + 16 };
    z_stream z = {0};
    unsigned char *out = tw_arena_alloc(&arena, FILE_MAX);
    assert_int_equal(
        deflateInit2(&z, how.level, Z_DEFLATED, GZIP_WINDOW, 8, how.strategy), Z_OK);
    if (how.header)
        assert_int_equal(deflateSetHeader(&z, how.header), Z_OK);
    z.next_in = (const unsigned char *)text.ptr;
    z.avail_in = (uInt)text.len;
    z.next_out = out;
    z.avail_out = FILE_MAX;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    tw_buf_put(file, (const char *)out, FILE_MAX - z.avail_out);
    deflateEnd(&z);
}

static struct tw_str member(struct tw_str text, struct how how)
{
    struct tw_buf file;
    tw_buf_init(&file, &arena);
    add_member(&file, text, how);
    return tw_buf_view(&file);
}

/* Rows that compress, with bytes of all kinds in them. */
static struct tw_str some_text(size_t len)
{
    struct tw_buf text;
    tw_buf_init(&text, &arena);
    while (text.len < len) {
        tw_buf_u64(&text, any(100000));
        tw_buf_char(&text, ',');
        if (any(3) == 0)
            tw_buf_char(&text, (char)any(256));
        tw_buf_str(&text, any(2) ? TW_STR("paid,2023-02-09\n") : TW_STR("解密,\\N\n"));
    }
    return tw_str_first(tw_buf_view(&text), len);
}

static const struct how plain = {6, Z_DEFAULT_STRATEGY, NULL};

static int set_up(void **state)
{
    (void)state;
    tw_arena_init(&arena, (size_t)1 << 30);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tw_arena_release(&arena);
    return 0;
}

static void text_of_any_shape_is_read_back(void **state)
{
    (void)state;
    static const struct how hows[] = {{0, Z_DEFAULT_STRATEGY, NULL},
                                      {1, Z_DEFAULT_STRATEGY, NULL},
                                      {9, Z_DEFAULT_STRATEGY, NULL},
                                      {6, Z_FIXED, NULL},
                                      {6, Z_HUFFMAN_ONLY, NULL}};
    static const size_t sizes[] = {0, 1, 100, 40000, 150000};
    for (size_t i = 0; i < sizeof hows / sizeof hows[0]; i++)
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            struct tw_arena_mark mark = tw_arena_mark(&arena);
            struct tw_str text = some_text(sizes[k]);
            assert_reads(member(text, hows[i]), text);
            tw_arena_rewind(&arena, mark);
        }
}

static void a_file_may_be_several_members_some_of_them_empty(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct tw_arena_mark mark = tw_arena_mark(&arena);
        struct tw_buf file, text;
        tw_buf_init(&file, &arena);
        tw_buf_init(&text, &arena);
        for (uint32_t n = 1 + any(6); n > 0; n--) {
            struct tw_str part = some_text(any(3) ? any(3000) : 0);
            add_member(&file, part, plain);
            tw_buf_str(&text, part);
        }
        assert_reads(tw_buf_view(&file), tw_buf_view(&text));
        tw_arena_rewind(&arena, mark);
    }
}

static void fields_of_the_header_are_passed_over_and_its_crc_is_checked(void **state)
{
    (void)state;
    unsigned char extra[300], name[] = "bills-2023-02-09.csv", words[] = "all of them";
    memset(extra, 0, sizeof extra);
    struct tw_str text = some_text(500);
    for (unsigned fields = 0; fields < 16; fields++) {
        gz_header header = {.os = 3, .hcrc = (fields & 8) != 0};
        header.extra = fields & 1 ? extra : NULL;
        header.extra_len = fields & 4 ? sizeof extra : 0;
        header.name = fields & 2 ? name : NULL;
        header.comment = fields & 4 ? words : NULL;
        struct tw_buf file;
        tw_buf_init(&file, &arena);
        add_member(&file, text, (struct how){6, Z_DEFAULT_STRATEGY, &header});
        assert_reads(tw_buf_view(&file), text);
        /* The time: only the CRC of the header covers it. */
        file.ptr[4] ^= 1;
        if (header.hcrc)
            assert_refused(tw_buf_view(&file));
        else
            assert_reads(tw_buf_view(&file), text);
        /* A flag that RFC 1952 reserves. */
        file.ptr[4] ^= 1;
        file.ptr[3] |= 0x40;
        assert_refused(tw_buf_view(&file));
    }
}

static void zero_bytes_behind_the_last_member_are_padding(void **state)
{
    (void)state;
    static const char zeros[1000];
    struct tw_str text = some_text(700);
    struct tw_buf file;
    tw_buf_init(&file, &arena);
    add_member(&file, text, plain);
    for (size_t n = 1; n < sizeof zeros; n *= 3) {
        tw_buf_put(&file, zeros, n);
        assert_reads(tw_buf_view(&file), text);
    }
    /* A member behind padding is not one that gzip would read. */
    add_member(&file, text, plain);
    assert_refused(tw_buf_view(&file));
}

static void other_bytes_behind_the_last_member_are_damage(void **state)
{
    (void)state;
    static const char *const behind[] = {
        "x",        "\x1f", "\x1f\x8b",
        "\x1f\x8c", "\n",   "some words that are no member at all"};
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        struct tw_buf file;
        tw_buf_init(&file, &arena);
        add_member(&file, TW_STR("a,b\n1,2\n"), plain);
        tw_buf_str(&file, tw_str_of(behind[i]));
        assert_refused(tw_buf_view(&file));
    }
}

static void a_file_that_ends_early_is_refused_wherever_it_ends(void **state)
{
    (void)state;
    struct tw_str text = some_text(900);
    struct tw_buf file;
    tw_buf_init(&file, &arena);
    add_member(&file, text, plain);
    size_t first = file.len;
    add_member(&file, TW_STR(""), plain);
    size_t second = file.len;
    add_member(&file, TW_STR("c\n"), (struct how){6, Z_FIXED, NULL});
    struct tw_str whole = tw_buf_view(&file);
    for (size_t n = 1; n < whole.len; n++)
        if (n == first || n == second)
            assert_reads(tw_str_first(whole, n), text);
        else
            assert_refused(tw_str_first(whole, n));
}

/* The bytes of the header that mean nothing to the text may be anything. */
static bool means_nothing(size_t at, unsigned bit)
{
    return (at >= 4 && at < 10) || (at == 3 && bit == 0); /* time, system; "is text" */
}

static void no_flipped_bit_gives_another_text(void **state)
{
    (void)state;
    static const struct how hows[] = {
        {6, Z_DEFAULT_STRATEGY, NULL}, {6, Z_FIXED, NULL}, {0, Z_FILTERED, NULL}};
    for (size_t i = 0; i < sizeof hows / sizeof hows[0]; i++) {
        struct tw_str text = some_text(250);
        struct tw_buf file;
        tw_buf_init(&file, &arena);
        add_member(&file, text, hows[i]);
        for (size_t at = 0; at < file.len; at++)
            for (unsigned bit = 0; bit < 8; bit++) {
                file.ptr[at] = (char)(file.ptr[at] ^ 1 << bit);
                struct tw_arena_mark mark = tw_arena_mark(&arena);
                struct result got = decode_by_all(tw_buf_view(&file));
                if (means_nothing(at, bit))
                    assert_true(got.read);
                /* A bit that pads the last byte of the stream is no damage. */
                if (got.read) {
                    assert_int_equal(got.text.len, text.len);
                    assert_memory_equal(got.text.ptr, text.ptr, text.len);
                    assert_true(means_nothing(at, bit) || at == file.len - 9 ||
                                hows[i].level == 0);
                }
                tw_arena_rewind(&arena, mark);
                file.ptr[at] = (char)(file.ptr[at] ^ 1 << bit);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_any_shape_is_read_back),
        cmocka_unit_test(a_file_may_be_several_members_some_of_them_empty),
        cmocka_unit_test(fields_of_the_header_are_passed_over_and_its_crc_is_checked),
        cmocka_unit_test(zero_bytes_behind_the_last_member_are_padding),
        cmocka_unit_test(other_bytes_behind_the_last_member_are_damage),
        cmocka_unit_test(a_file_that_ends_early_is_refused_wherever_it_ends),
        cmocka_unit_test(no_flipped_bit_gives_another_text),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
