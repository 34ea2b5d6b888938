/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a product covered by others together? Exactly, with a budget of work.
 *
 * In every dimension the values of the target fall into classes that the covers do not
 * tell apart; a class is the set of the covers that hold it. A situation is uncovered
 * exactly if the sets of its classes, one per dimension, have no cover in common: a
 * search over a few machine words. With many covers the target is cut first: the cover
 * that holds most of it is taken off, what remains is a few disjoint products, each met
 * by fewer covers.
 *
 *     target src 0–9 × dport 0–9         classes of src: 0–4 {A,C}, 5–9 {B,C}
 *     A: src 0–4   B: src 5–9 × dport 0–4   C: dport 5–9
 *                                        classes of dport: 0–4 {A,B}, 5–9 {A,B,C}
 *     {A,C}∩{A,B} = {A}, {B,C}∩{A,B} = {B}, …: covered
 */
#ifndef TW_GRID_H
#define TW_GRID_H

#include "extent.h"

enum tw_covered { TW_COVERED, TW_NOT_COVERED, TW_COVER_GAVE_UP };

/* Another engine that is asked before giving up; may say TW_COVER_GAVE_UP too. */
struct tw_cover_escape {
    enum tw_covered (*decide)(void *ctx, const struct tw_space *space,
                              const struct tw_extent *target,
                              const struct tw_extent *const *covers, size_t n);
    void *ctx;
};

struct tw_grid {
    struct tw_arena *arena; /* all of the work stays here; the caller rewinds it */
    const struct tw_space *space;
    const struct tw_extent *target;
    const struct tw_extent *const *covers;
    size_t n;
    uint64_t *budget; /* steps that may still be done; counted down */
    const struct tw_cover_escape *escape; /* NULL: none */
};

/* Decides it. USED (NULL, or N cleared entries) is set for covers that hold the target
 * together, not a minimal choice of them. *LEFT is a part that no cover meets, where
 * the answer is TW_NOT_COVERED and the escape was not needed: then *HAS_LEFT. */
enum tw_covered tw_grid_decide(const struct tw_grid *grid, bool *used,
                               struct tw_extent *left, bool *has_left);

/* What no cover meets, as disjoint products in the arena, MAX at most. *COMPLETE: that
 * is all of it. */
struct tw_extents tw_grid_residue(const struct tw_grid *grid, size_t max,
                                  bool *complete);

/* How much of A is not in B, by weight (extent.h): 0 for none of it, 256 for half. A
 * guess, for choosing among several. */
unsigned tw_extent_loss(const struct tw_space *space, const struct tw_extent *a,
                        const struct tw_extent *b);

#endif
