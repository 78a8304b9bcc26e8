/* SPDX-License-Identifier: BSD-3-Clause */
/* craft.c - writes small captures, packet by packet, with libnet. */
#include "cases/craft.h"

#include <arpa/inet.h>
#include <libnet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/craft_file.h"

enum { START_S = 1795501393, LAST_MAX = 70000 };

struct craft {
	libnet_t *net;
	pcap_t *dead;
	pcap_dumper_t *dump;
	int64_t now_us;
	uint16_t vlan, link_type;
	uint32_t snaplen, longer_by;
	bool pad, fcs, damaged;
	struct craft_mark place, *marks; /* one a frame */
	size_t frames;
	uint8_t last[LAST_MAX], longer[LAST_MAX + 4];
	size_t last_size, last_ip;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "craft: %s: %s\n", what, why);
	exit(1);
}

struct craft *craft_open(const char *path, uint16_t link_type, uint32_t snaplen)
{
	char error[LIBNET_ERRBUF_SIZE];
	struct craft *c = calloc(1, sizeof(*c));

	if (!c)
		die(path, "no memory");
	c->link_type = link_type ? link_type : DLT_EN10MB;
	c->snaplen = snaplen ? snaplen : 262144;
	c->net = libnet_init(LIBNET_NONE, NULL, error);
	if (!c->net)
		die("libnet", error);
	/* only to let libnet hand out what it built: nothing is sent */
	c->net->injection_type = LIBNET_LINK_ADV;
	c->dead = pcap_open_dead(c->link_type, (int)c->snaplen);
	c->dump = pcap_dump_open(c->dead, path);
	if (!c->dump)
		die(path, pcap_geterr(c->dead));
	return c;
}

void craft_close(struct craft *c)
{
	pcap_dump_close(c->dump);
	pcap_close(c->dead);
	c->net->injection_type = LIBNET_NONE;
	libnet_destroy(c->net);
	free(c->marks);
	free(c);
}

struct craft_mark *craft_marks(const struct craft *c, size_t *frames)
{
	struct craft_mark *copy = malloc(c->frames * sizeof(*copy) + 1);

	if (!copy)
		die("marks", "no memory");
	*frames = c->frames;
	if (c->frames)
		memcpy(copy, c->marks, c->frames * sizeof(*copy));
	return copy;
}

void craft_with_fcs(struct craft *c)
{
	c->fcs = true;
}

void craft_place(struct craft *c, uint8_t interface, enum craft_way way)
{
	c->place = (struct craft_mark){interface, (uint8_t)way};
}

void craft_longer(struct craft *c, uint32_t bytes)
{
	c->longer_by = bytes;
}

void craft_damage(struct craft *c, bool on)
{
	c->damaged = on;
}

void craft_at(struct craft *c, int64_t us)
{
	c->now_us = us;
}

void craft_wait(struct craft *c, int64_t us)
{
	c->now_us += us;
}

int64_t craft_now(const struct craft *c)
{
	return c->now_us;
}

void craft_vlan(struct craft *c, uint16_t vid)
{
	c->vlan = vid;
}

void craft_pad(struct craft *c, bool on)
{
	c->pad = on;
}

static void mark(struct craft *c)
{
	c->marks = realloc(c->marks, (c->frames + 1) * sizeof(*c->marks));
	if (!c->marks)
		die("marks", "no memory");
	c->marks[c->frames++] = c->place;
}

/* IEEE 802.3 3.2.9; as if a bit had changed on the way where it is damaged. */
static size_t add_fcs(const struct craft *c, uint8_t *frame, size_t size)
{
	uint32_t v = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		v ^= frame[i];
		for (int k = 0; k < 8; k++)
			v = v & 1 ? v >> 1 ^ 0xedb88320 : v >> 1;
	}
	v = ~v;
	for (int i = 0; i < 4; i++)
		frame[size + (size_t)i] = (uint8_t)(v >> 8 * i);
	if (c->damaged)
		frame[size - 1] ^= 0x10;
	return size + 4;
}

/* As "any" records an Ethernet frame: who sent it, which way, and no more. */
static size_t cook(const struct craft *c, const uint8_t *frame, size_t size,
		   uint8_t out[LAST_MAX])
{
	const bool group = frame[0] & 1, all = frame[0] == 0xff;
	const uint8_t way = c->place.way == CRAFT_OUT ? 4 : all ? 1 : 2 * group;
	const uint8_t head[6] = {0, way, 0, 1, 0, 6};

	if (size < 14 || size > LAST_MAX - 2)
		die("cooked", "no such frame");
	memcpy(out, head, sizeof(head));
	memcpy(out + 6, frame + 6, 6);
	memset(out + 12, 0, 2);
	memcpy(out + 14, frame + 12, size - 12);
	return size + 2;
}

void craft_frame(struct craft *c, const void *bytes, size_t size, size_t sent)
{
	struct pcap_pkthdr h = {0};
	const int64_t at_us = START_S * (int64_t)1000000 + c->now_us;

	h.ts.tv_sec = at_us / 1000000;
	h.ts.tv_usec = at_us % 1000000;
	mark(c);
	if (c->link_type == DLT_LINUX_SLL) {
		size = cook(c, bytes, size, c->longer);
		sent = sent ? sent + 2 : 0;
		bytes = c->longer;
	}
	h.caplen = (uint32_t)(size < c->snaplen ? size : c->snaplen);
	h.len = (uint32_t)(sent > size ? sent : size) + c->longer_by;
	if (c->fcs && size <= LAST_MAX) {
		memcpy(c->longer, bytes, size);
		h.caplen = h.len = (uint32_t)add_fcs(c, c->longer, size);
		pcap_dump((u_char *)c->dump, &h, c->longer);
	} else {
		pcap_dump((u_char *)c->dump, &h, bytes);
	}
	if (size <= sizeof(c->last) && bytes != c->last) {
		memcpy(c->last, bytes, size);
		c->last_size = size;
	}
}

const uint8_t *craft_last(const struct craft *c, size_t *size)
{
	*size = c->last_size;
	return c->last;
}

const uint8_t *craft_last_ip(const struct craft *c, size_t *size)
{
	*size = c->last_size - c->last_ip;
	return c->last + c->last_ip;
}

static void mac_of(const char *text, uint8_t out[6])
{
	unsigned b[6];

	if (sscanf(text, "%x:%x:%x:%x:%x:%x", b, b + 1, b + 2, b + 3, b + 4,
		   b + 5) != 6)
		die(text, "no MAC address");
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)b[i];
}

static bool is_v6(const struct station *s)
{
	return strchr(s->ip, ':') != NULL;
}

static uint32_t v4_of(const char *text)
{
	uint32_t a;

	if (inet_pton(AF_INET, text, &a) != 1)
		die(text, "no IPv4 address");
	return a;
}

static struct libnet_in6_addr v6_of(const char *text)
{
	struct libnet_in6_addr a;

	if (inet_pton(AF_INET6, text, &a) != 1)
		die(text, "no IPv6 address");
	return a;
}

static void check(struct craft *c, libnet_ptag_t tag)
{
	if (tag == -1)
		die("libnet", libnet_geterror(c->net));
}

/* Put Ethernet (and a tag) around what libnet holds, and write it. */
static void finish(struct craft *c, const char *src, const char *dst,
		   uint16_t ethertype)
{
	uint8_t from[6], to[6], *bytes, frame[LAST_MAX] = {0};
	uint32_t size, skip = 0;

	mac_of(src, from);
	mac_of(dst, to);
	if (c->link_type == DLT_EN10MB && c->vlan)
		check(c, libnet_build_802_1q(to, from, 0x8100, 0, 0, c->vlan,
					     ethertype, NULL, 0, c->net, 0));
	else
		check(c, libnet_build_ethernet(to, from, ethertype, NULL, 0,
					       c->net, 0));
	if (libnet_adv_cull_packet(c->net, &bytes, &size) != 1)
		die("libnet", libnet_geterror(c->net));
	c->last_ip = c->vlan ? 18 : 14;
	if (c->link_type == DLT_RAW) {
		skip = (uint32_t)c->last_ip;
		c->last_ip = 0;
	}
	size -= skip;
	memcpy(frame, bytes + skip, size);
	libnet_adv_free_packet(c->net, bytes);
	if (c->pad && size < 60)
		size = 60;
	craft_frame(c, frame, size, size);
	libnet_clear_packet(c->net);
}

static uint32_t sum16(const uint8_t *b, size_t size, uint32_t sum)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)b[i] << 8 | b[i + 1];
	if (size & 1)
		sum += (uint32_t)b[size - 1] << 8;
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void craft_again(struct craft *c, uint8_t ttl, const char *src_mac,
		 const char *dst_mac)
{
	uint8_t *ip = c->last + c->last_ip;

	if (src_mac)
		mac_of(src_mac, c->last + 6);
	if (dst_mac)
		mac_of(dst_mac, c->last);
	if (ttl && ip[0] >> 4 == 4) {
		size_t header = (size_t)(ip[0] & 15) * 4;
		uint16_t sum;

		ip[8] = ttl;
		ip[10] = ip[11] = 0;
		sum = sum_fold(sum16(ip, header, 0));
		ip[10] = (uint8_t)(sum >> 8);
		ip[11] = (uint8_t)sum;
	} else if (ttl) {
		ip[7] = ttl;
	}
	craft_frame(c, c->last, c->last_size, c->last_size);
}

void craft_arp(struct craft *c, uint16_t operation, const struct station *from,
	       const char *target_mac, const char *target_ip,
	       const char *to_mac)
{
	uint8_t sha[6], tha[6] = {0};
	uint32_t spa = v4_of(from->ip), tpa = v4_of(target_ip);

	mac_of(from->mac, sha);
	if (target_mac)
		mac_of(target_mac, tha);
	check(c,
	      libnet_build_arp(1, 0x0800, 6, 4, operation, sha, (uint8_t *)&spa,
			       tha, (uint8_t *)&tpa, NULL, 0, c->net, 0));
	finish(c, from->mac, to_mac ? to_mac : "ff:ff:ff:ff:ff:ff", 0x0806);
}

static uint8_t ttl_of(const struct station *s, uint8_t given)
{
	return given ? given : s->ttl ? s->ttl : 64;
}

static uint16_t id_of(struct station *s, int given)
{
	if (given)
		return given < 0 ? 0 : (uint16_t)given;
	return s->id_zero ? 0 : ++s->id;
}

/* The IP header around what libnet holds, then the frame. */
static void send_ip(struct craft *c, struct station *from, struct station *to,
		    const struct craft_ip *ip, int id, const void *payload,
		    size_t size, size_t held)
{
	uint16_t fragment = (uint16_t)(ip->offset / 8 | (ip->df ? 0x4000 : 0) |
				       (ip->more ? 0x2000 : 0));

	if (is_v6(from)) {
		check(c, libnet_build_ipv6(ip->tos, 0, (uint16_t)(size + held),
					   ip->protocol, ttl_of(from, ip->ttl),
					   v6_of(from->ip), v6_of(to->ip),
					   payload, (uint32_t)size, c->net, 0));
		finish(c, from->mac, to->mac, 0x86dd);
		return;
	}
	check(c, libnet_build_ipv4(
			 (uint16_t)(20 + size + held), ip->tos, id_of(from, id),
			 fragment, ttl_of(from, ip->ttl), ip->protocol,
			 ip->bad_checksum ? 0xdead : 0, v4_of(from->ip),
			 v4_of(to->ip), payload, (uint32_t)size, c->net, 0));
	finish(c, from->mac, to->mac, 0x0800);
}

void craft_ip(struct craft *c, struct station *from, struct station *to,
	      const struct craft_ip *ip, const void *payload, size_t size)
{
	static uint8_t bytes[65536];
	struct craft_ip inner = *ip;
	uint16_t word = htons((uint16_t)(ip->offset | ip->more));
	uint32_t id = htonl(ip->id);

	if (!is_v6(from) || (!ip->offset && !ip->more)) {
		send_ip(c, from, to, ip, ip->id, payload, size, 0);
		return;
	}
	/* RFC 8200 4.5: next header, reserved, offset and M, identification */
	bytes[0] = ip->protocol;
	bytes[1] = 0;
	memcpy(bytes + 2, &word, 2);
	memcpy(bytes + 4, &id, 4);
	memcpy(bytes + 8, payload, size);
	inner.protocol = 44;
	send_ip(c, from, to, &inner, 0, bytes, size + 8, 0);
}

/* TCP options in the order that Linux uses; returns their padded length. */
static size_t tcp_options(const struct craft_tcp *t, uint8_t out[40])
{
	bool syn = t->flags & 2;
	size_t n = 0;

	if (t->mss) {
		out[n++] = 2, out[n++] = 4;
		out[n++] = (uint8_t)(t->mss >> 8), out[n++] = (uint8_t)t->mss;
	}
	if (t->sack_ok)
		out[n++] = 4, out[n++] = 2;
	if (t->tsval || t->tsecr) {
		uint32_t ts[2] = {htonl(t->tsval), htonl(t->tsecr)};

		if (!t->sack_ok)
			out[n++] = 1, out[n++] = 1;
		out[n++] = 8, out[n++] = 10;
		memcpy(out + n, ts, 8);
		n += 8;
	}
	if (syn && t->wscale > 0) {
		out[n++] = 1, out[n++] = 3, out[n++] = 3;
		out[n++] = (uint8_t)t->wscale;
	}
	if (t->sack[1]) {
		size_t at;

		out[n++] = 1, out[n++] = 1, out[n++] = 5;
		at = n++;
		for (int i = 0; i < 6 && t->sack[i + 1]; i += 2) {
			uint32_t pair[2] = {htonl(t->sack[i]),
					    htonl(t->sack[i + 1])};

			memcpy(out + n, pair, 8);
			n += 8;
			if (i == 4)
				break;
		}
		out[at] = (uint8_t)(n - at + 1);
	}
	while (n % 4)
		out[n++] = 1;
	return n;
}

void craft_tcp(struct craft *c, struct station *from, struct station *to,
	       const struct craft_tcp *t)
{
	static uint8_t made[65536];
	uint8_t options[40] = {0};
	size_t option_size = tcp_options(t, options);
	const uint8_t *data = t->data;
	uint16_t window = t->window ? t->window : 64240;
	struct craft_ip ip = {.protocol = 6,
			      .ttl = t->ttl,
			      .tos = t->tos,
			      .df = !t->fragmentable};

	if (!data) {
		for (uint32_t i = 0; i < t->len; i++)
			made[i] = (uint8_t)((t->seq + i) * 31 >> 3);
		data = made;
	}
	if (option_size)
		check(c, libnet_build_tcp_options(
				 options, (uint32_t)option_size, c->net, 0));
	check(c, libnet_build_tcp(t->sport, t->dport, t->seq, t->ack,
				  t->flags ? t->flags : 16,
				  t->zero_window ? 0 : window,
				  t->bad_checksum ? 0xdead : 0, 0,
				  (uint16_t)(20 + option_size + t->len),
				  t->len ? data : NULL, t->len, c->net, 0));
	send_ip(c, from, to, &ip, t->id, NULL, 0, 20 + option_size + t->len);
}

void craft_udp(struct craft *c, struct station *from, struct station *to,
	       uint16_t sport, uint16_t dport, const void *data, size_t size)
{
	const struct craft_ip ip = {.protocol = 17};

	check(c, libnet_build_udp(sport, dport, (uint16_t)(8 + size), 0, data,
				  (uint32_t)size, c->net, 0));
	send_ip(c, from, to, &ip, 0, NULL, 0, 8 + size);
}

/* The pseudo-header's share of an ICMPv6 checksum (RFC 8200 8.1). */
static uint32_t pseudo_v6(const struct station *from, const struct station *to,
			  size_t size)
{
	struct libnet_in6_addr a[2] = {v6_of(from->ip), v6_of(to->ip)};

	return sum16((const uint8_t *)a, sizeof(a), (uint32_t)size + 58);
}

void craft_icmp(struct craft *c, struct station *from, struct station *to,
		uint8_t type, uint8_t code, uint32_t rest, const void *data,
		size_t size)
{
	static uint8_t bytes[65536];
	const bool v6 = is_v6(from);
	const struct craft_ip ip = {
		.protocol = v6 ? 58 : 1,
		.ttl = v6 && type >= 133 && type <= 137 ? 255 : 0};
	uint32_t word = htonl(rest);
	uint16_t sum;

	memset(bytes, 0, 8);
	bytes[0] = type;
	bytes[1] = code;
	memcpy(bytes + 4, &word, 4);
	if (size)
		memcpy(bytes + 8, data, size);
	sum = sum_fold(
		sum16(bytes, 8 + size, v6 ? pseudo_v6(from, to, 8 + size) : 0));
	bytes[2] = (uint8_t)(sum >> 8);
	bytes[3] = (uint8_t)sum;
	send_ip(c, from, to, &ip, 0, bytes, 8 + size, 0);
}

void craft_icmp_error(struct craft *c, struct station *reporter,
		      struct station *to, uint8_t type, uint8_t code,
		      uint32_t rest)
{
	size_t size, most = 1232;
	const uint8_t *ip = craft_last_ip(c, &size);
	uint8_t quote[1232];

	if (ip[0] >> 4 == 4)
		most = (size_t)(ip[0] & 15) * 4 + 8;
	if (size > most)
		size = most;
	memcpy(quote, ip, size);
	craft_icmp(c, reporter, to, type, code, rest, quote, size);
}

void craft_echo(struct craft *c, struct station *from, struct station *to,
		bool reply, uint16_t id, uint16_t seq, size_t size)
{
	uint8_t data[65000];
	uint8_t type = is_v6(from) ? (reply ? 129 : 128) : (reply ? 0 : 8);

	for (size_t i = 0; i < size && i < sizeof(data); i++)
		data[i] = (uint8_t)(i + 16);
	craft_icmp(c, from, to, type, 0, (uint32_t)id << 16 | seq, data, size);
}

static size_t dns_name(const char *name, uint8_t *out)
{
	size_t n = 0;

	while (*name) {
		size_t label = strcspn(name, ".");

		out[n++] = (uint8_t)label;
		memcpy(out + n, name, label);
		n += label;
		name += label + (name[label] == '.');
	}
	out[n++] = 0;
	return n;
}

/* An A record of the name that was asked. */
static size_t dns_address(const char *address, uint32_t ttl, uint8_t *out)
{
	static const uint8_t head[] = {0xc0, 12, 0, 1, 0, 1};
	uint32_t a = v4_of(address), seconds = htonl(ttl);
	size_t n = sizeof(head);

	memcpy(out, head, n);
	memcpy(out + n, &seconds, 4);
	n += 4;
	out[n++] = 0, out[n++] = 4;
	memcpy(out + n, &a, 4);
	return n + 4;
}

void craft_dns(struct craft *c, struct station *from, struct station *to,
	       const struct craft_dns *d)
{
	uint8_t m[600] = {0};
	uint16_t type = d->type ? d->type : 1;
	size_t n = 12;

	m[0] = (uint8_t)(d->id >> 8), m[1] = (uint8_t)d->id;
	m[2] = (uint8_t)((d->response ? 0x80 : 0) | (d->truncated ? 2 : 0) |
			 (d->no_recursion ? 0 : 1));
	m[3] = (uint8_t)((d->response ? 0x80 : 0) | d->rcode);
	m[5] = 1;
	m[7] = (uint8_t)((d->answer != NULL) + (d->also != NULL));
	n += dns_name(d->name, m + n);
	m[n++] = (uint8_t)(type >> 8), m[n++] = (uint8_t)type;
	m[n++] = 0, m[n++] = 1;
	if (d->answer)
		n += dns_address(d->answer, d->ttl, m + n);
	if (d->also)
		n += dns_address(d->also, d->ttl, m + n);
	craft_udp(c, from, to, d->response ? 53 : d->sport,
		  d->response ? d->sport : 53, m, n);
}
