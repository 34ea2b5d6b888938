/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The targets that are known, and what each does to the course of a packet. Marks are
 * followed; a target that hands the packet to a program is undecided.
 */
#include "iptables_parts.h"

#define DO(text, n, reader)                                       \
    {                                                             \
        TW_IPT_S(text), n, TW_IPT_MODIFIER, reader, TW_IPT_ANYWAY \
    }
#define NONE(text, n)                              \
    {                                              \
        TW_IPT_S(text), n, TW_IPT_IGNORED, NULL, 0 \
    }
#define TEXT(text)                                           \
    {                                                        \
        TW_IPT_S(text), 1, TW_IPT_IGNORED, NULL, TW_IPT_TEXT \
    }
#define MAYBE(text)                                              \
    {                                                            \
        TW_IPT_S(text), 1, TW_IPT_IGNORED, NULL, TW_IPT_OPTIONAL \
    }

#define OPTIONS(name) static const struct tw_ipt_option name##_options[]

OPTIONS(reject) = {NONE("--reject-with", 1)};
OPTIONS(log) = {
    TEXT("--log-prefix"),          NONE("--log-level", 1),
    NONE("--log-tcp-sequence", 0), NONE("--log-tcp-options", 0),
    NONE("--log-ip-options", 0),   NONE("--log-uid", 0),
    NONE("--log-macdecode", 0),
};
OPTIONS(nflog) = {
    TEXT("--nflog-prefix"),  NONE("--nflog-group", 1),     NONE("--nflog-range", 1),
    NONE("--nflog-size", 1), NONE("--nflog-threshold", 1),
};
OPTIONS(ulog) = {
    TEXT("--ulog-prefix"),
    NONE("--ulog-nlgroup", 1),
    NONE("--ulog-cprange", 1),
    NONE("--ulog-qthreshold", 1),
};
OPTIONS(audit) = {NONE("--type", 1)};
OPTIONS(tee) = {NONE("--gateway", 1), NONE("--oif", 1)};
OPTIONS(checksum) = {NONE("--checksum-fill", 0)};
OPTIONS(tcpmss) = {NONE("--set-mss", 1), NONE("--clamp-mss-to-pmtu", 0)};
OPTIONS(tcpoptstrip) = {NONE("--strip-options", 1)};
OPTIONS(classify) = {NONE("--set-class", 1)};
OPTIONS(idletimer) = {
    NONE("--timeout", 1),
    NONE("--label", 1),
    NONE("--alarm", 0),
    NONE("--send_nl_msg", 1),
};
OPTIONS(led) = {
    NONE("--led-trigger-id", 1),
    NONE("--led-delay", 1),
    NONE("--led-always-blink", 0),
};
OPTIONS(rateest) = {
    NONE("--rateest-name", 1),
    NONE("--rateest-interval", 1),
    NONE("--rateest-ewmalog", 1),
};
OPTIONS(secmark) = {NONE("--selctx", 1)};
OPTIONS(connsecmark) = {NONE("--save", 0), NONE("--restore", 0)};
OPTIONS(dscp) = {NONE("--set-dscp", 1), NONE("--set-dscp-class", 1)};
OPTIONS(tos) = {
    NONE("--set-tos", 1),
    NONE("--and-tos", 1),
    NONE("--or-tos", 1),
    NONE("--xor-tos", 1),
};
OPTIONS(ttl) = {NONE("--ttl-set", 1), NONE("--ttl-dec", 1), NONE("--ttl-inc", 1)};
OPTIONS(hl) = {NONE("--hl-set", 1), NONE("--hl-dec", 1), NONE("--hl-inc", 1)};
OPTIONS(ecn) = {
    NONE("--ecn-tcp-remove", 0),
    NONE("--ecn-tcp-cwr", 1),
    NONE("--ecn-tcp-ece", 1),
    NONE("--ecn-ip-ect", 1),
};
/* --map-set may set the mark from the set's entries. */
OPTIONS(set) = {
    NONE("--add-set", 2),  NONE("--del-set", 2),   DO("--map-set", 2, tw_ipt_undecided),
    NONE("--timeout", 1),  NONE("--exist", 0),     NONE("--map-mark", 0),
    NONE("--map-prio", 0), NONE("--map-queue", 0),
};
OPTIONS(mark) = {
    DO("--set-xmark", 1, tw_ipt_set_xmark), DO("--set-mark", 1, tw_ipt_set_mark),
    DO("--and-mark", 1, tw_ipt_and_mark),   DO("--or-mark", 1, tw_ipt_or_mark),
    DO("--xor-mark", 1, tw_ipt_xor_mark),
};
OPTIONS(connmark) = {
    DO("--set-xmark", 1, tw_ipt_connmark_xset),
    DO("--set-mark", 1, tw_ipt_connmark_set),
    DO("--and-mark", 1, tw_ipt_connmark_and),
    DO("--or-mark", 1, tw_ipt_connmark_or),
    DO("--xor-mark", 1, tw_ipt_connmark_xor),
    DO("--save-mark", 0, tw_ipt_connmark_save),
    DO("--restore-mark", 0, tw_ipt_connmark_restore),
    DO("--nfmask", 1, tw_ipt_connmark_nfmask),
    DO("--ctmask", 1, tw_ipt_connmark_ctmask),
    DO("--mask", 1, tw_ipt_connmark_mask),
    DO("--left-shift-mark", 1, tw_ipt_undecided),
    DO("--right-shift-mark", 1, tw_ipt_undecided),
};
OPTIONS(ct) = {
    DO("--notrack", 0, tw_ipt_ct_notrack),
    NONE("--helper", 1),
    NONE("--ctevents", 1),
    NONE("--expevents", 1),
    NONE("--timeout", 1),
    DO("--zone", 1, tw_ipt_undecided),
    DO("--zone-orig", 1, tw_ipt_undecided),
    DO("--zone-reply", 1, tw_ipt_undecided),
};
OPTIONS(nat) = {
    NONE("--to-destination", 1), NONE("--to-source", 1),
    NONE("--to-ports", 1),       NONE("--to", 1),
    NONE("--random", 0),         NONE("--random-fully", 0),
    NONE("--persistent", 0),     NONE("--nodst", 0),
    NONE("--src-pfx", 1),        NONE("--dst-pfx", 1),
};
OPTIONS(tproxy) = {
    NONE("--on-port", 1),
    NONE("--on-ip", 1),
    NONE("--tproxy-mark", 1),
};
OPTIONS(synproxy) = {
    NONE("--mss", 1),        NONE("--wscale", 1),    NONE("--sack-perm", 0),
    NONE("--timestamps", 0), NONE("--timestamp", 0), NONE("--ecn", 0),
};
OPTIONS(nfqueue) = {
    NONE("--queue-num", 1),
    NONE("--queue-balance", 1),
    NONE("--queue-bypass", 0),
    NONE("--queue-cpu-fanout", 0),
};
OPTIONS(clusterip) = {
    NONE("--new", 0),         NONE("--hashmode", 1),   NONE("--clustermac", 1),
    NONE("--total-nodes", 1), NONE("--local-node", 1), NONE("--hash-init", 1),
};
OPTIONS(hmark) = {
    NONE("--hmark-tuple", 1),      NONE("--hmark-mod", 1),
    NONE("--hmark-offset", 1),     NONE("--hmark-src-prefix", 1),
    NONE("--hmark-dst-prefix", 1), NONE("--hmark-sport-mask", 1),
    NONE("--hmark-dport-mask", 1), NONE("--hmark-spi-mask", 1),
    NONE("--hmark-proto-mask", 1), NONE("--hmark-rnd", 1),
    NONE("--hmark-sport", 1),      NONE("--hmark-dport", 1),
    NONE("--hmark-spi", 1),
};

#define TARGET(text, list, what, ...)                                 \
    {                                                                 \
        .name = TW_IPT_S(text), .options = list##_options,            \
        .noptions = sizeof list##_options / sizeof list##_options[0], \
        .action = TW_ACTION_##what, ##__VA_ARGS__                     \
    }
#define PLAIN(text, what)                                  \
    {                                                      \
        .name = TW_IPT_S(text), .action = TW_ACTION_##what \
    }

static const struct tw_ipt_module targets[] = {
    PLAIN("ACCEPT", ACCEPT),
    PLAIN("DROP", DENY),
    PLAIN("RETURN", RETURN),
    TARGET("REJECT", reject, DENY, .reject = true),
    TARGET("LOG", log, CONTINUE, .logged = true),
    TARGET("NFLOG", nflog, CONTINUE, .logged = true),
    TARGET("ULOG", ulog, CONTINUE, .logged = true),
    PLAIN("TRACE", CONTINUE),
    TARGET("AUDIT", audit, CONTINUE),
    TARGET("TEE", tee, CONTINUE),
    TARGET("CHECKSUM", checksum, CONTINUE),
    TARGET("TCPMSS", tcpmss, CONTINUE),
    TARGET("TCPOPTSTRIP", tcpoptstrip, CONTINUE),
    TARGET("CLASSIFY", classify, CONTINUE),
    TARGET("IDLETIMER", idletimer, CONTINUE),
    TARGET("LED", led, CONTINUE),
    TARGET("RATEEST", rateest, CONTINUE),
    TARGET("SECMARK", secmark, CONTINUE),
    TARGET("CONNSECMARK", connsecmark, CONTINUE),
    TARGET("DSCP", dscp, CONTINUE),
    TARGET("TOS", tos, CONTINUE),
    TARGET("TTL", ttl, CONTINUE),
    TARGET("HL", hl, CONTINUE),
    TARGET("ECN", ecn, CONTINUE),
    TARGET("SET", set, CONTINUE),
    TARGET("MARK", mark, UNDECIDED, .needs_option = true),
    TARGET("CONNMARK", connmark, UNDECIDED, .needs_option = true),
    PLAIN("NOTRACK", NOTRACK),
    TARGET("CT", ct, CONTINUE),
    TARGET("DNAT", nat, TRANSLATE),
    TARGET("SNAT", nat, TRANSLATE),
    TARGET("MASQUERADE", nat, TRANSLATE),
    TARGET("REDIRECT", nat, TRANSLATE),
    TARGET("NETMAP", nat, TRANSLATE),
    TARGET("SAME", nat, TRANSLATE),
    TARGET("DNPT", nat, TRANSLATE),
    TARGET("SNPT", nat, TRANSLATE),
    TARGET("TPROXY", tproxy, UNDECIDED),
    TARGET("SYNPROXY", synproxy, UNDECIDED),
    PLAIN("QUEUE", UNDECIDED),
    TARGET("NFQUEUE", nfqueue, UNDECIDED),
    TARGET("CLUSTERIP", clusterip, UNDECIDED),
    TARGET("HMARK", hmark, UNDECIDED),
};

const struct tw_ipt_module *tw_ipt_target_find(struct tw_str name)
{
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
        if (tw_str_eq(targets[i].name, name))
            return &targets[i];
    return NULL;
}

/* --- what MARK, CONNMARK and CT do --------------------------------------------- */

static bool set_mark(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                     enum tw_action action, char how)
{
    uint32_t value, mask;
    if (!tw_ipt_mark_parse(rule, use->args, &value, &mask))
        return true;
    switch (how) {
    case '=': /* set exactly the bits of the mask, and those of the value */
        mask |= value;
        break;
    case '&':
        mask = ~value;
        value = 0;
        break;
    case '|':
        mask = value;
        break;
    case '^':
        mask = 0;
        break;
    default: /* as the kernel has it */
        break;
    }
    rule->rule.action = action;
    rule->rule.value = value;
    rule->rule.mask = mask;
    return true;
}

bool tw_ipt_set_mark(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_MARK, '=');
}

bool tw_ipt_set_xmark(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_MARK, 'x');
}

bool tw_ipt_and_mark(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_MARK, '&');
}

bool tw_ipt_or_mark(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_MARK, '|');
}

bool tw_ipt_xor_mark(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_MARK, '^');
}

bool tw_ipt_connmark_set(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_CONNMARK, '=');
}

bool tw_ipt_connmark_xset(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_CONNMARK, 'x');
}

bool tw_ipt_connmark_and(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_CONNMARK, '&');
}

bool tw_ipt_connmark_or(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_CONNMARK, '|');
}

bool tw_ipt_connmark_xor(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mark(rule, use, TW_ACTION_SET_CONNMARK, '^');
}

/* Save and restore: `mask` holds the mask of the packet's mark, `value` that of the
 * connection's, until the rule is complete: only equal masks can be expressed. */
bool tw_ipt_connmark_save(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    (void)use;
    rule->rule.action = TW_ACTION_SAVE_MARK;
    rule->rule.mask = rule->rule.value = UINT32_MAX;
    return true;
}

bool tw_ipt_connmark_restore(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    (void)use;
    rule->rule.action = TW_ACTION_RESTORE_MARK;
    rule->rule.mask = rule->rule.value = UINT32_MAX;
    return true;
}

static bool set_mask(struct tw_ipt_rule *rule, const struct tw_ipt_use *use,
                     bool of_packet, bool of_connection)
{
    uint32_t value, mask;
    if (!tw_ipt_mark_parse(rule, use->args, &value, &mask))
        return true;
    if (rule->rule.action != TW_ACTION_SAVE_MARK &&
        rule->rule.action != TW_ACTION_RESTORE_MARK) {
        tw_ipt_rule_unclear(rule, use->first, use->first + use->count);
        return true;
    }
    if (of_packet)
        rule->rule.mask = value;
    if (of_connection)
        rule->rule.value = value;
    return true;
}

bool tw_ipt_connmark_nfmask(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mask(rule, use, true, false);
}

bool tw_ipt_connmark_ctmask(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mask(rule, use, false, true);
}

bool tw_ipt_connmark_mask(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    return set_mask(rule, use, true, true);
}

bool tw_ipt_undecided(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    (void)use;
    rule->rule.action = TW_ACTION_UNDECIDED;
    return true;
}

bool tw_ipt_ct_notrack(struct tw_ipt_rule *rule, const struct tw_ipt_use *use)
{
    (void)use;
    rule->rule.action = TW_ACTION_NOTRACK;
    return true;
}
