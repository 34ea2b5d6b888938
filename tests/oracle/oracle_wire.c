/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packet sockets in bursts (packet(7), sendmmsg(2), recvmmsg(2)) and one ctnetlink
 * message (linux/netfilter/nfnetlink_conntrack.h).
 */
#define _GNU_SOURCE 1
#include "oracle_wire.h"

#include "oracle_die.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RECEIVE_BUFFER (32 << 20)

/* Only CAP_NET_ADMIN of the first user namespace may go above the system's limit. */
static void buffer_widen(int fd)
{
    int size = RECEIVE_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
}

void tw_oracle_tap_open(struct tw_oracle_tap *tap, const struct tw_oracle_net *net,
                        enum tw_oracle_port port, bool receive)
{
    const char *name = net->name[port];
    /* Cables join ports 0-1, 2-3, 4-5. */
    enum tw_oracle_port peer = (enum tw_oracle_port)((unsigned)port ^ 1u);
    tw_oracle_net_enter(net, tw_oracle_port_node(port));
    tap->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    struct sockaddr_ll at = {0};
    at.sll_family = AF_PACKET;
    at.sll_protocol = receive ? htons(ETH_P_ALL) : 0;
    at.sll_ifindex = (int)if_nametoindex(name);
    int one = 1;
    if (tap->fd < 0 || at.sll_ifindex == 0 ||
        setsockopt(tap->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) !=
            0 ||
        bind(tap->fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        tw_oracle_die(TW_ORACLE_SKIP, "skipped: no packet socket on %s: %s", name,
                      strerror(errno));
    }
    buffer_widen(tap->fd);
    tw_oracle_port_mac(peer, tap->header);
    tw_oracle_port_mac(port, tap->header + 6);
}

void tw_oracle_tap_close(struct tw_oracle_tap *tap)
{
    close(tap->fd);
    tap->fd = -1;
}

uint8_t *tw_oracle_burst_next(struct tw_oracle_burst *burst)
{
    return burst->frame[burst->count] + 14;
}

void tw_oracle_burst_add(struct tw_oracle_burst *burst, const struct tw_oracle_tap *tap,
                         size_t packet_len)
{
    uint8_t *frame = burst->frame[burst->count];
    memcpy(frame, tap->header, 12);
    bool ipv6 = frame[14] >> 4 == 6;
    frame[12] = ipv6 ? 0x86 : 0x08;
    frame[13] = ipv6 ? 0xdd : 0x00;
    burst->len[burst->count] = 14 + packet_len;
    burst->count++;
}

static void messages_aim(struct tw_oracle_burst *burst, struct mmsghdr *messages,
                         struct iovec *parts, bool whole)
{
    memset(messages, 0, sizeof *messages * TW_ORACLE_BURST);
    for (unsigned i = 0; i < TW_ORACLE_BURST; i++) {
        parts[i].iov_base = burst->frame[i];
        parts[i].iov_len = whole ? TW_ORACLE_FRAME : burst->len[i];
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
}

void tw_oracle_tap_send(const struct tw_oracle_tap *tap, struct tw_oracle_burst *burst)
{
    struct mmsghdr messages[TW_ORACLE_BURST];
    struct iovec parts[TW_ORACLE_BURST];
    messages_aim(burst, messages, parts, false);
    unsigned sent = 0;
    unsigned stalls = 0;
    while (sent < burst->count) {
        int done = sendmmsg(tap->fd, messages + sent, burst->count - sent, 0);
        if (done > 0) {
            sent += (unsigned)done;
            continue;
        }
        bool passing = errno == ENOBUFS || errno == EAGAIN || errno == EINTR;
        if (!passing || ++stalls > 10000) {
            tw_oracle_die(TW_ORACLE_FAILED, "sendmmsg: %s", strerror(errno));
        }
        struct timespec wait = {0, 100000};
        nanosleep(&wait, NULL);
    }
    burst->count = 0;
}

bool tw_oracle_tap_receive(const struct tw_oracle_tap *tap,
                           struct tw_oracle_burst *burst)
{
    struct mmsghdr messages[TW_ORACLE_BURST];
    struct iovec parts[TW_ORACLE_BURST];
    messages_aim(burst, messages, parts, true);
    int got = recvmmsg(tap->fd, messages, TW_ORACLE_BURST, MSG_DONTWAIT, NULL);
    if (got <= 0) {
        if (got < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
            tw_oracle_die(TW_ORACLE_FAILED, "recvmmsg: %s", strerror(errno));
        }
        burst->count = 0;
        return false;
    }
    burst->count = (unsigned)got;
    for (unsigned i = 0; i < burst->count; i++) {
        burst->len[i] = messages[i].msg_len;
    }
    return true;
}

uint64_t tw_oracle_tap_drops(const struct tw_oracle_tap *tap)
{
    struct tpacket_stats stats;
    socklen_t len = sizeof stats;
    if (getsockopt(tap->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) != 0) {
        tw_oracle_die(TW_ORACLE_FAILED, "PACKET_STATISTICS: %s", strerror(errno));
    }
    return stats.tp_drops;
}

int tw_oracle_conntrack_open(const struct tw_oracle_net *net, enum tw_oracle_node wall)
{
    tw_oracle_net_enter(net, wall);
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
}

bool tw_oracle_conntrack_flush(int netlink)
{
    struct {
        struct nlmsghdr header;
        struct nfgenmsg what;
    } request = {0};
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        uint8_t more[256];
    } reply;
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    request.what.nfgen_family = AF_UNSPEC;
    request.what.version = NFNETLINK_V0;
    if (netlink < 0 ||
        send(netlink, &request, sizeof request, 0) != (ssize_t)sizeof request) {
        return false;
    }
    ssize_t got = recv(netlink, &reply, sizeof reply, 0);
    return got >= (ssize_t)(sizeof reply.header + sizeof reply.error.error) &&
           reply.header.nlmsg_type == NLMSG_ERROR && reply.error.error == 0;
}

uint32_t tw_oracle_conntrack_max(void)
{
    char text[32];
    uint32_t max = 0;
    int fd = open("/proc/sys/net/netfilter/nf_conntrack_max", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    ssize_t got = read(fd, text, sizeof text);
    close(fd);
    size_t len = 0;
    while (got > 0 && len < (size_t)got && text[len] >= '0' && text[len] <= '9') {
        len++;
    }
    return tw_oracle_number(text, len, UINT32_MAX, &max) ? max : 0;
}
