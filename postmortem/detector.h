/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detectors: what a field's text can be told to be. One file detector/NAME.c is one
 * detector and defines
 *
 *     const struct tw_detector tw_detector_NAME = { .name = "bank-card", … };
 *
 * The build collects them into the registry. A detector is a pure function of the text:
 * no allocation, no state, callable from any thread.
 */
#ifndef TW_DETECTOR_H
#define TW_DETECTOR_H

#include "lang.h"
#include "str.h"

enum tw_detector_use {
    TW_DETECTOR_FORMAT, /* `fails NAME`: the text is not of this form */
    TW_DETECTOR_LOOKS,  /* `looks NAME`: the text seems to be this */
    TW_DETECTOR_RULE /* part of the grammar of rules itself: is null, has marker, … */
};

/* The classes of one text under one detector. */
enum tw_detected {
    TW_DETECTED_NO,     /* FORMAT: not of this form; LOOKS: it is not this */
    TW_DETECTED_YES,    /* FORMAT: of this form; LOOKS: it is */
    TW_DETECTED_MASKED, /* FORMAT: of this form, parts hidden by asterisks */
    TW_DETECTED_ODD     /* FORMAT: of this form, written unusually (a country code, a
                           lower-case x); LOOKS: it may be, it cannot be told */
};

struct tw_detector {
    const char *name; /* as rules write it */
    enum tw_detector_use use;
    const char *summary[TW_LANG_COUNT];
    enum tw_detected (*detect)(struct tw_str text); /* NULL for RULE */
    /* LOOKS: what the text should have been, written into OUT (ROOM bytes); its length,
     * 0: cannot be told. NULL: never. */
    size_t (*repair)(struct tw_str text, char *out, size_t room);
};

/* All detectors, sorted by name, NULL at the end. */
extern const struct tw_detector *const tw_detectors[];
const struct tw_detector *tw_detector_by_name(struct tw_str name);

#endif
