/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy in its normal form: as neutral XML (docs/twinwall-policy.rng), which the
 * format twinwall_xml reads again, and as a report for people and programs.
 *
 * The XML holds what the model holds and nothing else: no passwords, keys or other
 * settings of the device. Names and comments stand in it as they were written. It has
 * no line numbers, and rules have no numbers where their place tells them, so that a
 * rule more is a line more. Read again it means the same and prints itself.
 */
#ifndef TW_POLICY_WRITE_H
#define TW_POLICY_WRITE_H

#include "doc.h"
#include "policy.h"

struct tw_write_options {
    bool without_counters; /* packets, bytes and hits, which change all the time */
    struct tw_time now;    /* what the days of expiry were held against */
};

/* Does any rule expire? Then the reports say what is now. */
bool tw_policy_expires(const struct tw_policy *policy);

/* The neutral XML into OUT: the same at any time. */
void tw_policy_write_xml(const struct tw_policy *policy,
                         const struct tw_write_options *options, struct tw_buf *out);

/* The same for people into DOC's blocks. */
void tw_policy_write_text(const struct tw_policy *policy,
                          const struct tw_write_options *options, struct tw_doc *doc);
/* … and for programs into its data. */
void tw_policy_write_data(const struct tw_policy *policy,
                          const struct tw_write_options *options, struct tw_doc *doc);

#endif
