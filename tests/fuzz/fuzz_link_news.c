/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_link_news.c - any bytes as what arrives over rtnetlink. */
#include <stdlib.h>
#include <string.h>

#include "capture/live_link.h"

enum { MOST = 32 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
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
		if (live_link_take(h, &news) &&
		    !memchr(news.name, 0, sizeof(news.name)))
			abort();
	free(bytes);
	return 0;
}
