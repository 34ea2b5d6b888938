/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses: IPv4 in the low 32 bits, IPv6 in all 128, most significant first. */
#ifndef TW_IP_H
#define TW_IP_H

#include "ranges.h"
#include "str.h"

enum tw_family { TW_IPV4, TW_IPV6, TW_FAMILIES };

#define TW_IPV4_MAX ((tw_u128)0xffffffffu)
#define TW_IPV6_MAX (~(tw_u128)0)

tw_u128 tw_ip_max(enum tw_family family);
/* One address: dotted quad, or RFC 4291 text (an IPv4 tail too). Strict: no leading
 * zeros in quads, no zone index. */
bool tw_ip_parse(struct tw_str s, enum tw_family *family, tw_u128 *out);
/* ADDRESS, ADDRESS/LENGTH, ADDRESS/NETMASK (contiguous only), or FIRST-LAST. Host bits
 * behind the prefix are cleared and *HOST_BITS (may be NULL) says that there were some.
 */
bool tw_ip_range_parse(struct tw_str s, enum tw_family *family, struct tw_range *out,
                       bool *host_bits);
/* RFC 5952 text for IPv6. */
void tw_buf_ip(struct tw_buf *buf, enum tw_family family, tw_u128 address);
/* A single address, a prefix where the range is one, else FIRST-LAST. */
void tw_buf_ip_range(struct tw_buf *buf, enum tw_family family, struct tw_range range);

#endif
