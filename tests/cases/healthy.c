/* SPDX-License-Identifier: BSD-3-Clause */
/* healthy.c - nothing is wrong here: the analyzer must say just that. */
#include "cases/craft_talk.h"
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

/* Fast Open: the SYN carries the request.  A server that does not take it
 * acknowledges the SYN alone, and the client sends it again. */
static void fast_open_once(struct craft *c, struct station *a,
			   struct station *b, uint16_t port, bool taken)
{
	const struct craft_tcp syn = {.flags = TCP_SYN,
				      .mss = 1460,
				      .wscale = 7,
				      .sack_ok = true,
				      .len = 400};
	const struct craft_tcp synack = {.flags = TCP_SYN | TCP_ACK,
					 .mss = 1460,
					 .wscale = 7,
					 .sack_ok = true,
					 .id = -1};
	struct talk t = talk_new(c, a, b, port, 80);

	talk_segment(&t, CLIENT, &syn);
	craft_wait(c, t.rtt_us);
	if (!taken)
		t.seq[CLIENT] -= 400;
	talk_segment(&t, SERVER, &synack);
	craft_wait(c, 50);
	talk_send(&t, CLIENT, taken ? 0 : 400);
	craft_wait(c, t.rtt_us);
	talk_send(&t, SERVER, 1200);
	craft_wait(c, 50);
	talk_send(&t, CLIENT, 0);
	craft_wait(c, 1000);
	talk_exchange(&t, 200, 900, 0);
	talk_close(&t);
}

static void fast_open(struct craft *c)
{
	struct station a = client(), b = server();

	for (uint16_t i = 0; i < 4; i++)
		fast_open_once(c, &a, &b, (uint16_t)(40000 + i), i > 0);
}

const struct craft_case healthy_cases[] = {
	{"healthy", "web", web},
	{"healthy", "fast-open", fast_open},
	{0},
};
