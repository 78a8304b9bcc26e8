/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * network.c - what passes at the network layer: conversations, pings, ICMP
 * errors, sizes, odd headers.  Each subject is a file of its own (recent.c,
 * echo.c, icmp_error.c, sizes.c, notice.c, header.c); this one hands packets to
 * them.
 */
#include "analysis/track/echo.h"
#include "analysis/track/header.h"
#include "analysis/track/icmp_error.h"
#include "analysis/track/notice.h"
#include "analysis/track/recent.h"
#include "analysis/track/sizes.h"
#include "analysis/tracker.h"
#include "base/hint.h"

struct network {
	struct recent_cache *recent;
	struct echoes *echoes;
	struct headers *headers;
	struct sizes *sizes;
	struct notices *notices;
};

static void *network_open(const struct tracker_home *home)
{
	struct network *n = arena_alloc(home->arena, sizeof(*n));

	if (!n)
		return NULL;
	n->recent = recent_new(home->arena);
	n->echoes = echoes_new(home);
	n->headers = headers_new(home);
	n->sizes = sizes_new(home);
	n->notices = notices_new(home);
	return n->recent && n->echoes && n->headers && n->sizes && n->notices
		       ? n
		       : NULL;
}

static bool is_echo(const struct icmp_header *icmp)
{
	return icmp->type == 8 || icmp->type == 0 || icmp->type == 128 ||
	       icmp->type == 129;
}

/* The last large packet of the flow that an error quotes. */
static uint64_t big_frame(struct network *n, const struct packet *p)
{
	struct flow flow = quote_flow(&p->icmp->as.icmp->quote);
	unsigned side;
	const struct recent *r = recent_find(n->recent, &flow, &side);

	return r ? recent_big_frame(&r->side[side], p->frame.number) : 0;
}

APART static void icmp(struct network *n, const struct packet *p,
		       struct observer *out)
{
	if (p->icmp->state == WIRE_MALFORMED)
		return;
	if (icmp_error_packet(n->recent, n->echoes, p, out)) {
		if (icmp_quote_forged(n->recent, &p->icmp->as.icmp->quote))
			return;
		if (icmp_is_too_big(p))
			notice_arrived(n->notices, p, big_frame(n, p));
		else
			notice_error(n->notices, p, out);
		return;
	}
	if (is_echo(p->icmp->as.icmp) && p->icmp->state == WIRE_WHOLE)
		echo_packet(n->echoes, p, out);
}

static void network_packet(void *self, const struct packet *p,
			   struct observer *out)
{
	struct network *n = self;
	struct recent *r;
	unsigned side;

	if (!p->ip)
		return;
	if (p->crowd) {
		recent_skip(n->recent);
		header_packet(n->headers, p, out);
		return;
	}
	r = recent_packet(n->recent, p, &side);
	if (r && p->tcp)
		sizes_packet(n->sizes, p, r, side, out);
	if (r)
		notice_packet(n->notices, p, out);
	header_packet(n->headers, p, out);
	if (p->icmp)
		icmp(n, p, out);
}

static void network_clock(void *self, int64_t now_ns, struct observer *out)
{
	struct network *n = self;

	echoes_clock(n->echoes, now_ns, out);
}

static void network_finish(void *self, int64_t now_ns, struct observer *out)
{
	struct network *n = self;

	echoes_finish(n->echoes, now_ns, out);
	headers_finish(n->headers, now_ns, out);
	sizes_finish(n->sizes, n->recent, now_ns, out);
}

static void network_limits(void *self, struct checks *out)
{
	struct network *n = self;

	echoes_limits(n->echoes, out);
	headers_limits(n->headers, out);
	sizes_limits(n->sizes, out);
	notices_limits(n->notices, out);
}

static void network_prefetch(void *self, const struct packet *p)
{
	struct network *n = self;

	if (p->ip && !p->crowd)
		recent_prefetch(n->recent, p);
}

const struct tracker network_tracker = {
	.name = "network",
	.open = network_open,
	.packet = network_packet,
	.clock = network_clock,
	.finish = network_finish,
	.limits = network_limits,
	.prefetch = network_prefetch,
	.crowds = true,
};
