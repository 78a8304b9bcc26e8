/* SPDX-License-Identifier: BSD-3-Clause */
/* attempt_outcome.c - attempts under way, and how each of them ended. */
#include "analysis/track/attempt_record.h"

#include "base/when.h"

#define SWEEP_NS	  NS_PER_S
#define PATIENCE_LEAST_NS (4 * NS_PER_S)
#define NO_ANSWER_NS	  (2900 * NS_PER_MS)
#define SYN_RECEIVED_NS	  (2900 * NS_PER_MS)

enum { SYNS_LEAST = 3, SYNACKS_LEAST = 3 };

void outcome_report(struct attempts *a, const struct attempt *t,
		    enum tcp_outcome outcome)
{
	struct observation *o = observe_begin(a->out, OBS_TCP_ATTEMPT, NULL);
	struct tcp_attempt_fact *f = &o->as.attempt;

	o->frame =
		t->frame_count ? t->frames[t->frame_count - 1] : t->first_frame;
	o->time_ns = t->last_ns;
	f->flow = t->flow;
	f->outcome = (uint8_t)outcome;
	f->syns = t->syns;
	f->synacks = t->synacks;
	f->first_ns = t->first_ns;
	f->last_syn_ns = t->last_syn_ns;
	f->synack_ns = t->synack_ns;
	f->end_ns = t->last_ns;
	f->client_ttl = t->half[0].ttl;
	f->server_ttl = t->half[1].ttl;
	f->icmp_type = t->icmp_type;
	f->icmp_code = t->icmp_code;
	f->reporter = t->reporter;
	f->isn = t->half[0].isn;
	for (uint8_t i = 0; i < t->frame_count; i++)
		f->frames[i] = t->frames[i];
	observe_end(a->out);
}

/* The counter of the records that this one may be among: most tuples have none,
 * and are told so without a look at the table. */
static uint16_t *held_of(struct attempts *a, uint64_t hash)
{
	return &a->held[hash >> 32 & (HELD - 1)];
}

/* A full table forgets the attempt that was touched longest ago. */
static void record_evicted(void *context, const void *key, void *value)
{
	struct attempts *a = context;
	const struct attempt *t = value;

	--*held_of(a, *(const uint64_t *)key);
	outcome_report(a, t, record_outcome(t, t->last_ns));
}

struct attempts *attempts_new(const struct tracker_home *home)
{
	uint32_t max = 1024;
	struct table_spec spec = {"half-open attempts", sizeof(uint64_t),
				  sizeof(struct attempt),
				  home->limits->attempts / 4};
	struct attempts *a = arena_alloc(home->arena, sizeof(*a));

	if (!a)
		return NULL;
	while (max < home->limits->attempts * 2)
		max *= 2;
	a->ring = syn_ring_new(home->arena, max);
	a->records = table_new(home->arena, &spec, home->key);
	if (!a->ring || !a->records)
		return NULL;
	table_on_evict(a->records, record_evicted, a);
	return a;
}

struct attempt *record_find(struct attempts *a, uint64_t hash)
{
	return *held_of(a, hash) ? table_touch(a->records, &hash) : NULL;
}

struct attempt *record_new(struct attempts *a, uint64_t hash,
			   const struct flow *flow)
{
	struct attempt *t = table_find(a->records, &hash);

	if (t)
		record_end(a, t, record_outcome(t, t->last_ns));
	t = table_add(a->records, &hash, NULL);
	if (!t)
		return NULL;
	++*held_of(a, hash);
	t->flow = *flow;
	return t;
}

uint64_t frame_whole(uint64_t frame_now, uint32_t low)
{
	return frame_now - (uint64_t)(int32_t)((uint32_t)frame_now - low);
}

void record_fill(struct attempt *t, const struct stub *s, uint64_t frame_now)
{
	bool syn = s->half[0].bits & HALF_SEEN;

	t->half[0] = s->half[0];
	t->half[1] = s->half[1];
	t->first_ns = t->last_ns = t->last_syn_ns = s->first_ns;
	t->first_tsval = s->half[0].tsval;
	t->first_frame = frame_whole(frame_now, s->half[syn ? 0 : 1].frame);
	t->syns = syn;
	record_frame(t, t->first_frame);
	t->patience_ns = PATIENCE_LEAST_NS;
	if (!(s->half[1].bits & HALF_SEEN))
		return;
	t->synacks = 1;
	t->state = SYN_ANSWERED;
	t->synack_frame = frame_whole(frame_now, s->half[1].frame);
	t->synack_ns = s->first_ns + s->synack_us * NS_PER_US;
	t->first_synack_ns = t->last_ns = t->synack_ns;
	record_frame(t, t->synack_frame);
}

struct attempt *record_from(struct attempts *a, struct stub *s,
			    const struct flow *flow, uint64_t frame_now)
{
	struct attempt *t = record_new(a, s->hash, flow);

	if (t)
		record_fill(t, s, frame_now);
	syn_ring_remove(a->ring, s);
	return t;
}

/* Keep the first ones; when full the last place is for the newest. */
void record_frame(struct attempt *t, uint64_t frame)
{
	enum { ROOM = sizeof(t->frames) / sizeof(t->frames[0]) };

	if (t->frame_count == ROOM)
		t->frame_count--;
	t->frames[t->frame_count++] = frame;
}

void record_drop(struct attempts *a, struct attempt *t)
{
	--*held_of(a, *(const uint64_t *)table_key(a->records, t));
	table_remove(a->records, t);
}

void record_end(struct attempts *a, struct attempt *t, enum tcp_outcome outcome)
{
	outcome_report(a, t, outcome);
	record_drop(a, t);
}

enum tcp_outcome record_outcome(const struct attempt *t, int64_t now_ns)
{
	if (t->state == SYN_REFUSED)
		return TCP_REFUSED;
	if (t->state == SYN_REJECTED)
		return TCP_REJECTED;
	if (t->state == SYN_ANSWERED && t->synacks >= SYNACKS_LEAST &&
	    t->synack_ns - t->first_synack_ns >= SYN_RECEIVED_NS)
		return TCP_SYN_RECEIVED;
	if (t->state == SYN_SENT && t->syns >= SYNS_LEAST &&
	    t->last_syn_ns - t->first_ns >= NO_ANSWER_NS)
		return t->stale ? TCP_STALE_PEER : TCP_NO_ANSWER;
	return now_ns - t->last_ns >= t->patience_ns ? TCP_CLIENT_GAVE_UP
						     : TCP_UNDECIDED;
}

/* End what is older than its patience.  The table is in the order of age, and
 * nobody has less patience than RETRY_NS. */
void attempts_clock(struct attempts *a, int64_t now_ns, struct observer *out)
{
	struct attempt *t, *newer;

	if (now_ns < a->next_sweep_ns || !table_count(a->records))
		return;
	a->next_sweep_ns = now_ns + SWEEP_NS;
	a->out = out;
	for (t = table_oldest(a->records); t; t = newer) {
		newer = table_newer(a->records, t);
		if (now_ns - t->last_ns < RETRY_NS)
			break;
		if (now_ns - t->last_ns >= t->patience_ns)
			record_end(a, t, record_outcome(t, now_ns));
	}
}

void attempts_finish(struct attempts *a, int64_t now_ns, struct observer *out)
{
	struct attempt *t;

	a->out = out;
	while ((t = table_oldest(a->records)))
		record_end(a, t, record_outcome(t, now_ns));
}

void attempts_limits(struct attempts *a, struct checks *out)
{
	check_table(out, a->records);
	if (syn_ring_evicted(a->ring) && out->limit_count < LIMITS_MAX)
		out->limit[out->limit_count++] = (struct limit_reached){
			"unanswered SYNs", syn_ring_max(a->ring),
			syn_ring_evicted(a->ring), syn_ring_full_ns(a->ring)};
}
