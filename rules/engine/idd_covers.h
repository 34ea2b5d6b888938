/* SPDX-License-Identifier: Apache-2.0 */
/* Is one product covered by others together? By diagrams of that product alone: for a
 * question that other means have not decided. */
#ifndef TW_IDD_COVERS_H
#define TW_IDD_COVERS_H

#include "idd_space.h"

/* 64 MiB and about ten seconds. */
struct tw_idd_budget tw_idd_covers_budget(void);

/* Are all situations of BOX among those of the N PRODUCTS? Where a diagram is larger
 * than a part of the BUDGET, the box is cut in two by address. States are those that
 * situations have; CROSSING says which values unknowns may have. Tests of marks are not
 * followed: a product with one covers nothing surely. WITNESS (may be NULL), for NO, is
 * a situation that is not covered, in ARENA. */
enum tw_idd_answer tw_idd_covers(struct tw_arena *arena,
                                 const struct tw_crossing *crossing,
                                 enum tw_family family, const struct tw_idd_asked *box,
                                 const struct tw_idd_asked *products, size_t n,
                                 struct tw_idd_budget budget,
                                 struct tw_situation *witness);

#endif
