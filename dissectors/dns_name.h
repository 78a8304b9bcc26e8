/* SPDX-License-Identifier: BSD-3-Clause */
/* dns_name.h - the names of a DNS message, with their pointers. */
#ifndef UPSTACK_DISSECTORS_DNS_NAME_H
#define UPSTACK_DISSECTORS_DNS_NAME_H

#include "dissectors/dns.h"

enum { DNS_NAME_BYTES = 255 };

/* A name without pointers, as RFC 1035 3.1 has it, in lower case. */
struct dns_name {
	uint8_t bytes[DNS_NAME_BYTES];
	uint32_t size; /* the root's zero too */
};

/* Read the name at `in`, which lies in `message`; `in` steps over what the name
 * takes there.  On failure `in` has failed and the name is empty. */
void dns_name_read(const struct cursor *message, struct cursor *in,
		   struct dns_name *name);

/* Step over a name without following it. */
void dns_name_skip(struct cursor *in);

/* The name as text. */
void dns_name_text(const struct dns_name *name, char out[static DNS_TEXT]);

#endif
