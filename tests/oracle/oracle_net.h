/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The oracle's little network, four network namespaces in a row:
 *
 *     client c0 --- a_in [wall A] a_out --- b_in [wall B] b_out --- s0 server
 *
 * No node has an address of its own, so no probe can collide with one: the walls are
 * unnumbered routers with permanent neighbour entries. What enters a wall by its in
 * interface leaves by its out interface, whatever the destination (a routing rule on
 * the in interface); everything else, answers and what the wall itself sends, goes
 * back towards the client. rp_filter is off, IPv4 and IPv6 forwarding are on.
 */
#ifndef TW_ORACLE_NET_H
#define TW_ORACLE_NET_H

#include <stdbool.h>
#include <stdint.h>

#define TW_ORACLE_IFNAME 16 /* IFNAMSIZ, the NUL included */

enum tw_oracle_node {
    TW_ORACLE_CLIENT,
    TW_ORACLE_WALL_A,
    TW_ORACLE_WALL_B,
    TW_ORACLE_SERVER,
    TW_ORACLE_NODES
};

/* The six ends of the three cables, from the client to the server. */
enum tw_oracle_port {
    TW_ORACLE_C0,
    TW_ORACLE_A_IN,
    TW_ORACLE_A_OUT,
    TW_ORACLE_B_IN,
    TW_ORACLE_B_OUT,
    TW_ORACLE_S0,
    TW_ORACLE_PORTS
};

struct tw_oracle_net {
    int ns[TW_ORACLE_NODES];
    char name[TW_ORACLE_PORTS][TW_ORACLE_IFNAME];
    bool ipv6; /* the kernel has it */
};

/*
 * Sets the walls' interface names from "a_in,a_out,b_in,b_out"; NULL means
 * eth0,eth1,eth0,eth1. Dies (exit 2) on names that Linux or `ip -batch` cannot take
 * and on equal names within one wall.
 */
void tw_oracle_net_init(struct tw_oracle_net *net, const char *names);

/*
 * Builds it all. With `user_ns` in a new user namespace, for callers who are not root.
 * Exits 77 with the reason where the machine does not allow it.
 */
void tw_oracle_net_up(struct tw_oracle_net *net, bool user_ns);

/* Moves the calling process into a node's network namespace. */
void tw_oracle_net_enter(const struct tw_oracle_net *net, enum tw_oracle_node node);

enum tw_oracle_node tw_oracle_port_node(enum tw_oracle_port port);

/* The fixed hardware address of a port. */
void tw_oracle_port_mac(enum tw_oracle_port port, uint8_t mac[6]);

#endif
