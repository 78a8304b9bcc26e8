/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events.c - a line of NDJSON for each segment that is not simply in order.
 *
 * Nothing here comes from the wire as text, so nothing has to be escaped. There
 * can be as many events as packets, so the names of a flow and the date are
 * made once and kept, and a line is put together without printf.
 */
#include "report/parts.h"

#include <assert.h>
#include <stdlib.h>

#include "base/when.h"
#include "report/community.h"

enum { CACHED_FLOWS = 256, EVENT_LINE = 768 };

struct named_flow {
	struct flow flow; /* family 0: empty */
	char text[FLOW_TEXT];
	char community[COMMUNITY_TEXT];
};

struct report_events {
	FILE *out;
	struct hash_key key;
	int64_t second_ns;    /* the time whose text is kept */
	char when[WHEN_TEXT]; /* "" before the first */
	struct named_flow cache[CACHED_FLOWS];
};

static const char *const class_names[SEGMENT_CLASSES] = {
	[SEG_RETRANSMISSION] = "retransmission",
	[SEG_DUPLICATE_NETWORK] = "duplicate.network",
	[SEG_DUPLICATE_CAPTURE] = "duplicate.capture",
	[SEG_OUT_OF_ORDER] = "out_of_order",
	[SEG_GAP] = "gap",
	[SEG_CAPTURE_GAP] = "capture_gap",
	[SEG_KEEP_ALIVE] = "keep_alive",
	[SEG_KEEP_ALIVE_ACK] = "keep_alive_ack",
	[SEG_ZERO_WINDOW] = "zero_window",
	[SEG_ZERO_WINDOW_PROBE] = "zero_window_probe",
	[SEG_ZERO_WINDOW_PROBE_ACK] = "zero_window_probe_ack",
	[SEG_WINDOW_FULL] = "window_full",
	[SEG_WINDOW_UPDATE] = "window_update",
	[SEG_DUP_ACK] = "dup_ack",
	[SEG_DSACK] = "dsack",
	[SEG_CHALLENGE_ACK] = "challenge_ack",
	[SEG_OUT_OF_WINDOW] = "out_of_window",
	[SEG_DATA_AFTER_FIN] = "data_after_fin",
	[SEG_TFO_RESEND] = "tfo_resend",
	[SEG_PORT_REUSE] = "port_reuse",
	[SEG_RESET] = "reset",
};

static const char *const decided_names[] = {
	[BY_UNDECIDED] = NULL,	      [BY_IP_ID] = "ip_id",
	[BY_TIMESTAMP] = "timestamp", [BY_CAUSALITY] = "causality",
	[BY_DSACK] = "dsack",	      [BY_TIME] = "time",
};

static const char *const lost_names[] = {
	[LOST_UNKNOWN] = "unknown", [LOST_BEFORE] = "before",
	[LOST_AFTER] = "after",	    [LOST_CAPTURE] = "capture",
	[LOST_NONE] = "none",
};

struct report_events *report_events_new(FILE *out)
{
	struct report_events *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->out = out;
	w->key = hash_key_new();
	return w;
}

void report_events_free(struct report_events *w)
{
	free(w);
}

static const struct named_flow *name_flow(struct report_events *w,
					  const struct flow *f)
{
	uint64_t hash = hash_quick(f, sizeof(*f), w->key);
	struct named_flow *n = &w->cache[hash % CACHED_FLOWS];

	if (memcmp(&n->flow, f, sizeof(*f)) != 0) {
		memcpy(&n->flow, f, sizeof(*f));
		flow_text(f, n->text);
		community_of(f, n->community);
	}
	return n;
}

/* A line being written.  The longest possible one is far below EVENT_LINE: two
 * dozen keys, two endpoints, and numbers of at most 20 digits. */
struct line {
	char bytes[EVENT_LINE];
	size_t used;
};

static void add(struct line *l, const char *text)
{
	size_t size = strlen(text);

	assert(l->used + size <= sizeof(l->bytes));
	memcpy(l->bytes + l->used, text, size);
	l->used += size;
}

/* In decimal, with zeros in front up to `least` digits. */
static void add_digits(struct line *l, uint64_t value, int least)
{
	char digits[24];
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	for (; value || least > 0; value /= 10, least--)
		*--at = (char)('0' + value % 10);
	add(l, at);
}

/* "value" or null; the key carries its comma, quotes and colon. */
static void add_word(struct line *l, const char *key, const char *value)
{
	add(l, key);
	add(l, value ? "\"" : "null");
	if (!value)
		return;
	add(l, value);
	add(l, "\"");
}

/* Frame 0 and the like are "not known". */
static void add_number(struct line *l, const char *key, uint64_t value)
{
	add(l, key);
	if (value)
		add_digits(l, value, 1);
	else
		add(l, "null");
}

static void add_name(struct line *l, const struct tcp_segment_fact *s)
{
	const char *how =
		s->spurious ? "spurious" : mechanism_name(s->mechanism);

	add(l, ",\"event\":\"tcp.");
	add(l, class_names[s->class]);
	if (s->class == SEG_RETRANSMISSION) {
		add(l, ".");
		add(l, how ? how : mechanism_name(RESENT_RTO));
	}
	add(l, "\"");
}

/* The date and time of a second are the costly part. */
static void add_time(struct line *l, struct report_events *w, int64_t ns)
{
	enum { FRACTION_AT = 20 }; /* behind "2026-11-24T06:23:13." */
	int64_t rest = ns % NS_PER_S;
	int64_t second_ns = ns - (rest < 0 ? rest + NS_PER_S : rest);

	if (!w->when[0] || second_ns != w->second_ns) {
		when_rfc3339(second_ns, w->when);
		w->when[FRACTION_AT] = '\0';
		w->second_ns = second_ns;
	}
	add(l, ",\"time\":\"");
	add(l, w->when);
	add_digits(l, (uint64_t)(ns - second_ns), 9);
	add(l, "Z\"");
}

/* Milliseconds with the precision of the capture. */
static void add_gap(struct line *l, int64_t ns)
{
	add(l, ",\"gap_ms\":");
	if (ns <= 0) {
		add(l, "null");
		return;
	}
	add_digits(l, (uint64_t)(ns / NS_PER_MS), 1);
	add(l, ".");
	add_digits(l, (uint64_t)(ns % NS_PER_MS), 6);
}

static void add_segment(struct line *l, const struct tcp_segment_fact *s)
{
	add(l, ",\"seq\":");
	add_digits(l, s->seq, 1);
	add(l, ",\"len\":");
	add_digits(l, s->bytes, 1);
	add_word(l, ",\"mechanism\":", mechanism_name(s->mechanism));
	add_word(l, ",\"decided_by\":", decided_names[s->decided_by]);
	add_word(l, ",\"lost\":", lost_names[s->lost]);
	add_word(l, ",\"confidence\":",
		 s->decided_by ? confidence_name(s->confidence) : NULL);
	add_number(l, ",\"original_frame\":", s->original_frame);
	add_number(l, ",\"trigger_frame\":", s->trigger_frame);
	add_gap(l, s->gap_ns);
	add_number(l, ",\"try\":", s->tries);
	/* that nothing differs is not known: payloads are not kept */
	add(l, s->conflict ? ",\"conflict\":true}\n" : ",\"conflict\":null}\n");
}

int report_event(struct report_events *w, const struct observation *o)
{
	const struct tcp_segment_fact *s = &o->as.segment;
	const struct named_flow *flow = name_flow(w, &s->flow);
	struct line l;

	l.used = 0;
	add(&l, "{\"type\":\"event\"");
	add_name(&l, s);
	add_number(&l, ",\"frame\":", o->frame);
	add_time(&l, w, o->time_ns);
	add_word(&l, ",\"flow\":", flow->text);
	add_word(&l, ",\"community_id\":",
		 flow->community[0] ? flow->community : NULL);
	add_segment(&l, s);
	return fwrite(l.bytes, 1, l.used, w->out) == l.used ? 0 : -1;
}
