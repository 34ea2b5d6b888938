/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe: the head of one packet, as the oracle's programs read and write it.
 *
 * Text form, one per line, fields separated by blanks:
 *
 *     family src dst proto sport dport [flags]
 *     4 10.0.0.1 10.64.4.10 6 50000 8443 S
 *     6 2001:db8::1 2001:db8:1::1 58 128 0
 *
 * family 4 or 6; proto, sport, dport decimal. ICMP (1) and ICMPv6 (58): sport is the
 * type, dport the code, both below 256. flags: TCP only, letters of FSRPAUEC, "-" for
 * none, left out for S. A "#" starts a comment, blank lines are allowed.
 */
#ifndef TW_ORACLE_PROBE_H
#define TW_ORACLE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TW_ORACLE_PROBES_MAX 2000000u
#define TW_ORACLE_INPUT_MAX (256u << 20)

enum tw_oracle_proto {
    TW_ORACLE_ICMP = 1,
    TW_ORACLE_TCP = 6,
    TW_ORACLE_UDP = 17,
    TW_ORACLE_DCCP = 33,
    TW_ORACLE_ICMP6 = 58,
    TW_ORACLE_SCTP = 132,
    TW_ORACLE_UDPLITE = 136
};

#define TW_ORACLE_TCP_FIN 0x01u
#define TW_ORACLE_TCP_SYN 0x02u
#define TW_ORACLE_TCP_RST 0x04u
#define TW_ORACLE_TCP_ACK 0x10u

/* Addresses are in network order; IPv4 uses the first four bytes, the rest is zero. */
struct tw_oracle_probe {
    uint8_t src[16];
    uint8_t dst[16];
    uint16_t sport;
    uint16_t dport;
    uint8_t family;
    uint8_t proto;
    uint8_t flags;
    uint8_t seen; /* what became of it: the rounds' bookkeeping, zero when read */
};

/* All probes of one file and the text they came from. */
struct tw_oracle_probes {
    struct tw_oracle_probe *list;
    uint32_t *text_at; /* where in `text` the probe's line starts */
    uint16_t *text_len;
    size_t count;
    char *text;
    size_t text_size;
};

/*
 * Reads all probes of `path` ("-": standard input). Dies (exit 2) with file and line
 * on a line that is no probe, and above TW_ORACLE_PROBES_MAX probes or
 * TW_ORACLE_INPUT_MAX bytes. Release with tw_oracle_probes_release.
 */
void tw_oracle_probes_read(struct tw_oracle_probes *probes, const char *path);
void tw_oracle_probes_release(struct tw_oracle_probes *probes);

/* Whole file as text with a NUL behind it; dies (exit 2) above `max` bytes. free() it.
 */
char *tw_oracle_file_read(const char *path, size_t max, size_t *size);

/* Parses one line (no line end). Returns NULL, or what is wrong as a static text. */
const char *tw_oracle_probe_parse(struct tw_oracle_probe *probe, const char *text,
                                  size_t len);

/* Bytes of a probe's text form, the terminating NUL included. */
#define TW_ORACLE_PROBE_TEXT 128

/* Writes the probe's text form into `out` and returns its length. */
size_t tw_oracle_probe_print(const struct tw_oracle_probe *probe,
                             char out[TW_ORACLE_PROBE_TEXT]);

/*
 * Does Linux forward such a packet at all when no rule stands in the way? Measured with
 * open walls on Linux 6.18: not 0.0.0.0, 127/8, 224/4, 255.255.255.255; not ::1,
 * fe80/10, ff00/8, nor :: as source. The rest of 0/8 goes through since Linux 5.3.
 * IPv4-mapped IPv6 addresses, :: as destination, and IPv6 next-header numbers that
 * announce an extension header are left out too: kernels and netfilter treat them
 * specially.
 */
bool tw_oracle_probe_sendable(const struct tw_oracle_probe *probe);

/* Do `sport` and `dport` mean something for this protocol? (ports, or type and code) */
bool tw_oracle_proto_ported(uint8_t proto);

/* Strict decimal number 0..max of exactly `len` characters; false if it is none. */
bool tw_oracle_number(const char *text, size_t len, uint32_t max, uint32_t *value);

#endif
