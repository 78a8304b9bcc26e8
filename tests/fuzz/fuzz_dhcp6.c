/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_dhcp6.c - any bytes as a DHCPv6 message.
 *
 * The first byte is how much of the message was not captured.
 */
#include <stdlib.h>

#include "dissectors/dhcp6.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool right)
{
	if (!right)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp6_message m;

	if (size == 0)
		return 0;
	dhcp6_parse(&m, cursor_over(data + 1, (uint32_t)size - 1,
				    (uint32_t)size - 1 + data[0]));
	must(m.resolvers <= 3);
	must(m.client_id_size <= sizeof(m.client_id));
	must(m.server_id_size <= sizeof(m.server_id));
	must((m.state == WIRE_MALFORMED) == (m.bad != NULL));
	return 0;
}
