/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * twin6.c - the same conversation over IPv6 is judged as over IPv4.
 *
 *   twin6 PCAPS
 *
 * Captures of nothing but whole IPv4 packets with TCP are rewritten: the header
 * is that of IPv6, the addresses are 2001:db8::/96 with the old ones, the TCP
 * sums are mended.  IPv6 has no identification and no Don't Fragment: what
 * rests on them alone is listed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/rewrite.h"

enum { V4 = 20, V6 = 40, TCP = 6 };

/* What only IPv4 can show: ids that may be missing, or stand there instead. */
static const char *excepted(const char *path)
{
	static const struct {
		const char *path, *ids;
	} rows[] = {
		/* betrayed by its identification and its DF bit alone */
		{"/lab/reset-forged", "tcp.reset_injected tcp.reset"},
		/* the tail of a burst that never passed here: only gaps in the
		 * identification tell that its resend is one */
		{"/lab/tail-loss", "tcp.loss"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strstr(path, rows[i].path))
			return rows[i].ids;
	return NULL;
}

/* NULL: not a whole packet of IPv4 with TCP. */
static uint8_t *rewrite_twin(struct frame *f)
{
	static const uint8_t prefix[12] = {0x20, 0x01, 0x0d, 0xb8};
	uint16_t type = 0, length;
	uint32_t at = rewrite_payload(f, &type);
	const uint8_t *ip = f->data + at;
	uint8_t *bytes, *six;

	if (!at || type != ETHER_IPV4 || f->kept < at + V4 + 18 ||
	    ip[0] != 0x45 || ip[9] != TCP ||
	    (rewrite_get16(ip + 6) & 0x3fff) != 0)
		return NULL;
	length = rewrite_get16(ip + 2);
	if (length < V4 + 20 || length > f->sent - at)
		return NULL;
	bytes = calloc(1, f->kept + V6 - V4 + 1);
	if (!bytes)
		abort();
	memcpy(bytes, f->data, at);
	rewrite_put16(bytes + at - 2, ETHER_IPV6);
	six = bytes + at;
	six[0] = (uint8_t)(0x60 | ip[1] >> 4);
	six[1] = (uint8_t)(ip[1] << 4);
	rewrite_put16(six + 4, (uint16_t)(length - V4));
	six[6] = TCP;
	six[7] = ip[8];
	for (int i = 0; i < 2; i++) {
		memcpy(six + 8 + 16 * i, prefix, sizeof(prefix));
		memcpy(six + 20 + 16 * i, ip + 12 + 4 * i, 4);
	}
	memcpy(six + V6, ip + V4, f->kept - at - V4);
	rewrite_sum(six + V6 + 16, ip + 12, 8, six + 8, 32);
	f->kept += V6 - V4;
	f->sent += V6 - V4;
	return bytes;
}

static bool each(const char *path, struct recording *r)
{
	struct frame *frames = calloc(r->count + 1, sizeof(*frames));
	struct engine *a, *b;
	uint32_t n = 0;
	bool ok = true;

	if (!frames)
		abort();
	for (; n < r->count; n++) {
		frames[n] = r->frames[n];
		frames[n].data = rewrite_twin(&frames[n]);
		if (!frames[n].data)
			break;
	}
	if (n == r->count && n) {
		const struct diagnosis *four =
			recording_diagnose(r->frames, n, &a);
		const struct diagnosis *six = recording_diagnose(frames, n, &b);

		ok = recording_within(path, "over IPv6, no longer", four, six,
				      WARNING, excepted(path));
		ok = recording_within(path, "over IPv6, now also", six, four,
				      WARNING, excepted(path)) &&
		     ok;
		engine_free(a);
		engine_free(b);
	}
	while (n-- > 0)
		free((void *)(uintptr_t)frames[n].data);
	free(frames);
	return ok;
}

int main(int argc, char **argv)
{
	return recording_main(argc, argv, each);
}
