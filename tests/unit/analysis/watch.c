/* SPDX-License-Identifier: BSD-3-Clause */
/* watch.c - a connection of a few packets, and what is told of each. */
#include "unit/analysis/watch.h"

#include <string.h>

#include "unit/base/unit.h"

extern const struct tracker tcp_tracker;

enum { ISN = 1000, PEER = 9000 };

static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	struct watch *b = self;

	(void)c;
	if (o->kind == OBS_TCP_ENDED) {
		b->ended = o->as.ended;
		return;
	}
	assert_true(o->frame < WATCH_MOST);
	b->told[o->frame] = true;
	b->fact[o->frame] = o->as.segment;
}

static const enum observation_kind wants[] = {OBS_TCP_SEGMENT, OBS_TCP_ENDED,
					      OBSERVATIONS};
static const struct detector listener = {
	.name = "listener", .wants = wants, .observe = hear};

uint64_t watch_pass(struct watch *b, struct say k)
{
	static const uint32_t first[2] = {ISN, PEER};
	static struct packet p;
	struct spoken w = {
		.number = ++b->number,
		.time_ns = 1000 * NS_PER_S + k.at_ms * NS_PER_MS,
		.from = k.from,
		.ttl = k.ttl ? k.ttl : 60,
		.id = k.id,
		.flags = k.flags | (k.flags == TCP_SYN ? 0 : TCP_ACK),
		.seq = first[k.from] + k.seq,
		.ack = first[!k.from] + k.ack,
		.len = k.len,
		.window = k.window ? k.window : 60000,
		.has_wscale = k.flags & TCP_SYN,
		.sack_permitted = k.flags & TCP_SYN,
		.tsval = k.tsval,
		.tsecr = k.tsecr,
	};

	for (int i = 0; k.sack[1] && i < 2; i++)
		w.sack[i] = first[!k.from] + k.sack[i];
	spoken_packet(&p, &w);
	tcp_tracker.packet(b->tcp, &p, &b->hall.observer);
	return b->number;
}

void watch_begin(struct watch *b)
{
	struct tracker_home home;

	memset(b, 0, sizeof(*b));
	home = hall_open(&b->hall, &listener, b, true);
	b->tcp = tcp_tracker.open(&home);
}

void watch_near(struct watch *b, int64_t rtt_ms)
{
	watch_begin(b);
	watch_pass(b, (struct say){.from = C, .flags = TCP_SYN});
	watch_pass(b, (struct say){.from = S,
				   .at_ms = rtt_ms,
				   .flags = TCP_SYN | TCP_ACK,
				   .ack = 1});
	watch_pass(b, (struct say){
			      .from = C, .at_ms = rtt_ms, .seq = 1, .ack = 1});
}

void watch_open(struct watch *b)
{
	watch_near(b, WATCH_RTT_MS);
}

void watch_close(struct watch *b)
{
	tcp_tracker.finish(b->tcp, 1100 * NS_PER_S, &b->hall.observer);
	hall_close(&b->hall);
}

uint64_t watch_data(struct watch *b, uint32_t n, int64_t at_ms)
{
	return watch_pass(b, (struct say){.from = C,
					  .at_ms = at_ms,
					  .seq = 1 + n * WATCH_SIZE,
					  .len = WATCH_SIZE,
					  .ack = 1});
}

uint64_t watch_numbered(struct watch *b, uint32_t n, int64_t at_ms, int id)
{
	return watch_pass(b, (struct say){.from = C,
					  .at_ms = at_ms,
					  .seq = 1 + n * WATCH_SIZE,
					  .len = WATCH_SIZE,
					  .ack = 1,
					  .id = (uint16_t)id});
}

uint64_t watch_stamped(struct watch *b, uint32_t n, int64_t at_ms,
		       uint32_t tsval, uint32_t tsecr)
{
	return watch_pass(b, (struct say){.from = C,
					  .at_ms = at_ms,
					  .seq = 1 + n * WATCH_SIZE,
					  .len = WATCH_SIZE,
					  .ack = 1,
					  .tsval = tsval,
					  .tsecr = tsecr});
}

uint64_t watch_ack(struct watch *b, uint32_t n, int64_t at_ms)
{
	return watch_pass(b, (struct say){.from = S,
					  .at_ms = at_ms,
					  .seq = 1,
					  .ack = 1 + n * WATCH_SIZE});
}

uint64_t watch_dsack(struct watch *b, uint32_t n, uint32_t block, int64_t at_ms)
{
	return watch_pass(
		b, (struct say){.from = S,
				.at_ms = at_ms,
				.seq = 1,
				.ack = 1 + n * WATCH_SIZE,
				.sack = {1 + block * WATCH_SIZE,
					 1 + block * WATCH_SIZE + WATCH_SIZE}});
}

void watch_resend(const struct watch *b, uint64_t frame, bool spurious)
{
	assert_true(b->told[frame]);
	assert_int_equal(b->fact[frame].class, SEG_RETRANSMISSION);
	assert_int_equal(b->fact[frame].spurious, spurious);
	assert_int_equal(b->fact[frame].lost,
			 spurious ? LOST_NONE : LOST_AFTER);
}
