/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_segments.c - segments of a few TCP connections, of any kind, place and
 * time, with right checksums: through the whole engine, and told as JSON.
 *
 * Eight bytes are a segment: which connection, which way and whether it fits
 * (its sequence numbers then count from what was sent last), flags, how far
 * sequence number and acknowledgement lie from there (2), the size of its data,
 * the window, its options, how long after the one before it comes.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/engine.h"
#include "base/when.h"
#include "dissectors/checksum.h"
#include "report/report.h"

enum {
	STEP = 8,
	CONNECTIONS = 4,
	IP = 20,
	TCP = 20,
	LINK_IPV4 = 228,
	FRAME = IP + 60 + 2048,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct side {
	uint32_t next; /* sequence number */
};

struct run {
	struct engine *engine;
	struct side side[CONNECTIONS][2];
	struct report_events *events;
	uint64_t number;
	int64_t now_ns;
	uint32_t waiting;
	struct frame frames[BATCH];
	uint8_t bytes[BATCH][FRAME];
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static void event(void *out, const struct observation *o)
{
	must(report_event(out, o) >= 0);
}

/* SACK blocks, time stamps, what a SYN has, or bytes that are not options. */
static uint32_t put_options(uint8_t *o, const struct run *r, uint8_t choice,
			    const struct side *peer)
{
	uint32_t size = 0;

	if (choice & 1) {
		put32(o, 0x0101080a);
		put32(o + 4, (uint32_t)(r->now_ns / NS_PER_MS));
		put32(o + 8,
		      choice & 8 ? (uint32_t)(r->now_ns / NS_PER_MS) : 0);
		size += 12;
	}
	if (choice & 2) {
		put32(o + size, 0x0101050a);
		put32(o + size + 4, peer->next - 1448U * (choice >> 4));
		put32(o + size + 8, peer->next - 1448U * (choice >> 5));
		size += 12;
	}
	if (choice & 4) {
		put32(o + size, 0x020405b4);
		put32(o + size + 4, 0x04020303);
		put32(o + size + 8, (uint32_t)choice << 24);
		size += 12;
	}
	return size;
}

static void put_segment(struct run *r, struct frame *f, uint8_t *p,
			const uint8_t *step)
{
	static const uint32_t far[] = {0, 1, 1448, 65536, 0x7fffffff};
	uint32_t c = step[0] % CONNECTIONS, way = step[0] >> 2 & 1;
	struct side *self = &r->side[c][way], *peer = &r->side[c][!way];
	uint32_t more = put_options(p + IP + TCP, r, step[6], peer);
	uint32_t size = step[4] < 250 ? step[4] * 8U : 1448;
	uint32_t seq = self->next - (step[2] & 15) * far[step[2] >> 5 & 3];
	uint32_t ack = peer->next - (step[3] & 15) * far[step[3] >> 5 & 3];
	uint8_t ends[2] = {(uint8_t)(1 + way), (uint8_t)(2 - way)};
	uint16_t port[2] = {(uint16_t)(40000 + c), 443};
	uint64_t sum;

	if (step[2] & 16)
		seq += 2 * (step[2] & 15) * far[step[2] >> 5 & 3];
	put32(p, 0x45000000 | (IP + TCP + more + size));
	put32(p + 4, (uint32_t)(r->number << 16) | 0x4000);
	put32(p + 8, 0x40060000);
	put32(p + 12, 0xc0000200 | ends[0]);
	put32(p + 16, 0xc0000200 | ends[1]);
	put16(p + 10, checksum_end(checksum_add(0, p, IP)));
	put16(p + IP, port[way]);
	put16(p + IP + 2, port[!way]);
	put32(p + IP + 4, seq);
	put32(p + IP + 8, ack);
	put16(p + IP + 12, (TCP + more) / 4 << 12 | (step[1] & 63));
	put16(p + IP + 14, step[5] * 257U);
	put32(p + IP + 16, 0);
	memset(p + IP + TCP + more, step[5], size);
	sum = checksum_add(TCP + more + size + 6, p + 12, 8);
	put16(p + IP + 16,
	      checksum_end(checksum_add(sum, p + IP, TCP + more + size)));
	if (step[0] & 8)
		self->next = seq + size + (step[1] & 1) + (step[1] >> 1 & 1);
	f->kept = f->sent = IP + TCP + more + size;
	if (step[0] & 16)
		f->kept = IP + TCP + more;
}

static void flush(struct run *r)
{
	if (r->waiting)
		engine_feed(r->engine, r->frames, r->waiting);
	r->waiting = 0;
}

static void arrive(struct run *r, const uint8_t *step)
{
	static const int64_t waits_ns[] = {1000, NS_PER_MS, 50 * NS_PER_MS,
					   7 * NS_PER_S};
	struct frame *f = &r->frames[r->waiting];
	uint8_t *bytes = r->bytes[r->waiting];

	r->now_ns += waits_ns[step[7] >> 6] * (1 + (step[7] & 63));
	*f = (struct frame){
		.number = ++r->number,
		.time_ns = r->now_ns,
		.data = bytes,
		.link_type = LINK_IPV4,
	};
	put_segment(r, f, bytes, step);
	if (++r->waiting == BATCH)
		flush(r);
}

static void tell(const struct diagnosis *d)
{
	const char *files[] = {"fuzz"};
	const struct report_options o = {.format = REPORT_JSON,
					 .width = 80,
					 .title = "fuzz",
					 .files = files,
					 .file_count = 1};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	json_t *whole;

	must(out != NULL);
	must(report_write(out, &o, d) == 0);
	fclose(out);
	whole = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	must(whole != NULL);
	json_decref(whole);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run *r = calloc(1, sizeof(*r));
	FILE *null = fopen("/dev/null", "w");
	struct engine_listener listener = {.segment = event};
	struct engine_options options = {.memory = MEMORY_MIN,
					 .listener = &listener,
					 .connections = CONNECTIONS};
	struct err err;

	must(r && null);
	listener.context = r->events = report_events_new(null);
	must(r->events != NULL);
	r->engine = engine_new(&options, &err);
	must(r->engine != NULL);
	r->now_ns = 1700000000 * NS_PER_S;
	for (; size >= STEP; data += STEP, size -= STEP)
		arrive(r, data);
	flush(r);
	tell(engine_finish(r->engine));
	engine_free(r->engine);
	report_events_free(r->events);
	fclose(null);
	free(r);
	return 0;
}
