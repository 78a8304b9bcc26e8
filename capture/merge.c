/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * merge.c - the frames of several readers in the order of their times.
 *
 * Each reader has a queue of frames that it has lent already.  Its buffer may
 * be filled again only when its queue is empty and nothing of it has been
 * passed on since the last call, so a batch ends where that would be needed.
 */
#include "capture/merge.h"

#include <stdlib.h>

enum { QUEUE = 64 };

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
