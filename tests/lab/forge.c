/* SPDX-License-Identifier: BSD-3-Clause */
/* forge.c - frames that no host sent, with right checksums. */
#include "lab/forge.h"

#include <string.h>

#include "lab/frame.h"

enum {
	TOLD_V4 = 548, /* bytes of the packet in an error: RFC 1812, 4.3.2.3 */
	TOLD_V6 = 1232 - 8, /* RFC 4443, 2.4 c */
	ROUTER_TTL = 64,
};

struct told {
	uint8_t type, code;
	uint32_t more;
};

static struct told told_v4(const struct rule *r)
{
	if (r->action == TOO_BIG)
		return (struct told){3, 4, (uint32_t)r->amount};
	if (r->action == EXCEEDED)
		return (struct told){11, 0, 0};
	return (struct told){3, (uint8_t)r->amount, 0};
}

static struct told told_v6(const struct rule *r)
{
	if (r->action == TOO_BIG)
		return (struct told){2, 0, (uint32_t)r->amount};
	if (r->action == EXCEEDED)
		return (struct told){3, 0, 0};
	return (struct told){1, (uint8_t)r->amount, 0};
}

static void ip_header(struct frame *f, uint8_t version, uint8_t protocol,
		      uint32_t payload)
{
	uint8_t *ip = f->bytes + ETHERNET;

	put16(f->bytes + 12, version == 4 ? 0x0800 : 0x86dd);
	ip[0] = version == 4 ? 0x45 : 0x60;
	if (version == 4) {
		put16(ip + 2, 20 + payload);
		ip[8] = ROUTER_TTL;
		ip[9] = protocol;
	} else {
		put16(ip + 4, payload);
		ip[6] = protocol;
		ip[7] = ROUTER_TTL;
	}
}

/* The error speaks for the router; on one link for the host that was asked. */
static void from_router(struct frame *e, const struct router *router,
			enum side side, const struct frame *f)
{
	uint32_t bytes = frame_address_bytes(f);
	uint8_t *source = e->bytes + ETHERNET + (bytes == 4 ? 12 : 8);

	memcpy(e->bytes, f->bytes + 6, 6);
	memcpy(e->bytes + 6, f->bytes, 6);
	memcpy(source + bytes, frame_source(f), bytes);
	memcpy(source, frame_target(f), bytes);
	if (router->routes)
		memcpy(source, bytes == 4 ? router->v4[side] : router->v6[side],
		       bytes);
}

struct frame *forge_icmp(const struct router *router, enum side side,
			 const struct frame *f, const struct rule *rule)
{
	bool v4 = f->view.version == 4;
	uint32_t head = v4 ? 20 : 40, most = v4 ? TOLD_V4 : TOLD_V6;
	uint32_t quote = f->view.ip_bytes < most ? f->view.ip_bytes : most;
	struct told told = v4 ? told_v4(rule) : told_v6(rule);
	struct frame *e;
	uint8_t *icmp;

	if (!f->view.version || f->view.protocol == (v4 ? 1 : 58))
		return NULL;
	e = frame_new(ETHERNET + head + 8 + quote);
	ip_header(e, v4 ? 4 : 6, v4 ? 1 : 58, 8 + quote);
	from_router(e, router, side, f);
	icmp = e->bytes + ETHERNET + head;
	icmp[0] = told.type;
	icmp[1] = told.code;
	put32(icmp + 4, told.more);
	memcpy(icmp + 8, f->bytes + ETHERNET, quote);
	e->up = !f->up;
	frame_look(e);
	frame_checksum(e);
	return e;
}

static void swap_bytes(uint8_t *a, uint8_t *b, uint32_t n)
{
	for (; n; n--, a++, b++) {
		uint8_t kept = *a;

		*a = *b;
		*b = kept;
	}
}

static void turn_round(struct frame *f)
{
	uint32_t bytes = frame_address_bytes(f);
	uint8_t *source = f->bytes + ETHERNET + (bytes == 4 ? 12 : 8);
	uint8_t *tcp = f->bytes + f->view.transport;

	swap_bytes(f->bytes, f->bytes + 6, 6);
	swap_bytes(source, source + bytes, bytes);
	swap_bytes(tcp, tcp + 2, 2);
	f->up = !f->up;
}

static void shape_reset(struct frame *f, uint32_t seq, uint32_t ack,
			const struct rule *rule)
{
	uint8_t *ip = f->bytes + ETHERNET;
	uint8_t *tcp = f->bytes + f->view.transport;
	uint32_t head = f->view.transport - ETHERNET;

	put32(tcp + 4, seq);
	put32(tcp + 8, ack);
	tcp[12] = 5 << 4;
	tcp[13] = RST | ACK;
	put16(tcp + 14, 0);
	if (f->view.version == 4) {
		put16(ip + 2, head + 20);
		put16(ip + 4, 0x4242);
	} else {
		put16(ip + 4, 20);
	}
	if (rule->amount)
		ip[f->view.version == 4 ? 8 : 7] = (uint8_t)rule->amount;
	f->length = f->view.transport + 20u;
	frame_look(f);
	frame_checksum(f);
}

struct frame *forge_reset(const struct frame *f, const struct rule *rule)
{
	uint32_t end = f->view.seq + f->view.data;
	struct frame *reset;

	if (f->view.protocol != 6)
		return NULL;
	reset = frame_copy(f);
	reset->offload = (struct offload){0};
	if (rule->action == RESET_BACK) {
		turn_round(reset);
		shape_reset(reset, f->view.ack, end, rule);
	} else {
		shape_reset(reset, f->view.seq, f->view.ack, rule);
	}
	return reset;
}

static void invent(uint8_t address[4], struct dice *dice)
{
	/* 45.0.0.0 and up: none of a private or reserved block. */
	address[0] = (uint8_t)(45 + dice_roll(dice) * 50);
	for (int i = 1; i < 4; i++)
		address[i] = (uint8_t)(1 + dice_roll(dice) * 253);
}

static void flood_addresses(struct frame *f, const struct router *router,
			    const struct flood *flood, struct dice *dice)
{
	enum side from = flood->up ? CLIENT_SIDE : SERVER_SIDE;
	uint8_t *ip = f->bytes + ETHERNET;

	memcpy(f->bytes, router->mac[from], 6);
	memcpy(f->bytes + 6, router->host[from], 6);
	/* The hosts are .10 and .20 of what the router's address begins. */
	memcpy(ip + 12, router->v4[from], 4);
	ip[15] = flood->up ? 10 : 20;
	memcpy(ip + 16, router->v4[!from], 4);
	ip[19] = flood->up ? 20 : 10;
	if (!flood->one_source)
		invent(ip + 12, dice);
}

struct frame *forge_flood(const struct router *router,
			  const struct flood *flood, uint32_t n,
			  struct dice *dice)
{
	static const uint8_t mss[4] = {2, 4, 0x05, 0xb4};
	struct frame *f = frame_new(ETHERNET + 20 + 24);
	uint8_t *tcp = f->bytes + ETHERNET + 20;
	uint32_t invented = (uint32_t)(1024 + dice_roll(dice) * 60000);

	ip_header(f, 4, 6, 24);
	put16(f->bytes + ETHERNET + 4, n + 1);
	flood_addresses(f, router, flood, dice);
	put16(tcp, flood->synack ? flood->port : invented);
	put16(tcp + 2, flood->synack ? invented : flood->port);
	put32(tcp + 4, (uint32_t)(dice_roll(dice) * 4294967295.0));
	if (flood->synack)
		put32(tcp + 8, (uint32_t)(dice_roll(dice) * 4294967295.0));
	tcp[12] = 6 << 4;
	tcp[13] = flood->synack ? SYN | ACK : SYN;
	put16(tcp + 14, flood->synack ? 65160 : 512);
	memcpy(tcp + 20, mss, sizeof(mss));
	f->up = flood->up;
	frame_look(f);
	frame_checksum(f);
	return f;
}
