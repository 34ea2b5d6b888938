/* SPDX-License-Identifier: Apache-2.0 */
/* The product's answers for a wall, held against pan_truth(). */
#ifndef PAN_COMPARE_H
#define PAN_COMPARE_H

#include "pan_truth.h"

enum pan_verdict {
    PAN_SAME,
    /* Undecided for fear of a translation: to which zone an address led before it is
     * asked of each rule, not of all together. */
    PAN_FEARED,
    PAN_REFUSED, /* the reader has an error */
    PAN_WRONG,   /* surely says what is not so under every combination */
    PAN_VAGUE,   /* undecided says what is sure */
    PAN_RULE     /* another rule is named, or another translation */
};

struct pan_scale {
    int scenarios; /* pairs of zones with what is settled */
    int packets;   /* of each question; 0: all of them */
};

struct pan_counts {
    uint64_t packets, runs, sure, open, approx, feared;
};

/* Writes the first difference to REPORT (NULL: nowhere). */
enum pan_verdict pan_compare(struct pan_wall *wall, struct pan_scale scale,
                             struct pan_counts *counts, FILE *report);

/* The same for the verdicts on its rules, its translations left out; no scale. */
enum pan_verdict pan_verdicts(struct pan_wall *wall, struct pan_scale scale,
                              struct pan_counts *counts, FILE *report);

typedef enum pan_verdict (*pan_check)(struct pan_wall *wall, struct pan_scale scale,
                                      struct pan_counts *counts, FILE *report);

/* Takes from WALL what is not needed for the same KIND of difference. */
void pan_shrink(struct pan_wall *wall, pan_check check, struct pan_scale scale,
                enum pan_verdict kind);

#endif
