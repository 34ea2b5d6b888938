/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of JSON (RFC 8259) for tests: it accepts nothing but the grammar, and
 * brings the text to a form without white space and with all escapes resolved, so that
 * two texts of the same value compare equal.
 */
#ifndef TW_STRICT_JSON_H
#define TW_STRICT_JSON_H

#include "buf.h"

/* False where TEXT is not one JSON value with nothing but white space around it. */
bool strict_json_compact(struct tw_str text, struct tw_buf *compact);

#endif
