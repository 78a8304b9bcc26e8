/* SPDX-License-Identifier: BSD-3-Clause */
/* quote.h - the packet that an ICMP error quotes. */
#ifndef UPSTACK_DISSECTORS_QUOTE_H
#define UPSTACK_DISSECTORS_QUOTE_H

#include "dissectors/dissect.h"

/* Read as much of the quoted packet as is there.  Nothing in it is malformed:
 * it is what a router copied, perhaps rewritten and cut. */
void quote_read(struct quote *q, struct cursor in);

#endif
