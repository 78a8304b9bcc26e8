/* SPDX-License-Identifier: BSD-3-Clause */
/* parts.h - what the writers of report/ share. */
#ifndef UPSTACK_REPORT_PARTS_H
#define UPSTACK_REPORT_PARTS_H

#include <jansson.h>

#include "report/report.h"

enum { FLOW_TEXT = 2 * ENDPOINT_TEXT + 4, PROTOCOL_TEXT = 8 };

/* "192.0.2.1:40000 > 198.51.100.2:443"; without ports where there are none. */
const char *flow_text(const struct flow *f, char out[static FLOW_TEXT]);

/* "tcp", or the number of the protocol; returns `out`. */
const char *protocol_text(uint8_t protocol, char out[static PROTOCOL_TEXT]);

/* "fast", "rto": enum tcp_mechanism; NULL for none. */
const char *mechanism_name(unsigned mechanism);

/* The flow that a finding is about; false: none. */
bool finding_flow(const struct finding *f, struct flow *out);

/* The one-line title, and the n-th line of advice (NULL after the last). */
const char *finding_headline(const struct finding *f);
const char *finding_advice(const struct finding *f, unsigned n);

/* The display filter that shows it in Wireshark; `out` holds FILTER_TEXT bytes.
 */
const char *finding_filter_text(const struct finding *f,
				const struct diagnosis *d,
				char out[static FILTER_TEXT]);

/* Whether the options let a finding through. */
bool report_shows(const struct report_options *o, const struct finding *f);

/* JSON.  New references; NULL if memory ran out. */
json_t *
json_text(const char *s); /* null for NULL; made harmless if it is not */
json_t *json_time(int64_t ns);
/* Write it, as json_dumpf does; -1: the stream failed. */
int json_put(FILE *out, const json_t *j, size_t flags);
json_t *json_finding(const struct finding *f, const struct diagnosis *d);
json_t *json_capture(const struct report_options *o, const struct diagnosis *d);
json_t *json_layers(const struct diagnosis *d);
json_t *json_checks(const struct diagnosis *d, enum check_kind kind);
json_t *json_tool(void);
json_t *json_connections(const struct connections *c);

/* The writers. */
int text_write(FILE *out, const struct report_options *o,
	       const struct diagnosis *d);
int json_write(FILE *out, const struct report_options *o,
	       const struct diagnosis *d);
int ndjson_write(FILE *out, const struct report_options *o,
		 const struct diagnosis *d);

#endif
