/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a compressed file: the same bytes or the same refusal with and without a
 * thread and for any sizes of pieces; and any bytes as a deflate stream: what zlib
 * reads, ISA-L reads as well, to the same end.
 *
 * The first byte chooses the sizes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "inflater.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 1 << 20 };

/* --- files ----------------------------------------------------------------------- */

struct job {
    struct tw_arena arena;
    struct tw_str file;
    size_t block; /* of the thread; 0: none */
    size_t room;
    enum tw_status status;
    struct tw_str text;
};

static enum tw_status read_file(void *ctx)
{
    struct job *job = ctx;
    struct tw_diags diags;
    tw_diags_init(&diags, &job->arena, TW_LANG_EN);
    struct tw_input *in =
        tw_input_memory(&job->arena, job->file, TW_STR("fuzz"), &diags);
    tw_input_read_ahead(in, job->block, job->block ? 0 : UINT64_MAX);
    struct tw_buf all;
    tw_buf_init(&all, &job->arena);
    char *piece = tw_arena_alloc(&job->arena, job->room);
    size_t got;
    do {
        job->status = tw_input_read(in, piece, job->room, &got);
        tw_buf_put(&all, piece, got);
    } while (job->status == TW_OK && got && all.len < TEXT_MAX);
    if ((job->status == TW_OK) != (diags.errors == 0))
        abort();
    job->text = tw_str_first(tw_buf_view(&all), TEXT_MAX);
    return TW_OK;
}

static void read_thrice(struct tw_str file, uint8_t how)
{
    static struct job jobs[3];
    for (size_t i = 0; i < 3; i++) {
        struct job *job = &jobs[i];
        *job = (struct job){.file = file, .room = i ? 1 + how % 11 : 1 << 16};
        job->block = i == 2 ? 1 + (size_t)how * 4 : 0;
        tw_arena_init(&job->arena, (size_t)1 << 28);
        if (tw_arena_run(&job->arena, read_file, job) != TW_OK)
            abort();
        if (job->status != jobs[0].status)
            abort();
        if (job->status == TW_OK && !tw_str_eq(job->text, jobs[0].text))
            abort();
    }
    for (size_t i = 0; i < 3; i++)
        tw_arena_release(&jobs[i].arena);
}

/* --- deflate --------------------------------------------------------------------- */

#ifdef TW_WITH_ISAL
struct inflated {
    enum tw_decoded decoded;
    size_t used, len;
    char text[TEXT_MAX];
};

static void inflate_all(struct tw_arena *arena, const struct tw_inflater *inflater,
                        struct tw_str file, size_t piece, struct inflated *to)
{
    void *state = inflater->open(arena);
    inflater->begin(state);
    to->used = to->len = 0;
    size_t idle = 0;
    do {
        size_t n = file.len - to->used;
        struct tw_decoder_io io = {file.ptr + to->used, n < piece ? n : piece,
                                   to->text + to->len, TEXT_MAX - to->len, n <= piece};
        const char *in = io.in;
        to->decoded = inflater->step(state, &io);
        bool moved = io.in != in || io.out != to->text + to->len;
        to->used += (size_t)(io.in - in);
        to->len = (size_t)(io.out - to->text);
        idle = moved ? 0 : idle + 1;
    } while (to->decoded == TW_DECODED_MORE && idle < 3 && to->len < TEXT_MAX);
    unsigned char unread[TW_INFLATER_UNREAD];
    size_t n = to->decoded == TW_DECODED_END ? inflater->unread(state, unread) : 0;
    if (n > to->used || memcmp(unread, file.ptr + to->used - n, n) != 0)
        abort();
    to->used -= n;
}

static void inflate_twice(struct tw_str file, uint8_t how)
{
    static struct inflated zlib, isal;
    struct tw_arena arena;
    size_t piece = how & 1 ? SIZE_MAX : 1 + how / 2;
    tw_arena_init(&arena, (size_t)1 << 24);
    inflate_all(&arena, &tw_inflater_zlib, file, SIZE_MAX, &zlib);
    inflate_all(&arena, &tw_inflater_isal, file, piece, &isal);
    if (zlib.decoded == TW_DECODED_END &&
        (isal.decoded != TW_DECODED_END || isal.used != zlib.used ||
         isal.len != zlib.len || memcmp(isal.text, zlib.text, zlib.len) != 0))
        abort();
#ifdef TW_STRICT
    if (isal.decoded == TW_DECODED_END && zlib.decoded != TW_DECODED_END)
        abort();
#endif
    tw_arena_release(&arena);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct tw_str bytes = {(const char *)data + 1, size - 1};
    read_thrice(bytes, data[0]);
#ifdef TW_WITH_ISAL
    inflate_twice(bytes, data[0]);
#endif
    return 0;
}
