/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the four namespaces and wires them with `ip -batch`.
 */
#define _GNU_SOURCE 1
#include "oracle_net.h"

#include "oracle_die.h"
#include "oracle_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Any unicast next hop serves: the neighbour entry says where it is. */
#define HOP4 "192.0.0.8"
#define HOP6 "fe80::1"
#define FORWARD_TABLE 100

static const char *const node_name[TW_ORACLE_NODES] = {"client", "wall A", "wall B",
                                                       "server"};

enum tw_oracle_node tw_oracle_port_node(enum tw_oracle_port port)
{
    return (enum tw_oracle_node)(((unsigned)port + 1) / 2);
}

void tw_oracle_port_mac(enum tw_oracle_port port, uint8_t mac[6])
{
    static const uint8_t base[5] = {0x02, 0x00, 0x5e, 0x10, 0x00}; /* locally given */
    memcpy(mac, base, sizeof base);
    mac[5] = (uint8_t)(port + 1);
}

static bool name_valid(const char *name, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
    static const char *const taken[] = {"lo", "all", "default", ".", ".."};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strlen(taken[i]) == len && strncmp(name, taken[i], len) == 0) {
            return false;
        }
    }
    return len != 0 && len < TW_ORACLE_IFNAME && name[0] != '-' &&
           strspn(name, allowed) >= len;
}

void tw_oracle_net_init(struct tw_oracle_net *net, const char *names)
{
    memset(net, 0, sizeof *net);
    memcpy(net->name[TW_ORACLE_C0], "c0", 3);
    memcpy(net->name[TW_ORACLE_S0], "s0", 3);
    const char *at = names != NULL ? names : "eth0,eth1,eth0,eth1";
    for (int port = TW_ORACLE_A_IN; port <= TW_ORACLE_B_OUT; port++) {
        size_t len = strcspn(at, ",");
        bool last = port == TW_ORACLE_B_OUT;
        if (!name_valid(at, len) || (at[len] == '\0') != last) {
            tw_oracle_die(TW_ORACLE_USAGE,
                          "--ifaces takes four interface names: a_in,a_out,b_in,b_out");
        }
        memcpy(net->name[port], at, len);
        at += len + 1;
    }
    if (strcmp(net->name[TW_ORACLE_A_IN], net->name[TW_ORACLE_A_OUT]) == 0 ||
        strcmp(net->name[TW_ORACLE_B_IN], net->name[TW_ORACLE_B_OUT]) == 0) {
        tw_oracle_die(TW_ORACLE_USAGE, "--ifaces: a wall's two names must differ");
    }
}

void tw_oracle_net_enter(const struct tw_oracle_net *net, enum tw_oracle_node node)
{
    if (setns(net->ns[node], CLONE_NEWNET) != 0) {
        tw_oracle_die(TW_ORACLE_FAILED, "setns %s: %s", node_name[node],
                      strerror(errno));
    }
}

static bool file_put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    size_t len = strlen(text);
    bool done = write(fd, text, len) == (ssize_t)len;
    return close(fd) == 0 && done;
}

static void setting_put(enum tw_oracle_node node, const char *path, const char *text)
{
    if (!file_put(path, text)) {
        tw_oracle_die(TW_ORACLE_SKIP, "skipped: %s: cannot set %s: %s", node_name[node],
                      path, strerror(errno));
    }
}

static void user_ns_enter(void)
{
    char map[64];
    unsigned long uid = (unsigned long)getuid();
    unsigned long gid = (unsigned long)getgid();
    if (unshare(CLONE_NEWUSER) != 0) {
        tw_oracle_die(TW_ORACLE_SKIP, "skipped: no user namespace here: %s",
                      strerror(errno));
    }
    file_put("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %lu 1", uid);
    bool mapped = file_put("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "0 %lu 1", gid);
    if (!mapped || !file_put("/proc/self/gid_map", map)) {
        tw_oracle_die(TW_ORACLE_SKIP, "skipped: cannot map the user: %s",
                      strerror(errno));
    }
}

struct batch {
    char text[4096];
    size_t len;
};

static void batch_add(struct batch *batch, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void batch_add(struct batch *batch, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t room = sizeof batch->text - batch->len;
    int len = vsnprintf(batch->text + batch->len, room, fmt, ap);
    va_end(ap);
    if (len < 0 || (size_t)len >= room) {
        tw_oracle_die(TW_ORACLE_FAILED, "ip batch too long");
    }
    batch->len += (size_t)len;
}

/* A batch cannot change its address family half way: one call for each. */
static void batch_run(const struct tw_oracle_net *net, enum tw_oracle_node node,
                      int family, const struct batch *batch)
{
    const char *const ip[] = {"ip", family == 4 ? "-4" : "-6", "-batch", "-", NULL};
    tw_oracle_net_enter(net, node);
    int input = tw_oracle_run_text(batch->text);
    int code = tw_oracle_run(ip, input, false);
    close(input);
    if (code != 0) {
        tw_oracle_die(TW_ORACLE_SKIP, "skipped: %s: %s (ip exited with %d)",
                      node_name[node],
                      code == TW_ORACLE_RUN_MISSING ? "iproute2 is not installed"
                                                    : "the network cannot be wired",
                      code);
    }
}

static void mac_text(enum tw_oracle_port port, char out[18])
{
    uint8_t m[6];
    tw_oracle_port_mac(port, m);
    snprintf(out, 18, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
             m[5]);
}

static void cables_lay(const struct tw_oracle_net *net)
{
    for (unsigned left = TW_ORACLE_C0; left < TW_ORACLE_PORTS; left += 2) {
        enum tw_oracle_port near = (enum tw_oracle_port)left;
        enum tw_oracle_port far = (enum tw_oracle_port)(left + 1);
        enum tw_oracle_node node = tw_oracle_port_node(near);
        char near_mac[18];
        char far_mac[18];
        struct batch batch = {{0}, 0};
        mac_text(near, near_mac);
        mac_text(far, far_mac);
        batch_add(&batch,
                  "link add name %s address %s type veth"
                  " peer name %s address %s netns /proc/%ld/fd/%d\n",
                  net->name[near], near_mac, net->name[far], far_mac, (long)getpid(),
                  net->ns[tw_oracle_port_node(far)]);
        batch_run(net, node, 4, &batch);
    }
}

/* Without link-local addresses there is no neighbour or router chatter on the cables.
 */
static void ports_raise(const struct tw_oracle_net *net)
{
    for (unsigned node = 0; node < TW_ORACLE_NODES; node++) {
        struct batch batch = {{0}, 0};
        batch_add(&batch, "link set dev lo up\n");
        for (unsigned port = 0; port < TW_ORACLE_PORTS; port++) {
            if (tw_oracle_port_node((enum tw_oracle_port)port) == node) {
                batch_add(&batch, "link set dev %s addrgenmode none\n",
                          net->name[port]);
                batch_add(&batch, "link set dev %s up\n", net->name[port]);
            }
        }
        batch_run(net, (enum tw_oracle_node)node, 4, &batch);
    }
}

/* A default route out of `from`, to the port at the other end of its cable. */
static void hop_add(struct batch *batch, const struct tw_oracle_net *net,
                    enum tw_oracle_port from, enum tw_oracle_port to, int family)
{
    const char *hop = family == 4 ? HOP4 : HOP6;
    char mac[18];
    mac_text(to, mac);
    if (to == TW_ORACLE_C0 || to == TW_ORACLE_S0) {
        /* Nobody's address: the taps see the frame, the node's own stack lets it be. */
        mac_text(TW_ORACLE_PORTS, mac);
    }
    batch_add(batch, "neigh add %s lladdr %s dev %s nud permanent\n", hop, mac,
              net->name[from]);
    batch_add(batch, "route add default via %s dev %s onlink", hop, net->name[from]);
}

/* The main table leads back to the client, FORWARD_TABLE on to the server. */
static void wall_route(const struct tw_oracle_net *net, enum tw_oracle_node wall,
                       enum tw_oracle_port in, enum tw_oracle_port out)
{
    for (int family = 4; family <= (net->ipv6 ? 6 : 4); family += 2) {
        struct batch batch = {{0}, 0};
        hop_add(&batch, net, in, (enum tw_oracle_port)((int)in - 1), family);
        batch_add(&batch, "\n");
        hop_add(&batch, net, out, (enum tw_oracle_port)((int)out + 1), family);
        batch_add(&batch, " table %d\n", FORWARD_TABLE);
        batch_add(&batch, "rule add pref 100 iif %s lookup %d\n", net->name[in],
                  FORWARD_TABLE);
        batch_run(net, wall, family, &batch);
    }
}

static void node_settings(const struct tw_oracle_net *net, enum tw_oracle_node node)
{
    tw_oracle_net_enter(net, node);
    bool wall = node == TW_ORACLE_WALL_A || node == TW_ORACLE_WALL_B;
    const char *on = wall ? "1" : "0";
    setting_put(node, "/proc/sys/net/ipv4/ip_forward", on);
    setting_put(node, "/proc/sys/net/ipv4/conf/all/rp_filter", "0");
    setting_put(node, "/proc/sys/net/ipv4/conf/default/rp_filter", "0");
    /* Saves the look at the way back to the source: there are no local addresses. */
    file_put("/proc/sys/net/ipv4/conf/all/accept_local", "1");
    /* No packet is for a node itself: it need not look for a socket. */
    file_put("/proc/sys/net/ipv4/ip_early_demux", "0");
    if (net->ipv6) {
        setting_put(node, "/proc/sys/net/ipv6/conf/all/disable_ipv6", "0");
        setting_put(node, "/proc/sys/net/ipv6/conf/default/disable_ipv6", "0");
        setting_put(node, "/proc/sys/net/ipv6/conf/all/forwarding", on);
        setting_put(node, "/proc/sys/net/ipv6/conf/default/forwarding", on);
    }
}

void tw_oracle_net_up(struct tw_oracle_net *net, bool user_ns)
{
    if (user_ns) {
        user_ns_enter();
    }
    net->ipv6 = access("/proc/sys/net/ipv6/conf/all/forwarding", F_OK) == 0;
    for (int node = 0; node < TW_ORACLE_NODES; node++) {
        if (unshare(CLONE_NEWNET) != 0) {
            tw_oracle_die(TW_ORACLE_SKIP, "skipped: no network namespace here: %s%s",
                          strerror(errno), user_ns ? "" : " (not root? try -u)");
        }
        net->ns[node] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        if (net->ns[node] < 0) {
            tw_oracle_die(TW_ORACLE_SKIP, "skipped: /proc/self/ns/net: %s",
                          strerror(errno));
        }
        node_settings(net, (enum tw_oracle_node)node);
    }
    cables_lay(net);
    ports_raise(net);
    wall_route(net, TW_ORACLE_WALL_A, TW_ORACLE_A_IN, TW_ORACLE_A_OUT);
    wall_route(net, TW_ORACLE_WALL_B, TW_ORACLE_B_IN, TW_ORACLE_B_OUT);
}
