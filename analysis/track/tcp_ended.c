/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_ended.c - a connection in numbers, told once when nothing more comes. */
#include <string.h>

#include "analysis/track/tcp_pace.h"
#include "analysis/track/tcp_table.h"

/* As ss prints it: RFC 9293, 3.3.2. */
static uint8_t state_of(const struct connection *c, unsigned side)
{
	const struct side *own = &c->side[side], *peer = &c->side[!side];
	bool fin = side_has(own, SIDE_FIN),
	     done = side_has(own, SIDE_FIN_ACKED);
	bool peer_fin = side_has(peer, SIDE_FIN);
	bool peer_done = side_has(peer, SIDE_FIN_ACKED);

	if (side_has(own, SIDE_RST) || side_has(peer, SIDE_RST))
		return TCPS_CLOSED;
	if (!fin)
		return peer_fin && peer_done ? TCPS_CLOSE_WAIT : TCPS_ESTAB;
	if (!peer_fin)
		return done ? TCPS_FIN_WAIT_2 : TCPS_FIN_WAIT_1;
	if (!done)
		return peer_done ? TCPS_LAST_ACK : TCPS_CLOSING;
	if (!peer_done)
		return TCPS_CLOSING;
	return c->first_fin == side + 1 ? TCPS_TIME_WAIT : TCPS_CLOSED;
}

static void fill_unanswered(struct tcp_side *n, const struct trouble *b)
{
	if (!b->again_count)
		return;
	n->unanswered_resends = b->again_count;
	n->unanswered_ns = b->again_last_ns - b->again_first_ns;
}

/* Acknowledged, and nothing fills it any more: the capture lacks it.  What was
 * acknowledged a moment ago may merely be out of order. */
static void fill_holes(struct tcp_side *n, const struct connection *c,
		       const struct side *s, int64_t now_ns)
{
	const struct trouble *b = s->trouble;
	bool known = c->bits & CONN_SYN_SEEN || now_ns - c->first_ns > NS_PER_S;

	if (!known || c->bits & CONN_FRAGMENTS)
		return;
	for (uint16_t i = 0; i < b->holes; i++) {
		const struct hole *h = &b->hole[i];

		if (h->range.end > s->una)
			break;
		if (!h->acked_ns || now_ns - h->acked_ns < NS_PER_MS ||
		    hole_is_older(s, h))
			continue;
		if (!n->capture_gaps++)
			n->gap_frame = h->frame;
		n->capture_gap_bytes += h->range.end - h->range.start;
	}
}

static void fill_side(struct tcp_side *n, const struct connection *c,
		      unsigned i, int64_t now_ns)
{
	const struct side *s = &c->side[i];
	const struct trouble *b = s->trouble;
	uint64_t first = side_base(s) + !side_has(s, SIDE_MIDSTREAM);

	if (b) {
		*n = b->counts;
		fill_unanswered(n, b);
		fill_holes(n, c, s, now_ns);
		if (b->zero_ns && b->zero_felt) {
			n->zero_at_end_ns = now_ns - b->zero_ns;
			n->zero_window_ns += n->zero_at_end_ns;
			n->zero_probes_end = b->zero_probes;
		}
	}
	n->packets = s->packets;
	n->bytes = s->bytes;
	n->acked_bytes = s->una > first ? s->una - first : 0;
	if (n->acked_bytes && side_has(s, SIDE_FIN_ACKED))
		n->acked_bytes--;
	n->data_segments = s->data_segments;
	n->ack_moves = s->ack_moves;
	n->rr_min_ns = side_rr(s);
	n->rr_median_ns = s->rr_smooth_us * NS_PER_US;
	n->state = state_of(c, i);
	n->ttl = s->ttl;
	n->mss = s->mss;
	n->window = side_window(s);
	n->wscale = s->wscale < 15 ? s->wscale : 255;
	n->fin = side_has(s, SIDE_FIN);
	n->fin_acked = side_has(s, SIDE_FIN_ACKED);
	n->reset = side_has(s, SIDE_RST);
	n->sack = c->bits & CONN_SACK;
	n->timestamps = side_has(s, SIDE_TS);
	n->ecn = c->ecn;
	n->super_packets = side_has(s, SIDE_SUPER);
	n->last_ns = s->last_ns;
	n->last_frame =
		s->packets ? frame_since(c->first_frame, s->last_frame) : 0;
	n->fin_ns = c->fin_ns[i];
	n->fin_frame = n->fin ? n->last_frame : 0;
}

static void fill_first_data(struct tcp_ended_fact *e,
			    const struct connection *c)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct side *s = &c->side[i ? !c->client : c->client];
		const struct trouble *b = s->trouble;

		if (!(c->bits & CONN_OPENED) || !s->data_segments ||
		    s->una > side_base(s) + 1)
			continue;
		e->first_data_unanswered = true;
		e->first_data_tries =
			b && b->again_count ? b->again_count + 1 : 1;
		e->first_data_bytes = (uint32_t)(s->nxt - s->una > UINT32_MAX
							 ? UINT32_MAX
							 : s->nxt - s->una);
		e->first_data_ns =
			b && b->again_count
				? b->again_last_ns - b->again_first_ns
				: 0;
		return;
	}
}

/* The client's last request: it arrived, and the server said nothing more. */
static void fill_asked(struct tcp_ended_fact *e, const struct connection *c)
{
	const struct side *client = &c->side[c->client];
	const struct side *server = &c->side[!c->client];
	unsigned fin = side_has(server, SIDE_FIN);

	if (c->request_ns <= 0 || !client->window ||
	    client->una + side_has(client, SIDE_FIN) < client->nxt ||
	    wait_troubled(client, c->request_ns))
		return;
	if (!server->bytes && server->nxt - server->una > fin &&
	    server->nxt - server->una < UINT32_MAX)
		e->never_came = (uint32_t)(server->nxt - server->una - fin);
	e->asked_ns = c->request_ns;
	e->asked_frame = frame_since(c->first_frame, c->request_frame);
}

static void report(struct connection *c, bool evicted, bool at_end,
		   struct observer *out)
{
	const struct side *s = c->side;
	int64_t last_ns =
		s[0].last_ns > s[1].last_ns ? s[0].last_ns : s[1].last_ns;
	struct observation *o = observe_begin(out, OBS_TCP_ENDED, NULL);
	struct tcp_ended_fact *e = &o->as.ended;

	for (unsigned i = 0; i < 2; i++) {
		unsigned side = i ? !c->client : c->client;

		fill_side(&e->side[i], c, side, last_ns);
		e->passage[i] = passage_told(c, side);
	}
	e->flow = flow_name(c, c->client);
	e->syn_seen = c->bits & CONN_SYN_SEEN;
	e->opened = c->bits & CONN_OPENED;
	e->midstream = !e->opened;
	e->one_way = !s[0].packets || !s[1].packets;
	e->evicted = evicted;
	e->at_end = at_end && !(c->bits & CONN_CLOSED);
	e->first_ns = c->first_ns;
	e->first_frame = c->first_frame;
	e->last_ns = last_ns;
	for (unsigned i = 0; i < 2; i++)
		if (e->side[i].last_frame > e->last_frame)
			e->last_frame = e->side[i].last_frame;
	fill_first_data(e, c);
	fill_asked(e, c);
	if (c->paces && c->paces->waits.count > c->paces->waits.unasked) {
		e->server_wait_ns = c->paces->waits.worst_ns;
		e->server_waits = c->paces->waits.count;
		e->wait_frames[0] = c->paces->waits.frames[0];
		e->wait_frames[1] = c->paces->waits.frames[1];
	}
	o->link = c->link;
	o->frame = e->last_frame;
	o->time_ns = e->last_ns;
	observe_end(out);
}

void flow_end(struct tcp_tracker *t, struct connection *c, bool evicted,
	      bool at_end, struct observer *out)
{
	event_flush_side(t, c, 0, out);
	event_flush_side(t, c, 1, out);
	reset_end(t, c, out);
	for (unsigned i = 0; i < 2; i++)
		if (pace_at(c, i))
			pace_tell(c, i, out);
	report(c, evicted, at_end, out);
	paces_free(t, c);
	for (unsigned i = 0; i < 2; i++) {
		sent_free(t, &c->side[i]);
		trouble_free(t, &c->side[i]);
	}
	tcp_table_remove(t->table, c);
}
