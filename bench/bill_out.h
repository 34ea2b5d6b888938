/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generator's standard output: a buffer that counts bytes and line ends. Writing
 * that fails ends the program.
 */
#ifndef BILL_OUT_H
#define BILL_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BILL_OUT_ROOM = 1 << 18 };

struct bill_out {
    char text[BILL_OUT_ROOM];
    size_t length;
    uint64_t bytes, lines;
};

static inline void bill_out_flush(struct bill_out *out)
{
    if (fwrite(out->text, 1, out->length, stdout) != out->length) {
        perror("gen_bills");
        exit(2);
    }
    out->length = 0;
}

static inline void bill_out_add(struct bill_out *out, const char *text, size_t length)
{
    if (out->length + length > sizeof out->text)
        bill_out_flush(out);
    memcpy(out->text + out->length, text, length);
    out->length += length;
    out->bytes += length;
    for (const char *at = text, *end = text + length;
         (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        out->lines++;
}

static inline void bill_out_text(struct bill_out *out, const char *text)
{
    bill_out_add(out, text, strlen(text));
}

#endif
