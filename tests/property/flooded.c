/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flooded.c - what goes wrong inside a flood of spoofed SYNs is still found,
 * and nothing else is.
 *
 *   flooded [-n SYNS] PCAPS
 *   flooded [-n SYNS] FILE.pcap...
 *
 * Between the frames of a capture SYNs of invented sources go to a service that
 * has nothing to do with it, evenly over its time, in the least memory.
 * Whatever was found of warning or above must still be, beside the flood.  They
 * are made as they are fed: ten million take no room.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "property/recording.h"

enum { SYNS = 12000, MANY_SYNS = 300000, FRAME = 54 };

/* What rests on something that was seen long before, and is therefore asked for
 * within MANY_SYNS; tests/bench/flooded does so within ten million. */
static const char *const long_known[] = {
	"/mtu/hole-at-receiver.",    "/lab/black-hole-silent-peer.",
	"/lab/no-answer.",	     "/lab/queue-full-client.",
	"/lab/queue-never-emptied.", "/lab/service-down.",
	"/lab/syn-received-client.", "/lab/syn-received-server.",
	"/lab/reset-forged.",	     "/arp/stale-entry.",
	"/arp/wrong-subnet.",	     "/eth/mac-flood.",
};

/* Ethernet, IPv4, TCP: a SYN to 128.66.0.80:443, its sums right. */
static const uint8_t bare_syn[FRAME] = {
	0x52, 0x54, 0x00, 0xf0, 0x00, 0x01, 0x52, 0x54, 0x00, 0xf0, 0x00,
	0x02, 0x08, 0x00, 0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x00, 0x00,
	0x34, 0x06, 0x00, 0x00, 0,    0,    0,	  0,	128,  66,   0,
	80,   0,    0,	  0x01, 0xbb, 0,    0,	  0,	0,    0,    0,
	0,    0,    0x50, 0x02, 0x04, 0x00, 0,	  0,	0,    0};

static uint16_t sum(const uint8_t *at, size_t size, uint32_t start)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		start += (uint32_t)(at[i] << 8 | at[i + 1]);
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return (uint16_t)~start;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16(at + 2, (uint16_t)value);
}

/* 80.0.0.0/8: never an address of a case. */
static void spoof(uint8_t *frame, uint32_t *state)
{
	uint32_t pseudo = 6 + 20;

	memcpy(frame, bare_syn, FRAME);
	put16(frame + 18, (uint16_t)recording_random(state));
	put32(frame + 26, 0x50000000u | recording_random(state));
	put16(frame + 34, (uint16_t)(1024 + recording_random(state) % 60000));
	put32(frame + 38, recording_random(state));
	put16(frame + 24, sum(frame + 14, 20, 0));
	for (int i = 26; i < 34; i += 2)
		pseudo += (uint32_t)(frame[i] << 8 | frame[i + 1]);
	put16(frame + 50, sum(frame + 34, 20, pseudo));
}

struct flood {
	struct recording *r;
	uint32_t syns, made, next; /* the frame of the capture that follows */
	uint32_t random;
	int64_t first_ns, span_ns;
	uint64_t number;
	uint8_t bytes[BATCH][FRAME];
};

/* When the next SYN is due, evenly over the time of the capture. */
static int64_t syn_ns(const struct flood *f)
{
	return f->first_ns + (int64_t)((double)f->span_ns / f->syns * f->made);
}

/* The next frame of both, its bytes in `bytes` if it is a SYN. */
static bool next_frame(struct flood *f, struct frame *out, uint8_t *bytes)
{
	const struct recording *r = f->r;
	bool syn = f->made < f->syns;

	if (!syn && f->next == r->count)
		return false;
	if (syn && f->next < r->count &&
	    r->frames[f->next].time_ns <= syn_ns(f))
		syn = false;
	if (syn) {
		*out = (struct frame){.time_ns = syn_ns(f),
				      .link_type = r->frames[0].link_type,
				      .interface = r->frames[0].interface,
				      .data = bytes,
				      .kept = FRAME,
				      .sent = FRAME};
		spoof(bytes, &f->random);
		f->made++;
	} else {
		*out = r->frames[f->next++];
	}
	out->number = ++f->number;
	return true;
}

static const struct diagnosis *diagnose(struct recording *r, uint32_t syns,
					struct engine **engine)
{
	struct flood f = {.r = r,
			  .syns = syns,
			  .random = 7,
			  .first_ns = r->frames[0].time_ns};
	struct frame batch[BATCH];
	uint32_t n;

	f.span_ns = r->frames[r->count - 1].time_ns - f.first_ns;
	*engine = recording_engine();
	do {
		for (n = 0; n < BATCH; n++)
			if (!next_frame(&f, &batch[n], f.bytes[n]))
				break;
		engine_feed(*engine, batch, n);
	} while (n == BATCH);
	return engine_finish(*engine);
}

static bool is_suitable(const struct recording *r)
{
	if (r->count < 2 || r->frames[0].link_type != 1)
		return false;
	return r->frames[r->count - 1].time_ns > r->frames[0].time_ns;
}

static bool judge(const char *path, struct recording *r, uint32_t syns)
{
	const struct diagnosis *calm, *wild;
	struct engine *a, *b;
	bool ok;

	if (!is_suitable(r))
		return true;
	calm = recording_diagnose(r->frames, r->count, &a);
	wild = diagnose(r, syns, &b);
	/* where a flood comes in, something comes in */
	ok = recording_within(path, "in a flood, no longer", calm, wild,
			      WARNING, "link.no_inbound");
	ok = recording_within(path, "in a flood, now also", wild, calm, WARNING,
			      "tcp.syn_flood") &&
	     ok;
	engine_free(a);
	engine_free(b);
	return ok;
}

static bool each(const char *path, struct recording *r)
{
	uint32_t syns = SYNS;

	for (size_t i = 0; i < sizeof(long_known) / sizeof(long_known[0]); i++)
		if (strstr(path, long_known[i]))
			syns = MANY_SYNS;
	return judge(path, r, syns);
}

static int some(char **files, int count, uint32_t syns)
{
	int failed = 0;

	for (int i = 0; i < count; i++) {
		struct recording r = recording_read(files[i]);

		if (!judge(files[i], &r, syns))
			failed++;
		recording_free(&r);
	}
	printf("%d captures, %d failed\n", count, failed);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	uint32_t syns = SYNS;
	int c;

	while ((c = getopt(argc, argv, "n:")) != -1) {
		if (c != 'n')
			return 2;
		syns = (uint32_t)strtoul(optarg, NULL, 10);
	}
	if (optind == argc) {
		fprintf(stderr,
			"usage: flooded [-n SYNS] PCAPS|FILE.pcap...\n");
		return 2;
	}
	if (argc - optind == 1 && !strstr(argv[optind], ".pcap"))
		return recording_each(argv[optind], each) ? 0 : 1;
	return some(argv + optind, argc - optind, syns);
}
