/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_fragments.c - fragments of a few datagrams, of any place, size and time.
 *
 * Seven bytes are a fragment: which datagram and whether more follow, where it
 * begins (2, in units of 8), how long it is (2), what it is filled with, how
 * long after the one before it comes.  A datagram that is told as complete must
 * have come in full, by a count of our own.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/detector.h"
#include "analysis/observer.h"
#include "base/when.h"

enum { STEP = 7, IDS = 4, UNITS = 8192 + 1, HEADER = 20, BYTES = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct tracker fragment_tracker;
extern const struct detector fragmentation_detector;

struct model {
	bool units[IDS][UNITS];	  /* of 8 bytes that have come */
	uint32_t id, offset, len; /* of the fragment that comes now */
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void note(struct model *m)
{
	bool *units = m->units[m->id];

	for (uint32_t at = m->offset; at < m->offset + m->len; at += 8)
		if (at / 8 < UNITS)
			units[at / 8] = true;
}

/* What the tracker tells, held against the model. */
static void hear(void *self, const struct observation *o,
		 const struct detector_context *c)
{
	const struct fragments_fact *f = &o->as.fragments;
	struct model *m = self;
	bool *units = m->units[f->id % IDS];

	(void)c;
	must(f->count > 0 && f->frames[0] > 0);
	must(!f->complete || (f->has_first && f->has_last && f->decided));
	must(!f->differs || f->overlap);
	must(!f->forgotten || !f->decided);
	for (uint32_t at = 0; f->complete && at < f->bytes; at += 8)
		must(units[at / 8]);
	memset(units, 0, UNITS);
	/* an ID that comes round: this fragment is the first of the new one */
	if (!f->complete && f->id == m->id)
		note(m);
}

static const enum observation_kind wants[] = {OBS_FRAGMENTS, OBSERVATIONS};
static const struct detector listener = {
	.name = "listener", .wants = wants, .observe = hear};

struct run {
	struct arena *arena;
	struct limits limits;
	struct observer *observer;
	struct detector_context context;
	struct coverage coverage;
	struct model *model;
	void *tracker, *detector;
	uint64_t number;
	int64_t now_ns;
};

static void open_run(struct run *r)
{
	const struct hash_key key = {1, 2};
	struct tracker_home home;

	memset(r, 0, sizeof(*r));
	r->limits = limits_for(MEMORY_MIN);
	r->arena = arena_new(r->limits.memory);
	r->observer = calloc(1, sizeof(*r->observer));
	r->model = calloc(1, sizeof(*r->model));
	must(r->arena && r->observer && r->model);
	home = (struct tracker_home){r->arena, &r->limits, key, false};
	r->tracker = fragment_tracker.open(&home);
	r->context.known = knowledge_new(r->arena, &r->limits, key);
	r->context.findings = findings_new(r->arena, key);
	r->context.coverage = &r->coverage;
	r->observer->knowledge = knowledge_new(r->arena, &r->limits, key);
	r->observer->context = &r->context;
	r->detector = fragmentation_detector.open(r->arena, &r->limits, key);
	must(r->tracker && r->detector);
	/* the listener last: the detector may not change what is told */
	observer_subscribe(r->observer, &fragmentation_detector, r->detector);
	observer_subscribe(r->observer, &listener, r->model);
	r->now_ns = 1000 * NS_PER_S;
}

static void arrive(struct run *r, const uint8_t *step)
{
	static const int64_t waits_ns[] = {1000, NS_PER_MS, 2 * NS_PER_S,
					   61 * NS_PER_S};
	uint8_t bytes[BYTES];
	uint32_t id = step[0] % IDS;
	uint32_t offset = (uint32_t)(step[1] << 8 | step[2]) % 8192 * 8;
	uint32_t len =
		1 + (uint32_t)(step[3] << 8 | step[4]) % (BYTES - HEADER);
	bool more = step[0] & 4;
	struct layer ip = {.proto = PROTO_ipv4};
	struct packet p = {0};

	if (more)
		len = (len + 7) / 8 * 8;
	if (len > BYTES - HEADER)
		len = (BYTES - HEADER) / 8 * 8;
	memset(bytes, step[5], sizeof(bytes));
	r->now_ns += waits_ns[step[6] >> 6] * (1 + (step[6] & 63));
	if (waits_ns[step[6] >> 6] > NS_PER_S)
		fragment_tracker.clock(r->tracker, r->now_ns, r->observer);
	ip.as.ip = (struct ip_header){
		.version = 4,
		.src = addr_v4((const uint8_t[4]){192, 0, 2, 1}),
		.dst = addr_v4((const uint8_t[4]){192, 0, 2, 2}),
		.protocol = step[0] & 8 ? 6 : 17,
		.id = (uint16_t)id,
		.more = more,
		.fragment = true,
		.fragment_offset = (uint16_t)offset,
		.header_len = HEADER,
		.total_len = HEADER + len,
	};
	/* protocols are other datagrams: the model knows of one */
	if (step[0] & 8)
		ip.as.ip.id = (uint16_t)(id = 0);
	else if (id == 0)
		ip.as.ip.id = (uint16_t)(id = 1);
	p.ip = &ip;
	p.frame = (struct frame){
		.number = ++r->number,
		.time_ns = r->now_ns,
		.data = bytes,
		.kept = HEADER + (step[0] & 16 ? len / 2 : len),
		.sent = HEADER + len,
	};
	r->model->id = id;
	r->model->offset = offset;
	r->model->len = len;
	note(r->model);
	r->coverage.packets++;
	r->context.now_ns = r->now_ns;
	fragment_tracker.packet(r->tracker, &p, r->observer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run r;

	open_run(&r);
	for (; size >= STEP; data += STEP, size -= STEP)
		arrive(&r, data);
	fragment_tracker.finish(r.tracker, r.now_ns, r.observer);
	r.context.at_end = true;
	fragmentation_detector.finish(r.detector, &r.context);
	arena_free(r.arena);
	free(r.observer);
	free(r.model);
	return 0;
}
