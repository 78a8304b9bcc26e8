/* SPDX-License-Identifier: BSD-3-Clause */
/* wire_out.c - packets of made-up hosts, with right checksums, into a pcap. */
#include "bench/wire_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	START_S = 1780000000,
	BUFFER = 1 << 20,
	ETHERNET = 14,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	GATEWAY = 0xfffffe,
};

struct wire_out {
	FILE *file;
	uint64_t now_ns;
	uint32_t snaplen;
	uint8_t packet[WIRE_MOST];
};

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

struct wire_out *wire_out_open(const char *path, uint32_t snaplen)
{
	const uint32_t header[6] = {0xa1b2c3d4, 4 << 16 | 2, 0, 0, snaplen, 1};
	struct wire_out *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->snaplen = snaplen;
	w->file = fopen(path, "wb");
	if (!w->file) {
		perror(path);
		free(w);
		return NULL;
	}
	setvbuf(w->file, NULL, _IOFBF, BUFFER);
	fwrite(header, sizeof(header), 1, w->file);
	return w;
}

void wire_time(struct wire_out *w, uint64_t ns)
{
	w->now_ns = ns;
}

int wire_out_close(struct wire_out *w)
{
	int bad = ferror(w->file);

	bad |= fclose(w->file);
	free(w);
	return bad ? -1 : 0;
}

static void write_packet(struct wire_out *w, uint32_t size)
{
	const uint32_t header[4] = {
		(uint32_t)(START_S + w->now_ns / 1000000000),
		(uint32_t)(w->now_ns / 1000 % 1000000),
		size < w->snaplen ? size : w->snaplen,
		size,
	};

	fwrite(header, sizeof(header), 1, w->file);
	fwrite(w->packet, header[2], 1, w->file);
}

static uint32_t add_sum(const uint8_t *p, uint32_t size, uint32_t sum)
{
	for (; size > 1; p += 2, size -= 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return size ? sum + ((uint32_t)p[0] << 8) : sum;
}

static uint32_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

void wire_frame(struct wire_out *w, const uint8_t *frame, uint32_t size)
{
	memcpy(w->packet, frame, size);
	write_packet(w, size);
}

uint16_t wire_checksum(const uint8_t *bytes, uint32_t size, uint32_t sum)
{
	return (uint16_t)fold(add_sum(bytes, size, sum));
}

static uint32_t address4(uint32_t host)
{
	if (host == FLOOD_VICTIM)
		return 0xcb007150; /* 203.0.113.80 */
	if (host & 0x80000000)
		return 0x10000000 + host % 0xb0000000;
	if (host >= FLOOD_CLIENT)
		return 0xc6120000 + (host - FLOOD_CLIENT) + 1;
	/* servers somewhere on the Internet, clients in 10.0.0.0/8 */
	if (host >= 0x100000)
		return 0x50000000 + (host * 2654435761U) % 0x20000000;
	return 0x0a000001 + host;
}

static void put_address6(uint8_t *p, uint32_t host)
{
	memset(p, 0, 16);
	put32(p, 0x20010db8);
	put32(p + 4, host >= 0x100000 ? host * 2654435761U : 0xc0000000);
	put32(p + 12, host + 1);
}

static void put_mac(uint8_t *p, uint32_t host)
{
	put16(p, 0x0200);
	put32(p + 2, host);
}

/* Ethernet and IP around `size` bytes; where they go, and the sum of the
 * pseudo header. */
static uint32_t put_ip(struct wire_out *w, const struct ends *e, int from,
		       uint32_t proto, uint32_t size, uint32_t *sum)
{
	uint8_t *ip = w->packet + ETHERNET;
	bool inside = e->host[0] < 0x100000;
	uint32_t station = inside ? e->host[0] + 1 : 80;

	put_mac(w->packet, (from == 0) == inside ? GATEWAY : station);
	put_mac(w->packet + 6, (from == 0) == inside ? station : GATEWAY);
	*sum = proto + size;
	if (e->v6) {
		put16(w->packet + 12, 0x86dd);
		put32(ip, 0x60000000);
		put16(ip + 4, size);
		ip[6] = (uint8_t)proto;
		ip[7] = from ? 56 : 64;
		put_address6(ip + 8, e->host[from]);
		put_address6(ip + 24, e->host[!from]);
		*sum = add_sum(ip + 8, 32, *sum);
		return ETHERNET + 40;
	}
	put16(w->packet + 12, 0x0800);
	put32(ip, 0x45000000 | (20 + size));
	put32(ip + 4, (uint32_t)(w->now_ns / 1000) << 16 | 0x4000);
	put32(ip + 8, (from ? 56U : 64U) << 24 | proto << 16);
	put32(ip + 12, address4(e->host[from]));
	put32(ip + 16, address4(e->host[!from]));
	put16(ip + 10, fold(add_sum(ip, 20, 0)));
	*sum = add_sum(ip + 12, 8, *sum);
	return ETHERNET + 20;
}

/* The first data of a conversation: HTTP, or the hellos of TLS 1.3. */
static void put_opening(uint8_t *p, uint32_t size, const struct ends *e,
			int from)
{
	char text[160];
	int n;

	if (e->port[1] == 443) {
		put16(p, 0x1603);
		put32(p + 2, 0x01000000 | (size - 5) << 8 | (from ? 2 : 1));
		put32(p + 6, (size - 9) << 8 | 3);
		p[10] = 3;
		p[43] = 0;
		if (from) {
			put32(p + 44, 0x13010000);
			put16(p + 47, size - 49);
			put32(p + 49, (uint32_t)0x0015 << 16 | (size - 53));
		} else {
			put32(p + 44, 0x00021301);
			put16(p + 48, 0x0100);
			put16(p + 50, size - 52);
			put32(p + 52, (uint32_t)0x0015 << 16 | (size - 56));
		}
		return;
	}
	if (from)
		n = snprintf(text, sizeof(text),
			     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			     "Connection: close\r\n\r\n");
	else
		n = snprintf(text, sizeof(text),
			     "GET /%u HTTP/1.1\r\nHost: www%u.example.com\r\n"
			     "Connection: close\r\nX: ",
			     e->host[0], e->host[1] % 5000);
	memcpy(p, text, (size_t)n);
	if (!from)
		memcpy(p + size - 4, "\r\n\r\n", 4);
}

static uint32_t put_tcp_options(uint8_t *o, const struct wire_out *w,
				const struct segment *s)
{
	uint8_t *at = o;

	if (s->flags & TCP_RST)
		return 0;
	if (s->flags & TCP_SYN) {
		put32(at, 0x020405b4);
		put32(at + 4, 0x0402080a);
		at += 8;
	} else {
		put32(at, 0x0101080a);
		at += 4;
	}
	put32(at, (uint32_t)(w->now_ns / 1000000) + (s->from ? 77777 : 0));
	put32(at + 4, s->flags & TCP_ACK ? (uint32_t)(w->now_ns / 1000000) +
						   (s->from ? 0 : 77777)
					 : 0);
	at += 8;
	if (s->flags & TCP_SYN) {
		put32(at, 0x01030307);
		at += 4;
	}
	return (uint32_t)(at - o);
}

void wire_tcp(struct wire_out *w, const struct ends *e, const struct segment *s)
{
	uint8_t options[40], *t;
	uint32_t more = put_tcp_options(options, w, s), sum, at;
	uint32_t size = 20 + more + s->size;

	at = put_ip(w, e, s->from, PROTO_TCP, size, &sum);
	t = w->packet + at;
	put16(t, e->port[s->from]);
	put16(t + 2, e->port[!s->from]);
	put32(t + 4, s->seq);
	put32(t + 8, s->ack);
	t[12] = (uint8_t)((20 + more) / 4 << 4);
	t[13] = s->flags;
	put16(t + 14, s->flags & TCP_RST ? 0 : 64240);
	put32(t + 16, 0);
	memcpy(t + 20, options, more);
	memset(t + 20 + more, s->fill ? s->fill : 'x', s->size);
	if (s->opening)
		put_opening(t + 20 + more, s->size, e, s->from);
	put16(t + 16, fold(add_sum(t, size, sum)));
	write_packet(w, at + size);
}

/* www.example.com, type A; its answer is 192.0.2.1 for a minute. */
static uint32_t put_dns(uint8_t *d, const struct ends *e, int from)
{
	static const uint8_t question[] = "\3www\7example\3com\0\0\1\0\1";
	static const uint8_t answer[] =
		"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1";
	uint32_t size = 12 + sizeof(question) - 1;

	put16(d, e->host[0] ^ e->port[0]);
	put16(d + 2, from ? 0x8180 : 0x0100);
	put32(d + 4, from ? 0x00010001 : 0x00010000);
	put32(d + 8, 0);
	memcpy(d + 12, question, sizeof(question) - 1);
	if (!from)
		return size;
	memcpy(d + size, answer, sizeof(answer) - 1);
	return size + sizeof(answer) - 1;
}

void wire_udp(struct wire_out *w, const struct ends *e, int from, uint32_t size,
	      bool dns)
{
	uint8_t message[128], *u;
	uint32_t sum, at;

	if (dns)
		size = put_dns(message, e, from);
	at = put_ip(w, e, from, PROTO_UDP, 8 + size, &sum);
	u = w->packet + at;
	put16(u, e->port[from]);
	put16(u + 2, e->port[!from]);
	put16(u + 4, 8 + size);
	put16(u + 6, 0);
	if (dns)
		memcpy(u + 8, message, size);
	else
		memset(u + 8, 0x55, size);
	put16(u + 6, fold(add_sum(u, 8 + size, sum)));
	write_packet(w, at + 8 + size);
}
