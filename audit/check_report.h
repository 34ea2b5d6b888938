/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of `check` as a doc: the data of the contract, and the lines for people.
 */
#ifndef TW_CHECK_REPORT_H
#define TW_CHECK_REPORT_H

#include "check.h"

struct tw_check_report_options {
    enum tw_lang lang;
    struct tw_str estate_path; /* as the user named it: for commands to copy */
    bool partial;
    bool text_only; /* nobody asks for the data */
};

const struct tw_doc *tw_check_doc(struct tw_arena *arena, const struct tw_check *check,
                                  const struct tw_check_report_options *options);

/* Shared with `trace`. */
struct tw_str tw_decider_name(const struct tw_policy *policy, struct tw_decider by);
struct tw_span tw_decider_span(const struct tw_policy *policy, struct tw_decider by);
/* Members wall, action, rule, index, path, line. */
void tw_decider_value(struct tw_arena *arena, struct tw_value *object,
                      const struct tw_walls *walls, uint32_t wall,
                      const char *action_key, const char *action, struct tw_decider by);
struct tw_str tw_doubt_text(struct tw_arena *arena, enum tw_lang lang,
                            const struct tw_walls *walls, const struct tw_doubt *doubt,
                            enum tw_family family);
/* "policy/jinfu-fw.rules:707", or nothing for an implicit default. */
struct tw_str tw_place_text(struct tw_arena *arena, struct tw_span at);
/* FROM, or the zone of an origin, with its site: "finance-data@main". */
struct tw_str tw_origin_text(struct tw_arena *arena, const struct tw_estate *estate,
                             const struct tw_flow *flow, const struct tw_end *origin);
/* "tcp/8443, tcp/9000" */
struct tw_str tw_ports_text(struct tw_arena *arena, const struct tw_flow *flow);
/* The rule that would let PACKET through if it had not expired, or NULL. */
const struct tw_rule *tw_expired_rule(const struct tw_policy *policy,
                                      const struct tw_packet *packet);
/* The facts of the walls for every report: name, format, receipt, default. */
void tw_walls_value(struct tw_arena *arena, struct tw_value *object,
                    const struct tw_walls *walls);
/* Is some rate limit taken as "within the rate"? */
bool tw_walls_assume_rates(const struct tw_walls *walls);
struct tw_str tw_wall_default(const struct tw_policy *policy);

/* The text face, in check_text.c. */
void tw_check_text(struct tw_doc *doc, const struct tw_check *check,
                   const struct tw_check_report_options *options);

#endif
