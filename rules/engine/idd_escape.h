/* SPDX-License-Identifier: Apache-2.0 */
/* The diagrams as what the search for covers asks before it gives up: the only place
 * where the two engines meet. */
#ifndef TW_IDD_ESCAPE_H
#define TW_IDD_ESCAPE_H

#include "grid.h"
#include "idd_covers.h"

/* Work is done in ARENA and given back after each question. */
struct tw_cover_escape tw_idd_escape(struct tw_arena *arena,
                                     struct tw_idd_budget budget);

#endif
