/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single characters in GB18030 (GB 18030-2005), by tables: for texts that were decoded
 * in the wrong encoding and have to be turned back, field by field, where opening a
 * converter of the C library costs more than the field. Files as a whole go through
 * text.h.
 */
#ifndef TW_GB18030_H
#define TW_GB18030_H

#include <stdint.h>

#include "str.h"

/* The bytes of C, 1 … 4; 0: it is a surrogate or beyond Unicode. The private code
 * points that the edition of 2000 had (U+E78D) are encoded like those that replaced
 * them. */
size_t tw_gb18030_encode(uint32_t c, unsigned char out[4]);
/* Length of the valid sequence at S, 0 where there is none. */
size_t tw_gb18030_step(struct tw_str s, uint32_t *c);

/* How common a character is, by GB 2312: 1 of its 3,755 common ideographs, 2 of its
 * 3,008 others, 0 none of these. */
unsigned tw_gb2312_level(uint32_t c);

#endif
