/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels that were compiled; `runs` is NULL where the compiler's target has not
 * what the kernel needs. */
#ifndef TW_SCAN_KERNEL_LIST_H
#define TW_SCAN_KERNEL_LIST_H

#include "scan_kernel.h"

extern const struct tw_scan_kernel tw_scan_avx512, tw_scan_avx2, tw_scan_neon,
    tw_scan_plain;

#endif
