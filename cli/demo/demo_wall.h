/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a wall of the plan is written as iptables rules: chains and rules in the form of
 * `iptables-save -c`. Internal to cli/demo.
 *
 * That form declares all chains of a table before its first rule. So each table is
 * described once, by a function that runs twice over the same calls: the first time
 * only the declarations are printed, the second time only the rules.
 */
#ifndef TW_DEMO_WALL_H
#define TW_DEMO_WALL_H

#include "demo_plan.h"

struct tw_demo_wall {
    FILE *out;
    const struct tw_demo_plan *plan;
    const char *name;
    unsigned bit;   /* TW_DEMO_JINFU_FW or TW_DEMO_LFT_FW */
    bool prefixes;  /* ranges are written as prefixes, not with -m iprange */
    bool declaring; /* the first of the two runs */
    char chain[32]; /* the chain that rules go to now */
    uint32_t rules; /* printed so far, for the counters */
};

/*
 * Writes the wall `bit`, either of the two: the demo's lft-fw is one; jinfu-fw as one
 * lets the same calls through as the PAN-OS firewall of the demo, for tests.
 */
void tw_demo_wall_write(FILE *out, const struct tw_demo_plan *plan, unsigned bit);

#if defined(__GNUC__)
#define TW_DEMO_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define TW_DEMO_PRINTF(text, first)
#endif

/* Starts a chain: a built-in one with its policy, or a user's (policy NULL). */
void tw_demo_wall_chain(struct tw_demo_wall *w, const char *policy, const char *format,
                        ...) TW_DEMO_PRINTF(3, 4);

/* Adds a rule to the chain: what stands after "-A CHAIN ". `busy`: it has been hit. */
void tw_demo_wall_rule(struct tw_demo_wall *w, bool busy, const char *format, ...)
    TW_DEMO_PRINTF(3, 4);

/* The calls of the plan, from the rules of a whole direction down to single accepts. */
void tw_demo_wall_calls(struct tw_demo_wall *w);

/* What a grown rule set holds besides: none of it touches a call of the plan. */
void tw_demo_wall_noise_first(struct tw_demo_wall *w); /* jumps, before the calls */
void tw_demo_wall_noise_last(struct tw_demo_wall *w);  /* jumps, after the calls */
void tw_demo_wall_noise_chains(struct tw_demo_wall *w);

/* The jumps from FORWARD into the chains of tw_demo_wall_calls. */
void tw_demo_wall_calls_jumps(struct tw_demo_wall *w);

#endif
