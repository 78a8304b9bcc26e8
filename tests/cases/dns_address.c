/* SPDX-License-Identifier: BSD-3-Clause */
/* dns_address.c - cases of names that lead to addresses that do not answer. */
#include "cases/craft_talk.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, RTT = 12 * MS };

/* A client and its resolver on one link, the world behind their gateway. */
struct scene {
	struct craft *c;
	struct station client, gateway, resolver, old, fresh;
	uint16_t id, port;
	uint32_t isn;
};

static struct scene scene(struct craft *c)
{
	struct scene s = {
		.c = c,
		.client = {"52:54:00:00:00:14", "192.0.2.20", .id = 100},
		.gateway = {"52:54:00:00:00:01", "192.0.2.1", .id = 900},
		.resolver = {"52:54:00:00:00:35", "192.0.2.53", .id = 5300},
		.id = 0x4000,
		.port = 40000,
		.isn = 1000,
	};

	s.old = (struct station){s.gateway.mac, "198.51.100.9", .ttl = 57,
				 .id = 7000};
	s.fresh = (struct station){s.gateway.mac, "198.51.100.7", .ttl = 57,
				   .id = 8000};
	craft_arp(c, 1, &s.client, NULL, s.gateway.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &s.gateway, s.client.mac, s.client.ip, s.client.mac);
	craft_wait(c, MS);
	craft_arp(c, 1, &s.client, NULL, s.resolver.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &s.resolver, s.client.mac, s.client.ip, s.client.mac);
	craft_wait(c, MS);
	return s;
}

static void lookup(struct scene *s, const char *name, const char *answer,
		   const char *also)
{
	struct craft_dns d = {.id = ++s->id, .name = name, .sport = ++s->port};

	craft_dns(s->c, &s->client, &s->resolver, &d);
	craft_wait(s->c, RTT);
	d.response = true;
	d.answer = answer;
	d.also = also;
	d.ttl = 60;
	craft_dns(s->c, &s->resolver, &s->client, &d);
	craft_wait(s->c, MS);
}

/* SYNs that nothing answers. */
static void in_vain(struct scene *s, struct station *server)
{
	struct craft_tcp syn = {.sport = ++s->port,
				.dport = 443,
				.seq = s->isn += 100000,
				.flags = TCP_SYN,
				.mss = 1460,
				.sack_ok = true};

	for (int i = 0; i < 5; i++) {
		craft_tcp(s->c, &s->client, server, &syn);
		craft_wait(s->c, i < 4 ? S : 2 * S);
	}
}

static void works(struct scene *s, struct station *server)
{
	struct talk t = talk_new(s->c, &s->client, server, ++s->port, 443);

	talk_open(&t);
	talk_exchange(&t, 300, 900, 5 * MS);
	talk_close(&t);
	craft_wait(s->c, 100 * MS);
}

/* The record is out of date: asked again, the name leads elsewhere. */
static void unreachable(struct craft *c)
{
	struct scene s = scene(c);

	lookup(&s, "shop.example.org", s.old.ip, NULL);
	in_vain(&s, &s.old);
	craft_wait(c, 60 * S);
	lookup(&s, "shop.example.org", s.fresh.ip, NULL);
	works(&s, &s.fresh);
}

/* One address, and its host is down: not the answer's fault. */
static void unreachable_twin(struct craft *c)
{
	struct scene s = scene(c);

	lookup(&s, "shop.example.org", s.old.ip, NULL);
	in_vain(&s, &s.old);
	craft_wait(c, 60 * S);
	lookup(&s, "shop.example.org", s.old.ip, NULL);
	in_vain(&s, &s.old);
	lookup(&s, "www.example.org", s.fresh.ip, NULL);
	works(&s, &s.fresh);
}

/* One of two addresses of the same answer is dead. */
static void one_of_several(struct craft *c)
{
	struct scene s = scene(c);

	lookup(&s, "shop.example.org", s.old.ip, s.fresh.ip);
	in_vain(&s, &s.old);
	works(&s, &s.fresh);
	craft_wait(c, 20 * S);
	in_vain(&s, &s.old);
	works(&s, &s.fresh);
}

/* Both work; the first refused once while it was started anew. */
static void one_of_several_twin(struct craft *c)
{
	struct scene s = scene(c);

	lookup(&s, "shop.example.org", s.old.ip, s.fresh.ip);
	works(&s, &s.old);
	in_vain(&s, &s.old);
	works(&s, &s.fresh);
	craft_wait(c, 20 * S);
	works(&s, &s.old);
}

/* A public server knows an internal record. */
static void leaked(struct craft *c)
{
	struct scene s = scene(c);
	struct station inside = {s.gateway.mac, "10.1.2.3", .ttl = 57};

	s.resolver = (struct station){s.gateway.mac, "198.51.100.53", .ttl = 57,
				      .id = 5300};
	lookup(&s, "wiki.example.org", inside.ip, NULL);
	in_vain(&s, &inside);
	lookup(&s, "www.example.org", s.fresh.ip, NULL);
	works(&s, &s.fresh);
}

/* A company's own resolver, and a host of its network that is down. */
static void leaked_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct station inside = {s.gateway.mac, "10.1.2.3", .ttl = 57};

	s.resolver = (struct station){s.gateway.mac, "10.0.0.53", .ttl = 63,
				      .id = 5300};
	lookup(&s, "wiki.example.org", inside.ip, NULL);
	in_vain(&s, &inside);
	lookup(&s, "www.example.org", s.fresh.ip, NULL);
	works(&s, &s.fresh);
}

static void blocked(struct craft *c)
{
	struct scene s = scene(c);

	lookup(&s, "ads.example.org", "0.0.0.0", NULL);
	lookup(&s, "www.example.org", s.fresh.ip, NULL);
	works(&s, &s.fresh);
}

const struct craft_case dns_address_cases[] = {
	{"dns", "answer-unreachable", unreachable},
	{"dns", "answer-unreachable-twin", unreachable_twin},
	{"dns", "answer-one-of-several", one_of_several},
	{"dns", "answer-one-of-several-twin", one_of_several_twin},
	{"dns", "answer-leaked", leaked},
	{"dns", "answer-leaked-twin", leaked_twin},
	{"dns", "answer-blocked", blocked},
	{0},
};
