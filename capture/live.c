/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * live.c - frames from interfaces, through libpcap and its memory-mapped ring.
 *
 * The bytes of a frame are copied out of the ring, because the kernel gets a
 * block back as soon as its last frame was handed out.  Several interfaces are
 * merged by time: where one has nothing to show, the others wait for as long as
 * the kernel may hold its frames back.
 */
#include "capture/live.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/when.h"
#include "capture/live_ring.h"

enum {
	WAIT_MS = 100, /* a read comes back after so long */
	HOLD_MS = 2 * RING_BLOCK_MS,
	HEARD = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
		RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
};

struct live {
	struct ledger *ledger;
	struct netlink *system; /* NULL: it tells nothing */
	int wake_fd;
	uint32_t count;
	struct ring rings[];
};

static int64_t real_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* What the interfaces are like now: their own address before all. */
static void hear_all_at_start(struct live *l)
{
	struct pollfd p = {.fd = netlink_fd(l->system), .events = POLLIN};
	const struct nlmsghdr *h;
	struct link_news news;

	for (uint32_t i = 0; i < l->count && l->system; i++) {
		struct ring *r = &l->rings[i];

		if (r->index <= 0)
			continue;
		live_link_ask(l->system, r->index);
		while (!r->known && poll(&p, 1, WAIT_MS) > 0)
			while ((h = netlink_next(l->system)))
				if (live_link_take(h, &news) &&
				    news.index == r->index)
					ring_first_news(r, &news);
	}
}

struct live *live_open(const struct source_options *options,
		       struct ledger *ledger, bool *usage, struct err *err)
{
	const struct source_live *o = options->live;
	struct live *l = calloc(1, sizeof(*l) + o->interface_count *
							sizeof(struct ring));

	*usage = false;
	if (!l) {
		err_set(err, "no memory to listen");
		return NULL;
	}
	l->ledger = ledger;
	l->wake_fd = o->wake_fd;
	l->system = netlink_open(HEARD);
	for (uint32_t i = 0; i < o->interface_count; i++) {
		l->count++;
		if (ring_open(&l->rings[i], o->interfaces[i], options, ledger,
			      usage, err) != 0) {
			live_close(l);
			return NULL;
		}
	}
	hear_all_at_start(l);
	return l;
}

/* Wait until an interface has frames, there is news, or somebody wants us. */
static void wait_for(struct live *l, int ms)
{
	struct pollfd fds[SOURCES_MAX + 2];
	nfds_t n = 0;

	for (uint32_t i = 0; i < l->count; i++)
		if (!ring_rests(&l->rings[i]))
			fds[n++] = (struct pollfd){.fd = l->rings[i].fd,
						   .events = POLLIN};
	fds[n++] = (struct pollfd){.fd = l->wake_fd, .events = POLLIN};
	fds[n++] =
		(struct pollfd){.fd = netlink_fd(l->system), .events = POLLIN};
	poll(fds, n, ms);
}

/* Fill every empty queue; true if one has frames. */
static bool fill_all(struct live *l)
{
	bool any = false;

	for (uint32_t i = 0; i < l->count; i++)
		any |= ring_fill(&l->rings[i]);
	return any;
}

static struct ring *earliest(struct live *l)
{
	struct ring *first = NULL;

	for (uint32_t i = 0; i < l->count; i++) {
		struct ring *r = &l->rings[i];

		if (r->at < r->count &&
		    (!first || r->frames[r->at].time_ns <
				       first->frames[first->at].time_ns))
			first = r;
	}
	return first;
}

/* Whether the kernel may still hold back a frame of `r` older than this. */
static bool may_be_late(const struct ring *r, int64_t stamp_ns, int64_t now_ns)
{
	int64_t age_ns = now_ns - stamp_ns;

	/* a clock that was set is no reason to wait */
	return r->at == r->count && age_ns >= 0 && age_ns < HOLD_MS * NS_PER_MS;
}

static bool must_wait(const struct live *l, int64_t stamp_ns)
{
	int64_t now_ns = real_ns();

	for (uint32_t i = 0; i < l->count; i++)
		if (may_be_late(&l->rings[i], stamp_ns, now_ns))
			return true;
	return false;
}

static uint32_t merge_rings(struct live *l, struct frame *frames, uint32_t most)
{
	struct ring *r;
	uint32_t n = 0;

	for (int tries = 0; (r = earliest(l)) && tries < 2 * HOLD_MS; tries++) {
		if (!must_wait(l, r->frames[r->at].time_ns))
			break;
		wait_for(l, 1);
		fill_all(l);
	}
	while (n < most && (r = earliest(l))) {
		frames[n++] = r->frames[r->at++];
		r->lent++;
		if (r->at == r->count)
			break; /* its bytes are lent: fill it in the next call
				*/
	}
	return n;
}

uint32_t live_read(struct live *l, struct frame *frames, uint32_t most)
{
	struct ring *r = l->rings;
	uint32_t n;

	if (!fill_all(l)) {
		wait_for(l, WAIT_MS);
		if (!fill_all(l))
			return 0;
	}
	if (l->count > 1) {
		n = merge_rings(l, frames, most);
	} else {
		n = r->count - r->at < most ? r->count - r->at : most;
		memcpy(frames, r->frames + r->at, n * sizeof(*frames));
		r->at += n;
		r->lent += n;
	}
	for (uint32_t i = 0; i < n; i++)
		frames[i].number = ++l->ledger->last_frame;
	return n;
}

void live_look(struct live *l)
{
	for (uint32_t i = 0; i < l->count; i++) {
		struct ring *r = &l->rings[i];

		ring_count(r);
		r->says->ended_ns = real_ns();
		if (r->index > 0)
			live_link_ask(l->system, r->index);
	}
}

/* News of an interface that we listen on, or of one that takes the place of an
 * interface that vanished. */
static struct ring *concerned(struct live *l, const struct link_news *n)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (l->rings[i].index == n->index)
			return &l->rings[i];
	for (uint32_t i = 0; i < l->count && !n->gone; i++)
		if (l->rings[i].vanished &&
		    strcmp(l->rings[i].name, n->name) == 0)
			return &l->rings[i];
	return NULL;
}

/* What is said of addresses and routes concerns whoever has them: of several
 * that listen on one interface, one tells. */
static bool hear_own(struct live *l, const struct nlmsghdr *h,
		     struct source_link *out)
{
	bool told = false;

	for (uint32_t i = 0; i < l->count; i++)
		told |= ring_own_news(&l->rings[i], h, l->ledger, real_ns(),
				      out);
	return told;
}

bool live_link_next(struct live *l, struct source_link *out)
{
	const struct nlmsghdr *h;
	struct link_news news;

	while ((h = netlink_next(l->system))) {
		struct ring *r;

		if (!live_link_take(h, &news)) {
			if (hear_own(l, h, out))
				return true;
			continue;
		}
		r = concerned(l, &news);
		if (r && ring_news(r, &news, real_ns(), out))
			return true;
	}
	return false;
}

/* The counters are as old as the last look, so they may be behind. */
uint64_t live_left_behind(const struct live *l)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < l->count; i++) {
		const struct ring *r = &l->rings[i];
		uint64_t known = r->lent + r->says->dropped_os;

		if (r->says->received > known)
			sum += r->says->received - known;
	}
	return sum;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->count; i++)
		ring_close(&l->rings[i]);
	netlink_close(l->system);
	free(l);
}
