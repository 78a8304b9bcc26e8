/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * merge.c - the frames of several readers in the order of their times.
 *
 * Each reader has a queue of frames that it has lent already.  Its buffer may
 * be filled again only when its queue is empty and nothing of it has been
 * passed on since the last call, so a batch ends where that would be needed.
 *
 * A file that begins when all that began before it are over is a piece of the
 * same capture (tcpdump -C, -G): its interface is theirs.
 */
#include "capture/merge.h"

#include <stdlib.h>
#include <string.h>

enum { QUEUE = 64, ALIASES = 64 };

struct queue {
	uint32_t at, end;
	struct frame frames[QUEUE];
};

struct merge {
	struct reader *readers;
	uint32_t count;
	uint64_t numbered;
	int64_t heads[SOURCES_MAX]; /* time of each first frame; at its end...
				     */
	bool over[SOURCES_MAX];	    /* ...this is true */
	bool begun[SOURCES_MAX];
	bool continues[SOURCES_MAX]; /* what was over when it began */
	uint64_t used; /* of the first interfaces, those with frames */
	uint8_t alias[ALIASES]; /* of an interface: another, plus 1; 0: not
				 * looked for */
	struct queue queues[];
};

struct merge *merge_new(struct reader *readers, uint32_t count)
{
	struct merge *m = calloc(1, sizeof(*m) + count * sizeof(struct queue));

	if (m) {
		m->readers = readers;
		m->count = count;
	}
	return m;
}

/* Queue what the buffer of reader `i` holds; whether there is anything. */
static bool queue_more(struct merge *m, uint32_t i)
{
	struct queue *q = &m->queues[i];
	struct reader *r = &m->readers[i];

	if (q->at < q->end)
		return true;
	r->ledger->last_frame = m->numbered;
	q->at = 0;
	q->end = r->ended ? 0 : r->read(r, q->frames, QUEUE);
	if (q->end > 0)
		m->heads[i] = q->frames[0].time_ns;
	return q->end > 0;
}

/* At the start of a batch: whatever was lent before is given back. */
static void queue_fill(struct merge *m, uint32_t i)
{
	while (!queue_more(m, i) && !m->readers[i].ended)
		stream_fill(&m->readers[i].stream);
	m->over[i] = m->queues[i].end == 0;
}

/* The reader whose first frame is the earliest; the first of equals. */
static uint32_t earliest(const struct merge *m)
{
	uint32_t best = m->count;

	for (uint32_t i = 0; i < m->count; i++)
		if (!m->over[i] &&
		    (best == m->count || m->heads[i] < m->heads[best]))
			best = i;
	return best;
}

static void begin(struct merge *m, uint32_t i)
{
	bool any = false;

	m->begun[i] = true;
	for (uint32_t k = 0; k < m->count; k++) {
		if (k == i || !m->begun[k])
			continue;
		if (!m->over[k])
			return;
		any = true;
	}
	m->continues[i] = any;
}

/* One of the same name and link type that had frames; one without a name only
 * if each file has just one. */
static uint32_t same_interface(const struct merge *m, uint32_t index)
{
	const struct ledger *l = m->readers[0].ledger;
	const struct source_interface *own = l->interfaces[index];

	if (!own->name[0] && l->interface_count > m->count)
		return index;
	for (uint32_t k = 0; k < l->interface_count && k < ALIASES; k++)
		if (m->used >> k & 1 &&
		    l->interfaces[k]->link_type == own->link_type &&
		    strcmp(l->interfaces[k]->name, own->name) == 0)
			return k;
	return index;
}

static void take_alias(struct merge *m, uint32_t reader, struct frame *f)
{
	uint32_t own = f->interface;

	if (own >= ALIASES)
		return;
	if (!m->alias[own] && m->continues[reader])
		m->alias[own] = (uint8_t)(same_interface(m, own) + 1);
	if (m->alias[own])
		f->interface = m->alias[own] - 1u;
	m->used |= 1ULL << f->interface;
}

uint32_t merge_read(struct merge *m, struct frame *frames, uint32_t most)
{
	uint32_t n = 0, i;

	for (i = 0; i < m->count; i++)
		if (!m->over[i])
			queue_fill(m, i);
	while (n < most && (i = earliest(m)) < m->count) {
		struct queue *q = &m->queues[i];

		frames[n] = q->frames[q->at++];
		frames[n].number = ++m->numbered;
		if (!m->begun[i])
			begin(m, i);
		take_alias(m, i, &frames[n]);
		n++;
		if (q->at < q->end)
			m->heads[i] = q->frames[q->at].time_ns;
		else if (!queue_more(m, i))
			break;
	}
	return n;
}

void merge_free(struct merge *m)
{
	free(m);
}
