/* SPDX-License-Identifier: Apache-2.0 */
/* Hit counts of rules. */
#include "panos_parts.h"

void tw_panos_hits_read(struct tw_panos *in, const struct tw_source *src)
{
    (void)in;
    (void)src;
}
