/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transcode_speed FILE ENCODING (or "" to decide): how fast a file becomes UTF-8 lines
 * with known places, with nothing else done to them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "input.h"
#include "utf8_stream.h"

struct job {
    struct tw_arena *arena;
    struct tw_diags *diags;
    struct tw_str path, encoding;
    uint64_t bytes;
};

static enum tw_status read_input(void *ctx, char *bytes, size_t room, size_t *got)
{
    return tw_input_read(ctx, bytes, room, got);
}

static enum tw_status lend_input(void *ctx, struct tw_str *bytes)
{
    return tw_input_block(ctx, bytes);
}

static enum tw_status decode(void *ctx)
{
    struct job *job = ctx;
    struct tw_input *in = tw_input_open(job->arena, job->path, job->path, job->diags);
    if (!in)
        return TW_ERR_INPUT;
    struct tw_byte_source source = {read_input, in};
    struct tw_utf8_stream *stream =
        tw_utf8_stream_open(job->arena, source, job->encoding, job->path, job->diags);
    if (!stream)
        return TW_ERR_INPUT;
    tw_utf8_stream_lend(stream, lend_input);
    job->encoding = tw_utf8_stream_encoding(stream);
    struct tw_str bytes;
    enum tw_status status;
    do {
        status = tw_utf8_stream_block(stream, &bytes);
        (void)tw_utf8_stream_place(stream, job->bytes);
        job->bytes += bytes.len;
    } while (status == TW_OK && bytes.len);
    return status;
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    struct tw_diags diags;
    struct job job = {.arena = &arena, .diags = &diags};
    if (argc != 3) {
        fprintf(stderr, "usage: transcode_speed FILE ENCODING\n");
        return 2;
    }
    job.path = tw_str_of(argv[1]);
    job.encoding = tw_str_of(argv[2]);
    tw_arena_init(&arena, (size_t)1 << 30);
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    enum tw_status status = tw_arena_run(&arena, decode, &job);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double wall = (double)(end.tv_sec - begin.tv_sec) +
                  (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    if (status == TW_OK)
        printf("%.*s: %" PRIu64 " bytes of UTF-8, %.3f s, %.2f GB/s\n",
               (int)job.encoding.len, job.encoding.ptr, job.bytes, wall,
               (double)job.bytes / wall / 1e9);
    tw_arena_release(&arena);
    return status == TW_OK ? 0 : 1;
}
