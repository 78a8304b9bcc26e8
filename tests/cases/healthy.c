/* SPDX-License-Identifier: BSD-3-Clause */
/* healthy.c - nothing is wrong here: the analyzer must say just that. */
#include "cases/craft.h"
#include "dissectors/dissect.h"

static struct station client(void)
{
	return (struct station){"52:54:00:00:00:14", "192.0.2.20", .id = 1000};
}

static struct station server(void)
{
	return (struct station){"52:54:00:00:00:07", "198.51.100.7",
				.ttl = 57, .id = 7000};
}

/* One request and a short answer, opened and closed in order. */
static void web(struct craft *c)
{
	struct station a = client(), b = server();
	const struct station gw = {"52:54:00:00:00:01", "192.0.2.1"};
	struct craft_tcp up = {.sport = 40000, .dport = 80, .seq = 1000,
			       .tsval = 500, .sack_ok = false};
	struct craft_tcp down = {.sport = 80, .dport = 40000, .seq = 9000,
				 .tsval = 90000};

	b.mac = gw.mac;
	craft_arp(c, 1, &a, NULL, gw.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &gw, a.mac, a.ip, a.mac);
	craft_wait(c, 100);
	up.flags = TCP_SYN, up.mss = 1460, up.sack_ok = true, up.wscale = 7;
	craft_tcp(c, &a, &b, &up);
	craft_wait(c, 20000);
	down.flags = TCP_SYN | TCP_ACK, down.mss = 1460, down.sack_ok = true;
	down.wscale = 7, down.ack = 1001, down.tsecr = 500, down.id = -1;
	craft_tcp(c, &b, &a, &down);
	craft_wait(c, 50);
	up = (struct craft_tcp){.sport = 40000, .dport = 80, .seq = 1001,
				.ack = 9001, .tsval = 520, .tsecr = 90000};
	craft_tcp(c, &a, &b, &up);
	up.len = 120, up.flags = TCP_PSH | TCP_ACK;
	craft_tcp(c, &a, &b, &up);
	craft_wait(c, 21000);
	down = (struct craft_tcp){.sport = 80, .dport = 40000, .seq = 9001,
				  .ack = 1121, .tsval = 90021, .tsecr = 520,
				  .len = 900, .flags = TCP_PSH | TCP_ACK};
	craft_tcp(c, &b, &a, &down);
	craft_wait(c, 60);
	up = (struct craft_tcp){.sport = 40000, .dport = 80, .seq = 1121,
				.ack = 9901, .tsval = 541, .tsecr = 90021};
	craft_tcp(c, &a, &b, &up);
	up.flags = TCP_FIN | TCP_ACK;
	craft_tcp(c, &a, &b, &up);
	craft_wait(c, 20500);
	down = (struct craft_tcp){.sport = 80, .dport = 40000, .seq = 9901,
				  .ack = 1122, .tsval = 90062, .tsecr = 541,
				  .flags = TCP_FIN | TCP_ACK};
	craft_tcp(c, &b, &a, &down);
	craft_wait(c, 40);
	up = (struct craft_tcp){.sport = 40000, .dport = 80, .seq = 1122,
				.ack = 9902, .tsval = 562, .tsecr = 90062};
	craft_tcp(c, &a, &b, &up);
}

const struct craft_case healthy_cases[] = {
	{"healthy", "web", web},
	{0},
};
