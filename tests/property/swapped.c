/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * swapped.c - client and server exchange their names, and the findings do too.
 *
 *   swapped PCAPS
 *
 * The two addresses of the first TCP packet change places in every frame, in
 * ARP and in what ICMP errors quote; where nobody else speaks, the ports do
 * too, so that the whole tuple is turned round.  Captures with other protocols
 * are left out: addresses stand in their payload.  With the names turned back,
 * the findings must be the same: id, severity, confidence, count, frames,
 * subject.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/rewrite.h"

enum { KEY = 512, FINDINGS = 256 };

static struct addr turned(const struct addr *a, const struct swap *s)
{
	if (s && addr_equal(a, &s->a))
		return s->b;
	if (s && addr_equal(a, &s->b))
		return s->a;
	return *a;
}

static void say(char text[KEY], const struct finding *f, const struct swap *s)
{
	struct ends e = finding_ends(f);
	struct addr from = turned(&e.from, s), to = turned(&e.to, s);
	char a[ADDR_TEXT] = "", b[ADDR_TEXT] = "";
	int n;

	if (from.family)
		addr_text(&from, a);
	if (to.family)
		addr_text(&to, b);
	n = snprintf(text, KEY, "%s %s %s %" PRIu64 " [%s] %s > %s frames",
		     f->def->id, severity_name(f->severity),
		     confidence_name(f->confidence), f->count, f->reason, a, b);
	for (uint8_t i = 0; i < f->frame_count && n < KEY - 24; i++)
		n += snprintf(text + n, (size_t)(KEY - n), " %" PRIu64,
			      f->frames[i]);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static uint32_t say_all(char (*text)[KEY], const struct diagnosis *d,
			const struct swap *s)
{
	uint32_t n = d->finding_count < FINDINGS ? d->finding_count : FINDINGS;

	for (uint32_t i = 0; i < n; i++)
		say(text[i], d->findings[i], s);
	qsort(text, n, KEY, by_text);
	return n;
}

static bool equal(const char *path, const char *how, const struct diagnosis *a,
		  const struct diagnosis *b, const struct swap *s)
{
	static char one[FINDINGS][KEY], two[FINDINGS][KEY];
	uint32_t n = say_all(one, a, NULL), m = say_all(two, b, s);

	for (uint32_t i = 0; i < n || i < m; i++) {
		if (i < n && i < m && strcmp(one[i], two[i]) == 0)
			continue;
		fprintf(stderr, "%s: %s:\n  %s\n  %s\n", path, how,
			i < n ? one[i] : "", i < m ? two[i] : "");
		return false;
	}
	return true;
}

/* The addresses of the first TCP packet. */
static bool choose(const struct recording *r, struct swap *s)
{
	for (uint32_t i = 0; i < r->count; i++) {
		const struct frame *f = &r->frames[i];
		uint16_t type = 0;
		uint32_t at = rewrite_payload(f, &type);
		const uint8_t *ip = f->data + at;

		memset(s, 0, sizeof(*s));
		if (at && type == ETHER_IPV4 && f->kept >= at + 20 &&
		    ip[9] == 6) {
			s->a = addr_v4(ip + 12);
			s->b = addr_v4(ip + 16);
			return true;
		}
		if (at && type == ETHER_IPV6 && f->kept >= at + 40 &&
		    ip[6] == 6) {
			s->a = addr_v6(ip + 8);
			s->b = addr_v6(ip + 24);
			return true;
		}
	}
	return false;
}

/* All frames are of one TCP connection: several would have a service each once
 * the ports are exchanged. */
static bool is_alone(const struct recording *r)
{
	const uint8_t *first = NULL;

	for (uint32_t i = 0; i < r->count; i++) {
		const struct frame *f = &r->frames[i];
		uint16_t type = 0;
		uint32_t at = rewrite_payload(f, &type);
		const uint8_t *ip = f->data + at;
		bool same, back;

		if (!at || type != ETHER_IPV4 || f->kept < at + 24 ||
		    ip[0] != 0x45 || ip[9] != 6)
			return false;
		if (!first)
			first = ip;
		same = memcmp(ip + 12, first + 12, 12) == 0;
		back = memcmp(ip + 12, first + 16, 4) == 0 &&
		       memcmp(ip + 16, first + 12, 4) == 0 &&
		       memcmp(ip + 20, first + 22, 2) == 0 &&
		       memcmp(ip + 22, first + 20, 2) == 0;
		if (!same && !back)
			return false;
	}
	return true;
}

static bool turn(const char *path, const struct recording *r,
		 const struct diagnosis *whole, const struct swap *s)
{
	struct frame *frames = calloc(r->count + 1, sizeof(*frames));
	struct engine *e = NULL;
	uint32_t n = 0;
	bool ok = true;

	if (!frames)
		abort();
	for (; n < r->count; n++) {
		frames[n] = r->frames[n];
		frames[n].data = rewrite_swapped(&r->frames[n], s);
		if (!frames[n].data)
			break;
	}
	if (n == r->count) {
		const struct diagnosis *d = recording_diagnose(frames, n, &e);

		ok = equal(path, s->ports ? "swapped with ports" : "swapped",
			   whole, d, s);
	}
	engine_free(e);
	while (n-- > 0)
		free((void *)(uintptr_t)frames[n].data);
	free(frames);
	return ok;
}

/* Without the SYN the lower port is taken for the server's. */
static bool saw_openings(const struct diagnosis *d)
{
	for (uint32_t i = 0; i < d->finding_count; i++)
		if (strcmp(d->findings[i]->def->id, "capture.midstream") == 0)
			return false;
	return true;
}

static bool each(const char *path, struct recording *r)
{
	const struct diagnosis *whole;
	struct engine *e;
	struct swap s;
	bool ok;

	if (!choose(r, &s))
		return true;
	whole = recording_diagnose(r->frames, r->count, &e);
	ok = turn(path, r, whole, &s);
	s.ports = true;
	if (is_alone(r) && saw_openings(whole))
		ok = turn(path, r, whole, &s) && ok;
	engine_free(e);
	return ok;
}

int main(int argc, char **argv)
{
	return recording_main(argc, argv, each);
}
