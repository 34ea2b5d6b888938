/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and memory as streams of decompressed bytes, and whole sources from them.
 *
 * Compressed files and pipes that are not small are read ahead on a thread of their
 * own; plain files never: the system reads them ahead already. Diagnostics, arenas and
 * the question whether to stop stay with the thread that reads.
 */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read_ahead.h"
#include "text.h"
#include "unpack.h"

enum { AHEAD_BLOCK = 1 << 20, AHEAD_COUNT = 4, AHEAD_FROM = 1 << 20 };

struct tw_input {
    struct tw_arena *arena;
    struct tw_arena *room; /* for what is needed later than at the opening */
    struct tw_diags *diags;
    struct tw_str name;
    struct tw_unpack unpack;     /* of the thread while there is one */
    struct tw_read_ahead *ahead; /* NULL: no thread yet, or none at all */
    struct tw_str lent;          /* the rest of the thread's block */
    char *out;                   /* where a block is decoded to without a thread */
    uint64_t size, given;
    size_t ahead_block;
    uint64_t ahead_from;
    bool (*stop)(void *ctx); /* NULL: wait for ever */
    void *stop_ctx;
    enum tw_status failed; /* told already */
    int wake[2];           /* a pipe that ends the thread's wait for bytes, or -1 */
    bool may_wait;         /* not a regular file */
    bool alone;            /* no thread can be had */
    bool begun;            /* somebody read a part of it before: places differ */
};

static void close_files(void *ptr)
{
    const struct tw_input *in = ptr;
    if (in->unpack.fd > STDIN_FILENO)
        close(in->unpack.fd);
    for (size_t i = 0; i < 2; i++)
        if (in->wake[i] >= 0)
            close(in->wake[i]);
}

static void end_thread(void *ptr)
{
    struct tw_input *in = ptr;
    if (in->ahead)
        tw_read_ahead_end(in->ahead);
    in->ahead = NULL;
}

static struct tw_str error_text(int error)
{
    return tw_str_of(strerror(error));
}

/* Says once what went wrong. */
static enum tw_status tell(struct tw_input *in, int what)
{
    struct tw_buf number;
    switch ((enum tw_unpacked)what) {
    case TW_UNPACKED_OK:
        return TW_OK;
    case TW_UNPACKED_STOPPED:
        return TW_STOPPED;
    case TW_UNPACKED_NO_MEMORY:
        tw_arena_exhausted(in->arena);
    case TW_UNPACKED_CANNOT_READ:
        TW_DIAG(in->diags, TW_D_cannot_read, TW_NOWHERE, in->name,
                error_text(in->unpack.error));
        in->failed = TW_ERR_IO;
        break;
    case TW_UNPACKED_CHANGED:
        TW_DIAG(in->diags, TW_D_dump_changed, TW_NOWHERE, in->name);
        in->failed = TW_ERR_IO;
        break;
    case TW_UNPACKED_TOO_WIDE:
        tw_buf_init(&number, in->arena);
        tw_buf_u64(&number, TW_DECODER_MEMORY_MB);
        TW_DIAG(in->diags, TW_D_compression_too_wide, TW_NOWHERE, in->name,
                tw_str_of(in->unpack.decoder->name), tw_buf_view(&number));
        in->failed = TW_ERR_INPUT;
        break;
    case TW_UNPACKED_DAMAGED:
        TW_DIAG(in->diags, TW_D_damaged_compression, TW_NOWHERE, in->name,
                tw_str_of(in->unpack.decoder->name));
        in->failed = TW_ERR_INPUT;
        break;
    }
    return in->failed;
}

/* Waits until there is something to read; false when told to stop. A read would not be
 * woken by a signal, and if it were, one that comes just before it would be missed. */
static bool wait_for_bytes(void *ctx)
{
    enum { LOOK_UP_MS = 200 };
    struct tw_input *in = ctx;
    struct pollfd fd = {.fd = in->unpack.fd, .events = POLLIN};
    if (!in->stop)
        return true;
    while (!in->stop(in->stop_ctx))
        if (poll(&fd, 1, LOOK_UP_MS) > 0)
            return true;
    return false;
}

/* The same on the thread, which asks nobody: who wants it to stop writes to the pipe.
 */
static bool wait_on_thread(void *ctx)
{
    const struct tw_input *in = ctx;
    struct pollfd fds[2] = {{.fd = in->unpack.fd, .events = POLLIN},
                            {.fd = in->wake[0], .events = POLLIN}};
    while (poll(fds, 2, -1) < 0)
        if (errno != EINTR && errno != EAGAIN)
            break;
    return fds[1].revents == 0;
}

static void wake(void *ctx)
{
    const struct tw_input *in = ctx;
    if (in->wake[1] >= 0)
        while (write(in->wake[1], "", 1) < 0 && errno == EINTR)
            continue;
}

/* Would a read give something at once? */
static bool more_at_hand(const struct tw_input *in)
{
    struct pollfd fd = {.fd = in->unpack.fd, .events = POLLIN};
    return !in->may_wait || in->unpack.raw.len || poll(&fd, 1, 0) > 0;
}

/* On the thread: a whole block where it can be had without waiting. */
static int fill_block(void *ctx, char *bytes, size_t room, size_t *got)
{
    struct tw_input *in = ctx;
    *got = 0;
    for (;;) {
        size_t n;
        enum tw_unpacked what =
            tw_unpack_step(&in->unpack, bytes + *got, room - *got, &n);
        *got += n;
        if (what != TW_UNPACKED_OK || n == 0 || *got == room)
            return (int)what;
        if (!more_at_hand(in))
            return TW_UNPACKED_OK;
    }
}

/* The beginning of a file decides which. */
static void choose_decoder(struct tw_input *in)
{
    static const struct tw_decoder *const all[] = {&tw_decoder_gzip, &tw_decoder_zstd,
                                                   &tw_decoder_xz};
    struct tw_unpack *u = &in->unpack;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i]->begins(u->raw)) {
            u->decoder = all[i];
            u->state = all[i]->open(in->arena);
            u->inside_frame = true;
            break;
        }
}

static struct tw_input *new_input(struct tw_arena *arena, struct tw_str name,
                                  struct tw_diags *diags)
{
    struct tw_input *in = tw_new(arena, struct tw_input);
    *in = (struct tw_input){.arena = arena,
                            .room = tw_arena_child(arena),
                            .diags = diags,
                            .name = name,
                            .unpack = {.fd = -1},
                            .ahead_block = AHEAD_BLOCK,
                            .ahead_from = AHEAD_FROM,
                            .wake = {-1, -1}};
    tw_arena_defer(arena, close_files, in);
    return in;
}

/* Last of all: cleanups run in reverse, and the thread uses what the others free. */
static struct tw_input *opened(struct tw_input *in)
{
    tw_arena_defer(in->arena, end_thread, in);
    return in;
}

/* Waits for the writer of a pipe that was opened without waiting. */
static bool wait_for_writer(struct tw_input *in)
{
    int flags = fcntl(in->unpack.fd, F_GETFL);
    return wait_for_bytes(in) && flags >= 0 &&
           fcntl(in->unpack.fd, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

/* Opens PATH under unpack.fd; false with an errno. */
static bool open_path(struct tw_input *in, const char *path)
{
    const int how = O_RDONLY | O_CLOEXEC | O_NOCTTY;
    struct stat st;
    bool waits = in->stop && stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
    do { /* opening a pipe waits for its writer */
        in->unpack.fd = open(path, waits ? how | O_NONBLOCK : how);
    } while (in->unpack.fd < 0 && errno == EINTR);
    return in->unpack.fd >= 0 && (!waits || wait_for_writer(in));
}

struct tw_input *tw_input_open(struct tw_arena *arena, struct tw_str path,
                               struct tw_str name, struct tw_diags *diags)
{
    return tw_input_open_until(arena, path, name, NULL, NULL, diags);
}

struct tw_input *tw_input_open_until(struct tw_arena *arena, struct tw_str path,
                                     struct tw_str name, bool (*stop)(void *ctx),
                                     void *ctx, struct tw_diags *diags)
{
    enum { MAGIC_MAX = 6 };
    struct tw_input *in = new_input(arena, name, diags);
    struct tw_unpack *u = &in->unpack;
    tw_input_stop_by(in, stop, ctx);
    u->block = tw_arena_alloc(arena, TW_UNPACK_BLOCK + TW_UNPACK_SLACK);
    const char *cpath = tw_str_cstr(arena, path);
    bool named = !tw_str_is(path, "-");
    u->fd = named ? -1 : STDIN_FILENO;
    errno = EINVAL;
    if (named && !memchr(path.ptr, '\0', path.len) && !open_path(in, cpath) &&
        u->fd >= 0)
        return NULL; /* told to stop */
    struct stat st;
    if (u->fd < 0 || fstat(u->fd, &st) != 0) {
        TW_DIAG(diags, TW_D_cannot_open, TW_NOWHERE, name, error_text(errno));
        return NULL;
    }
    if (S_ISDIR(st.st_mode)) {
        TW_DIAG(diags, TW_D_cannot_open, TW_NOWHERE, name, error_text(EISDIR));
        return NULL;
    }
    in->may_wait = !S_ISREG(st.st_mode);
    if (in->may_wait) {
        u->wait = wait_for_bytes;
        u->wait_ctx = in;
    }
    in->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    off_t from = u->fd == STDIN_FILENO ? lseek(u->fd, 0, SEEK_CUR) : 0;
    in->begun = from > 0;
    u->size = in->begun && (uint64_t)from < in->size ? in->size - (uint64_t)from
              : in->begun                            ? 0
                                                     : in->size;
    if (tell(in, (int)tw_unpack_head(u, MAGIC_MAX)) != TW_OK)
        return NULL;
    choose_decoder(in);
    return opened(in);
}

struct tw_input *tw_input_memory(struct tw_arena *arena, struct tw_str bytes,
                                 struct tw_str name, struct tw_diags *diags)
{
    struct tw_input *in = new_input(arena, name, diags);
    in->unpack.raw = bytes;
    in->unpack.ended = true;
    in->size = bytes.len;
    choose_decoder(in);
    return opened(in);
}

static bool start_thread(struct tw_input *in)
{
    struct tw_fill fill = {fill_block, NULL, in};
    if (in->may_wait) {
        if (pipe2(in->wake, O_CLOEXEC) != 0)
            return false;
        fill.wake = wake;
        in->unpack.wait = wait_on_thread;
    }
    in->ahead = tw_read_ahead_start(in->room, fill, in->ahead_block, AHEAD_COUNT);
    if (!in->ahead && in->may_wait)
        in->unpack.wait = wait_for_bytes;
    return in->ahead != NULL;
}

/* Starts the thread once it is worth it; true where there is one. */
static bool reads_ahead(struct tw_input *in)
{
    enum { EXPANDS = 8 }; /* of few bytes many may come */
    if (in->ahead || in->alone)
        return in->ahead != NULL;
    if ((!in->unpack.decoder && !in->may_wait) ||
        (in->size < in->ahead_from && tw_input_taken(in) < in->ahead_from &&
         in->given / EXPANDS < in->ahead_from))
        return false;
    in->alone = !start_thread(in);
    return !in->alone;
}

static enum tw_status next_lent(struct tw_input *in)
{
    bool stopped;
    int what =
        tw_read_ahead_next(in->ahead, &in->lent, in->stop, in->stop_ctx, &stopped);
    return stopped ? TW_STOPPED : tell(in, what);
}

enum tw_status tw_input_read(struct tw_input *in, char *bytes, size_t room, size_t *got)
{
    enum tw_status status = in->failed;
    *got = 0;
    if (room == 0 || status != TW_OK)
        return status;
    if (!reads_ahead(in)) {
        status = tell(in, (int)tw_unpack_step(&in->unpack, bytes, room, got));
        in->given += *got;
        return status;
    }
    if (in->lent.len == 0)
        status = next_lent(in);
    *got = in->lent.len < room ? in->lent.len : room;
    if (*got)
        memcpy(bytes, in->lent.ptr, *got);
    in->lent = tw_str_from(in->lent, *got);
    return status;
}

enum tw_status tw_input_block(struct tw_input *in, struct tw_str *bytes)
{
    enum tw_status status = in->failed;
    *bytes = TW_STR("");
    if (status != TW_OK)
        return status;
    if (reads_ahead(in)) {
        if (in->lent.len == 0)
            status = next_lent(in);
        *bytes = in->lent;
        in->lent = TW_STR("");
    } else if (!in->unpack.decoder) {
        status = tell(in, (int)tw_unpack_borrow(&in->unpack, bytes));
    } else {
        if (!in->out)
            in->out = tw_arena_alloc(in->room, TW_UNPACK_BLOCK);
        bytes->ptr = in->out;
        status = tell(in, (int)tw_unpack_step(&in->unpack, in->out, TW_UNPACK_BLOCK,
                                              &bytes->len));
    }
    in->given += bytes->len;
    return status;
}

void tw_input_stop_by(struct tw_input *in, bool (*stop)(void *ctx), void *ctx)
{
    in->stop = stop;
    in->stop_ctx = ctx;
}

void tw_input_read_ahead(struct tw_input *in, size_t block, uint64_t from)
{
    in->ahead_block = block;
    in->ahead_from = from;
}

void tw_input_fingerprint(struct tw_input *in)
{
    in->unpack.sha = tw_sha256_new(in->arena);
    tw_sha256_add(in->unpack.sha, in->unpack.raw.ptr, in->unpack.raw.len);
}

struct tw_str tw_input_sha256(struct tw_input *in)
{
    if (in->ahead && !tw_read_ahead_done(in->ahead))
        return TW_STR("");
    struct tw_sha256 *sha = in->unpack.sha;
    if (!sha || !in->unpack.ended || in->unpack.raw.len)
        return TW_STR("");
    in->unpack.sha = NULL;
    return tw_sha256_end(sha, in->arena);
}

const char *tw_input_compression(const struct tw_input *in)
{
    return in->unpack.decoder ? in->unpack.decoder->name : "plain";
}

int tw_input_plain_file(const struct tw_input *in)
{
    bool by_place = !in->unpack.decoder && !in->may_wait && !in->begun && in->size;
    return by_place ? in->unpack.fd : -1;
}

uint64_t tw_input_taken(const struct tw_input *in)
{
    return atomic_load_explicit(&in->unpack.taken, memory_order_relaxed);
}

uint64_t tw_input_size(const struct tw_input *in)
{
    return in->size;
}

const struct tw_source *tw_source_decode(struct tw_arena *arena, struct tw_str name,
                                         struct tw_str bytes, struct tw_str encoding,
                                         struct tw_diags *diags)
{
    struct tw_str text, was = TW_NO_STR;
    size_t bad = 0;
    if (!tw_text_decode(arena, bytes, encoding, &text, &was, &bad)) {
        struct tw_buf at;
        tw_buf_init(&at, arena);
        tw_buf_u64(&at, bad);
        TW_DIAG(diags, TW_D_bad_encoding, TW_NOWHERE, name, tw_buf_view(&at), was);
        return NULL;
    }
    struct tw_source *src = tw_new(arena, struct tw_source);
    *src = *tw_source_new(arena, name, text);
    src->sha256 = tw_sha256_hex(arena, bytes.ptr, bytes.len);
    src->bytes = bytes.len;
    src->encoding = was;
    return src;
}

const struct tw_source *tw_source_load(struct tw_arena *arena, struct tw_str path,
                                       struct tw_str name, size_t limit,
                                       struct tw_str encoding, struct tw_diags *diags)
{
    enum { COPIES = 6 }; /* of a text, while its buffer grows and it is decoded */
    struct tw_input *in = tw_input_open(arena, path, name, diags);
    if (!in)
        return NULL;
    /* What memory cannot hold is told by the name of the file, not as exhaustion. */
    size_t left = (arena->root->limit - arena->root->used) / COPIES;
    if (limit > left)
        limit = left;
    struct tw_buf all;
    tw_buf_init(&all, arena);
    uint64_t size = tw_input_size(in);
    if (!in->unpack.decoder &&
        size < limit) { /* else it grows, and leaves copies behind */
        all.cap = (size_t)size + 1;
        all.ptr = tw_arena_alloc(arena, all.cap);
    }
    char *block = tw_arena_alloc(arena, TW_UNPACK_BLOCK);
    for (;;) {
        size_t got;
        if (tw_input_read(in, block, TW_UNPACK_BLOCK, &got) != TW_OK)
            return NULL;
        if (got == 0)
            break;
        if (all.len + got > limit) {
            struct tw_buf number;
            tw_buf_init(&number, arena);
            tw_buf_u64(&number, limit);
            TW_DIAG(diags, TW_D_too_large, TW_NOWHERE, name, tw_buf_view(&number));
            return NULL;
        }
        tw_buf_put(&all, block, got);
    }
    return tw_source_decode(arena, name, tw_buf_view(&all), encoding, diags);
}
