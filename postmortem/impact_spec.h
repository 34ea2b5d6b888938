/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of `impact` as text: from a YAML file, or one by one.
 *
 *     dumps: [bills/]              wrong: ["counterparty ~ /marker/"]
 *     by: [bill_date]              max-refused: 0
 */
#ifndef TW_IMPACT_SPEC_H
#define TW_IMPACT_SPEC_H

#include "impact.h"

/* Sets the option NAME ("wrong", "max-ratio", …; "dumps": a path) from VALUE; lists
 * grow, single values are replaced. SAID names the place in diagnostics, AT is it where
 * there is a source. False after a diagnostic, and where NAME is no option of a count
 * (no diagnostic; *KNOWN false). */
bool tw_impact_option_set(struct tw_arena *arena, struct tw_impact_options *options,
                          const char *name, struct tw_str value, struct tw_str said,
                          struct tw_span at, struct tw_diags *diags, bool *known);
/* Reads the options from SRC. False after diagnostics. */
bool tw_impact_spec_read(struct tw_arena *arena, const struct tw_source *src,
                         struct tw_impact_options *options, struct tw_diags *diags);

#endif
