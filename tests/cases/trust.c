/* SPDX-License-Identifier: BSD-3-Clause */
/* trust.c - what a capture cannot bear: the same trouble in one that can be
 * trusted and in one that cannot; and captures that only look broken. */
#include <string.h>

#include "cases/craft_neighbour.h"
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, VOICE = 160, SLL2 = 20, PACKET = 84 };

static struct station client(void)
{
	return (struct station){"52:54:00:00:00:14", "192.0.2.20", .id = 1000};
}

static struct station server(void)
{
	return (struct station){"52:54:00:00:00:07", "192.0.2.7", .id = 7000};
}

static void meet(struct craft *c, const struct station *from,
		 const struct station *to)
{
	craft_arp(c, 1, from, NULL, to->ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, to, from->mac, from->ip, from->mac);
	craft_wait(c, MS);
}

static void ping(struct craft *c, struct station *from, struct station *to,
		 uint16_t seq, bool answered)
{
	craft_echo(c, from, to, false, 5, seq, 56);
	craft_wait(c, MS);
	if (answered)
		craft_echo(c, to, from, true, 5, seq, 56);
	craft_wait(c, S - MS);
}

/* The gateway dies; whether that is sure depends on what was dropped. */
static void gateway_dies(struct craft *c)
{
	struct station from = client(), near = server();
	struct station gw = {"52:54:00:00:00:01", "192.0.2.1", .id = 300};
	struct station far = {gw.mac, "198.51.100.7", .ttl = 57, .id = 700};
	struct station other = {gw.mac, "198.51.100.8", .ttl = 57, .id = 800};

	meet(c, &from, &gw);
	ping(c, &from, &far, 1, true);
	ping(c, &from, &other, 2, true);
	for (int i = 0; i < 9; i++) {
		craft_arp(c, 1, &from, i < 3 ? gw.mac : NULL, gw.ip,
			  i < 3 ? gw.mac : NULL);
		craft_wait(c, 1020 * MS);
	}
	meet(c, &from, &near);
	for (uint16_t n = 1; n < 5; n++)
		ping(c, &from, &near, n, true);
}

/* Downloads, and pings that nobody is seen to answer. */
static void downloads(struct craft *c, bool both)
{
	struct station from = client(), to = server();

	for (uint16_t f = 0; f < 4; f++) {
		struct talk t =
			talk_new(c, &from, &to, (uint16_t)(40000 + f), 5000);

		talk_segment(
			&t, CLIENT,
			&(struct craft_tcp){.flags = TCP_SYN, .mss = 1460});
		craft_wait(c, t.rtt_us);
		if (both)
			talk_segment(
				&t, SERVER,
				&(struct craft_tcp){.flags = TCP_SYN | TCP_ACK,
						    .mss = 1460});
		else
			t.seq[SERVER]++;
		talk_send(&t, CLIENT, 0);
		talk_send(&t, CLIENT, 200);
		for (int i = 0; i < 8; i++) {
			craft_wait(c, 20 * MS);
			if (both)
				talk_send(&t, SERVER, 1400);
			else
				t.seq[SERVER] += 1400;
			talk_send(&t, CLIENT, 0);
		}
		craft_wait(c, 100 * MS);
	}
	for (uint16_t n = 1; n <= 12; n++)
		ping(c, &from, &to, n, false);
}

static void silence_one_way(struct craft *c)
{
	downloads(c, false);
}

static void silence_both_ways(struct craft *c)
{
	downloads(c, true);
}

/* Its second interface is to get an address too, and none comes: in what it
 * sends alone an offer would not be seen. */
static void lease(struct craft *c, bool both)
{
	static const struct station nobody = {"52:54:00:00:00:14", "0.0.0.0"};
	static const struct station all = {"ff:ff:ff:ff:ff:ff",
					   "255.255.255.255"};
	struct station from = client(), to = server();

	craft_arp(c, 1, &from, NULL, to.ip, NULL);
	craft_wait(c, 300);
	if (both)
		craft_arp(c, 2, &to, from.mac, from.ip, from.mac);
	downloads(c, both);
	for (int i = 0; i < 4; i++) {
		craft_dhcp(c, &nobody, &all,
			   &(struct craft_dhcp){1, .mac = nobody.mac,
						.xid = 77});
		craft_wait(c, (4 << i) * S);
	}
	downloads(c, both);
}

static void lease_one_way(struct craft *c)
{
	lease(c, false);
}

static void lease_both_ways(struct craft *c)
{
	lease(c, true);
}

/* A call of twelve seconds; two packets in a hundred are missing. */
static void call(struct craft *c)
{
	struct station from = client(), to = server();
	uint8_t m[12 + VOICE] = {0x80, 0, 0, 0, 0, 0, 0, 0, 0xca, 0xfe};

	meet(c, &from, &to);
	for (uint32_t i = 0; i < 600; i++) {
		uint32_t stamp = i * VOICE;

		m[2] = (uint8_t)(i >> 8);
		m[3] = (uint8_t)i;
		for (int k = 0; k < 4; k++)
			m[4 + k] = (uint8_t)(stamp >> (24 - 8 * k));
		if (i % 50 != 49)
			craft_udp(c, &from, &to, 40000, 40002, m, sizeof(m));
		craft_wait(c, 20 * MS);
	}
}

/* Pings whose check sequences alone were cut off. */
static void no_sequences(struct craft *c)
{
	struct station from = client(), to = server();

	craft_longer(c, 4);
	for (uint16_t n = 1; n <= 4; n++)
		ping(c, &from, &to, n, true);
}

/* A receiver misses a segment: equal acknowledgements, and a fast resend. */
static void equal_acks(struct craft *c)
{
	struct station from = {"52:54:00:00:00:14", "2001:db8::20"};
	struct station to = {"52:54:00:00:00:07", "2001:db8::7"};

	for (uint16_t f = 0; f < 6; f++) {
		struct talk t =
			talk_new(c, &from, &to, (uint16_t)(40000 + f), 5000);
		uint32_t lost;

		talk_open(&t);
		talk_exchange(&t, 200, 800, 0);
		lost = t.seq[SERVER];
		t.seq[SERVER] += 1000;
		for (int i = 0; i < 4; i++) {
			struct craft_tcp ack = {.sport = t.port[CLIENT],
						.dport = t.port[SERVER],
						.seq = t.seq[CLIENT],
						.ack = lost,
						.flags = TCP_ACK};

			talk_send(&t, SERVER, 1000);
			craft_wait(c, 60);
			craft_tcp(c, &from, &to, &ack);
			craft_wait(c, 60);
		}
		craft_wait(c, t.rtt_us);
		talk_segment(&t, SERVER,
			     &(struct craft_tcp){.seq = lost - t.seq[SERVER],
						 .flags = TCP_ACK | TCP_PSH,
						 .len = 1000});
		craft_wait(c, 100);
		talk_send(&t, CLIENT, 0);
		talk_close(&t);
	}
}

/* A bridge, captured at both its ports. */
static void both_ports(struct craft *c)
{
	struct station from = client(), to = server();

	for (uint16_t n = 1; n <= 20; n++) {
		for (int reply = 0; reply < 2; reply++) {
			craft_place(c, (uint8_t)reply, CRAFT_IN);
			craft_echo(c, reply ? &to : &from, reply ? &from : &to,
				   reply, 5, n, 56);
			craft_wait(c, 30);
			craft_place(c, (uint8_t)!reply, CRAFT_OUT);
			craft_again(c, 0, NULL, NULL);
			craft_wait(c, 400);
		}
		craft_wait(c, 200 * MS);
	}
}

/* Frames of 9000 bytes, as both ends say that they can. */
static void jumbo(struct craft *c)
{
	struct station from = client(), to = server();
	struct talk t = talk_new(c, &from, &to, 40000, 5000);
	const struct craft_tcp syn = {.flags = TCP_SYN, .mss = 8960};
	const struct craft_tcp accept = {.flags = TCP_SYN | TCP_ACK,
					 .mss = 8960};

	talk_segment(&t, CLIENT, &syn);
	craft_wait(c, t.rtt_us);
	talk_segment(&t, SERVER, &accept);
	craft_wait(c, 50);
	talk_send(&t, CLIENT, 0);
	for (int i = 0; i < 4; i++)
		talk_exchange(&t, 200, 8948, 0);
	talk_close(&t);
}

/* Resets of connections that ended long ago. */
static void lone_resets(struct craft *c)
{
	struct station from = client(), to = server();

	meet(c, &from, &to);
	for (uint16_t f = 0; f < 3; f++) {
		const struct craft_tcp reset = {.sport = 5000,
						.dport = 40000 + f,
						.seq = 900u + f,
						.flags = TCP_RST};

		craft_tcp(c, &to, &from, &reset);
		craft_wait(c, S);
	}
}

static void nothing(struct craft *c)
{
	(void)c;
}

static void sum(uint8_t *at, size_t size, uint8_t *field)
{
	uint32_t v = 0;

	for (size_t i = 0; i < size; i += 2)
		v += (uint32_t)at[i] << 8 | at[i + 1];
	v = (v >> 16) + (v & 0xffff);
	v = ~((v >> 16) + v);
	field[0] = (uint8_t)(v >> 8);
	field[1] = (uint8_t)v;
}

/* Pings as "any" records them: no Ethernet, but who sent it, and where. */
static void cooked(struct craft *c)
{
	for (uint8_t n = 1; n <= 8; n++) {
		bool reply = n % 2 == 0;
		uint8_t p[SLL2 + PACKET] = {8,
					    0,
					    0,
					    0,
					    0,
					    0,
					    0,
					    2,
					    0,
					    1,
					    reply ? 0 : 4,
					    6,
					    0x52,
					    0x54,
					    0,
					    0,
					    0,
					    reply ? 0x07 : 0x14};
		uint8_t *ip = p + SLL2, *icmp = ip + 20;
		const uint8_t head[20] = {0x45, 0, 0, PACKET,
					  0,	n, 0, 0,
					  64,	1, 0, 0,
					  192,	0, 2, reply ? 7 : 20,
					  192,	0, 2, reply ? 20 : 7};

		memcpy(ip, head, sizeof(head));
		sum(ip, 20, ip + 10);
		icmp[0] = reply ? 0 : 8;
		icmp[5] = 9;
		icmp[7] = (uint8_t)((n + 1) / 2);
		sum(icmp, PACKET - 20, icmp + 2);
		craft_frame(c, p, sizeof(p), sizeof(p));
		craft_wait(c, reply ? S : MS);
	}
}

/* A card that cuts for the host: the length of what it is given is left 0. */
static void no_length(struct craft *c)
{
	struct station from = client(), to = server();
	struct talk t = talk_new(c, &from, &to, 40000, 5000);

	talk_open(&t);
	for (int i = 0; i < 4; i++) {
		uint8_t frame[2048];
		const uint8_t *last;
		size_t size;

		talk_send(&t, CLIENT, 1200);
		last = craft_last(c, &size);
		memcpy(frame, last, size);
		memset(frame + 14 + 2, 0, 2);  /* length */
		memset(frame + 14 + 10, 0, 2); /* and its sum */
		frame[14 + 5]++;	       /* another packet */
		for (int k = 0; k < 4; k++)
			frame[14 + 20 + 4 + k] =
				(uint8_t)(t.seq[CLIENT] >> (24 - 8 * k));
		t.seq[CLIENT] += 1200;
		craft_wait(c, 20);
		craft_frame(c, frame, size, size);
		craft_wait(c, t.rtt_us);
		talk_send(&t, SERVER, 0);
		craft_wait(c, 100 * MS);
	}
}

const struct craft_case trust_cases[] = {
	{"capture", "drops-gateway", gateway_dies, .pcapng = true,
	 .dropped = 30, .received = 60},
	{"capture", "drops-gateway-twin", gateway_dies, .pcapng = true,
	 .received = 60},
	{"capture", "drops-call", call, .pcapng = true, .dropped = 12,
	 .received = 602},
	{"capture", "drops-call-twin", call, .pcapng = true, .received = 590,
	 .accepted = 550},
	{"capture", "one_way-silence", silence_one_way},
	{"capture", "one_way-silence-twin", silence_both_ways},
	{"capture", "one_way-lease", lease_one_way},
	{"capture", "one_way-lease-twin", lease_both_ways},
	{"capture", "no-sequences-twin", no_sequences},
	{"capture", "equal-acks-twin", equal_acks},
	{"capture", "both-ports", both_ports, .pcapng = true},
	{"capture", "jumbo-twin", jumbo},
	{"capture", "lone-resets-twin", lone_resets},
	{"capture", "empty-twin", nothing},
	{"capture", "cooked-twin", cooked, .link_type = 276},
	{"capture", "no-length-twin", no_length},
	{0},
};
