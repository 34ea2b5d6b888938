/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads rule sets and set files into the walls. A wall whose rules did not load would
 * accept everything, so a loader that fails ends the program with exit code 3.
 */
#ifndef TW_ORACLE_LOAD_H
#define TW_ORACLE_LOAD_H

#include "oracle_net.h"

enum tw_oracle_backend {
    TW_ORACLE_BACKEND_AUTO,
    TW_ORACLE_BACKEND_LEGACY, /* iptables-legacy-restore */
    TW_ORACLE_BACKEND_NFT     /* iptables-nft-restore */
};

/* What goes into one wall; each file may be NULL. */
struct tw_oracle_wall_files {
    const char *rules4; /* iptables-save text */
    const char *rules6; /* ip6tables-save text */
    const char *sets;   /* `ipset save` text, loaded first */
};

/* "auto", "legacy", "nft"; dies (exit 2) on anything else. */
enum tw_oracle_backend tw_oracle_backend_parse(const char *name);
const char *tw_oracle_backend_name(enum tw_oracle_backend backend);

/*
 * Answers AUTO: the first of legacy and nft that loads a small rule set for IPv4 (and
 * IPv6, where the kernel has it) into a namespace of its own. Legacy comes first
 * because a large nft transaction does not fit into the netlink buffer that a user
 * namespace gets. Exits 77 when neither works. Leaves the caller in a scratch
 * namespace: enter a node before going on.
 */
enum tw_oracle_backend tw_oracle_backend_find(const struct tw_oracle_net *net);

/* Loads sets, then rules; exits 3 with the loader's own message on stderr. */
void tw_oracle_wall_load(const struct tw_oracle_net *net, enum tw_oracle_node wall,
                         const struct tw_oracle_wall_files *files,
                         enum tw_oracle_backend backend);

#endif
