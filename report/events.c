/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events.c - a line of NDJSON for each segment that is not simply in order.
 *
 * Nothing here comes from the wire as text, so nothing has to be escaped; the
 * names of a flow are made once and kept in a small cache.
 */
#include "report/parts.h"

#include <stdlib.h>

#include "base/text.h"
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

static const char *const mechanism_names[MECHANISMS] = {
	[RESENT_FAST] = "fast",
	[RESENT_SACK] = "sack",
	[RESENT_RACK] = "rack",
	[RESENT_TLP] = "tlp",
	[RESENT_RTO] = "rto",
	[RESENT_RTO_RECOVERY] = "rto_recovery",
	[RESENT_LOST_AGAIN] = "lost_again",
	[RESENT_PMTU] = "pmtu",
	[RESENT_SYN] = "syn",
	[RESENT_SYNACK] = "synack",
	[RESENT_FIN] = "fin",
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
	uint64_t hash = hash_bytes(f, sizeof(*f), w->key);
	struct named_flow *n = &w->cache[hash % CACHED_FLOWS];

	if (memcmp(&n->flow, f, sizeof(*f)) != 0) {
		memcpy(&n->flow, f, sizeof(*f));
		flow_text(f, n->text);
		community_of(f, n->community);
	}
	return n;
}

/* "key":"value" or "key":null, with a comma before. */
static void add_word(struct text *t, const char *key, const char *value)
{
	text_add(t, value ? ",\"%s\":\"%s\"" : ",\"%s\":null", key, value);
}

/* Frame 0 and the like are "not known". */
static void add_number(struct text *t, const char *key, uint64_t value)
{
	if (value)
		text_add(t, ",\"%s\":%llu", key, (unsigned long long)value);
	else
		add_word(t, key, NULL);
}

static void add_name(struct text *t, const struct tcp_segment_fact *s)
{
	const char *how =
		s->spurious ? "spurious" : mechanism_names[s->mechanism];

	if (s->class == SEG_RETRANSMISSION)
		text_add(t, ",\"event\":\"tcp.retransmission.%s\"",
			 how ? how : "rto");
	else
		text_add(t, ",\"event\":\"tcp.%s\"", class_names[s->class]);
}

/* Milliseconds with the precision of the capture. */
static void add_gap(struct text *t, int64_t ns)
{
	if (ns <= 0)
		add_word(t, "gap_ms", NULL);
	else
		text_add(t, ",\"gap_ms\":%lld.%06lld",
			 (long long)(ns / NS_PER_MS),
			 (long long)(ns % NS_PER_MS));
}

static void add_segment(struct text *t, const struct tcp_segment_fact *s)
{
	text_add(t, ",\"seq\":%llu,\"len\":%u", (unsigned long long)s->seq,
		 s->bytes);
	add_word(t, "mechanism", mechanism_names[s->mechanism]);
	add_word(t, "decided_by", decided_names[s->decided_by]);
	add_word(t, "lost", lost_names[s->lost]);
	add_word(t, "confidence",
		 s->decided_by ? confidence_name(s->confidence) : NULL);
	add_number(t, "original_frame", s->original_frame);
	add_number(t, "trigger_frame", s->trigger_frame);
	add_gap(t, s->gap_ns);
	add_number(t, "try", s->tries);
	text_add(t, ",\"conflict\":%s}\n", s->conflict ? "true" : "false");
}

int report_event(struct report_events *w, const struct observation *o)
{
	const struct tcp_segment_fact *s = &o->as.segment;
	const struct named_flow *flow = name_flow(w, &s->flow);
	char line[EVENT_LINE], when[WHEN_TEXT];
	struct text t = text_over(line, sizeof(line));

	text_add(&t, "{\"type\":\"event\"");
	add_name(&t, s);
	text_add(&t, ",\"frame\":%llu,\"time\":\"%s\",\"flow\":\"%s\"",
		 (unsigned long long)o->frame, when_rfc3339(o->time_ns, when),
		 flow->text);
	add_word(&t, "community_id",
		 flow->community[0] ? flow->community : NULL);
	add_segment(&t, s);
	return fwrite(line, 1, t.used, w->out) == t.used ? 0 : -1;
}
