/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * handshake_late.c - connections that opened, but only after repeats, far
 * slower than their peers, or past an older connection of the same ports.
 */
#include "analysis/detect/opening.h"
#include "base/text.h"

enum { FRAMES = 12, SLOWER = 3 };

#define SLOW_US (100 * 1000u) /* and so much above the median */

const struct finding_def retried_def = {
	.id = "tcp.handshake.retried",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE | RELIES_EACH,
	.title = "Connections opened only after repeats",
};

const struct finding_def slow_def = {
	.id = "tcp.handshake.slow",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_PATH,
	.relies = RELIES_DELAY | RELIES_ABSENCE | RELIES_EACH,
	.title = "A connection opened far slower than its peers",
};

const struct finding_def stale_peer_def = {
	.id = "tcp.handshake.stale_peer",
	.layer = LAYER_TRANSPORT,
	.most = NOTICE,
	.subject = SUBJECT_PATH,
	.title = "The server still held an old connection with these ports",
};

struct late {
	struct flow flow;
	int64_t first_ns, last_ns, worst_ns;
	uint32_t opens, syn_lost, synack_lost, third_lost, unknown;
	uint32_t slow_us;
	int64_t slow_ns;
	uint64_t slow_frames[3], frames[FRAMES];
	uint8_t frame_count;
	bool dirty;
};

bool late_open(struct opening *o, struct arena *home,
	       const struct limits *limits, struct hash_key key)
{
	const struct table_spec spec = {"slow openings",
					sizeof(struct path_key),
					sizeof(struct late), limits->services};

	o->late = table_new(home, &spec, key);
	return o->late;
}

static struct late *late_of(struct opening *o, const struct flow *flow)
{
	const struct path_key key = path_key_of(flow);
	struct late *l = table_add(o->late, &key, NULL);
	if (l)
		l->flow = *flow;
	return l;
}

static void late_frame(struct late *l, uint64_t frame)
{
	if (frame && l->frame_count < FRAMES)
		l->frames[l->frame_count++] = frame;
}

static void late_note(struct opening *o, struct late *l, int64_t first_ns,
		      int64_t last_ns)
{
	if (!l->opens++)
		l->first_ns = first_ns;
	if (last_ns > l->last_ns)
		l->last_ns = last_ns;
	if (last_ns - first_ns > l->worst_ns)
		l->worst_ns = last_ns - first_ns;
	l->dirty = o->dirty = true;
}

static void retried_note(struct opening *o, const struct observation *ob)
{
	const struct tcp_opened_fact *f = &ob->as.opened;
	struct late *l = late_of(o, &f->flow);

	if (!l)
		return;
	if (f->syn_lost)
		l->syn_lost++;
	else if (f->synack_lost)
		l->synack_lost++;
	else
		l->unknown++;
	late_note(o, l, f->syn_ns ? f->syn_ns : f->first_synack_ns,
		  f->third_ns);
	late_frame(l, f->syn_frame);
	late_frame(l, f->synack_frame);
	late_frame(l, ob->frame);
}

/* Keep the slowest of a path; the end of the capture knows the median. */
static void slow_note(struct opening *o, const struct observation *ob,
		      uint32_t us)
{
	const struct tcp_opened_fact *f = &ob->as.opened;
	struct late *l = late_of(o, &f->flow);

	if (!l || us <= l->slow_us)
		return;
	l->slow_us = us;
	l->slow_ns = f->syn_ns;
	l->slow_frames[0] = f->syn_frame;
	l->slow_frames[1] = f->synack_frame;
	l->slow_frames[2] = ob->frame;
	o->dirty = true;
}

void late_opened(struct opening *o, struct service *s,
		 const struct observation *ob)
{
	const struct tcp_opened_fact *f = &ob->as.opened;
	int64_t us;

	if (f->stale)
		return; /* late_attempt tells of it */
	if (f->syns > 1 || (f->syns && f->synacks > 1)) {
		retried_note(o, ob);
		return;
	}
	if (!f->syns || !f->synacks)
		return;
	us = (f->synack_ns - f->syn_ns) / NS_PER_US;
	if (!s || us < 0 || us > UINT32_MAX)
		return;
	service_sample(o, s, (uint32_t)us);
	if (us > SLOW_US)
		slow_note(o, ob, (uint32_t)us);
}

/* The third packet was lost behind this point, and all was well afterwards. */
void late_third(struct opening *o, const struct flow *flow, int64_t first_ns,
		int64_t last_ns, const uint64_t *frames, int count)
{
	struct late *l = late_of(o, flow);

	if (!l)
		return;
	l->third_lost++;
	late_note(o, l, first_ns, last_ns);
	for (int i = 0; i < count; i++)
		late_frame(l, frames[i]);
}

void late_attempt(struct opening *o, const struct observation *ob,
		  const struct detector_context *c)
{
	const struct tcp_attempt_fact *a = &ob->as.attempt;
	struct subject subject;
	struct finding *g;
	char client[ENDPOINT_TEXT], service[ENDPOINT_TEXT], when[WHEN_TEXT];

	(void)o;
	if (a->outcome != TCP_STALE_PEER)
		return;
	subject = subject_path_to(&a->flow.src, &a->flow.dst, a->flow.dst_port,
				  6);
	g = finding_raise(c->findings, &stale_peer_def, &subject, "",
			  a->first_ns, a->end_ns);
	if (!g)
		return;
	endpoint_text(&a->flow.src, a->flow.src_port, client);
	endpoint_text(&a->flow.dst, a->flow.dst_port, service);
	g->count++;
	g->has_flow = true;
	g->flow = a->flow;
	for (int i = 0; i < 8; i++)
		finding_frame(g, a->frames[i]);
	finding_title(g, "%s still held an old connection with %s", service,
		      client);
	finding_summary(g,
			"At %s %s began a connection to %s. The server "
			"answered with the numbers of an older one that it "
			"still held%s. The client, or a box between them, had "
			"forgotten it: a restart, a crash, or a dropped state.",
			when_clock(a->first_ns, when), client, service,
			a->synacks ? "; the client's RST cleared it, and the "
				     "repeated SYN opened the new one"
				   : ", and the new one never opened: the RST "
				     "that would clear it does not arrive");
	if (!a->synacks)
		finding_advise(g, "Is a filter dropping the RST of %s?",
			       client);
}

static void slow_raise(struct opening *o, const struct late *l,
		       const struct detector_context *c)
{
	const struct service *s =
		service_find(o, &l->flow.dst, l->flow.dst_port);
	uint32_t median = s ? service_median_us(s) : 0;
	struct subject subject;
	struct finding *g;
	char client[ADDR_TEXT], service[ENDPOINT_TEXT];
	char took[WHEN_TEXT], usual[WHEN_TEXT];

	if (!median || l->slow_us <= (uint64_t)median * SLOWER ||
	    l->slow_us <= median + SLOW_US)
		return;
	subject = subject_path_to(&l->flow.src, &l->flow.dst, l->flow.dst_port,
				  6);
	g = finding_raise(c->findings, &slow_def, &subject, "", l->slow_ns,
			  l->slow_ns + l->slow_us * NS_PER_US);
	if (!g)
		return;
	addr_text(&l->flow.src, client);
	endpoint_text(&l->flow.dst, l->flow.dst_port, service);
	when_duration(l->slow_us * NS_PER_US, took);
	when_duration(median * NS_PER_US, usual);
	g->count = 1;
	g->has_flow = true;
	g->flow = l->flow;
	for (int i = 0; i < 3; i++)
		finding_frame(g, l->slow_frames[i]);
	finding_title(g, "%s answered a SYN of %s only after %s", service,
		      client, took);
	finding_summary(g,
			"The SYN-ACK came after %s, without a repeat; the "
			"usual time of this service is %s.",
			took, usual);
}

static void say_lost(struct finding *g, const struct late *l)
{
	if (l->syn_lost)
		finding_add(g,
			    " In %u the SYN was lost: the answer names a "
			    "later one.",
			    l->syn_lost);
	if (l->synack_lost)
		finding_add(g,
			    " In %u the first SYN had arrived: an answer was "
			    "lost, or came later than the client waits.",
			    l->synack_lost);
	if (l->third_lost)
		finding_add(g,
			    " In %u the third packet was lost behind this "
			    "point: the server repeated its SYN-ACK.",
			    l->third_lost);
	if (l->unknown)
		finding_add(g, " In %u it is not known which way lost it.",
			    l->unknown);
}

static void retried_raise(struct opening *o, struct late *l,
			  const struct detector_context *c)
{
	const struct service *s =
		service_find(o, &l->flow.dst, l->flow.dst_port);
	struct subject subject = subject_path_to(&l->flow.src, &l->flow.dst,
						 l->flow.dst_port, 6);
	struct finding *g = finding_raise(c->findings, &retried_def, &subject,
					  "", l->first_ns, l->last_ns);
	char client[ADDR_TEXT], service[ENDPOINT_TEXT], took[WHEN_TEXT];
	uint32_t tries = s && s->opened > l->opens ? s->opened : l->opens;

	l->dirty = false;
	if (!g)
		return;
	g->count = l->opens;
	g->has_flow = true;
	g->flow = l->flow;
	for (uint8_t i = 0; i < l->frame_count; i++)
		finding_frame(g, l->frames[i]);
	addr_text(&l->flow.src, client);
	endpoint_text(&l->flow.dst, l->flow.dst_port, service);
	finding_title(g, "%s reached %s only after repeats", client, service);
	finding_summary(
		g,
		"%u of %u connection%s to %s opened only after a packet "
		"of the handshake was repeated; the slowest took %s.",
		l->opens, tries, plural(tries), service,
		when_duration(l->worst_ns, took));
	say_lost(g, l);
}

void late_clock(struct opening *o, const struct detector_context *c)
{
	for (struct late *l = table_oldest(o->late); l;
	     l = table_newer(o->late, l)) {
		if (l->dirty || (c->at_end && l->opens))
			retried_raise(o, l, c);
		if (l->slow_us && c->at_end)
			slow_raise(o, l, c);
	}
}
