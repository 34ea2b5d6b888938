/* SPDX-License-Identifier: Apache-2.0 */
/* Files and memory as streams of decompressed bytes, and whole sources from them. */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decoder.h"
#include "hash.h"
#include "text.h"

enum { BLOCK = 1 << 18 };

struct tw_input {
    struct tw_arena *arena;
    struct tw_diags *diags;
    struct tw_str name;
    int fd; /* -1: memory */
    const struct tw_decoder *decoder;
    void *state;
    char *block;       /* what was read from fd */
    struct tw_str raw; /* bytes not yet taken */
    uint64_t taken, size;
    struct tw_sha256 *sha;   /* of the raw bytes, where it was asked for */
    bool (*stop)(void *ctx); /* NULL: wait for ever */
    void *stop_ctx;
    bool may_wait;     /* not a regular file */
    bool ended;        /* no more raw bytes will come */
    bool inside_frame; /* of compressed data */
};

static void close_file(void *ptr)
{
    const struct tw_input *in = ptr;
    if (in->fd > STDIN_FILENO)
        close(in->fd);
}

static struct tw_str error_text(int error)
{
    return tw_str_of(strerror(error));
}

/* Waits until there is something to read; false when told to stop. A read would not be
 * woken by a signal, and if it were, one that comes just before it would be missed. */
static bool wait_for_bytes(struct tw_input *in)
{
    enum { LOOK_UP_MS = 200 };
    struct pollfd fd = {.fd = in->fd, .events = POLLIN};
    if (!in->stop || !in->may_wait)
        return true;
    while (!in->stop(in->stop_ctx))
        if (poll(&fd, 1, LOOK_UP_MS) > 0)
            return true;
    return false;
}

static enum tw_status refill(struct tw_input *in)
{
    if (in->raw.len || in->ended)
        return TW_OK;
    if (!wait_for_bytes(in))
        return TW_STOPPED;
    ssize_t n;
    do {
        n = read(in->fd, in->block, BLOCK);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        TW_DIAG(in->diags, TW_D_cannot_read, TW_NOWHERE, in->name, error_text(errno));
        return TW_ERR_IO;
    }
    in->ended = n == 0;
    in->taken += (uint64_t)n;
    in->raw = (struct tw_str){in->block, (size_t)n};
    if (in->sha)
        tw_sha256_add(in->sha, in->raw.ptr, in->raw.len);
    return TW_OK;
}

/* Reads on until the longest magic number can be compared. */
static enum tw_status fill_head(struct tw_input *in)
{
    enum { MAGIC_MAX = 6 };
    size_t have = in->raw.len;
    while (!in->ended && have < MAGIC_MAX) {
        ssize_t n = read(in->fd, in->block + have, BLOCK - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            TW_DIAG(in->diags, TW_D_cannot_read, TW_NOWHERE, in->name,
                    error_text(errno));
            return TW_ERR_IO;
        }
        in->ended = n == 0;
        in->taken += (uint64_t)n;
        have += (size_t)n;
    }
    in->raw = (struct tw_str){in->block, have};
    return TW_OK;
}

static void choose_decoder(struct tw_input *in)
{
    static const struct tw_decoder *const all[] = {&tw_decoder_gzip, &tw_decoder_zstd,
                                                   &tw_decoder_xz};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct tw_decoder *d = all[i];
        if (in->raw.len >= d->magic_len &&
            memcmp(in->raw.ptr, d->magic, d->magic_len) == 0) {
            in->decoder = d;
            in->state = d->open(in->arena);
            in->inside_frame = true;
            return;
        }
    }
}

struct tw_input *tw_input_open(struct tw_arena *arena, struct tw_str path,
                               struct tw_str name, struct tw_diags *diags)
{
    struct tw_input *in = tw_new(arena, struct tw_input);
    *in = (struct tw_input){.arena = arena, .diags = diags, .name = name};
    in->block = tw_arena_alloc(arena, BLOCK);
    const char *cpath = tw_str_cstr(arena, path);
    tw_arena_defer(arena, close_file, in);
    in->fd = tw_str_is(path, "-") ? STDIN_FILENO : -1;
    bool named = in->fd < 0 && !memchr(path.ptr, '\0', path.len);
    errno = EINVAL;
    while (named && in->fd < 0) { /* opening a pipe waits for its writer */
        in->fd = open(cpath, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        named = in->fd < 0 && errno == EINTR;
    }
    struct stat st;
    if (in->fd < 0 || fstat(in->fd, &st) != 0) {
        TW_DIAG(diags, TW_D_cannot_open, TW_NOWHERE, name, error_text(errno));
        return NULL;
    }
    if (S_ISDIR(st.st_mode)) {
        TW_DIAG(diags, TW_D_cannot_open, TW_NOWHERE, name, error_text(EISDIR));
        return NULL;
    }
    in->may_wait = !S_ISREG(st.st_mode);
    in->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    if (fill_head(in) != TW_OK)
        return NULL;
    choose_decoder(in);
    return in;
}

struct tw_input *tw_input_memory(struct tw_arena *arena, struct tw_str bytes,
                                 struct tw_str name, struct tw_diags *diags)
{
    struct tw_input *in = tw_new(arena, struct tw_input);
    *in = (struct tw_input){.arena = arena,
                            .diags = diags,
                            .name = name,
                            .fd = -1,
                            .raw = bytes,
                            .taken = bytes.len,
                            .size = bytes.len,
                            .ended = true};
    choose_decoder(in);
    return in;
}

static enum tw_status damaged(struct tw_input *in)
{
    TW_DIAG(in->diags, TW_D_damaged_compression, TW_NOWHERE, in->name,
            tw_str_of(in->decoder->name));
    return TW_ERR_INPUT;
}

static enum tw_status read_plain(struct tw_input *in, char *bytes, size_t room,
                                 size_t *got)
{
    enum tw_status status = refill(in);
    if (status != TW_OK)
        return status;
    size_t n = in->raw.len < room ? in->raw.len : room;
    if (n)
        memcpy(bytes, in->raw.ptr, n);
    in->raw = tw_str_from(in->raw, n);
    *got = n;
    return TW_OK;
}

enum tw_status tw_input_read(struct tw_input *in, char *bytes, size_t room, size_t *got)
{
    *got = 0;
    if (room == 0)
        return TW_OK;
    if (!in->decoder)
        return read_plain(in, bytes, room, got);
    while (*got == 0) {
        enum tw_status status = refill(in);
        if (status != TW_OK)
            return status;
        if (in->raw.len == 0 && !in->inside_frame)
            return TW_OK;
        struct tw_decoder_io io = {in->raw.ptr, in->raw.len, bytes, room};
        enum tw_decoded decoded = in->decoder->step(in->state, &io);
        bool moved = io.in_len != in->raw.len || io.out_room != room;
        in->raw = (struct tw_str){io.in, io.in_len};
        *got = room - io.out_room;
        if (decoded == TW_DECODED_NO_MEMORY)
            tw_arena_exhausted(in->arena);
        if (decoded == TW_DECODED_DAMAGED ||
            (decoded == TW_DECODED_MORE && !moved && in->ended))
            return damaged(in);
        /* At a frame's end another may follow: it begins with the next raw byte. */
        in->inside_frame = decoded != TW_DECODED_END;
    }
    return TW_OK;
}

void tw_input_stop_by(struct tw_input *in, bool (*stop)(void *ctx), void *ctx)
{
    in->stop = stop;
    in->stop_ctx = ctx;
}

void tw_input_fingerprint(struct tw_input *in)
{
    in->sha = tw_sha256_new(in->arena);
    tw_sha256_add(in->sha, in->raw.ptr, in->raw.len);
}

struct tw_str tw_input_sha256(struct tw_input *in)
{
    if (!in->sha || !in->ended || in->raw.len)
        return TW_STR("");
    struct tw_sha256 *sha = in->sha;
    in->sha = NULL;
    return tw_sha256_end(sha, in->arena);
}

const char *tw_input_compression(const struct tw_input *in)
{
    return in->decoder ? in->decoder->name : "plain";
}

int tw_input_plain_file(const struct tw_input *in)
{
    return in->decoder || in->may_wait ? -1 : in->fd;
}

uint64_t tw_input_taken(const struct tw_input *in)
{
    return in->taken - in->raw.len;
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
    if (!in->decoder && size < limit) { /* else it grows, and leaves copies behind */
        all.cap = (size_t)size + 1;
        all.ptr = tw_arena_alloc(arena, all.cap);
    }
    char *block = tw_arena_alloc(arena, BLOCK);
    for (;;) {
        size_t got;
        if (tw_input_read(in, block, BLOCK, &got) != TW_OK)
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
