/* SPDX-License-Identifier: BSD-3-Clause */
/* sample.h - a diagnosis made by hand: a gateway that went silent. */
#ifndef UPSTACK_TESTS_UNIT_REPORT_SAMPLE_H
#define UPSTACK_TESTS_UNIT_REPORT_SAMPLE_H

#include "unit/base/unit.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "analysis/diagnosis.h"
#include "report/report.h"

enum { SAMPLE_FINDINGS = 4 };

#define SAMPLE_START 1795501393000001000LL

static const struct finding_def gateway_def = {
	.id = "arp.gateway_unresolved",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.title = "The gateway does not answer ARP",
	.advice = {"is the gateway up and in this VLAN?"},
};
static const struct finding_def peer_def = {
	.id = "tcp.peer_lost",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_FLOW,
	.title = "A connection was resent until it was given up",
};
static const struct finding_def dns_def = {
	.id = "dns.no_answer",
	.layer = LAYER_APPLICATION,
	.most = WARNING,
	.subject = SUBJECT_NAME,
	.title = "A DNS query was not answered",
};
static const struct finding_def fragments_def = {
	.id = "ip.fragmented",
	.layer = LAYER_NETWORK,
	.most = NOTICE,
	.subject = SUBJECT_PATH,
	.title = "Packets are fragmented",
};

struct sample {
	struct finding finding[SAMPLE_FINDINGS];
	const struct finding *order[SAMPLE_FINDINGS];
	struct checks checks;
	struct coverage coverage;
	struct link_info link;
	struct diagnosis diagnosis;
	struct report_options options;
};

static inline struct addr sample_addr(const char *text)
{
	uint8_t b[16];

	if (inet_pton(AF_INET, text, b) == 1)
		return addr_v4(b);
	assert_int_equal(inet_pton(AF_INET6, text, b), 1);
	return addr_v6(b);
}

static inline void sample_gateway(struct finding *f)
{
	const struct addr gateway = sample_addr("192.168.1.1");

	f->def = &gateway_def;
	f->subject = subject_host(&gateway);
	f->severity = CRITICAL;
	f->confidence = CERTAIN;
	finding_title(f, "The gateway 192.168.1.1 stopped answering at "
			 "06:24:35");
	finding_summary(f, "52:54:00:aa:bb:01 sent its last frame at "
			   "06:24:35.2 (frame 611). 192.168.1.20 asked for it "
			   "3 times by unicast, 14 times by broadcast until "
			   "the end (frames 702 703 704); nobody replied.");
	finding_advise(f, "is the gateway up and in this VLAN?");
	finding_advise(f, "arping -I eth0 192.168.1.1");
	snprintf(f->key, sizeof(f->key), "arp.gateway_unresolved#1");
	f->count = 17;
	f->first_ns = SAMPLE_START + 82000000000LL;
	f->last_ns = SAMPLE_START + 162000000000LL;
	finding_frame(f, 702);
	finding_frame(f, 611);
}

static inline void sample_peer(struct finding *f, const struct finding *cause)
{
	const struct flow flow = {sample_addr("192.168.1.20"),
				  sample_addr("198.51.100.7"),
				  40000,
				  443,
				  6,
				  {0}};

	f->def = &peer_def;
	f->subject = subject_flow(&flow);
	f->severity = CRITICAL;
	f->confidence = LIKELY;
	finding_title(f, "192.168.1.20:40000 > 198.51.100.7:443 was resent "
			 "until it was given up");
	snprintf(f->key, sizeof(f->key), "tcp.peer_lost#1");
	f->count = 1;
	f->first_ns = f->last_ns = SAMPLE_START + 85000000000LL;
	finding_frame(f, 614);
	finding_frame(f, 620);
	finding_frame(f, 633);
	f->caused_by[f->cause_count++] = cause;
}

static inline void sample_dns(struct finding *f, const struct finding *cause)
{
	const struct addr client = sample_addr("192.168.1.20");
	const struct addr server = sample_addr("9.9.9.9");

	f->def = &dns_def;
	f->subject = subject_name("www.example.com", &client, &server);
	f->severity = WARNING;
	f->confidence = CERTAIN;
	finding_title(f, "1 DNS query to 9.9.9.9 unanswered");
	snprintf(f->key, sizeof(f->key), "dns.no_answer#1");
	f->count = 1;
	f->first_ns = f->last_ns = SAMPLE_START + 90000000000LL;
	finding_frame(f, 640);
	f->caused_by[f->cause_count++] = cause;
}

static inline void sample_fragments(struct finding *f)
{
	const struct addr from = sample_addr("192.168.1.20");
	const struct addr to = sample_addr("203.0.113.9");

	f->def = &fragments_def;
	f->subject = subject_path_to(&from, &to, 53, 17);
	f->severity = NOTICE;
	f->confidence = CERTAIN;
	finding_summary(f, "12 datagrams of 192.168.1.20 to 203.0.113.9 came "
			   "in two fragments each.");
	snprintf(f->key, sizeof(f->key), "ip.fragmented#1");
	f->count = 12;
	f->first_ns = SAMPLE_START;
	f->last_ns = SAMPLE_START + 1000000000LL;
	finding_frame(f, 17);
}

/* Free it with free(). */
static inline struct sample *sample_new(void)
{
	static const char *const files[] = {"captures/office.pcap"};
	struct sample *s = calloc(1, sizeof(*s));
	struct diagnosis *d;

	assert_non_null(s);
	d = &s->diagnosis;
	sample_gateway(&s->finding[0]);
	sample_fragments(&s->finding[1]);
	sample_peer(&s->finding[2], &s->finding[0]);
	sample_dns(&s->finding[3], &s->finding[2]);
	for (int i = 0; i < SAMPLE_FINDINGS; i++)
		s->order[i] = &s->finding[i];
	s->coverage.packets = 1204;
	s->coverage.bytes = 123456;
	s->coverage.first_ns = SAMPLE_START;
	s->coverage.last_ns = SAMPLE_START + 162100000000LL;
	s->link.vlan_count = 1;
	s->link.vlan[0] = 42;
	check_add(&s->checks, CHECK_WORKS, LAYER_DATA_LINK,
		  "3 neighbours answered");
	check_add(&s->checks, CHECK_WORKS, LAYER_APPLICATION,
		  "18 DNS lookups (median 12 ms)");
	check_add(&s->checks, CHECK_NOT_FAULT, LAYER_NETWORK,
		  "1 traceroute (frame 40)");
	check_add(&s->checks, CHECK_NOT_JUDGED, LAYER_TRANSPORT,
		  "4 connections: only one direction was seen");
	*d = (struct diagnosis){.coverage = &s->coverage,
				.checks = &s->checks,
				.finding_count = SAMPLE_FINDINGS,
				.findings = s->order,
				.vantage = VANTAGE_HOST,
				.self = sample_addr("192.168.1.20"),
				.link_count = 1,
				.links = &s->link};
	d->layer[LAYER_CAPTURE] = (struct layer_verdict){
		WORKS, "nothing dropped, both directions: to be trusted"};
	d->layer[LAYER_PHYSICAL] = (struct layer_verdict){
		NOT_SEEN, "a saved capture cannot show it"};
	d->layer[LAYER_DATA_LINK] = (struct layer_verdict){
		BROKEN, "gateway 192.168.1.1 is silent; 3 neighbours answer"};
	d->layer[LAYER_NETWORK] = (struct layer_verdict){
		BROKEN, "nothing leaves the link since 06:24:35"};
	d->layer[LAYER_TRANSPORT] =
		(struct layer_verdict){DEGRADED, "1 connection died"};
	s->options = (struct report_options){.format = REPORT_TEXT,
					     .width = 80,
					     .title = "office.pcap",
					     .files = files,
					     .file_count = 1};
	return s;
}

/* The report as text; free it. */
static inline char *sample_report(const struct sample *s)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(report_write(out, &s->options, &s->diagnosis), 0);
	fclose(out);
	return text;
}

#endif
