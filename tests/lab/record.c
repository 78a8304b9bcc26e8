/* SPDX-License-Identifier: BSD-3-Clause */
/* record.c - captures at three vantage points, and the truth of each frame. */
#include "lab/record.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/fail.h"
#include "lab/frame.h"

enum { FLOWS_MAX = 4096, PATH = 4096 };

/* Both ends of a flow, the client's first. */
struct flow {
	uint8_t client[16], server[16];
	uint16_t client_port, server_port;
	uint8_t version, protocol;
};

struct line {
	struct view view;
	struct origin from;
	uint32_t flow;
	uint32_t frame[VANTAGES]; /* 0: not seen there */
	const char *dropped;
	const char *damaged;
	bool delivered, up;
};

struct record {
	pcap_t *shape;
	pcap_dumper_t *dump[VANTAGES], *ends;
	uint32_t frames[VANTAGES];
	uint32_t snaplen;
	bool off;
	FILE *truth;
	struct line *line;
	uint32_t lines, room;
	uint32_t flows;
	struct flow flow[FLOWS_MAX];
};

static const char *const names[VANTAGES] = {"client", "middle", "server"};

static pcap_dumper_t *dump_open(const struct record *r, const char *folder,
				const char *name)
{
	char path[PATH];
	pcap_dumper_t *dump;

	snprintf(path, sizeof(path), "%s/%s.pcap", folder, name);
	dump = pcap_dump_open(r->shape, path);
	if (!dump)
		fail("%s: %s", path, pcap_geterr(r->shape));
	return dump;
}

struct record *record_open(const char *folder, uint32_t snaplen)
{
	struct record *r = calloc(1, sizeof(*r));
	char path[PATH];

	if (!r)
		fail("no memory");
	r->snaplen = snaplen;
	r->shape = pcap_open_dead_with_tstamp_precision(
		DLT_EN10MB, (int)snaplen, PCAP_TSTAMP_PRECISION_NANO);
	for (int i = 0; i < VANTAGES; i++)
		r->dump[i] = dump_open(r, folder, names[i]);
	r->ends = dump_open(r, folder, "ends");
	snprintf(path, sizeof(path), "%s/truth.jsonl", folder);
	r->truth = fopen(path, "w");
	if (!r->truth)
		fail_system(path);
	return r;
}

void record_pause(struct record *r, bool off)
{
	r->off = off;
}

static struct flow flow_of(const struct frame *f)
{
	struct flow key = {0};
	uint32_t bytes = frame_address_bytes(f);
	const struct view *v = &f->view;

	memcpy(f->up ? key.client : key.server, frame_source(f), bytes);
	memcpy(f->up ? key.server : key.client, frame_target(f), bytes);
	key.client_port = f->up ? v->source_port : v->target_port;
	key.server_port = f->up ? v->target_port : v->source_port;
	key.version = v->version;
	key.protocol = v->protocol;
	return key;
}

uint32_t record_flow(struct record *r, const struct frame *f)
{
	struct flow key;

	if (!f->view.source_port)
		return 0;
	key = flow_of(f);
	for (uint32_t i = 0; i < r->flows; i++)
		if (memcmp(&r->flow[i], &key, sizeof(key)) == 0)
			return i + 1;
	if (r->flows == FLOWS_MAX)
		return 0;
	r->flow[r->flows++] = key;
	return r->flows;
}

static struct line *line_of(struct record *r, const struct frame *f)
{
	return &r->line[f->record - 1];
}

void record_begin(struct record *r, struct frame *f, struct origin from)
{
	struct line *line;

	if (r->lines == r->room) {
		r->room = r->room ? 2 * r->room : 4096;
		r->line = realloc(r->line, r->room * sizeof(*r->line));
		if (!r->line)
			fail("no memory for the truth");
	}
	line = &r->line[r->lines++];
	*line = (struct line){.view = f->view, .from = from, .up = f->up};
	if (from.copy_of)
		line->damaged = r->line[from.copy_of - 1].damaged;
	f->record = r->lines;
	line->flow = record_flow(r, f);
}

uint32_t record_sent_before(const struct record *r, const struct frame *f)
{
	const struct line *mine = &r->line[f->record - 1];
	uint32_t count = 0;

	for (uint32_t i = 0; i + 1 < f->record; i++) {
		const struct line *l = &r->line[i];

		if (l->flow == mine->flow && l->up == mine->up &&
		    !l->from.copy_of && !l->from.forged && !l->from.part_of &&
		    mine->view.seq - l->view.seq <
			    l->view.data + !!(l->view.flags & (SYN | FIN)))
			count++;
	}
	return count;
}

void record_pass(struct record *r, const struct frame *f, enum vantage where)
{
	struct pcap_pkthdr head = {0};
	struct timespec now;

	if (r->off)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	head.ts.tv_sec = now.tv_sec;
	head.ts.tv_usec = now.tv_nsec; /* the file says nanoseconds */
	head.len = f->length;
	head.caplen = f->length < r->snaplen ? f->length : r->snaplen;
	pcap_dump((u_char *)r->dump[where], &head, f->bytes);
	if (where != AT_MIDDLE)
		pcap_dump((u_char *)r->ends, &head, f->bytes);
	line_of(r, f)->frame[where] = ++r->frames[where];
}

void record_dropped(struct record *r, const struct frame *f, const char *by)
{
	line_of(r, f)->dropped = by;
}

void record_delivered(struct record *r, const struct frame *f)
{
	line_of(r, f)->delivered = true;
}

void record_damaged(struct record *r, const struct frame *f, const char *by)
{
	line_of(r, f)->damaged = by;
}

static void write_flags(FILE *out, uint8_t flags)
{
	static const char letters[] = "FSRPA";

	for (int i = 0; letters[i]; i++)
		if (flags & 1 << i)
			fputc(letters[i], out);
}

static void write_line(const struct record *r, uint32_t at)
{
	const struct line *l = &r->line[at];
	const struct view *v = &l->view;
	FILE *out = r->truth;

	fprintf(out, "{\"uid\":%u,\"flow\":%u,\"up\":%s,\"protocol\":%u",
		at + 1, l->flow, l->up ? "true" : "false", v->protocol);
	if (v->protocol == 6) {
		fprintf(out, ",\"seq\":%u,\"len\":%u,\"flags\":\"", v->seq,
			v->data);
		write_flags(out, v->flags);
		fputc('"', out);
	}
	for (int i = 0; i < VANTAGES; i++)
		if (l->frame[i])
			fprintf(out, ",\"%s\":%u", names[i], l->frame[i]);
	if (l->from.copy_of)
		fprintf(out, ",\"copy_of\":%u", l->from.copy_of);
	if (l->from.part_of)
		fprintf(out, ",\"part_of\":%u", l->from.part_of);
	if (l->from.forged)
		fputs(",\"forged\":true", out);
	if (l->damaged)
		fprintf(out, ",\"damaged\":\"%s\"", l->damaged);
	fprintf(out, ",\"delivered\":%s", l->delivered ? "true" : "false");
	if (l->dropped)
		fprintf(out, ",\"dropped\":\"%s\"", l->dropped);
	fputs("}\n", out);
}

void record_close(struct record *r)
{
	for (int i = 0; i < VANTAGES; i++)
		pcap_dump_close(r->dump[i]);
	pcap_dump_close(r->ends);
	for (uint32_t i = 0; i < r->lines; i++)
		write_line(r, i);
	if (fclose(r->truth) != 0)
		fail_system("truth.jsonl");
	pcap_close(r->shape);
	free(r->line);
	free(r);
}
