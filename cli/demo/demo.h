/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundled incident, for `twinwall demo`, the tests and the benchmarks.
 *
 * A payment company has two zones, jinfu (finance) and lifangtong (payments), a wall
 * at the border of each, and two rooms, main and dr. The new room was opened on every
 * wall but one: jinfu-fw never let finance-data reach the new room's ark, so that one
 * call in ten failed to decrypt, and 6,131 of 1,496,160 bills carry an error text where
 * the counterparty should stand.
 */
#ifndef TW_DEMO_H
#define TW_DEMO_H

/*
 * Writes the bundled incident into DIR (made if missing): twinwall.yaml, cmdb.csv,
 * flows.csv, policy/jinfu-fw.xml, policy/jinfu-hits.xml, policy/app-ports.csv,
 * policy/lft-fw.rules, policy/channel-allowlist.csv, README.txt and bills.csv, about
 * 195 MB together. The same bytes every time, on every
 * machine.
 *
 * A folder that holds an earlier demo is written anew. A file of one of these names in
 * a folder whose twinwall.yaml is not ours is never touched: errno is EEXIST. Each file
 * appears whole or not at all.
 *
 * Returns 0, or -1 with errno set and *failed_path (which may not be NULL) naming the
 * file, relative to DIR, that could not be made, or DIR itself. The text is constant or
 * `dir`; nothing is to be freed.
 */
int tw_demo_write(const char *dir, const char **failed_path);

#endif
