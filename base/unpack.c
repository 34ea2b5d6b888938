/* SPDX-License-Identifier: Apache-2.0 */
/* Raw bytes from a file, through a decoder where there is one. */
#include "unpack.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Up to ROOM raw bytes at TO; *GOT = 0 at the end. */
static enum tw_unpacked read_raw(struct tw_unpack *u, char *to, size_t room,
                                 size_t *got)
{
    ssize_t n;
    *got = 0;
    if (u->ended)
        return TW_UNPACKED_OK;
    if (u->wait && !u->wait(u->wait_ctx))
        return TW_UNPACKED_STOPPED;
    do {
        n = read(u->fd, to, room);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        u->error = errno;
        return TW_UNPACKED_CANNOT_READ;
    }
    u->ended = n == 0;
    u->read += (uint64_t)n;
    if (u->ended && u->size && u->read != u->size)
        return TW_UNPACKED_CHANGED;
    *got = (size_t)n;
    if (u->sha)
        tw_sha256_add(u->sha, to, *got);
    return TW_UNPACKED_OK;
}

static enum tw_unpacked refill(struct tw_unpack *u)
{
    size_t got;
    if (u->raw.len)
        return TW_UNPACKED_OK;
    enum tw_unpacked what = read_raw(u, u->block, TW_UNPACK_BLOCK, &got);
    u->raw = got ? (struct tw_str){u->block, got} : TW_STR("");
    return what;
}

static void take(struct tw_unpack *u, size_t n)
{
    atomic_fetch_add_explicit(&u->taken, n, memory_order_relaxed);
    u->raw = tw_str_from(u->raw, n);
}

enum tw_unpacked tw_unpack_head(struct tw_unpack *u, size_t len)
{
    size_t have = 0, got = 1;
    while (got && have < len) {
        enum tw_unpacked what =
            read_raw(u, u->block + have, TW_UNPACK_BLOCK - have, &got);
        if (what != TW_UNPACKED_OK)
            return what;
        have += got;
    }
    u->raw = (struct tw_str){u->block, have};
    return TW_UNPACKED_OK;
}

enum tw_unpacked tw_unpack_borrow(struct tw_unpack *u, struct tw_str *bytes)
{
    enum tw_unpacked what = refill(u);
    *bytes = u->raw;
    take(u, u->raw.len);
    return what;
}

static enum tw_unpacked step_plain(struct tw_unpack *u, char *bytes, size_t room,
                                   size_t *got)
{
    enum tw_unpacked what = TW_UNPACKED_OK;
    if (u->raw.len == 0 && room >= TW_UNPACK_BLOCK) {
        what = read_raw(u, bytes, room, got);
        atomic_fetch_add_explicit(&u->taken, *got, memory_order_relaxed);
        return what;
    }
    what = refill(u);
    *got = u->raw.len < room ? u->raw.len : room;
    if (*got)
        memcpy(bytes, u->raw.ptr, *got);
    take(u, *got);
    return what;
}

static enum tw_unpacked failure(enum tw_decoded decoded)
{
    switch (decoded) {
    case TW_DECODED_NO_MEMORY:
        return TW_UNPACKED_NO_MEMORY;
    case TW_DECODED_TOO_WIDE:
        return TW_UNPACKED_TOO_WIDE;
    case TW_DECODED_DAMAGED:
        return TW_UNPACKED_DAMAGED;
    default:
        return TW_UNPACKED_OK;
    }
}

enum tw_unpacked tw_unpack_step(struct tw_unpack *u, char *bytes, size_t room,
                                size_t *got)
{
    *got = 0;
    if (!u->decoder)
        return step_plain(u, bytes, room, got);
    while (*got == 0) {
        enum tw_unpacked what = refill(u);
        if (what != TW_UNPACKED_OK)
            return what;
        if (u->raw.len == 0 && !u->inside_frame)
            return TW_UNPACKED_OK;
        struct tw_decoder_io io = {u->raw.ptr, u->raw.len, bytes, room, u->ended};
        enum tw_decoded decoded = u->decoder->step(u->state, &io);
        size_t used = u->raw.len - io.in_len;
        take(u, used);
        *got = room - io.out_room;
        what = failure(decoded);
        if (what != TW_UNPACKED_OK) {
            *got = 0; /* what came just before is of no use to anybody */
            return what;
        }
        /* A library may turn once more within itself before it is at its end. */
        bool idle = decoded == TW_DECODED_MORE && u->ended && used == 0 && *got == 0;
        if (idle && u->stuck)
            return TW_UNPACKED_DAMAGED;
        u->stuck = idle;
        /* At a frame's end another may follow: it begins with the next raw byte. */
        u->inside_frame = decoded != TW_DECODED_END;
    }
    return TW_UNPACKED_OK;
}
