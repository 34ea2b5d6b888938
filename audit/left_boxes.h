/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of a rule that earlier ones take a part of, in boxes that people can
 * read. */
#ifndef TW_LEFT_BOXES_H
#define TW_LEFT_BOXES_H

#include "cover.h"
#include "doc.h"

/* Adds to OBJECT the members
 *
 *     "left": [ { src, dst, proto, dport | icmp, sport, states, conditions } … ]
 *                      the largest first; what is not restricted is left out, and so
 *                      are TCP flags; addresses that are an object of the export have
 *                      its name beside them (src_object, dst_object)
 *     "left_more": N   boxes beyond the maximum, where there are any
 *     "left_complete"  false where only a part of what is left was found
 *
 * of RULE, which the engine COVER calls partly shadowed, and returns the first box as
 * text (empty: none was found). The work is done in WORK. */
struct tw_str tw_left_boxes(struct tw_arena *arena, struct tw_arena *work,
                            struct tw_cover *cover, const struct tw_policy *policy,
                            uint32_t rule, struct tw_value *object);

#endif
