/* SPDX-License-Identifier: BSD-3-Clause */
/* text_connections.c - --connections as text: three lines a connection. */
#include <inttypes.h>

#include "base/text.h"
#include "base/when.h"
#include "report/community.h"
#include "report/text_page.h"

enum { INDENT = 3, LINE = 512 };

static const char *const order_names[ORDERS] = {"bytes", "segments sent again",
						"round trip", "duration"};

static const char *const limit_texts[PACE_LIMITS] = {
	[LIMIT_APPLICATION] = "the application",
	[LIMIT_WINDOW] = "the receiver's window",
	[LIMIT_LOSS] = "loss",
	[LIMIT_QUEUE] = "the line's rate: a queue grows",
	[LIMIT_BUFFER] = "the sender's buffer",
	[LIMIT_SLOW_START] = "slow start",
};

/* What many connections in one state usually mean. */
static const struct {
	uint8_t state;
	const char *means;
} readings[] = {
	{TCPS_SYN_SENT, "many: filtered, or the server is down"},
	{TCPS_SYN_RECV, "many: clients that vanish, a flood, or a full queue"},
	{TCPS_ESTAB, NULL},
	{TCPS_FIN_WAIT_1, "many: the peers are gone"},
	{TCPS_FIN_WAIT_2, "many: the peers do not close"},
	{TCPS_CLOSE_WAIT, "many: the application does not close"},
	{TCPS_LAST_ACK, "many: the peers are gone"},
	{TCPS_CLOSING, NULL},
	{TCPS_TIME_WAIT, "many towards one service: its client may run out of "
			 "ports"},
	{TCPS_CLOSED, NULL},
};

static void write_states(struct page *p, const struct connections *c)
{
	char line[LINE];

	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		uint8_t state = readings[i].state;
		struct text t = text_over(line, sizeof(line));

		if (!c->by_state[0][state] && !c->by_state[1][state])
			continue;
		text_add(&t, "%-11s clients %" PRIu64 ", servers %" PRIu64,
			 tcp_state_name(state), c->by_state[0][state],
			 c->by_state[1][state]);
		if (readings[i].means)
			text_add(&t, "   (%s)", readings[i].means);
		page_to(p, INDENT);
		page_put(p, line);
		page_newline(p);
	}
}

static void add_resent(struct text *t, const struct connection_side *s,
		       const char *who)
{
	const char *between = " (";

	if (!s->resent)
		return;
	text_add(t, ", %s resent %" PRIu32 " of %" PRIu32, who, s->resent,
		 s->data_segments);
	for (unsigned i = 0; i < MECHANISMS; i++)
		if (s->resent_kind[i] && mechanism_name(i)) {
			text_add(t, "%s%" PRIu32 " %s", between,
				 s->resent_kind[i], mechanism_name(i));
			between = ", ";
		}
	if (between[0] == ',')
		text_add(t, ")");
}

static void add_rtt(struct text *t, const struct connection_row *r)
{
	char low[WHEN_TEXT], median[WHEN_TEXT];

	if (r->rtt_min_ns)
		text_add(t, ", round trip %s, usual %s",
			 when_duration(r->rtt_min_ns, low),
			 when_duration(r->rtt_median_ns, median));
}

static void add_limits(struct text *t, const struct connection_row *r)
{
	static const char *const way[] = {"up", "down"};

	for (int i = 0; i < 2; i++) {
		const struct connection_side *s = &r->side[i];

		if (!limit_texts[s->limit])
			continue;
		text_add(t, "%s held back by %s", way[i],
			 limit_texts[s->limit]);
		if (s->limit == LIMIT_SLOW_START)
			text_add(t,
				 ": at most %" PRIu64 " of %" PRIu64
				 " bytes at once (a connection that is kept "
				 "open begins with more)",
				 s->limit_bytes, s->needed_bytes);
		else if (s->limit_bytes)
			text_add(t,
				 ": %" PRIu64 " bytes a round trip (100 Mbit/s "
				 "need %" PRIu64 ")",
				 s->limit_bytes, s->needed_bytes);
		text_add(t, ", ");
	}
}

static void write_words(struct page *p, const char *line)
{
	page_to(p, INDENT);
	page_words(p, line, INDENT, 0);
	page_newline(p);
}

static void write_row(struct page *p, const struct connection_row *r)
{
	char line[LINE], flow[FLOW_TEXT], took[WHEN_TEXT];
	char community[COMMUNITY_TEXT];
	struct text t = text_over(line, sizeof(line));

	text_add(&t, "%s   %s / %s", flow_text(&r->flow, flow),
		 tcp_state_name(r->side[0].state),
		 tcp_state_name(r->side[1].state));
	page_styled(p, BOLD, line);
	page_newline(p);
	t = text_over(line, sizeof(line));
	text_add(&t, "%" PRIu64 " bytes up, %" PRIu64 " down in %s",
		 r->side[0].bytes, r->side[1].bytes,
		 when_duration(r->last_ns - r->first_ns, took));
	add_rtt(&t, r);
	add_resent(&t, &r->side[0], "client");
	add_resent(&t, &r->side[1], "server");
	write_words(p, line);
	t = text_over(line, sizeof(line));
	add_limits(&t, r);
	community_of(&r->flow, community);
	text_add(&t,
		 "windows %" PRIu32 " / %" PRIu32 ", frames %" PRIu64
		 " to %" PRIu64 " (states: %" PRIu64 " %" PRIu64 "), %s",
		 r->side[0].window, r->side[1].window, r->first_frame,
		 r->last_frame, r->side[0].state_frame, r->side[1].state_frame,
		 community);
	write_words(p, line);
}

void text_connections(struct page *p, const struct connections *c)
{
	char line[LINE];
	struct text t = text_over(line, sizeof(line));

	text_add(&t, "Connections: %" PRIu64, c->total);
	if (c->total > c->count)
		text_add(&t, ", the first %" PRIu32 " by %s", c->count,
			 order_names[c->order]);
	page_newline(p);
	page_styled(p, BOLD, line);
	page_newline(p);
	write_states(p, c);
	for (uint32_t i = 0; i < c->count; i++)
		write_row(p, &c->rows[i]);
}
