/* SPDX-License-Identifier: BSD-3-Clause */
/* partial.c - captures of which a part is missing: a filter left it out, or
 * the capture lost it.  What remains proves less than it seems to. */
#include <stdio.h>

#include "cases/craft_neighbour.h"
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, MSS = 1460 };
enum { LOOKUPS = 24, LOST_EVERY = 8 };
enum { DISCOVER = 1, OFFER, REQUEST };

static struct station client(void)
{
	return (struct station){"52:54:00:00:00:14", "192.0.2.20", .id = 1000};
}

static struct station server(void)
{
	return (struct station){"52:54:00:00:00:07", "192.0.2.7", .id = 7000};
}

/* An address that moves once; the second question is not in the capture, so
 * that its answer seems to be one to the first. */
static void question_missing(struct craft *c)
{
	struct station from = client(), one = server(), two = server();

	two.mac = "52:54:00:00:00:99";
	craft_arp(c, 1, &from, NULL, one.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &one, from.mac, from.ip, from.mac);
	craft_wait(c, 850 * MS);
	craft_arp(c, 2, &two, from.mac, from.ip, from.mac);
	craft_wait(c, 5 * S);
	craft_arp(c, 1, &from, NULL, two.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &two, from.mac, from.ip, from.mac);
}

/* The filter takes SYN, FIN and RST alone: whether the client answered cannot
 * be seen. */
static void ends_only(struct craft *c)
{
	struct station from = client(), to = server();

	for (uint16_t f = 0; f < 2; f++) {
		struct talk t =
			talk_new(c, &from, &to, (uint16_t)(40000 + f), 5000);
		const struct craft_tcp syn = {.flags = TCP_SYN, .mss = MSS};
		const struct craft_tcp in = {.flags = TCP_SYN | TCP_ACK,
					     .mss = MSS};
		const struct craft_tcp fin = {.flags = TCP_FIN | TCP_ACK};

		talk_segment(&t, CLIENT, &syn);
		for (int i = 0; i < (f ? 4 : 1); i++) {
			craft_wait(c, i ? (1 << (i - 1)) * S : 20 * MS);
			talk_segment(&t, SERVER, &in);
			t.seq[SERVER] -= i > 0;
		}
		craft_wait(c, S);
		if (f)
			continue;
		talk_segment(&t, CLIENT, &fin);
		talk_segment(&t, SERVER, &fin);
	}
	craft_wait(c, 4 * S);
}

/* Lookups; of some the question is missing, and of one the answer. */
static void lookups(struct craft *c, bool all)
{
	struct station from = client(), to = server();

	craft_arp(c, 1, &from, NULL, to.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &to, from.mac, from.ip, from.mac);
	craft_wait(c, 6 * S);
	for (uint16_t n = 0; n < LOOKUPS; n++) {
		char name[32];
		struct craft_dns d = {
			.id = n, .name = name, .sport = (uint16_t)(30000 + n)};

		snprintf(name, sizeof(name), "host%u.example.org", n);
		if (all || n % LOST_EVERY != 4)
			craft_dns(c, &from, &to, &d);
		craft_wait(c, 3 * MS);
		d.response = true;
		d.answer = "198.51.100.1";
		d.ttl = 60;
		if (n != 2)
			craft_dns(c, &to, &from, &d);
		craft_wait(c, S);
	}
}

static void loss_lookups(struct craft *c)
{
	lookups(c, false);
}

static void loss_lookups_twin(struct craft *c)
{
	lookups(c, true);
}

/* Two leases, half a minute apart; neither acknowledgement was captured. */
static void leases(struct craft *c)
{
	static const struct station nobody = {"52:54:00:00:00:14", "0.0.0.0"};
	static const struct station all = {"ff:ff:ff:ff:ff:ff",
					   "255.255.255.255"};
	struct station to = server();

	for (uint32_t n = 1; n <= 2; n++) {
		struct craft_dhcp d = {DISCOVER, .mac = nobody.mac,
				       .xid = n * 77};

		craft_dhcp(c, &nobody, &all, &d);
		craft_wait(c, 2 * MS);
		d.type = OFFER;
		d.from_server = true;
		d.yiaddr = "192.0.2.20";
		d.server = to.ip;
		d.mask = "255.255.255.0";
		d.lease_s = 120;
		craft_dhcp(c, &to, &all, &d);
		craft_wait(c, 5 * MS);
		d = (struct craft_dhcp){REQUEST, .mac = nobody.mac,
					.xid = n * 77, .server = to.ip,
					.requested = "192.0.2.20"};
		craft_dhcp(c, &nobody, &all, &d);
		craft_wait(c, 30 * S);
	}
	craft_arp(c, 1, &to, NULL, "192.0.2.2", NULL);
}

/* A truncated answer; the whole one comes over TCP, its first byte alone. */
static void first_byte_alone(struct craft *c)
{
	struct station from = client(), to = server();
	struct craft_dns d = {.id = 7, .name = "large.example.org"};
	struct talk t = talk_new(c, &from, &to, 40100, 53);
	static const uint8_t query[] = {
		0,   35,  0,   8,   1,	 0,   0,   1, 0,   0,	0,   0,	  0,
		0,   5,	  'l', 'a', 'r', 'g', 'e', 7, 'e', 'x', 'a', 'm', 'p',
		'l', 'e', 3,   'o', 'r', 'g', 0,   0, 1,   0,	1};
	static const uint8_t head[] = {5};

	craft_dns(c, &from, &to, &d);
	craft_wait(c, 20 * MS);
	d.response = true;
	d.truncated = true;
	craft_dns(c, &to, &from, &d);
	craft_wait(c, MS);
	talk_open(&t);
	talk_segment(&t, CLIENT,
		     &(struct craft_tcp){.flags = TCP_ACK | TCP_PSH,
					 .data = query,
					 .len = sizeof(query)});
	craft_wait(c, 20 * MS);
	talk_segment(&t, SERVER,
		     &(struct craft_tcp){.flags = TCP_ACK | TCP_PSH,
					 .data = head,
					 .len = 1});
	craft_wait(c, 100);
	talk_send(&t, SERVER, 1280);
	craft_wait(c, 100);
	talk_send(&t, CLIENT, 0);
	talk_close(&t);
	craft_wait(c, 20 * S);
	craft_arp(c, 1, &from, NULL, to.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &to, from.mac, from.ip, from.mac);
}

/* An answer three hours after its question: the clock was set meanwhile. */
static void clock_set(struct craft *c)
{
	struct station from = client(), to = server();

	for (uint16_t n = 0; n < 6; n++) {
		struct craft_dns d = {.id = n,
				      .name = "www.example.org",
				      .type = n % 2 ? 28 : 1,
				      .sport = (uint16_t)(30000 + n)};

		craft_dns(c, &from, &to, &d);
		craft_wait(c, n == 3 ? 3 * 3600LL * S : 3 * MS);
		d.response = true;
		craft_dns(c, &to, &from, &d);
		craft_wait(c, S);
	}
}

/* One direction of a call that was captured in part: its packets come in
 * growing steps, within a tenth of a second. */
static void stream_begins(struct craft *c)
{
	static const int wait[] = {9, 37, 39, 60};
	struct station from = client(), to = server();
	uint8_t m[172] = {0x80};

	craft_arp(c, 1, &from, NULL, to.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &to, from.mac, from.ip, from.mac);
	for (int i = 0; i < 4; i++) {
		craft_udp(c, &from, &to, 40000, 40392, m, sizeof(m));
		craft_wait(c, wait[i] * MS);
		m[3] += 2;
	}
	craft_echo(c, &from, &to, false, 5, 1, 56);
	craft_wait(c, MS);
	craft_echo(c, &to, &from, true, 5, 1, 56);
	craft_wait(c, 10 * S);
	craft_arp(c, 1, &from, NULL, to.ip, NULL);
}

/* A service that does not answer; the file tells what the filter was. */
static void dead_service(struct craft *c)
{
	struct station from = client(), to = server();
	struct talk t = talk_new(c, &from, &to, 40000, 5000);
	struct talk dead = talk_new(c, &from, &to, 40001, 5001);
	const struct craft_tcp syn = {.flags = TCP_SYN, .mss = MSS};

	craft_arp(c, 1, &from, NULL, to.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &to, from.mac, from.ip, from.mac);
	talk_open(&t);
	talk_exchange(&t, 200, 400, 20 * MS);
	for (int i = 0; i < 5; i++) {
		talk_segment(&dead, CLIENT, &syn);
		dead.seq[CLIENT]--;
		craft_wait(c, (1 << i) * S);
	}
	talk_exchange(&t, 200, 400, 20 * MS);
	talk_close(&t);
}

const struct craft_case partial_cases[] = {
	{"arp", "question-missing-twin", question_missing},
	{"stuck", "ends-only", ends_only},
	{"capture", "loss-lookups", loss_lookups},
	{"capture", "loss-lookups-twin", loss_lookups_twin},
	{"dhcp", "no-offer-anew-twin", leases},
	{"stuck", "filter-told", dead_service, .pcapng = true, .received = 60,
	 .filter = "arp or tcp portrange 5000-5001"},
	{"stuck", "filter-told-twin", dead_service, .pcapng = true,
	 .received = 60, .filter = "not port 22"},
	{"dns", "first-byte-alone-twin", first_byte_alone},
	{"dns", "clock-set-twin", clock_set},
	{"rtp", "begins-twin", stream_begins},
	{0},
};
