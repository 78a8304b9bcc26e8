/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_dns.c - any bytes as a DNS message, and as a stream of them.
 *
 * The first byte is how much of the message was not captured.
 */
#include <stdlib.h>

#include "base/escape.h"
#include "dissectors/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool right)
{
	if (!right)
		abort();
}

static void parse(struct cursor in)
{
	struct dns_message m;

	dns_parse(&m, in);
	must(escape_is_harmless(m.name) && escape_is_harmless(m.cname));
	must(m.addresses <= DNS_ADDRESSES);
	must((m.state == WIRE_MALFORMED) == (m.bad != NULL));
	must(m.has_header || !m.has_question);
	must(m.extended >= -1 && m.extended <= UINT16_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in, message;

	if (size == 0)
		return 0;
	in = cursor_over(data + 1, (uint32_t)size - 1,
			 (uint32_t)size - 1 + data[0]);
	parse(in);
	while (dns_tcp_next(&in, &message))
		parse(message);
	return 0;
}
