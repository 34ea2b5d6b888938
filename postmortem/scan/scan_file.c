/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scan of a plain file by several threads: see scan.h.
 *
 * The file is cut into chunks of a fixed size, whatever stands at the cuts; a record
 * belongs to the chunk that holds the line feed before it. Where its first record
 * begins depends on all chunks before: a line feed may stand in quotes. One value
 * passes from chunk to chunk:
 *
 *     sure    where the first record begins, and the records before it: known as soon
 * as the chunk before was found to hold nothing odd, or was read by next()
 *
 * A thread does not wait for it. It takes for the first record what looks like one (the
 * first line with the right number of fields behind a line feed), finds all rows from
 * there, and then compares: where the record begins elsewhere, it finds the rows anew.
 * Only then it counts. So threads wait for each other hardly ever, and nothing is
 * counted that a quote far before would have changed. (Ge et al., "Speculative
 * Distributed CSV Data Parsing for Big Data Analytics", SIGMOD 2019.)
 *
 * A chunk that holds something odd is read by next(), from its first record to the
 * first that belongs to another chunk.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan.h"
#include "scan_rows.h"

enum {
    CHUNK = 1 << 20,
    CHUNK_ROWS = 1 << 18, /* where all records are looked at */
    AHEAD = 1 << 16,      /* bytes behind a chunk, for its last record */
    THREADS_MAX = 64,
    LINKS = 256, /* more than twice THREADS_MAX, a power of two */
    SAMPLE = 1 << 16
};

/* What is sure of the beginning of chunk k, in links[k % LINKS]. */
struct link {
    _Atomic uint64_t sure_of; /* k + 1 once it is set */
    uint64_t first, number;
    char apart[64]; /* from the next, for the sake of the caches */
};

struct run {
    const struct tw_scan_file *in;
    struct tw_records *records;
    const struct tw_binding *binding;
    const struct tw_scan_how *how;
    const struct tw_scan_kernel *kernel;
    const struct tw_count_plan *(*plan_of)(void *ctx, struct tw_arena *arena);
    void *plan_ctx;
    size_t file, chunk, ahead;
    uint64_t nchunks;
    struct tw_str sample;
    _Atomic uint64_t next; /* the next chunk to be taken */
    atomic_bool halt;      /* something below, or a tally that stopped */
    atomic_bool stopped;   /* by the caller */
    _Atomic int error;     /* of reading, an errno */
    atomic_bool shorter;   /* than it was */
    atomic_bool out_of_memory;
    struct link links[LINKS];
};

struct worker {
    struct run *run;
    struct tw_arena *arena; /* of this thread alone */
    struct tw_arena root;   /* what ARENA is, but for the caller's thread */
    struct tw_tally *tally;
    struct tw_rows rows;
    char *buffer; /* margin, chunk, AHEAD, margin */
    pthread_t thread;
    bool is_caller;
};

/* A chunk that was read. */
struct chunk {
    uint64_t index, begin, end; /* in the file */
    const char *bytes;          /* at BEGIN */
    size_t len;                 /* to the end of what was read */
    size_t
        until; /* records that begin in [0, until) belong to it, the first excepted */
};

static struct link *link_of(struct run *run, uint64_t chunk)
{
    return &run->links[chunk % LINKS];
}

static bool halted(const struct run *run)
{
    return atomic_load_explicit(&run->halt, memory_order_relaxed);
}

/* Waits until *OF tells of CHUNK; false where the run is to end. */
static bool wait_for(const struct run *run, const _Atomic uint64_t *of, uint64_t chunk)
{
    enum { SPINS = 2000 };
    for (unsigned i = 0; atomic_load_explicit(of, memory_order_acquire) != chunk + 1;
         i++) {
        if (halted(run))
            return false;
        if (i > SPINS)
            sched_yield();
    }
    return true;
}

static void set_sure(struct run *run, uint64_t chunk, uint64_t first, uint64_t number)
{
    struct link *link = link_of(run, chunk);
    link->first = first;
    link->number = number;
    atomic_store_explicit(&link->sure_of, chunk + 1, memory_order_release);
}

/* Reads LEN bytes at OFFSET; fewer only where the file ends. */
static bool read_at(struct run *run, char *to, size_t len, uint64_t offset)
{
    while (len) {
        ssize_t n = pread(run->in->fd, to, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n > 0) {
            to += n;
            offset += (uint64_t)n;
            len -= (size_t)n;
            continue;
        }
        if (n < 0)
            atomic_store(&run->error, errno);
        else
            atomic_store(&run->shorter, true);
        atomic_store(&run->halt, true);
        return false;
    }
    return true;
}

static bool read_chunk(struct worker *w, uint64_t index, struct chunk *c)
{
    struct run *run = w->run;
    uint64_t size = run->in->size, begin = run->in->start + index * run->chunk;
    uint64_t end = size - begin > run->chunk ? begin + run->chunk : size;
    uint64_t to = size - end > run->ahead ? end + run->ahead : size;
    char *bytes = w->buffer + TW_SCAN_MARGIN;
    *c = (struct chunk){.index = index,
                        .begin = begin,
                        .end = end,
                        .bytes = bytes,
                        .len = (size_t)(to - begin)};
    /* The record behind a line feed that is the chunk's last byte is its own. */
    c->until = (size_t)(end - begin) + (end < size);
    memset(bytes + c->len, 0, TW_SCAN_MARGIN);
    return read_at(run, bytes, c->len, begin);
}

struct file_source {
    struct run *run;
    uint64_t offset;
};

static enum tw_status read_file(void *ctx, char *bytes, size_t room, size_t *got)
{
    struct file_source *source = ctx;
    uint64_t left = source->run->in->size - source->offset;
    *got = left < room ? (size_t)left : room;
    if (*got == 0)
        return TW_OK;
    if (!read_at(source->run, bytes, *got, source->offset))
        return TW_ERR_IO;
    source->offset += *got;
    return TW_OK;
}

/* What cannot be read here is told when it is read for good. */
static size_t peek_file(void *ctx, uint64_t at, char *bytes, size_t room)
{
    const struct run *run = ctx;
    uint64_t left = at < run->in->size ? run->in->size - at : 0;
    if (left == 0 || halted(run))
        return 0;
    ssize_t n = pread(run->in->fd, bytes, left < room ? (size_t)left : room, (off_t)at);
    return n > 0 ? (size_t)n : 0;
}

static bool asked_to_stop(void *ctx)
{
    struct run *run = ctx;
    if (run->how->stop && run->how->stop(run->how->ctx)) {
        atomic_store(&run->stopped, true);
        atomic_store(&run->halt, true);
    }
    return halted(run);
}

/* Record by record, from FIRST to the first one that begins behind END; false where it
 * did not get there. */
static bool read_slowly(struct worker *w, uint64_t end, uint64_t *first,
                        uint64_t *number)
{
    struct run *run = w->run;
    struct tw_arena *arena = tw_arena_child(w->arena);
    struct file_source source = {run, *first};
    struct tw_text_at at = {*first, *first, *number};
    struct tw_records *records = tw_text_records_resume(
        arena, run->records, (struct tw_byte_source){read_file, &source}, at,
        asked_to_stop, run);
    tw_text_records_peek(records, peek_file, run);
    enum tw_next next = TW_NEXT_RECORD;
    while (at.offset <= end && w->tally->stop == TW_TALLY_GOES_ON) {
        struct tw_record record;
        next = records->next(records, &record);
        if (next == TW_NEXT_RECORD)
            tw_tally_record(w->tally, &record, run->binding, run->file);
        else if (next == TW_NEXT_REFUSED)
            tw_tally_refuse(w->tally, &record, run->file);
        else
            break;
        at = tw_text_records_at(records);
    }
    if (next == TW_NEXT_END)
        at.offset = run->in->size + 1;
    *first = at.offset;
    *number = at.number;
    tw_arena_release(arena);
    /* Where the tally stopped, nobody knows where the next chunk's records begin. */
    return next != TW_NEXT_FAILED && next != TW_NEXT_STOPPED &&
           w->tally->stop == TW_TALLY_GOES_ON;
}

/* Counts the chunk's records, the first of which begins at FIRST. */
static bool count_chunk(struct worker *w, const struct chunk *c, uint64_t first,
                        uint64_t number, size_t found_at, bool found_odd, size_t used,
                        size_t count)
{
    struct run *run = w->run;
    bool last = c->end == run->in->size;
    if (first > c->end || (last && first >= c->end)) { /* none begins here */
        set_sure(run, c->index + 1, first, number);
        return true;
    }
    size_t at = (size_t)(first - c->begin);
    if (at != found_at)
        found_odd = !tw_rows_find(&w->rows, c->bytes + at, c->len - at, c->until - at,
                                  &used, &count);
    uint64_t after = first, after_number = number;
    if (!found_odd) {
        after += used;
        after_number += count;
    }
    if (found_odd || used < c->until - at)
        if (!read_slowly(w, last ? c->end - 1 : c->end, &after, &after_number))
            return false;
    set_sure(run, c->index + 1, after, after_number);
    struct tw_rows_place place = {{first, first, number}, NULL};
    if (!found_odd)
        tw_rows_count(&w->rows, count, place);
    return true;
}

static bool take_chunk(struct worker *w, uint64_t index)
{
    struct run *run = w->run;
    struct chunk c;
    if (!read_chunk(w, index, &c))
        return false;
    size_t at = index ? tw_rows_first(&w->rows, c.bytes, c.len, c.until) : 0;
    size_t used = 0, count = 0;
    bool odd = false;
    if (at < c.until)
        odd = !tw_rows_find(&w->rows, c.bytes + at, c.len - at, c.until - at, &used,
                            &count);
    const struct link *link = link_of(run, index);
    if (!wait_for(run, &link->sure_of, index))
        return false;
    return count_chunk(w, &c, link->first, link->number, at, odd, used, count);
}

static void take_chunks(struct worker *w)
{
    struct run *run = w->run;
    w->buffer = tw_arena_alloc(w->arena, run->chunk + run->ahead + 2 * TW_SCAN_MARGIN);
    memset(w->buffer, '\n', TW_SCAN_MARGIN);
    tw_rows_init(&w->rows, w->arena, run->records->text, run->binding, run->kernel,
                 w->tally, run->file, run->chunk + run->ahead, run->sample);
    while (!asked_to_stop(run)) {
        uint64_t k = atomic_fetch_add(&run->next, 1);
        if (k >= run->nchunks)
            return;
        if (w->is_caller && run->how->progress)
            run->how->progress(run->how->ctx, run->in->start + k * run->chunk);
        if (!take_chunk(w, k) || w->tally->stop != TW_TALLY_GOES_ON)
            atomic_store(&run->halt, true);
    }
}

static enum tw_status work(void *ctx)
{
    struct worker *w = ctx;
    if (!w->is_caller) {
        const struct tw_count_plan *plan = w->run->plan_of(w->run->plan_ctx, w->arena);
        if (!plan)
            return TW_ERR_MEMORY;
        w->tally = tw_new(w->arena, struct tw_tally);
        tw_tally_init(w->tally, w->arena, plan);
    }
    take_chunks(w);
    return TW_OK;
}

static void *thread_main(void *ctx)
{
    struct worker *w = ctx;
    if (tw_arena_run(w->arena, work, w) != TW_OK) {
        atomic_store(&w->run->out_of_memory, true);
        atomic_store(&w->run->halt, true);
    }
    return NULL;
}

static void release_root(void *ptr)
{
    tw_arena_release(ptr);
}

/* The caller's own thread is worker 0; where a thread cannot be had, fewer do it. */
static size_t start(struct run *run, struct worker *workers, size_t n,
                    struct tw_arena *arena)
{
    size_t left = (arena->root->limit - arena->root->used) / (n + 1);
    for (size_t i = 1; i < n; i++) {
        struct worker *w = &workers[i];
        w->run = run;
        w->arena = &w->root;
        tw_arena_init(&w->root, left);
        tw_arena_defer(arena, release_root, &w->root);
        if (pthread_create(&w->thread, NULL, thread_main, w) != 0)
            return i;
    }
    return n;
}

static size_t threads_of(const struct tw_scan_how *how, uint64_t nchunks)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = how->threads ? how->threads : processors > 0 ? (size_t)processors : 1;
    if (n > THREADS_MAX)
        n = THREADS_MAX;
    return n > nchunks ? (size_t)nchunks : n;
}

/* An answer for a file that changes under the reader would be one for no file. */
static bool unchanged(const struct run *run, struct tw_diags *diags)
{
    struct stat st;
    int error = atomic_load(&run->error);
    if (error) {
        TW_DIAG(diags, TW_D_cannot_read, TW_NOWHERE, run->in->name,
                tw_str_of(strerror(error)));
        return false;
    }
    if (!atomic_load(&run->shorter) && fstat(run->in->fd, &st) == 0 &&
        (uint64_t)st.st_size == run->in->size)
        return true;
    TW_DIAG(diags, TW_D_dump_changed, TW_NOWHERE, run->in->name);
    return false;
}

static enum tw_next outcome(const struct run *run, const struct tw_tally *tally,
                            struct tw_diags *diags)
{
    if (!unchanged(run, diags))
        return TW_NEXT_FAILED;
    if (tally->stop != TW_TALLY_GOES_ON)
        return TW_NEXT_RECORD;
    return atomic_load(&run->stopped) ? TW_NEXT_STOPPED : TW_NEXT_END;
}

static void take_sample(struct run *run, struct tw_arena *arena)
{
    uint64_t left = run->in->size - run->in->start;
    size_t n = left < SAMPLE ? (size_t)left : SAMPLE;
    char *bytes = tw_arena_alloc(arena, n + 1);
    /* From the middle: the beginning of a dump is often unlike the rest. */
    if (read_at(run, bytes, n, run->in->start + (left - n) / 2))
        run->sample = (struct tw_str){bytes, n};
}

enum tw_next
tw_scan_file(const struct tw_scan_file *in, struct tw_records *records,
             const struct tw_binding *binding, struct tw_tally *tally, size_t file,
             const struct tw_scan_how *how,
             const struct tw_count_plan *(*plan_of)(void *ctx, struct tw_arena *arena),
             void *plan_ctx, struct tw_diags *diags)
{
    const struct tw_scan_kernel *kernels[5];
    if (in->start > in->size) { /* it grew before anything was counted */
        TW_DIAG(diags, TW_D_dump_changed, TW_NOWHERE, in->name);
        return TW_NEXT_FAILED;
    }
    tw_scan_kernels(kernels);
    struct tw_arena *arena = tw_arena_child(tally->arena);
    struct run *run = tw_new(arena, struct run);
    run->in = in;
    run->records = records;
    run->binding = binding;
    run->how = how;
    run->kernel = how->kernel ? how->kernel : kernels[0];
    run->plan_of = plan_of;
    run->plan_ctx = plan_ctx;
    run->file = file;
    bool rows = !tw_tally_only_counts(tally->plan);
    run->chunk = how->chunk ? how->chunk : rows ? CHUNK_ROWS : CHUNK;
    run->ahead = run->chunk < AHEAD ? run->chunk : AHEAD;
    run->nchunks = (in->size - in->start + run->chunk - 1) / run->chunk;
    take_sample(run, arena);
    set_sure(run, 0, in->start, 0);
    size_t n = threads_of(how, run->nchunks);
    struct worker *workers = tw_new_array(arena, n + 1, struct worker);
    workers[0] =
        (struct worker){.run = run, .arena = arena, .tally = tally, .is_caller = true};
    size_t started = start(run, workers, n ? n : 1, arena);
    enum tw_status status = tw_arena_run(arena, work, &workers[0]);
    if (status != TW_OK)
        atomic_store(&run->halt, true);
    for (size_t i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    /* A tally that ran out of memory may be in the middle of anything. */
    bool exhausted = status != TW_OK || atomic_load(&run->out_of_memory);
    for (size_t i = 1; i < started && !exhausted; i++)
        tw_tally_merge(tally, workers[i].tally);
    enum tw_next next = exhausted ? TW_NEXT_FAILED : outcome(run, tally, diags);
    tw_arena_release(arena);
    if (exhausted)
        tw_arena_exhausted(tally->arena);
    return next;
}
