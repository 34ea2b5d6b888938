/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of invented people, for the benches of the validators: a name, a mobile number,
 * an identity card, a bank card; each column is damaged in exactly so many rows.
 */
#ifndef BILL_PEOPLE_H
#define BILL_PEOPLE_H

#include "bill_rows.h"

enum {
    PEOPLE_ID,
    PEOPLE_NAME,
    PEOPLE_MOBILE,
    PEOPLE_CARD,
    PEOPLE_BANK,
    PEOPLE_COLUMNS
};

extern const char *const people_column_names[PEOPLE_COLUMNS];

struct people_row {
    struct bill_field field[PEOPLE_COLUMNS];
    bool bad[PEOPLE_COLUMNS];
    bool checksum_only[PEOPLE_COLUMNS]; /* bad, and a pattern alone cannot see it */
};

/* Row INDEX of ROWS, of which BAD are damaged in each column. */
void people_row_make(uint64_t rows, uint64_t bad, uint64_t seed, uint64_t index,
                     struct people_row *out);

#endif
