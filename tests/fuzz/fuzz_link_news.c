/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_link_news.c - any bytes as what arrives over rtnetlink. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/live_link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link_buffer *b = calloc(1, sizeof(*b));
	struct link_news news;
	int ends[2];

	if (!b || size == 0 || size > sizeof(b->bytes) ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) != 0) {
		free(b);
		return 0;
	}
	if (write(ends[0], data, size) == (ssize_t)size)
		while (live_link_hear(ends[1], b, &news))
			if (!memchr(news.name, 0, sizeof(news.name)))
				abort();
	close(ends[0]);
	close(ends[1]);
	free(b);
	return 0;
}
