/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs as streams, with and without a thread that reads ahead: the same bytes, the
 * same refusals, for any sizes of blocks; and whoever stops early leaves nothing
 * behind.
 */
#define ZLIB_CONST
#include <fcntl.h>
#include <lzma.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "cmocka_all.h"
#include "hash.h"
#include "input.h"
#include "read_ahead.h"

enum { TEXT_LEN = 200000, FILE_MAX = 1 << 18, NEVER = 0, ALWAYS = 1 };

static struct tw_arena whole; /* of the group */
static struct tw_arena arena; /* of a test */
static struct tw_diags diags;
static struct tw_str text;
static uint32_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)seed * below >> 32);
}

/* --- files ----------------------------------------------------------------------- */

static struct tw_str gzip_of(struct tw_str bytes)
{
    z_stream z = {0};
    unsigned char *out = tw_arena_alloc(&whole, FILE_MAX);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (const unsigned char *)bytes.ptr;
    z.avail_in = (uInt)bytes.len;
    z.next_out = out;
    z.avail_out = FILE_MAX;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return (struct tw_str){(const char *)out, FILE_MAX - z.avail_out};
}

static struct tw_str zstd_of(struct tw_str bytes)
{
    char *out = tw_arena_alloc(&whole, FILE_MAX);
    ZSTD_CCtx *ctx = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
    size_t n = ZSTD_compress2(ctx, out, FILE_MAX, bytes.ptr, bytes.len);
    assert_false(ZSTD_isError(n));
    ZSTD_freeCCtx(ctx);
    return (struct tw_str){out, n};
}

static struct tw_str xz_of(struct tw_str bytes, uint32_t preset)
{
    uint8_t *out = tw_arena_alloc(&whole, FILE_MAX);
    size_t n = 0;
    assert_int_equal(lzma_easy_buffer_encode(preset, LZMA_CHECK_CRC32, NULL,
                                             (const uint8_t *)bytes.ptr, bytes.len, out,
                                             &n, FILE_MAX),
                     LZMA_OK);
    return (struct tw_str){(const char *)out, n};
}

static struct tw_str joined(struct tw_str a, struct tw_str b)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &whole);
    tw_buf_str(&buf, a);
    tw_buf_str(&buf, b);
    return tw_buf_view(&buf);
}

enum { KINDS = 4 };
static struct tw_str files[KINDS]; /* the text: plain, gzip, zstd, xz */
static const char *const names[KINDS] = {"plain", "gzip", "zstd", "xz"};

static int begin_all(void **state)
{
    (void)state;
    tw_arena_init(&whole, (size_t)1 << 28);
    struct tw_buf buf;
    tw_buf_init(&buf, &whole);
    seed = 1;
    while (buf.len < TEXT_LEN) {
        tw_buf_u64(&buf, any(1000000));
        tw_buf_str(&buf, TW_STR(",对账单,2023-02-09\n"));
    }
    text = tw_buf_view(&buf);
    files[0] = text;
    files[1] =
        joined(gzip_of(tw_str_first(text, 70001)), gzip_of(tw_str_from(text, 70001)));
    files[2] = joined(zstd_of(tw_str_first(text, 99)), zstd_of(tw_str_from(text, 99)));
    files[3] = xz_of(text, 0);
    return 0;
}

static int end_all(void **state)
{
    (void)state;
    tw_arena_release(&whole);
    return 0;
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

/* --- reading --------------------------------------------------------------------- */

struct reading {
    enum tw_status status;
    struct tw_str bytes;
};

/* Reads by both kinds of call, to the end or until AT_MOST bytes or more are there. */
static struct reading read_all(struct tw_input *in, size_t at_most)
{
    char piece[3000];
    struct reading r = {TW_OK, TW_NO_STR};
    struct tw_buf all;
    tw_buf_init(&all, &arena);
    while (r.status == TW_OK && all.len < at_most) {
        struct tw_str got = {piece, 0};
        if (any(2))
            r.status = tw_input_read(in, piece, 1 + any(sizeof piece), &got.len);
        else
            r.status = tw_input_block(in, &got);
        if (r.status == TW_OK && got.len == 0)
            break;
        tw_buf_str(&all, got);
    }
    r.bytes = tw_buf_view(&all);
    return r;
}

static bool has_diag(const char *id)
{
    return diags.list.len == 1 && strcmp(tw_diag_def(diags.list.at[0].id)->id, id) == 0;
}

static void assert_whole(struct reading r, struct tw_str want)
{
    assert_int_equal(r.status, TW_OK);
    assert_int_equal(r.bytes.len, want.len);
    assert_memory_equal(r.bytes.ptr, want.ptr, want.len);
    assert_int_equal(diags.list.len, 0);
}

static struct tw_input *open_memory(struct tw_str file, int ahead)
{
    struct tw_input *in = tw_input_memory(&arena, file, TW_STR("dump"), &diags);
    if (ahead == ALWAYS)
        tw_input_read_ahead(in, 1 + any(9000), 0);
    return in;
}

static void
every_compression_gives_the_same_bytes_with_and_without_a_thread(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++)
        for (size_t i = 0; i < KINDS; i++) {
            struct tw_input *in = open_memory(files[i], round & 1);
            assert_string_equal(tw_input_compression(in), names[i]);
            tw_input_fingerprint(in);
            assert_whole(read_all(in, SIZE_MAX), text);
            assert_true(tw_input_taken(in) == files[i].len);
            assert_true(tw_str_eq(tw_input_sha256(in),
                                  tw_sha256_hex(&arena, files[i].ptr, files[i].len)));
            tw_arena_release(&arena);
            tw_diags_init(&diags, &arena, TW_LANG_EN);
        }
}

static void nothing_at_all_is_read_as_nothing(void **state)
{
    (void)state;
    const struct tw_str empty[] = {TW_STR(""), gzip_of(TW_STR("")), zstd_of(TW_STR("")),
                                   xz_of(TW_STR(""), 0)};
    for (size_t i = 0; i < KINDS; i++)
        for (int ahead = NEVER; ahead <= ALWAYS; ahead++) {
            struct tw_input *in = open_memory(empty[i], ahead);
            assert_whole(read_all(in, SIZE_MAX), TW_STR(""));
            assert_whole(read_all(in, SIZE_MAX), TW_STR(""));
        }
}

static void
a_file_that_ends_early_or_is_hit_is_refused_and_that_is_said_once(void **state)
{
    (void)state;
    for (int round = 0; round < 30; round++)
        for (size_t i = 1; i < KINDS; i++) {
            struct tw_buf file;
            tw_buf_init(&file, &arena);
            tw_buf_str(&file, tw_str_first(files[i],
                                           files[i].len / 2 + any(1000) * (round & 1)));
            if (round & 2) {
                tw_buf_str(&file, tw_str_from(files[i], file.len));
                file.ptr[file.len / 3 + any(1000)] ^= 0x55;
            }
            struct tw_input *in = open_memory(tw_buf_view(&file), round & 4 ? 1 : 0);
            enum tw_status status = read_all(in, SIZE_MAX).status;
            assert_int_equal(status, TW_ERR_INPUT);
            assert_true(has_diag("TW403"));
            assert_int_equal(read_all(in, SIZE_MAX).status, TW_ERR_INPUT);
            assert_true(has_diag("TW403"));
            assert_text(tw_input_sha256(in), "");
            tw_arena_release(&arena);
            tw_diags_init(&diags, &arena, TW_LANG_EN);
        }
}

static void whoever_stops_early_may_release_the_arena_at_once(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        struct tw_input *in = open_memory(files[1 + any(3)], ALWAYS);
        size_t at_most = any(4) ? any(TEXT_LEN) : 0;
        struct reading r = read_all(in, at_most);
        assert_int_equal(r.status, TW_OK);
        assert_memory_equal(r.bytes.ptr, text.ptr, r.bytes.len);
        tw_arena_release(&arena);
        tw_diags_init(&diags, &arena, TW_LANG_EN);
    }
}

static void streams_behind_one_another_and_their_padding_are_read(void **state)
{
    (void)state;
    static const char zeros[8];
    struct tw_str half[] = {tw_str_first(text, 1000), tw_str_from(text, 1000)};
    struct tw_str pad = {zeros, 8}, odd = {zeros, 3};
    struct tw_str xz =
        joined(joined(xz_of(half[0], 0), pad), joined(xz_of(half[1], 6), pad));
    struct tw_str skipped = TW_STR("\x53\x2a\x4d\x18\x04\0\0\0any1");
    struct tw_str zstd = joined(joined(skipped, files[2]), skipped);
    for (int ahead = NEVER; ahead <= ALWAYS; ahead++) {
        assert_whole(read_all(open_memory(xz, ahead), SIZE_MAX), text);
        assert_whole(read_all(open_memory(zstd, ahead), SIZE_MAX), text);
        assert_whole(read_all(open_memory(joined(files[1], odd), ahead), SIZE_MAX),
                     text);
    }
    struct tw_str wrong[] = {joined(xz, odd), joined(xz, TW_STR("abcd")),
                             joined(zstd, pad), joined(files[1], TW_STR("abcd"))};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(read_all(open_memory(wrong[i], i & 1), SIZE_MAX).status,
                         TW_ERR_INPUT);
        assert_true(has_diag("TW403"));
        tw_diags_init(&diags, &arena, TW_LANG_EN);
    }
}

static void a_window_beyond_the_limit_is_refused_with_that_reason(void **state)
{
    (void)state;
    /* A frame of zstd with a window of 2 GiB and one raw block of three bytes. */
    struct tw_str zstd = TW_STR("\x28\xb5\x2f\xfd\0\xa8\x19\0\0abc");
    struct tw_str fits = TW_STR("\x28\xb5\x2f\xfd\0\x08\x19\0\0abc");
    assert_whole(read_all(open_memory(fits, NEVER), SIZE_MAX), TW_STR("abc"));
    lzma_options_lzma options;
    assert_false(lzma_lzma_preset(&options, 0));
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    /* Written with a small window; its header says another. */
    uint8_t out[1000];
    size_t n = 0;
    options.dict_size = 4096;
    assert_int_equal(lzma_stream_buffer_encode(filters, LZMA_CHECK_NONE, NULL,
                                               (const uint8_t *)"abc", 3, out, &n,
                                               sizeof out),
                     LZMA_OK);
    /* The block's header: its size, …, LZMA2 (21), one byte, the window; its CRC. */
    enum { BLOCK = 12 };
    size_t at = BLOCK;
    while (at < n && (out[at] != 0x21 || out[at + 1] != 1))
        at++;
    assert_true(at + 2 < BLOCK + (size_t)(out[BLOCK] + 1) * 4);
    out[at + 2] = 34; /* 512 MiB */
    size_t size = (size_t)(out[BLOCK] + 1) * 4 - 4;
    uint32_t crc = lzma_crc32(out + BLOCK, size, 0);
    for (size_t i = 0; i < 4; i++)
        out[BLOCK + size + i] = (uint8_t)(crc >> 8 * i);
    struct tw_str wide[] = {zstd, {(const char *)out, n}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(read_all(open_memory(wide[i / 2], i & 1), SIZE_MAX).status,
                         TW_ERR_INPUT);
        assert_true(has_diag("TW408"));
        tw_diags_init(&diags, &arena, TW_LANG_EN);
    }
}

/* --- pipes ----------------------------------------------------------------------- */

struct writer {
    int fd;
    struct tw_str bytes;
    pthread_t thread;
};

static void *write_all(void *ptr)
{
    struct writer *w = ptr;
    while (w->bytes.len) {
        size_t n = w->bytes.len < 777 ? w->bytes.len : 777;
        ssize_t put = write(w->fd, w->bytes.ptr, n);
        if (put < 0)
            break;
        w->bytes = tw_str_from(w->bytes, (size_t)put);
    }
    close(w->fd);
    return NULL;
}

/* The reading end of a pipe, opened by its name. */
static struct tw_input *input_of(int fd)
{
    struct tw_str path = tw_fmt(&arena, "/dev/fd/%d", fd);
    struct tw_input *in = tw_input_open(&arena, path, TW_STR("pipe"), &diags);
    assert_non_null(in);
    close(fd);
    return in;
}

static void a_pipe_is_read_to_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * KINDS; i++) {
        int fds[2];
        struct writer w = {.bytes = files[i / 2]};
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        w.fd = fds[1];
        assert_int_equal(pthread_create(&w.thread, NULL, write_all, &w), 0);
        struct tw_input *in = input_of(fds[0]);
        tw_input_read_ahead(in, 1 + any(5000), i & 1 ? 0 : UINT64_MAX);
        tw_input_fingerprint(in);
        assert_whole(read_all(in, SIZE_MAX), text);
        pthread_join(w.thread, NULL);
        assert_true(
            tw_str_eq(tw_input_sha256(in),
                      tw_sha256_hex(&arena, files[i / 2].ptr, files[i / 2].len)));
    }
}

static bool stop_at_third(void *ctx)
{
    int *asked = ctx;
    return ++*asked >= 3;
}

static void a_silent_pipe_can_be_left(void **state)
{
    (void)state;
    for (int ahead = NEVER; ahead <= ALWAYS; ahead++) {
        int fds[2], asked = 0;
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        assert_int_equal(write(fds[1], "a,b\n1,2\n", 8), 8);
        struct tw_input *in = input_of(fds[0]);
        tw_input_stop_by(in, stop_at_third, &asked);
        tw_input_read_ahead(in, 4096, ahead ? 0 : UINT64_MAX);
        struct reading r = read_all(in, SIZE_MAX);
        assert_int_equal(r.status, TW_STOPPED);
        assert_text(r.bytes, "a,b\n1,2\n");
        assert_true(asked >= 3);
        assert_int_equal(diags.list.len, 0);
        tw_arena_release(&arena); /* although the writer is still there */
        tw_diags_init(&diags, &arena, TW_LANG_EN);
        close(fds[1]);
    }
}

/* --- what the thread hands over ----------------------------------------------------
 */

static int fill_then_fail(void *ctx, char *bytes, size_t room, size_t *got)
{
    int *left = ctx;
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (!sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGTERM))
        return 99;
    *got = *left > 0 ? room : 0;
    memset(bytes, 'x', *got);
    return (*left)-- > 0 ? 0 : 7;
}

static void a_failure_comes_behind_the_blocks_before_it(void **state)
{
    (void)state;
    for (int blocks = 0; blocks < 9; blocks++) {
        int left = blocks;
        bool stopped;
        struct tw_str bytes;
        struct tw_read_ahead *ahead = tw_read_ahead_start(
            &arena, (struct tw_fill){fill_then_fail, NULL, &left}, 10, 2);
        assert_non_null(ahead);
        for (int i = 0; i < blocks; i++) {
            assert_int_equal(tw_read_ahead_next(ahead, &bytes, NULL, NULL, &stopped),
                             0);
            assert_text(bytes, "xxxxxxxxxx");
        }
        for (int i = 0; i < 2; i++) {
            assert_int_equal(tw_read_ahead_next(ahead, &bytes, NULL, NULL, &stopped),
                             7);
            assert_int_equal(bytes.len, 0);
        }
        assert_true(tw_read_ahead_done(ahead));
        tw_read_ahead_end(ahead);
    }
}

static void without_memory_for_a_thread_the_file_is_read_all_the_same(void **state)
{
    (void)state;
    struct tw_arena small;
    tw_arena_init(&small, (size_t)1 << 20);
    struct tw_input *in = tw_input_memory(&small, files[1], TW_STR("dump"), &diags);
    tw_input_read_ahead(in, (size_t)1 << 20, 0);
    assert_whole(read_all(in, SIZE_MAX), text);
    tw_arena_release(&small);
}

struct exhausting {
    struct tw_arena arena;
    struct tw_str file;
};

static enum tw_status read_exhausting(void *ctx)
{
    struct exhausting *e = ctx;
    struct tw_input *in = tw_input_memory(&e->arena, e->file, TW_STR("dump"), &diags);
    tw_input_read_ahead(in, 1000, 0);
    (void)read_all(in, SIZE_MAX);
    return TW_OK;
}

/* What the process has mapped. */
static rlim_t mapped(void)
{
    char line[64] = "";
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || !fgets(line, sizeof line, file))
        line[0] = '\0';
    if (file)
        fclose(file);
    uint64_t pages = 0;
    for (const char *p = line; *p >= '0' && *p <= '9'; p++)
        pages = pages * 10 + (uint64_t)(*p - '0');
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void memory_that_the_thread_lacks_unwinds_the_reader(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* they map far more than any limit */
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    skip();
#endif
#endif
    enum { MORE = 40 << 20 }; /* the thread's stack, not the window of `xz -9` */
    struct exhausting e = {.file = xz_of(TW_STR("abc"), 9)};
    struct rlimit before, less;
    rlim_t now = mapped();
    if (now == 0)
        skip();
    tw_arena_init(&e.arena, (size_t)1 << 28);
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    less = (struct rlimit){now + MORE, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_AS, &less), 0);
    enum tw_status status = tw_arena_run(&e.arena, read_exhausting, &e);
    setrlimit(RLIMIT_AS, &before);
    tw_arena_release(&e.arena);
    assert_int_equal(status, TW_ERR_MEMORY);
    assert_int_equal(diags.list.len, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(every_compression_gives_the_same_bytes_with_and_without_a_thread),
        T(nothing_at_all_is_read_as_nothing),
        T(a_file_that_ends_early_or_is_hit_is_refused_and_that_is_said_once),
        T(whoever_stops_early_may_release_the_arena_at_once),
        T(streams_behind_one_another_and_their_padding_are_read),
        T(a_window_beyond_the_limit_is_refused_with_that_reason),
        T(a_pipe_is_read_to_its_end),
        T(a_silent_pipe_can_be_left),
        T(a_failure_comes_behind_the_blocks_before_it),
        T(without_memory_for_a_thread_the_file_is_read_all_the_same),
        T(memory_that_the_thread_lacks_unwinds_the_reader),
    };
    return cmocka_run_group_tests(tests, begin_all, end_all);
}
