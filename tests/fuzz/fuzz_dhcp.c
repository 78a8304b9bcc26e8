/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_dhcp.c - any bytes as a DHCP message.
 *
 * The first byte is how much of the message was not captured.
 */
#include <stdlib.h>

#include "base/escape.h"
#include "dissectors/dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool right)
{
	if (!right)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp_message m;

	if (size == 0)
		return 0;
	dhcp_parse(&m, cursor_over(data + 1, (uint32_t)size - 1,
				   (uint32_t)size - 1 + data[0]));
	must(escape_is_harmless(m.host_name));
	must(m.routers <= 2 && m.resolvers <= 3);
	must(m.client_id_size <= sizeof(m.client_id));
	must((m.state == WIRE_MALFORMED) == (m.bad != NULL));
	return 0;
}
