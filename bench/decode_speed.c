/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode_speed FILE [BLOCK]: how fast a file is decompressed in process, with nothing
 * done to the bytes, to hold against `igzip -dc FILE >/dev/null` or `zstd -dc`. BLOCK:
 * bytes of a block that is read ahead; 0: without a thread.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "input.h"
#include "num.h"

struct job {
    struct tw_arena *arena;
    struct tw_diags *diags;
    const char *path;
    uint64_t block, bytes;
    const char *compression;
};

static enum tw_status decode(void *ctx)
{
    struct job *job = ctx;
    struct tw_str path = tw_str_of(job->path), bytes = TW_NO_STR;
    struct tw_input *in = tw_input_open(job->arena, path, path, job->diags);
    if (!in)
        return TW_ERR_INPUT;
    job->compression = tw_input_compression(in);
    if (job->block == 0)
        tw_input_read_ahead(in, 1, UINT64_MAX);
    else if (job->block != 1)
        tw_input_read_ahead(in, (size_t)job->block, 0);
    enum tw_status status;
    do {
        status = tw_input_block(in, &bytes);
        job->bytes += bytes.len;
    } while (status == TW_OK && bytes.len);
    return status;
}

static double seconds(struct timespec at)
{
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct tw_arena arena;
    struct tw_diags diags;
    struct job job = {.arena = &arena, .diags = &diags, .block = 1};
    if (argc < 2 ||
        (argc > 2 && !tw_parse_u64(tw_str_of(argv[2]), SIZE_MAX, &job.block))) {
        fprintf(stderr, "usage: decode_speed FILE [BLOCK]\n");
        return 2;
    }
    job.path = argv[1];
    tw_arena_init(&arena, (size_t)1 << 30);
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    enum tw_status status = tw_arena_run(&arena, decode, &job);
    clock_gettime(CLOCK_MONOTONIC, &end);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double wall = seconds(end) - seconds(begin);
    if (status == TW_OK)
        printf("%s: %" PRIu64 " bytes, %.3f s, %.2f GB/s, cpu %.2f s, %ld KiB\n",
               job.compression, job.bytes, wall, (double)job.bytes / wall / 1e9,
               (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
                   (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6,
               usage.ru_maxrss);
    tw_arena_release(&arena);
    return status == TW_OK ? 0 : 1;
}
