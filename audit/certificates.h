/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates: for every rule of a wall its verdict (rule_verdict.h) and what proves
 * it, as data of schema "twinwall.certificates/1":
 *
 *     { "schema": "twinwall.certificates/1",
 *       "walls": [ { "wall": …, "hook": "forward", "rules": [
 *         { "rule": id, "path": …, "line": …, "verdict": "live" | "partly" | "dead" |
 *             "unmatchable" | "undecided",
 *           "why": …           undecided: "budget", "effect", "marks", "replay"
 *           "witness": { "packet": { src, dst, proto, … }, "state": "NEW",
 *             "tcp_flags": [ "SYN" … ],
 *             "values": [ { "condition": …, "value": … } … ] }
 *           "left": …          of the first 400 partly shadowed ones what is left of
 *                              them, see left_boxes.h
 *           "cover": [ { "rule": id, "path": …, "line": … } … ],
 *           "by_policy": true  … and the policy of an earlier stage's chain
 *           "minimal": …, "opposed": …
 *           "confirmed": true | false | null
 *           "unconfirmed": …   null: "size", "chains" } … ],
 *         "rules_by_verdict": { … }, "confirmed": N, "refuted": N } ] }
 *
 * `confirmed` is what a checker says that shares nothing with the engine: the linear
 * one must come to the rule with the witness; a cover must hold on the grid of all its
 * borders. It is null where the grid is too large or the cover spans several chains,
 * stages or policies. `false` is a mistake of the program and never expected.
 */
#ifndef TW_CERTIFICATES_H
#define TW_CERTIFICATES_H

#include "cover.h"
#include "doc.h"

/* An empty doc of the schema; walls are added by the function below. */
struct tw_doc *tw_certificates_new(struct tw_arena *arena, enum tw_lang lang);

struct tw_certified {
    uint64_t verdicts[TW_RULE_STATES];
    uint64_t confirmed, refuted, unconfirmed;
};

/* The wall NAME with POLICY as CROSSING sees it (with nothing settled: all there is).
 * The time is that of reading all rules once for each of them. */
struct tw_certified tw_certificates_add(struct tw_doc *doc, struct tw_str name,
                                        const struct tw_policy *policy,
                                        const struct tw_crossing *crossing);

#endif
