/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_link_news.c - any bytes as what arrives over rtnetlink. */
#include <stdlib.h>
#include <string.h>

#include "capture/live_addr.h"
#include "capture/live_link.h"
#include "capture/live_route.h"

enum { MOST = 32 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct addr gateway[SOURCE_GATEWAYS];
	struct addr_news address;
	const struct nlmsghdr *h;
	struct link_news news;
	void *bytes;
	int left = (int)size;

	if (size == 0 || size > MOST)
		return 0;
	bytes = malloc(size);
	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	for (h = bytes; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
		if ((live_link_take(h, &news) &&
		     !memchr(news.name, 0, sizeof(news.name))) ||
		    (live_addr_take(h, &address) &&
		     address.address.bits > 128) ||
		    live_route_take(h, 0, gateway, 2) > 2)
			abort();
	free(bytes);
	return 0;
}
