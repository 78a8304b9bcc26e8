/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * capture_limits.c - memory ran short: which findings that weakens.
 *
 * Tables are told by what a reader asks about, not by their names; those are in
 * the output's limits_reached.
 */
#include <inttypes.h>
#include <string.h>

#include "analysis/detector.h"
#include "base/text.h"

static const struct finding_def limits_def = {
	.id = "capture.limits",
	.layer = LAYER_CAPTURE,
	.most = NOTICE,
	.subject = SUBJECT_CAPTURE,
	.title = "There was more to remember than memory was granted for",
	.advice = {"Grant more memory: --memory 2GiB",
		   "Analyse a part of the capture: a filter, or a shorter "
		   "time"},
};

/* What is weaker where one of these tables forgot something. */
struct area {
	const char *name; /* for a reader */
	const char *ids;  /* beginnings of the ids that it weakens, by blanks */
	const char *tables; /* ended by '|' each */
};

static const struct area areas[] = {
	{"neighbours (ARP, ND)", "arp. nd.",
	 "ARP questions|ARP askers|ARP scanners|ARP rates|ARP claims|"
	 "ARP for far addresses|ND questions|ND askers|ND scanners|ND claims|"
	 "neighbour questions|neighbours that answered|questions and their "
	 "tags|ways to silent stations|"},
	{"the link and its switches", "eth. vlan. stp. link. fhrp. eap.",
	 "802.1X stations|links with broadcasts|links with devices|"
	 "links with loops|links with routers|links with storms|links|"
	 "places of stations|stations that begin anew|router groups|senders of "
	 "PVST+|spanning trees|"
	 "speakers of spanning trees|MTU of neighbours|"},
	{"DHCP", "dhcp.", "DHCP clients|DHCP sessions|"},
	{"who owns which address and where it is", "arp. nd. ip.not_forwarded",
	 "known owners|known stations|known cards|known hosts|"
	 "known mac_pairs|known addr_pairs|known vias|known wanted|"
	 "known askers|known gateways|known shared|known prefixes|"
	 "known resolvers|hosts behind gateways|forwarding stations|"},
	{"pings", "icmp.echo icmp.flood",
	 "ping pairs|pinged hosts|pinging hosts|pings|unanswered pings|"},
	{"path MTU and fragments", "pmtu. ip.fragments",
	 "connections in trouble by size|fragmented datagrams|"
	 "fragmenting pairs|paths by packet size|paths with a known MTU|"},
	{"routes", "ip. icmp.",
	 "ICMP unreachable|expired paths|redirects|traceroutes|"
	 "martian addresses|martian addresses seen|"
	 "flows with congestion marks|"},
	{"how TCP connections open, scans and floods",
	 "tcp.handshake tcp.service_down tcp.port_scan tcp.host_sweep "
	 "tcp.syn_flood tcp.flash_crowd tcp.backscatter",
	 "TCP servers|TCP services|failed paths|half-open attempts|"
	 "paths of handshakes|reached services|repeated SYN-ACKs|scanners|"
	 "services that ignore clients|slow openings|sources and hosts|"
	 "sources and ports|targets of unasked answers|unasked answers|"
	 "unanswered SYNs|"},
	{"TCP connections in use", "tcp.",
	 "TCP connections|TCP segments|busy paths|slow services|"
	 "clients of a service|transfers|"},
	{"UDP", "udp. ntp. quic. rtp.",
	 "TFTP clients|UDP flows|UDP sources and hosts|UDP sources and ports|"
	 "UDP targets|amplification targets|closed UDP ports|flooded targets|"
	 "refused UDP sources|targets of scanners|"},
	{"DNS", "dns.",
	 "DNS exchanges|DNS lookups|DNS retries|DNS clients|DNS servers|"
	 "DNS troubles|DNS round trips|DNS refusals|"
	 "absent names|repeated names|"},
	/* forgetting here hides one more proof of what is told already */
	{NULL, "", "packets seen again|"},
};

enum { AREAS = sizeof(areas) / sizeof(areas[0]), OTHERS = AREAS };

/* What an area forgot, and its worst table. */
struct toll {
	uint32_t tables;
	const struct limit_reached *worst;
};

static void *limits_open(struct arena *home, const struct limits *limits,
			 struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, 1);
}

static void limits_observe(void *self, const struct observation *o,
			   const struct detector_context *c)
{
	(void)self;
	(void)o;
	(void)c;
}

/* The area of a table; OTHERS: none that is listed. */
static int area_of(const char *table)
{
	size_t size = strlen(table);

	for (int i = 0; i < AREAS; i++)
		for (const char *at = areas[i].tables; (at = strstr(at, table));
		     at += size)
			if ((at == areas[i].tables || at[-1] == '|') &&
			    at[size] == '|')
				return i;
	return OTHERS;
}

static const char *name_of(int area)
{
	return area == OTHERS ? "other things" : areas[area].name;
}

/* How much was forgotten for each area; how many areas. */
static int sum_up(const struct checks *all, struct toll toll[AREAS + 1])
{
	int count = 0;

	for (uint32_t i = 0; i < all->limit_count; i++) {
		const struct limit_reached *l = &all->limit[i];
		int area = area_of(l->table);
		struct toll *t = &toll[area];

		if (!name_of(area))
			continue;
		count += !t->tables++;
		if (!t->worst || l->evicted > t->worst->evicted)
			t->worst = l;
	}
	return count;
}

static void describe(struct finding *f, const struct toll *toll,
		     struct weak *weak)
{
	bool first = true;

	finding_summary(f,
			"What was seen longest ago was forgotten to make room. "
			"So counts are at least what is said, and something "
			"may be missing, of ");
	for (int i = 0; i <= AREAS; i++) {
		if (!toll[i].tables)
			continue;
		finding_add(f, "%s%s (%" PRIu64 " %s forgotten)",
			    first ? "" : ", ", name_of(i),
			    toll[i].worst->evicted, toll[i].worst->table);
		first = false;
		if (i < AREAS)
			weak_forgot(weak, areas[i].ids);
	}
	finding_add(f, ".");
}

static void limits_judge(void *self, const struct detector_context *c,
			 const struct checks *all)
{
	const struct subject subject = subject_capture();
	struct toll toll[AREAS + 1] = {0};
	int count = sum_up(all, toll), only = 0;
	struct finding *f;

	(void)self;
	if (!count)
		return;
	f = finding_raise(c->findings, &limits_def, &subject, "",
			  c->coverage->first_ns, c->coverage->last_ns);
	if (!f)
		return;
	f->count = all->limit_count;
	while (!toll[only].tables)
		only++;
	if (count == 1)
		finding_title(f, "Memory ran short for %s", name_of(only));
	else
		finding_title(f,
			      "Memory ran short for %d kinds of findings, %s "
			      "among them",
			      count, name_of(only));
	describe(f, toll, c->weak);
}

static const struct finding_def *const findings[] = {&limits_def, NULL};
static const enum observation_kind wants[] = {OBSERVATIONS};

const struct detector capture_limits_detector = {
	.name = "capture_limits",
	.findings = findings,
	.wants = wants,
	.open = limits_open,
	.observe = limits_observe,
	.judge_limits = limits_judge,
};
