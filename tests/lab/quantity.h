/* SPDX-License-Identifier: BSD-3-Clause */
/* quantity.h - numbers with units, as scenarios write them. */
#ifndef UPSTACK_TESTS_LAB_QUANTITY_H
#define UPSTACK_TESTS_LAB_QUANTITY_H

#include <stdbool.h>

/* "20ms", "1.5s", "300us", "10mbit", "64k", "2m", "12": in ns, bit/s, bytes or
 * as it is; false if it is no quantity. */
bool quantity(const char *text, double *out);

#endif
