/* SPDX-License-Identifier: BSD-3-Clause */
/* json_connections.c - --connections as JSON. */
#include "report/community.h"
#include "report/parts.h"

static json_t *json_number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* A number, or null where it is not known. */
static json_t *json_known(uint64_t n)
{
	return n ? json_number(n) : json_null();
}

/* Milliseconds, or null where it is not known. */
static json_t *json_ms(int64_t ns)
{
	return ns ? json_real((double)ns / 1e6) : json_null();
}

static json_t *json_side(const struct connection_side *s)
{
	json_t *j = json_object(), *kinds = json_object();

	for (unsigned i = 0; i < MECHANISMS; i++)
		if (mechanism_name(i))
			json_object_set_new(kinds, mechanism_name(i),
					    json_number(s->resent_kind[i]));
	json_object_set_new(j, "state", json_string(tcp_state_name(s->state)));
	json_object_set_new(j, "state_frame", json_number(s->state_frame));
	json_object_set_new(j, "bytes", json_number(s->bytes));
	json_object_set_new(j, "data_segments", json_number(s->data_segments));
	json_object_set_new(j, "resent", json_number(s->resent));
	json_object_set_new(j, "resent_by", kinds);
	json_object_set_new(j, "window", json_number(s->window));
	json_object_set_new(j, "limited_by",
			    json_text(pace_limit_name(s->limit)));
	json_object_set_new(j, "limit_bytes", json_known(s->limit_bytes));
	json_object_set_new(j, "needed_bytes", json_known(s->needed_bytes));
	return j;
}

static json_t *json_row(const struct connection_row *r)
{
	char flow[FLOW_TEXT], community[COMMUNITY_TEXT];
	json_t *j = json_object(), *frames = json_array();

	community_of(&r->flow, community);
	json_array_append_new(frames, json_number(r->first_frame));
	json_array_append_new(frames, json_number(r->last_frame));
	json_object_set_new(j, "flow", json_string(flow_text(&r->flow, flow)));
	json_object_set_new(j, "community_id", json_string(community));
	json_object_set_new(j, "first", json_time(r->first_ns));
	json_object_set_new(j, "last", json_time(r->last_ns));
	json_object_set_new(j, "frames", frames);
	json_object_set_new(j, "opening_seen", json_boolean(r->opened));
	json_object_set_new(j, "open_at_end", json_boolean(r->at_end));
	json_object_set_new(j, "rtt_min_ms", json_ms(r->rtt_min_ns));
	json_object_set_new(j, "rtt_usual_ms", json_ms(r->rtt_median_ns));
	json_object_set_new(j, "client", json_side(&r->side[0]));
	json_object_set_new(j, "server", json_side(&r->side[1]));
	return j;
}

json_t *json_connections(const struct connections *c)
{
	json_t *rows = json_array();

	for (uint32_t i = 0; i < c->count; i++)
		json_array_append_new(rows, json_row(&c->rows[i]));
	return rows;
}
