/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as delimited text, scanned: by every kernel, as a stream in pieces and as a
 * file of small chunks by several threads, the answer is that of the reference, which
 * reads record by record.
 *
 * The first bytes choose the dialect, what is asked, the kernel and the sizes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "impact_report.h"
#include "impact_spec.h"
#include "renderer.h"
#include "scan_kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the first bytes choose. */
enum { DIALECT, QUESTION, KERNEL, BUFFER, CHUNK, CHUNK_HIGH, LIMITS, PIECE, CHOICES };

static const char *const dialects[][10] = {
    {"dump", "csv"},
    {"dump", "csv", "columns", "a,b,c"},
    {"dump", "csv", "quote", "none"},
    {"dump", "csv", "escape", "\\", "columns", "a,b"},
    {"dump", "csv", "quote", "none", "escape", "\\"},
    {"dump", "csv", "quote", "'", "delimiter", "|", "null", ""},
    {"dump", "tsv", "columns", "a,b,c"},
    {"dump", "hive_text", "delimiter", ",", "columns", "a,b,c"},
    {"dump", "outfile", "delimiter", ",", "columns", "a,b,c"},
    {"dump", "outfile", "quote", "\"", "escape", "none", "delimiter", ","},
    {"dump", "outfile", "quote", "\"", "escape", "\"", "delimiter", ","},
    {"dump", "dumpling_csv", "columns", "a,b,c"},
    {"dump", "csv", "escape", "\""},
    {"dump", "csv", "columns", "a"},
};
enum { NDIALECTS = sizeof dialects / sizeof dialects[0] };

static const char *const questions[][12] = {
    {"wrong", "#1 ~ /bad/"}, /* only counts */
    {"wrong", "#1 ~ /ba/", "by", "#1:day", "distinct", "#1", "sum", "#1"},
    {"wrong", "#1 = 'x'", "wrong", "* ~ /bad/", "wrong", "#1 is null", "where",
     "#1 is not empty"},
    {"wrong", "#1 ~ /b/", "wrong", "* ~ /y \"bad/"},
    {"wrong", "* ~ /bad|2023/", "by", "#1"},
    {"wrong", "* has marker '解密失败'", "distinct", "#1"},
    {"wrong", "#1 ~ /\xe5\xa4\xb1/", "health", "#1", "sum", "#1"},
    {"wrong", "* is null", "by", "#1:hour", "sample", "1/2"},
};
enum { NQUESTIONS = sizeof questions / sizeof questions[0] };

static int file = -1; /* a file in memory, for all runs */
static char path[32];

struct job {
    struct tw_arena arena;
    const uint8_t *choice;
    struct tw_str bytes;
    const struct tw_scan_kernel *kernel; /* NULL: the reference */
    unsigned threads;                    /* 0: a stream */
    struct tw_str answer;
};

static enum tw_status read_piece(void *ctx, char *bytes, size_t room, size_t *got)
{
    struct job *job = ctx;
    size_t piece = 1 + job->choice[PIECE] % 100;
    size_t n = job->bytes.len < piece ? job->bytes.len : piece;
    *got = n < room ? n : room;
    if (*got)
        memcpy(bytes, job->bytes.ptr, *got);
    job->bytes = tw_str_from(job->bytes, *got);
    return TW_OK;
}

static void set(struct job *job, struct tw_impact_options *options,
                struct tw_diags *diags, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n && words[i]; i += 2) {
        bool known;
        if (!tw_impact_option_set(&job->arena, options, words[i],
                                  tw_str_of(words[i + 1]), tw_str_of(words[i]),
                                  TW_NOWHERE, diags, &known))
            abort();
    }
}

static void choose(struct job *job, struct tw_impact_options *o, struct tw_diags *diags)
{
    static const size_t longest[] = {(size_t)64 << 20, 300, 64, 5};
    const uint8_t *c = job->choice;
    tw_impact_options_init(o);
    set(job, o, diags, dialects[c[DIALECT] % NDIALECTS], 10);
    set(job, o, diags, questions[c[QUESTION] % NQUESTIONS], 12);
    set(job, o, diags, (const char *const[]){"encoding", "UTF-8"}, 2);
    o->dialect.record_max = longest[c[LIMITS] & 3];
    if (c[LIMITS] & 4)
        o->groups_max = 3;
    if (c[LIMITS] & 8)
        o->distinct_max = 3;
    o->dialect.buffer = job->kernel ? 1 + (size_t)c[BUFFER] * 8 : 4096;
    o->chunk = 1 + (size_t)c[CHUNK] + (size_t)(c[CHUNK_HIGH] & 15) * 256;
    o->threads = job->threads;
    o->kernel = job->kernel;
    o->record_by_record = job->kernel == NULL;
}

static enum tw_status count(void *ctx)
{
    struct job *job = ctx;
    struct tw_diags diags;
    struct tw_impact_options options;
    tw_diags_init(&diags, &job->arena, TW_LANG_EN);
    choose(job, &options, &diags);
    tw_said_add(&job->arena, &options.paths, tw_str_of(path), TW_STR("DUMP"));
    struct tw_impact *impact = tw_impact_new(&job->arena, &options, &diags);
    if (!impact)
        abort();
    enum tw_status status =
        job->threads ? tw_impact_count(impact)
                     : tw_impact_add(impact, (struct tw_byte_source){read_piece, job},
                                     tw_str_of(path));
    const struct tw_tally *t = &impact->tally;
    if (status == TW_OK && t->read != t->counted + tw_tally_refused(t))
        abort();
    struct tw_buf out;
    tw_buf_init(&out, &job->arena);
    if (status == TW_OK)
        tw_renderer_by_name(TW_STR("json"))
            ->render(tw_impact_report(impact, TW_LANG_EN),
                     &(const struct tw_render_options){0}, &out);
    else if (diags.errors == 0)
        abort(); /* refused without a word */
    else if (impact->tally.stop != TW_TALLY_GOES_ON)
        tw_buf_text(&out, "full"); /* of two limits, any may be met first */
    else
        tw_diags_print(&diags, false, false, &out);
    job->answer = tw_buf_view(&out);
    return TW_OK;
}

static void run(struct job *job)
{
    tw_arena_init(&job->arena, (size_t)256 << 20);
    if (tw_arena_run(&job->arena, count, job) != TW_OK)
        abort();
}

static void same(struct job *job, const struct job *reference)
{
    run(job);
    if (!tw_str_eq(job->answer, reference->answer)) {
        fprintf(stderr, "%s, %u threads:\n%.*s\nnot\n%.*s\n", job->kernel->name,
                job->threads, (int)job->answer.len, job->answer.ptr,
                (int)reference->answer.len, reference->answer.ptr);
        abort();
    }
    tw_arena_release(&job->arena);
}

static void write_file(struct tw_str bytes)
{
    if (file < 0) {
        file = memfd_create("fuzz_scan", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    if (file < 0 || ftruncate(file, 0) != 0 ||
        pwrite(file, bytes.ptr, bytes.len, 0) != (ssize_t)bytes.len)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CHOICES)
        return 0;
    struct tw_str bytes = {(const char *)data + CHOICES, size - CHOICES};
    const struct tw_scan_kernel *kernels[5];
    size_t n = tw_scan_kernels(kernels);
    const struct tw_scan_kernel *kernel = kernels[data[KERNEL] % n];
    write_file(bytes);
    struct job reference = {.choice = data, .bytes = bytes, .threads = 1};
    run(&reference);
    struct job by_file = {.choice = data, .kernel = kernel, .threads = 1};
    by_file.threads += data[KERNEL] / 16 % 4;
    same(&by_file, &reference);
    struct job stream = {.choice = data, .bytes = bytes, .kernel = kernel};
    /* Bytes that look compressed are decompressed where they are a file's. */
    struct tw_str head = tw_str_first(bytes, 2);
    if (!tw_str_is(head, "\x1f\x8b") && !tw_str_is(head, "\x28\xb5") &&
        !tw_str_is(head, "\xfd\x37"))
        same(&stream, &reference);
    tw_arena_release(&reference.arena);
    return 0;
}
