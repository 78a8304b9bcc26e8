/* SPDX-License-Identifier: BSD-3-Clause */
/* flood.c - cases of floods and scans, and of crowds that are none. */
#include <stdio.h>

#include "cases/craft.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, RTT = 20 * MS };

/* A router's link: everybody comes through it to the servers beside us. */
struct scene {
	struct craft *c;
	struct station server;
	uint16_t port;
	uint32_t isn;
	char text[20];
	struct station other; /* made by far() */
};

static struct scene scene(struct craft *c)
{
	struct scene s = {.c = c, .port = 40000, .isn = 1000};
	const struct station gw = {"52:54:00:00:00:01", "192.0.2.1"};

	s.server =
		(struct station){"52:54:00:00:00:07", "192.0.2.7", .id = 7000};
	craft_arp(c, 1, &gw, NULL, s.server.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &s.server, gw.mac, gw.ip, gw.mac);
	craft_wait(c, MS);
	return s;
}

/* The n-th host elsewhere, behind the router. */
static struct station *far(struct scene *s, unsigned n)
{
	snprintf(s->text, sizeof(s->text), "203.0.%u.%u", 100 + n / 250,
		 1 + n % 250);
	s->other = (struct station){"52:54:00:00:00:01", s->text, .ttl = 55,
				    .id = (uint16_t)(n * 977)};
	return &s->other;
}

/* A number that looks random and is the same each time. */
static uint32_t mix(uint32_t n)
{
	n ^= n >> 16;
	n *= 0x7feb352du;
	n ^= n >> 15;
	n *= 0x846ca68bu;
	return n ^ n >> 16;
}

static struct craft_tcp syn_of(struct scene *s, uint16_t dport)
{
	s->isn = mix(s->isn + s->port);
	return (struct craft_tcp){.sport = ++s->port,
				  .dport = dport,
				  .seq = s->isn,
				  .flags = TCP_SYN,
				  .mss = 1460,
				  .wscale = 7,
				  .sack_ok = true,
				  .tsval = s->isn >> 8};
}

/* A whole connection with a request and an answer. */
static void session(struct scene *s, struct station *a, struct station *b,
		    uint16_t dport, uint32_t bytes)
{
	struct craft_tcp u = syn_of(s, dport), d;
	uint32_t isn = u.seq, there = 5000;

	craft_tcp(s->c, a, b, &u);
	craft_wait(s->c, RTT / 4);
	d = (struct craft_tcp){.sport = dport,
			       .dport = u.sport,
			       .seq = there,
			       .ack = isn + 1,
			       .flags = TCP_SYN | TCP_ACK,
			       .mss = 1460,
			       .wscale = 7,
			       .sack_ok = true,
			       .id = -1,
			       .tsval = 9000,
			       .tsecr = u.tsval};
	craft_tcp(s->c, b, a, &d);
	craft_wait(s->c, 50);
	u = (struct craft_tcp){.sport = u.sport,
			       .dport = dport,
			       .seq = isn + 1,
			       .ack = there + 1,
			       .tsval = u.tsval + 1,
			       .tsecr = 9000};
	craft_tcp(s->c, a, b, &u);
	if (bytes) {
		u.len = bytes, u.flags = TCP_PSH | TCP_ACK;
		craft_tcp(s->c, a, b, &u);
		craft_wait(s->c, RTT / 4);
		d = (struct craft_tcp){.sport = dport,
				       .dport = u.sport,
				       .seq = there + 1,
				       .ack = isn + 1 + bytes,
				       .len = bytes,
				       .tsval = 9001,
				       .tsecr = u.tsval,
				       .flags = TCP_PSH | TCP_ACK};
		craft_tcp(s->c, b, a, &d);
		craft_wait(s->c, 50);
	}
	u.seq = isn + 1 + bytes, u.ack = there + 1 + bytes, u.len = 0;
	u.flags = TCP_FIN | TCP_ACK;
	craft_tcp(s->c, a, b, &u);
	craft_wait(s->c, RTT / 4);
	d = (struct craft_tcp){.sport = dport,
			       .dport = u.sport,
			       .seq = u.ack,
			       .ack = u.seq + 1,
			       .tsval = 9002,
			       .tsecr = u.tsval,
			       .flags = TCP_FIN | TCP_ACK};
	craft_tcp(s->c, b, a, &d);
	craft_wait(s->c, 50);
	u.seq++, u.ack++, u.flags = TCP_ACK;
	craft_tcp(s->c, a, b, &u);
	craft_wait(s->c, 100);
}

static void syn_flood(struct craft *c)
{
	struct scene s = scene(c);
	struct station real = {"52:54:00:00:00:01", "198.51.100.9", .ttl = 60,
			       .id = 50};
	int64_t start;

	session(&s, &real, &s.server, 443, 100);
	start = craft_now(c) + S;
	for (unsigned i = 0; i < 400; i++) {
		struct craft_tcp p = syn_of(&s, 443);

		craft_at(c, start + i * 5 * MS);
		p.wscale = 0, p.sack_ok = false, p.tsval = 0;
		p.window = 1024;
		p.sport = (uint16_t)(1024 + mix(i) % 60000);
		craft_tcp(c, far(&s, i), &s.server, &p);
		if (i % 100 == 50)
			session(&s, &real, &s.server, 443, 100);
	}
	craft_at(c, start + 6 * S);
	session(&s, &real, &s.server, 443, 100);
}

/* Real clients that a dead server does not answer: they all insist. */
static void syn_flood_twin(struct craft *c)
{
	struct scene s = scene(c);
	static const int at[] = {0, 1, 3};
	int64_t start = craft_now(c) + S;

	for (int k = 0; k < 3; k++) {
		s.port = 40000, s.isn = 1000;
		for (unsigned i = 0; i < 120; i++) {
			struct craft_tcp p = syn_of(&s, 443);

			craft_at(c, start + at[k] * S + i * 5 * MS);
			p.tsval += (uint32_t)at[k] * 1000;
			craft_tcp(c, far(&s, i), &s.server, &p);
		}
	}
	craft_wait(c, S);
}

static void crowd(struct craft *c, unsigned gap_us)
{
	struct scene s = scene(c);
	int64_t start = craft_now(c);

	for (unsigned i = 0; i < 4; i++) {
		craft_at(c, start + i * 500 * MS);
		session(&s, far(&s, i), &s.server, 443, 100);
	}
	start += 3 * S;
	for (unsigned i = 0; i < 150; i++) {
		craft_at(c, start + (int64_t)i * gap_us);
		session(&s, far(&s, 10 + i), &s.server, 443, 100);
	}
	craft_wait(c, S);
}

static void flash_crowd(struct craft *c)
{
	crowd(c, 16 * MS);
}

static void flash_crowd_twin(struct craft *c)
{
	crowd(c, 400 * MS);
}

static void port_scan(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t port = 1; port <= 40; port++) {
		struct craft_tcp p = syn_of(&s, port), r;

		craft_tcp(c, far(&s, 1), &s.server, &p);
		r = (struct craft_tcp){.sport = port,
				       .dport = p.sport,
				       .ack = p.seq + 1,
				       .id = -1,
				       .flags = TCP_RST | TCP_ACK,
				       .zero_window = true};
		craft_wait(c, 200);
		craft_tcp(c, &s.server, far(&s, 1), &r);
		craft_wait(c, 100 * MS);
	}
}

/* Passive FTP: many ports of one server, all with data. */
static void port_scan_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t i = 0; i < 20; i++) {
		session(&s, far(&s, 1), &s.server, (uint16_t)(50000 + i * 7),
			500);
		craft_wait(c, 500 * MS);
	}
}

static void sweep(struct craft *c, bool data)
{
	struct scene s = scene(c);
	struct station source = {"52:54:00:00:00:66", "192.0.2.66", .id = 9};

	for (unsigned i = 0; i < 30; i++) {
		if (data) {
			session(&s, &source, far(&s, i), 22, 200);
		} else {
			struct craft_tcp p = syn_of(&s, 22), r;

			craft_tcp(c, &source, far(&s, i), &p);
			r = (struct craft_tcp){.sport = 22,
					       .dport = p.sport,
					       .ack = p.seq + 1,
					       .id = -1,
					       .flags = TCP_RST | TCP_ACK,
					       .zero_window = true};
			craft_wait(c, RTT);
			if (i % 5 == 0)
				craft_tcp(c, far(&s, i), &source, &r);
		}
		craft_wait(c, 200 * MS);
	}
}

static void host_sweep(struct craft *c)
{
	sweep(c, false);
}

static void host_sweep_twin(struct craft *c)
{
	sweep(c, true);
}

/* Thirty hosts accept, and the capture shows no more: with a filter that lets
 * only openings through it never does.  To one who `leaves` them, as a scanner
 * that keeps no connections does, they say so again. */
static void accepted(struct craft *c, bool leaves)
{
	struct scene s = scene(c);
	struct station source = {"52:54:00:00:00:66", "192.0.2.66", .id = 9};

	for (unsigned i = 0; i < 30; i++) {
		struct craft_tcp p = syn_of(&s, 22), r;

		craft_tcp(c, &source, far(&s, i), &p);
		r = (struct craft_tcp){.sport = 22,
				       .dport = p.sport,
				       .seq = mix(i),
				       .ack = p.seq + 1,
				       .flags = TCP_SYN | TCP_ACK,
				       .mss = 1460,
				       .id = -1};
		craft_wait(c, RTT);
		craft_tcp(c, far(&s, i), &source, &r);
		craft_wait(c, leaves ? 1000 * MS : 200 * MS);
		if (leaves)
			craft_tcp(c, far(&s, i), &source, &r);
	}
	craft_wait(c, 4000 * MS);
	session(&s, &source, far(&s, 1), 443, 200);
}

static void accepted_and_left(struct craft *c)
{
	accepted(c, true);
}

static void openings_only(struct craft *c)
{
	accepted(c, false);
}

/* SYN-ACKs of a server elsewhere; `goes_on`: they belong to real connections
 * whose SYN lies before the capture. */
static void answers(struct craft *c, bool goes_on, unsigned count)
{
	struct scene s = scene(c);

	for (unsigned i = 0; i < 4; i++)
		session(&s, &s.server, far(&s, 400 + i), 80, 100);
	for (unsigned i = 0; i < count; i++) {
		struct craft_tcp d = {.sport = 443,
				      .dport = (uint16_t)(2000 + i * 13),
				      .seq = mix(i),
				      .ack = mix(i + 900),
				      .flags = TCP_SYN | TCP_ACK,
				      .mss = 1460};
		struct craft_tcp u = {.sport = d.dport,
				      .dport = 443,
				      .seq = d.ack,
				      .ack = d.seq + 1};

		craft_tcp(c, far(&s, 1), &s.server, &d);
		craft_wait(c, 50);
		if (goes_on)
			craft_tcp(c, &s.server, far(&s, 1), &u);
		craft_wait(c, 100 * MS);
	}
}

static void backscatter(struct craft *c)
{
	answers(c, false, 60);
}

static void backscatter_twin(struct craft *c)
{
	answers(c, true, 12);
}

static void churn(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 110; i++) {
		session(&s, far(&s, 1), &s.server, 80, 100);
		craft_wait(c, 200 * MS);
	}
}

static void churn_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 12; i++) {
		session(&s, far(&s, 1), &s.server, 80, 100);
		craft_wait(c, S);
	}
}

static void pings(struct craft *c, int count, int gap_us, bool answered)
{
	struct scene s = scene(c);

	for (int i = 0; i < count; i++) {
		craft_echo(c, far(&s, (unsigned)i % 60), &s.server, false, 77,
			   (uint16_t)i, 56);
		craft_wait(c, 100);
		if (answered)
			craft_echo(c, &s.server, far(&s, (unsigned)i % 60),
				   true, 77, (uint16_t)i, 56);
		craft_wait(c, gap_us);
	}
}

static void icmp_flood(struct craft *c)
{
	pings(c, 600, 900, false);
}

static void icmp_flood_twin(struct craft *c)
{
	pings(c, 60, 200 * MS, true);
}

static void udp_scan(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t port = 700; port < 730; port++) {
		craft_udp(c, far(&s, 1), &s.server, 40000, port, "12345678", 8);
		craft_icmp_error(c, &s.server, far(&s, 1), 3, 3, 0);
		craft_wait(c, 50 * MS);
	}
}

/* A resolver's answers to many ports, their questions before the capture. */
static void udp_scan_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t i = 0; i < 30; i++) {
		craft_udp(c, far(&s, 1), &s.server, 53,
			  (uint16_t)(30000 + i * 11), "12345678", 8);
		craft_wait(c, 50 * MS);
	}
}

static void datagrams(struct craft *c, bool answered)
{
	struct scene s = scene(c);

	for (int i = 0; i < 700; i++) {
		craft_udp(c, far(&s, 1), &s.server, 40000, 27015, "12345678",
			  8);
		craft_wait(c, 500);
		if (answered && i % 4 == 0)
			craft_udp(c, &s.server, far(&s, 1), 27015, 40000,
				  "1234", 4);
		craft_wait(c, 500);
	}
}

static void udp_flood(struct craft *c)
{
	datagrams(c, false);
}

static void udp_flood_twin(struct craft *c)
{
	datagrams(c, true);
}

/* NTP answers (mode 4) of many servers, asked for or not. */
static void ntp(struct craft *c, bool asked)
{
	static const uint8_t question[48] = {0x23}, answer[48] = {0x24, 2};
	struct scene s = scene(c);

	session(&s, &s.server, far(&s, 300), 80, 100);
	craft_wait(c, 3 * S);
	for (unsigned i = 0; i < 20; i++) {
		if (asked)
			craft_udp(c, &s.server, far(&s, i), 123, 123, question,
				  sizeof(question));
		craft_wait(c, RTT);
		craft_udp(c, far(&s, i), &s.server, 123, 123, answer,
			  sizeof(answer));
		craft_wait(c, 10 * MS);
	}
}

static void amplification(struct craft *c)
{
	ntp(c, false);
}

static void amplification_twin(struct craft *c)
{
	ntp(c, true);
}

static void snmp(struct craft *c, uint16_t port)
{
	struct scene s = scene(c);

	session(&s, &s.server, far(&s, 300), 80, 100);
	for (int i = 0; i < 4; i++) {
		craft_udp(c, &s.server, far(&s, 1), 40000, port, "12345678", 8);
		craft_wait(c, S << i);
	}
	session(&s, &s.server, far(&s, 300), 80, 100);
}

static void udp_no_reply(struct craft *c)
{
	snmp(c, 161);
}

/* Three files by TFTP: each is sent from a port of its own. */
static void tftp(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t i = 0; i < 3; i++) {
		craft_udp(c, &s.server, far(&s, 2), 40069, 69, "\0\1x\0octet",
			  10);
		craft_wait(c, 2 * MS);
		craft_udp(c, far(&s, 2), &s.server, 50000 + i, 40069,
			  "\0\3\0\1data", 8);
		craft_wait(c, S);
	}
}

static void udp_no_reply_twin(struct craft *c)
{
	tftp(c);
	snmp(c, 514);
}

static void udp_port_unreachable(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 3; i++) {
		craft_udp(c, far(&s, 1), &s.server, 40000, 161, "12345678", 8);
		craft_icmp_error(c, &s.server, far(&s, 1), 3, 3, 0);
		craft_wait(c, S);
	}
}

/* The end of a traceroute. */
static void udp_port_unreachable_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (uint16_t i = 0; i < 3; i++) {
		craft_udp(c, far(&s, 1), &s.server, 40000,
			  (uint16_t)(33440 + i), "12345678", 8);
		craft_icmp_error(c, &s.server, far(&s, 1), 3, 3, 0);
		craft_wait(c, 10 * MS);
	}
}

/* A call on two ports that neither end gets from a registry: the one hangs up
 * and gives its port back, while sound of the other is under way. */
static void udp_hung_up_twin(struct craft *c)
{
	struct scene s = scene(c);
	const char *sound = "sound of a second";

	for (int i = 0; i < 5; i++) {
		craft_udp(c, &s.server, far(&s, 1), 38000, 8801, sound, 17);
		craft_wait(c, 20 * MS);
		craft_udp(c, far(&s, 1), &s.server, 8801, 38000, sound, 17);
		craft_udp(c, far(&s, 2), &s.server, 32704, 56328, sound, 17);
		craft_wait(c, 20 * MS);
		craft_udp(c, &s.server, far(&s, 2), 56328, 32704, sound, 17);
	}
	for (int i = 0; i < 3; i++) {
		craft_udp(c, far(&s, 1), &s.server, 8801, 38000, sound, 17);
		craft_icmp_error(c, &s.server, far(&s, 1), 3, 3, 0);
		craft_udp(c, far(&s, 2), &s.server, 32704, 56328, sound, 17);
		craft_icmp_error(c, &s.server, far(&s, 2), 3, 3, 0);
		craft_wait(c, S);
	}
}

/* A service that answered and then ended: its client goes on asking. */
static void udp_service_ended(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 3; i++) {
		craft_udp(c, far(&s, 1), &s.server, 40000, 1812, "12345678", 8);
		craft_udp(c, &s.server, far(&s, 1), 1812, 40000, "12345678", 8);
		craft_wait(c, S);
	}
	for (int i = 0; i < 3; i++) {
		craft_udp(c, far(&s, 1), &s.server, 40000, 1812, "12345678", 8);
		craft_icmp_error(c, &s.server, far(&s, 1), 3, 3, 0);
		craft_wait(c, S);
	}
}

const struct craft_case flood_cases[] = {
	{"flood", "syn-flood", syn_flood},
	{"flood", "syn-flood-twin", syn_flood_twin},
	{"flood", "flash-crowd", flash_crowd},
	{"flood", "flash-crowd-twin", flash_crowd_twin},
	{"flood", "port-scan", port_scan},
	{"flood", "port-scan-twin", port_scan_twin},
	{"flood", "host-sweep", host_sweep},
	{"flood", "host-sweep-twin", host_sweep_twin},
	{"flood", "sweep-left-open", accepted_and_left},
	{"flood", "sweep-left-open-twin", openings_only},
	{"flood", "backscatter", backscatter},
	{"flood", "backscatter-twin", backscatter_twin},
	{"flood", "churn", churn},
	{"flood", "churn-twin", churn_twin},
	{"flood", "icmp-flood", icmp_flood},
	{"flood", "icmp-flood-twin", icmp_flood_twin},
	{"flood", "udp-scan", udp_scan},
	{"flood", "udp-scan-twin", udp_scan_twin},
	{"flood", "udp-flood", udp_flood},
	{"flood", "udp-flood-twin", udp_flood_twin},
	{"flood", "amplification", amplification},
	{"flood", "amplification-twin", amplification_twin},
	{"flood", "udp-no-reply", udp_no_reply},
	{"flood", "udp-no-reply-twin", udp_no_reply_twin},
	{"flood", "udp-port-unreachable", udp_port_unreachable},
	{"flood", "udp-port-unreachable-twin", udp_port_unreachable_twin},
	{"flood", "udp-service-ended", udp_service_ended},
	{"flood", "udp-hung-up-twin", udp_hung_up_twin},
	{0},
};
