/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms of a marker: how each disguise spells it. For the files marker*.c alone.
 *
 * A form is a row of units; a unit is a character (or a byte, or a pair of bytes) of
 * the marker in one or several spellings, the first of which that fits is taken:
 *
 *     "&<错"  as HTML:   { &amp; &#38; &#x26; }  { &lt; &#60; … }  { &#38169; }
 *
 * A text that is surely in every match, the needle, comes from a run of units with one
 * spelling each. The first `must` units have to be there; what follows them may be cut
 * off by the end of the value.
 */
#ifndef TW_MARKER_FORM_H
#define TW_MARKER_FORM_H

#include <stdint.h>

#include "buf.h"
#include "marker.h"

struct tw_marker_unit {
    const struct tw_str *spellings; /* none is a prefix of a later one */
    size_t count;
    size_t end; /* how many bytes of the marker are spelled up to here */
};

struct tw_marker_form {
    enum tw_disguise disguise;
    TW_VEC(struct tw_marker_unit) units;
    size_t must;          /* units that a match cannot do without */
    size_t run, run_end;  /* the units of the needle, within `must` */
    struct tw_str needle; /* their spelling */
    struct tw_str wanted; /* the needle, or a part that stands for two forms */
    size_t gram_offset;   /* of the bytes in the needle by which it is found */
};

struct tw_marker_char {
    uint32_t code;
    struct tw_str utf8, gb; /* gb: its bytes in GB18030 */
};

/* A marker while its forms are made. */
struct tw_marker_plan {
    struct tw_arena *arena;
    struct tw_str text; /* UTF-8 */
    struct tw_marker_char *chars;
    size_t nchars;
    size_t foreign; /* characters that are not ASCII */
    size_t cut;     /* a beginning of this many bytes is enough; text.len: all of it */
    TW_VEC(struct tw_marker_form) forms;
    struct tw_marker_form *open;
};

void tw_form_begin(struct tw_marker_plan *plan, enum tw_disguise disguise);
/* Adds a unit with the spellings up to an empty pointer; END as in the unit. The texts
 * are copied. */
void tw_form_unit(struct tw_marker_plan *plan, size_t end, const struct tw_str *list,
                  size_t count);
void tw_form_one(struct tw_marker_plan *plan, size_t end, struct tw_str spelling);
/* Keeps the form if it can be told by at least LEAST bytes that are sure to be there
 * and for which ENOUGH (NULL: anything) holds. False: it was dropped. */
bool tw_form_end(struct tw_marker_plan *plan, size_t least,
                 bool (*enough)(struct tw_str needle));
void tw_form_drop(struct tw_marker_plan *plan);
/* One needle for the last two forms, which differ in the case of hexadecimal digits,
 * where a long enough stretch of them is the same in both. */
void tw_form_share(struct tw_marker_plan *plan);

/* UTF-8 of CODE in OUT (4 bytes); its length. */
size_t tw_form_utf8(uint32_t code, char *out);

/* The escapes of notations: JSON, HTML, percent. */
void tw_marker_escapes(struct tw_marker_plan *plan);
/* Its bytes: digits of them, raw, and taken for single characters. */
void tw_marker_bytes(struct tw_marker_plan *plan);
void tw_marker_mojibake(struct tw_marker_plan *plan);
/* Fills in the GB18030 of the characters; false where the C library cannot. */
bool tw_marker_gb(struct tw_marker_plan *plan);

#endif
