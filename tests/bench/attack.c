/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * attack.c - writes captures of attacks that always come out the same.
 *
 *   attack [-n PACKETS] [-g NANOSECONDS] [-s SEED] NAME FILE
 *
 * Each NAME fills another table of an analyzer, with entries that are all
 * different; the rows at the end say how, and how long it waits between them.
 * SYN floods are in generate.c.
 */
#include "bench/wire_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MS = 1000000,
	ETHERNET = 14,
	IPV4 = 20,
	PIECES = 24, /* overlapping segments of a connection */
	WINDOW = 60000,
	DEPTH = 40,	       /* headers of a nested packet */
	ATTACKED = 0xc6336407, /* 198.51.100.7 */
};

#define VICTIM	 0x525400000050
#define GATEWAY	 0x525400000001
#define CLIENT	 0x525400000014
#define RESOLVER 0x525400000035

struct attack {
	struct wire_out *out;
	uint64_t random, now_ns, written, most, gap_ns;
	uint8_t frame[WIRE_MOST];
	uint32_t size;
};

static uint32_t draw(struct attack *a)
{
	/* splitmix64 */
	uint64_t z = a->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)(z ^ z >> 31);
}

static void put(struct attack *a, uint64_t value, uint32_t bytes)
{
	while (bytes-- > 0)
		a->frame[a->size++] = (uint8_t)(value >> 8 * bytes);
}

static void put_mac(struct attack *a, uint64_t station)
{
	put(a, station, 6);
}

/* A station with some maker's prefix, as macof invents them. */
static uint64_t some_station(struct attack *a)
{
	return ((uint64_t)draw(a) << 16 | (draw(a) & 0xffff)) & 0xfcffffffffff;
}

static void begin(struct attack *a, uint64_t dst, uint64_t src, uint32_t type)
{
	a->size = 0;
	put(a, dst, 6);
	put_mac(a, src);
	put(a, type, 2);
}

static void end(struct attack *a)
{
	while (a->size < 60)
		put(a, 0, 1);
	wire_frame(a->out, a->frame, a->size);
	a->written++;
}

/* Somewhere on the Internet, and never on this link. */
static uint32_t anywhere(struct attack *a)
{
	return 0x10000000 + draw(a) % 0x60000000;
}

static void put_ipv4(struct attack *a, uint32_t src, uint32_t dst,
		     uint32_t proto, uint32_t size, uint32_t fragment)
{
	uint32_t at = a->size;

	put(a, 0x4500, 2);
	put(a, IPV4 + size, 2);
	put(a, draw(a), 2);
	put(a, fragment, 2);
	put(a, 0x4000 | proto, 2);
	put(a, 0, 2);
	put(a, src, 4);
	put(a, dst, 4);
	a->size = at + 10;
	put(a, wire_checksum(a->frame + at, IPV4, 0), 2);
	a->size = at + IPV4;
}

/* The first fragment of a datagram whose others never come. */
static void first_fragment_of(struct attack *a, uint32_t source)
{
	enum { DATA = 512, MORE = 0x2000 };

	begin(a, VICTIM, GATEWAY, 0x0800);
	put_ipv4(a, source, ATTACKED, 17, 8 + DATA, MORE);
	put(a, 1024 + draw(a) % 60000, 2);
	put(a, 9000, 2);
	put(a, 8 + 2 * DATA, 2);
	put(a, 0, 2);
	memset(a->frame + a->size, 'f', DATA);
	a->size += DATA;
	end(a);
}

static void fragments_of_some(struct attack *a)
{
	first_fragment_of(a, 0xcb007100 + draw(a) % 64);
}

static void fragments_of_many(struct attack *a)
{
	first_fragment_of(a, anywhere(a));
}

/* A question for a name that nobody has, and the answer that says so. */
static void dns_message(struct attack *a, uint32_t client, uint32_t id,
			const char *label, bool answer)
{
	const uint32_t resolver = 0xc0000235; /* 192.0.2.53 */
	uint32_t size = 8 + 12 + 1 + 12 + 1 + 7 + 1 + 3 + 1 + 4;

	begin(a, answer ? CLIENT : RESOLVER, answer ? RESOLVER : CLIENT,
	      0x0800);
	put_ipv4(a, answer ? resolver : client, answer ? client : resolver, 17,
		 size, 0x4000);
	put(a, answer ? 53 : 40000 + (id & 0x3fff), 2);
	put(a, answer ? 40000 + (id & 0x3fff) : 53, 2);
	put(a, size, 2);
	put(a, 0, 2);
	put(a, id, 2);
	put(a, answer ? 0x8183 : 0x0100, 2);
	put(a, 0x0001000000000000, 8);
	put(a, 12, 1);
	memcpy(a->frame + a->size, label, 12);
	a->size += 12;
	memcpy(a->frame + a->size, "\7example\3com\0\0\1\0\1", 17);
	a->size += 17;
	end(a);
}

static void random_name(struct attack *a)
{
	uint32_t client = 0xc0000214, id = draw(a);
	char label[12];

	for (int i = 0; i < 12; i++)
		label[i] = (char)('a' + draw(a) % 26);
	dns_message(a, client, id, label, false);
	a->now_ns += MS / 5;
	wire_time(a->out, a->now_ns);
	dns_message(a, client, id, label, true);
}

static void arp_request(struct attack *a, uint64_t station, uint32_t sender,
			uint32_t target)
{
	begin(a, 0xffffffffffff, station, 0x0806);
	put(a, 0x0001080006040001, 8);
	put_mac(a, station);
	put(a, sender, 4);
	put(a, 0, 6);
	put(a, target, 4);
	end(a);
}

static void arp_of_one(struct attack *a)
{
	arp_request(a, CLIENT, 0x0a000014, 0x0a000000 | draw(a) % 0xffff00);
}

static void arp_of_many(struct attack *a)
{
	uint64_t who = some_station(a);

	arp_request(a, who, 0x0a000000 | who % 0xffff00,
		    0x0a000000 | draw(a) % 0xffff00);
}

static void put_ipv6_address(struct attack *a, uint64_t prefix, uint64_t id)
{
	put(a, prefix, 8);
	put(a, id, 8);
}

/* Neighbour solicitation, RFC 4861 section 4.3. */
static void solicit(struct attack *a, uint64_t station, uint32_t target)
{
	const uint64_t on_link = 0x20010db800000001;
	uint32_t at, sum = 32 + 58;

	begin(a, 0x3333ff000000 | (target & 0xffffff), station, 0x86dd);
	put(a, 0x60000000, 4);
	put(a, 0x00203aff, 4);
	put_ipv6_address(a, on_link, station);
	put_ipv6_address(a, 0xff02000000000000,
			 0x1ff000000 | (target & 0xffffff));
	at = a->size;
	put(a, 0x8700000000000000, 8);
	put_ipv6_address(a, on_link, target);
	put(a, 0x0101, 2);
	put_mac(a, station);
	a->size = at + 2;
	/* the addresses before it are the rest of the pseudo header */
	put(a, wire_checksum(a->frame + at - 32, 64, sum), 2);
	a->size = at + 32;
	end(a);
}

static void nd_of_one(struct attack *a)
{
	solicit(a, CLIENT, draw(a));
}

static void nd_of_many(struct attack *a)
{
	solicit(a, some_station(a), draw(a));
}

static void tcp(struct attack *a, struct ends *e, const struct segment *s)
{
	wire_tcp(a->out, e, s);
	a->written++;
	a->now_ns += 2000;
	wire_time(a->out, a->now_ns);
}

static struct ends some_client(struct attack *a)
{
	return (struct ends){
		.host = {FLOOD_SOURCE | draw(a), FLOOD_VICTIM},
		.port = {(uint16_t)(1024 + draw(a) % 64000), 443},
	};
}

/* SYN and its answer. */
static void answered_syn(struct attack *a, struct ends *e, uint32_t seq,
			 uint32_t peer)
{
	tcp(a, e, &(struct segment){.from = 0, .flags = TCP_SYN, .seq = seq});
	tcp(a, e,
	    &(struct segment){.from = 1,
			      .flags = TCP_SYN | TCP_ACK,
			      .seq = peer,
			      .ack = seq + 1});
}

/* Segments of random places in the window, each with other bytes than those
 * that it overlaps; nothing is ever acknowledged. */
static void overlaps(struct attack *a)
{
	struct ends e = some_client(a);
	uint32_t seq = draw(a), peer = draw(a);

	answered_syn(a, &e, seq, peer);
	for (int i = 0; i < PIECES; i++)
		tcp(a, &e,
		    &(struct segment){.from = 0,
				      .flags = TCP_ACK | TCP_PSH,
				      .seq = seq + 1 + draw(a) % WINDOW,
				      .ack = peer + 1,
				      .size = 1 + draw(a) % 1448,
				      .fill = (uint8_t)(1 + draw(a) % 255)});
}

/* IPv4 in GRE in IPv4 in IPv4 ..., deeper than anybody looks; the addresses are
 * new in every layer. */
static void nested(struct attack *a)
{
	uint32_t left = DEPTH * (IPV4 + 4);

	begin(a, VICTIM, GATEWAY, 0x0800);
	for (int i = 0; i < DEPTH; i++) {
		bool gre = draw(a) & 1;

		left -= IPV4 + 4;
		/* what is missing of a header of GRE is padding at the end */
		put_ipv4(a, anywhere(a), anywhere(a), gre ? 47 : 4,
			 left + 4 * gre, 0x4000);
		if (gre)
			put(a, 0x00000800, 4);
	}
	while (a->size < ETHERNET + DEPTH * (IPV4 + 4))
		put(a, 0, 1);
	end(a);
}

/* The third packet never comes. */
static void half_open(struct attack *a)
{
	struct ends e = some_client(a);
	uint32_t seq = draw(a), peer = draw(a);

	answered_syn(a, &e, seq, peer);
}

/* The whole handshake, and then nothing at all. */
static void never_used(struct attack *a)
{
	struct ends e = some_client(a);
	uint32_t seq = draw(a), peer = draw(a);

	answered_syn(a, &e, seq, peer);
	tcp(a, &e,
	    &(struct segment){.from = 0,
			      .flags = TCP_ACK,
			      .seq = seq + 1,
			      .ack = peer + 1});
}

static const struct {
	const char *name;
	void (*write)(struct attack *a);
	uint64_t gap_ns;
} attacks[] = {
	{"fragments", fragments_of_some, MS / 10},
	{"fragments-spoofed", fragments_of_many, MS / 10},
	{"dns", random_name, MS / 5},
	{"arp", arp_of_one, MS / 10},
	{"arp-spoofed", arp_of_many, MS / 10},
	{"nd", nd_of_one, MS / 10},
	{"nd-spoofed", nd_of_many, MS / 10},
	{"segments", overlaps, MS / 50},
	{"tunnels", nested, MS / 20},
	{"half-open", half_open, MS / 20},
	{"never-used", never_used, MS / 20},
};

static int run(struct attack *a, const char *name)
{
	uint64_t gap_ns;

	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (strcmp(attacks[i].name, name) != 0)
			continue;
		gap_ns = a->gap_ns ? a->gap_ns : attacks[i].gap_ns;
		while (a->written < a->most) {
			wire_time(a->out, a->now_ns);
			attacks[i].write(a);
			a->now_ns += gap_ns;
		}
		return 0;
	}
	fprintf(stderr, "attack: there is no %s\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	struct attack a = {.random = 1, .most = 1000000};
	int c, status;

	while ((c = getopt(argc, argv, "n:g:s:")) != -1) {
		uint64_t v = optarg ? strtoull(optarg, NULL, 10) : 0;

		if (c == 'n')
			a.most = v;
		else if (c == 'g')
			a.gap_ns = v;
		else if (c == 's')
			a.random = v;
		else
			return 2;
	}
	if (argc - optind != 2)
		return 2;
	a.out = wire_out_open(argv[optind + 1], 262144);
	if (!a.out)
		return 1;
	status = run(&a, argv[optind]);
	if (wire_out_close(a.out) != 0)
		status = 1;
	return status;
}
