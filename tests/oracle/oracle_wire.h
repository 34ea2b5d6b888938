/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taps on the cables: packet sockets that send and receive whole bursts, and the call
 * that empties a wall's connection table.
 */
#ifndef TW_ORACLE_WIRE_H
#define TW_ORACLE_WIRE_H

#include "oracle_net.h"
#include "oracle_packet.h"

#define TW_ORACLE_BURST 64
#define TW_ORACLE_FRAME (14 + TW_ORACLE_PACKET_MAX)

/* Frames to send, or just received. A received frame longer than the room is cut. */
struct tw_oracle_burst {
    uint8_t frame[TW_ORACLE_BURST][TW_ORACLE_FRAME];
    size_t len[TW_ORACLE_BURST];
    unsigned count;
};

struct tw_oracle_tap {
    int fd;
    uint8_t header[12]; /* destination and source of what is sent here */
};

/* Opens a tap; with `receive` it collects what arrives (never what leaves) there. */
void tw_oracle_tap_open(struct tw_oracle_tap *tap, const struct tw_oracle_net *net,
                        enum tw_oracle_port port, bool receive);
void tw_oracle_tap_close(struct tw_oracle_tap *tap);

/* Puts the Ethernet header before the IP packet that the caller built at +14. */
void tw_oracle_burst_add(struct tw_oracle_burst *burst, const struct tw_oracle_tap *tap,
                         size_t packet_len);

/* The place for the next packet of a burst that is not full. */
uint8_t *tw_oracle_burst_next(struct tw_oracle_burst *burst);

/* Sends all and empties the burst. Dies (exit 1) on errors that do not pass. */
void tw_oracle_tap_send(const struct tw_oracle_tap *tap, struct tw_oracle_burst *burst);

/* Receives up to a burst of what is there, without waiting; false for nothing. */
bool tw_oracle_tap_receive(const struct tw_oracle_tap *tap,
                           struct tw_oracle_burst *burst);

/* Frames that the socket lost since the last call, because its buffer was full. */
uint64_t tw_oracle_tap_drops(const struct tw_oracle_tap *tap);

/* A netlink socket to a wall's connection table, -1 where the kernel has none. */
int tw_oracle_conntrack_open(const struct tw_oracle_net *net, enum tw_oracle_node wall);

/* Forgets all connections of the wall; false where the kernel cannot. */
bool tw_oracle_conntrack_flush(int netlink);

/* How many connections the kernel keeps; 0 where it does not say. */
uint32_t tw_oracle_conntrack_max(void);

#endif
