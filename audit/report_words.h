/* SPDX-License-Identifier: Apache-2.0 */
/* What the reports of `check` and `trace` have in common: who decided, where it stands,
 * what it depends on, and the facts of the walls. */
#ifndef TW_REPORT_WORDS_H
#define TW_REPORT_WORDS_H

#include "doc.h"
#include "verdict.h"

/* The rule's own name, or "default". */
struct tw_str tw_decider_name(const struct tw_policy *policy, struct tw_decider by);
/* The same for people: which default, too. */
struct tw_str tw_decider_text(struct tw_arena *arena, enum tw_lang lang,
                              const struct tw_policy *policy, struct tw_decider by);
/* Where it stands; src NULL for an implicit default. */
struct tw_span tw_decider_span(const struct tw_policy *policy, struct tw_decider by);
/* Members wall, ACTION_KEY, rule, index, path, line. */
void tw_decider_value(struct tw_arena *arena, struct tw_value *object,
                      const struct tw_walls *walls, uint32_t wall,
                      const char *action_key, const char *action, struct tw_decider by);
/* Members path and line; both null for nowhere. */
void tw_place_value(struct tw_arena *arena, struct tw_value *object, struct tw_span at);
/* "policy/jinfu-fw.rules:707", or nothing for nowhere. */
struct tw_str tw_place_text(struct tw_arena *arena, struct tw_span at);
/* What an undecided fate depends on. */
struct tw_str tw_doubt_text(struct tw_arena *arena, enum tw_lang lang,
                            const struct tw_walls *walls, const struct tw_doubt *doubt,
                            enum tw_family family);
/* The service that FLOW starts from, or the zone of an origin of `from: any`. */
struct tw_str tw_origin_name(const struct tw_estate *estate, const struct tw_flow *flow,
                             const struct tw_end *origin);
/* The same with its site: "finance-data@main". */
struct tw_str tw_origin_text(struct tw_arena *arena, const struct tw_estate *estate,
                             const struct tw_flow *flow, const struct tw_end *origin);
/* "tcp/8443, tcp/9000" */
struct tw_str tw_ports_text(struct tw_arena *arena, const struct tw_flow *flow);
/* The rule that would let PACKET through if it had not expired, or NULL. */
const struct tw_rule *tw_expired_rule(const struct tw_policy *policy,
                                      const struct tw_packet *packet);
/* Member walls: name, format, receipt, default, role, age, what was not understood. */
void tw_walls_value(struct tw_arena *arena, struct tw_value *object,
                    const struct tw_walls *walls);
/* "deny", "allow" or "mixed", or "unknown" where no line states it: the default of the
 * stage that people mean, in the wall's hook. */
struct tw_str tw_wall_default(const struct tw_wall *wall);
/* "2023-02-09", "2023-02-09T21:00:00" */
struct tw_str tw_time_text(struct tw_arena *arena, struct tw_time t);
/* Is some rate limit taken as "within the rate"? */
bool tw_walls_assume_rates(const struct tw_walls *walls);

#endif
