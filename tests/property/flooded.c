/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flooded.c - what goes wrong inside a flood of spoofed SYNs is still found.
 *
 *   flooded PCAPS
 *
 * Between the frames of a capture as many SYNs of invented sources go to a
 * service that has nothing to do with it, in the least memory.  Whatever was
 * found of warning or above must still be, beside the flood.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/recording.h"

enum { SYNS = 12000, FRAME = 54, FRAMES_MOST = 2000, SPAN_MOST_S = 120 };

/* Ethernet, IPv4, TCP: a SYN to 198.51.100.200:443, its sums right. */
static const uint8_t bare_syn[FRAME] = {
	0x52, 0x54, 0x00, 0xf0, 0x00, 0x01, 0x52, 0x54, 0x00, 0xf0, 0x00,
	0x02, 0x08, 0x00, 0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x00, 0x00,
	0x34, 0x06, 0x00, 0x00, 0,    0,    0,	  0,	198,  51,   100,
	200,  0,    0,	  0x01, 0xbb, 0,    0,	  0,	0,    0,    0,
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

/* 203.0.0.0/8 and its neighbours: never an address of a case. */
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
	uint8_t (*bytes)[FRAME];
	struct frame *frames;
	uint32_t count;
};

/* Evenly over the time of the capture, at least 2000 a second. */
static struct flood flood_new(const struct recording *r)
{
	int64_t first = r->frames[0].time_ns;
	int64_t span = r->frames[r->count - 1].time_ns - first;
	struct flood f = {calloc(SYNS, FRAME),
			  calloc(SYNS + r->count, sizeof(*f.frames)), 0};
	uint32_t state = 7, next = 0;

	if (!f.bytes || !f.frames)
		abort();
	for (uint32_t i = 0; i < SYNS; i++) {
		int64_t at = first + span / SYNS * i;

		while (next < r->count && r->frames[next].time_ns <= at)
			f.frames[f.count++] = r->frames[next++];
		spoof(f.bytes[i], &state);
		f.frames[f.count] = r->frames[0];
		f.frames[f.count].time_ns = at;
		f.frames[f.count].data = f.bytes[i];
		f.frames[f.count].kept = f.frames[f.count].sent = FRAME;
		f.count++;
	}
	while (next < r->count)
		f.frames[f.count++] = r->frames[next++];
	for (uint32_t i = 0; i < f.count; i++)
		f.frames[i].number = i + 1;
	return f;
}

static bool is_suitable(const struct recording *r)
{
	int64_t span;

	if (r->count < 2 || r->count > FRAMES_MOST ||
	    r->frames[0].link_type != 1)
		return false;
	span = r->frames[r->count - 1].time_ns - r->frames[0].time_ns;
	return span > 0 && span < SPAN_MOST_S * 1000000000LL;
}

static bool each(const char *path, struct recording *r)
{
	const struct diagnosis *calm, *wild;
	struct engine *a, *b;
	struct flood f;
	bool ok = true;

	if (!strstr(path, "/tcp/") && !strstr(path, "/stuck/") &&
	    !strstr(path, "/retx/") && !strstr(path, "/nat/") &&
	    !strstr(path, "/mtu/"))
		return true;
	if (!is_suitable(r))
		return true;
	f = flood_new(r);
	calm = recording_diagnose(r->frames, r->count, &a);
	wild = recording_diagnose(f.frames, f.count, &b);
	/* a hole that is seen at the receiver is remembered with the MSS of the
	 * SYN, in a cache that the flood's SYNs go through as well */
	ok = recording_within(
		path, "in a flood, no longer", calm, wild, WARNING,
		strstr(path, "/mtu/hole-at-receiver") ? "pmtu.black_hole"
						      : NULL);
	ok = recording_within(path, "in a flood, now also", wild, calm, WARNING,
			      "tcp.syn_flood") &&
	     ok;
	engine_free(a);
	engine_free(b);
	free(f.frames);
	free(f.bytes);
	return ok;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: flooded PCAPS\n");
		return 2;
	}
	return recording_each(argv[1], each) ? 0 : 1;
}
