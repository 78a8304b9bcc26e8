/* SPDX-License-Identifier: BSD-3-Clause */
/* dns.c - cases of the application layer: what goes wrong with names. */
#include "cases/craft.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, RTT = 12 * MS };

/* A client, its resolver and a second one, all on one link. */
struct scene {
	struct craft *c;
	struct station client, resolver, second;
	uint16_t id, port;
};

static struct scene scene(struct craft *c)
{
	struct scene s = {
		.c = c,
		.client = {"52:54:00:00:00:14", "192.0.2.20", .id = 100},
		.resolver = {"52:54:00:00:00:35", "192.0.2.53", .id = 5300},
		.second = {"52:54:00:00:00:36", "192.0.2.54", .id = 5400},
		.id = 0x4000,
		.port = 40000,
	};

	craft_arp(c, 1, &s.client, NULL, s.resolver.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &s.resolver, s.client.mac, s.client.ip, s.client.mac);
	craft_wait(c, MS);
	return s;
}

static struct craft_dns question(struct scene *s, const char *name)
{
	return (struct craft_dns){
		.id = ++s->id, .name = name, .sport = ++s->port};
}

static void ask(struct scene *s, struct station *server,
		const struct craft_dns *q)
{
	craft_dns(s->c, &s->client, server, q);
}

static void reply(struct scene *s, struct station *server,
		  const struct craft_dns *q, uint8_t rcode, const char *answer)
{
	struct craft_dns a = *q;

	a.response = true;
	a.rcode = rcode;
	a.answer = answer;
	a.ttl = 300;
	craft_dns(s->c, server, &s->client, &a);
}

/* A lookup that works, `us` after it was asked. */
static void lookup(struct scene *s, const char *name, int64_t us)
{
	struct craft_dns q = question(s, name);

	ask(s, &s->resolver, &q);
	craft_wait(s->c, us);
	reply(s, &s->resolver, &q, 0, "198.51.100.7");
	craft_wait(s->c, 200 * MS);
}

/* One that is asked `tries` times, five seconds apart, in vain. */
static void in_vain(struct scene *s, struct station *server, const char *name,
		    int tries)
{
	struct craft_dns q = question(s, name);

	for (int i = 0; i < tries; i++) {
		ask(s, server, &q);
		craft_wait(s->c, 5 * S);
	}
}

static void no_answer(struct craft *c)
{
	struct scene s = scene(c);

	lookup(&s, "www.example.org", RTT);
	in_vain(&s, &s.resolver, "mute.example.org", 2);
	lookup(&s, "ftp.example.org", RTT);
}

/* The wait is not over when the capture ends: nothing can be said. */
static void no_answer_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_dns q;

	lookup(&s, "www.example.org", RTT);
	q = question(&s, "mute.example.org");
	ask(&s, &s.resolver, &q);
	craft_wait(c, 3 * S);
	lookup(&s, "ftp.example.org", RTT);
}

static void server_down(struct craft *c)
{
	struct scene s = scene(c);

	in_vain(&s, &s.resolver, "www.example.org", 2);
	in_vain(&s, &s.resolver, "ftp.example.org", 2);
	craft_echo(c, &s.client, &s.resolver, false, 7, 1, 56);
	craft_wait(c, MS);
	craft_echo(c, &s.resolver, &s.client, true, 7, 1, 56);
}

/* It refuses everything, but it answers: it is not down. */
static void server_down_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 6; i++) {
		struct craft_dns q = question(&s, "www.example.org");

		ask(&s, &s.resolver, &q);
		craft_wait(c, RTT);
		reply(&s, &s.resolver, &q, 5, NULL);
		craft_wait(c, 2 * S);
	}
}

/* Names of one domain are never answered, before other names are and after: the
 * server is up, and what it asks itself is silent. */
static void some_names_mute_twin(struct craft *c)
{
	static const char *const mute[] = {"a.mute.example", "b.mute.example",
					   "c.mute.example", "d.mute.example",
					   "e.mute.example", "f.mute.example"};
	struct scene s = scene(c);

	for (int i = 0; i < 3; i++) {
		lookup(&s, "www.example.org", RTT);
		in_vain(&s, &s.resolver, mute[2 * i], 2);
		in_vain(&s, &s.resolver, mute[2 * i + 1], 2);
	}
}

/* It answered, lost one question, and then answers nothing any more, while
 * others answer its client: that one question excuses nothing. */
static void server_stopped(struct craft *c)
{
	struct scene s = scene(c);

	lookup(&s, "www.example.org", RTT);
	in_vain(&s, &s.resolver, "lost.example.org", 1);
	lookup(&s, "ftp.example.org", RTT);
	craft_wait(c, 20 * 60 * (int64_t)S);
	in_vain(&s, &s.resolver, "mail.example.org", 2);
	in_vain(&s, &s.resolver, "www.example.net", 2);
	in_vain(&s, &s.resolver, "ftp.example.net", 1);
	craft_echo(c, &s.client, &s.second, false, 7, 1, 56);
	craft_wait(c, MS);
	craft_echo(c, &s.second, &s.client, true, 7, 1, 56);
	craft_wait(c, MS);
}

/* After a pause nobody answers the client at all: that is no fault of the
 * server. */
static void nobody_answers(struct craft *c)
{
	struct scene s = scene(c);
	struct station far = {"52:54:00:00:00:35", "198.51.100.7"};

	lookup(&s, "www.example.org", RTT);
	craft_wait(c, 20 * 60 * (int64_t)S);
	for (uint16_t i = 0; i < 3; i++) {
		in_vain(&s, &s.resolver, i ? "ftp.example.org" : "a.example",
			1);
		craft_udp(c, &s.client, &s.second, 40123, 123, "12345678", 8);
		craft_udp(c, &s.client, &far, 40124, 443, "12345678", 8);
		craft_wait(c, S);
	}
	in_vain(&s, &s.resolver, "a.example", 1);
	craft_arp(c, 1, &s.resolver, NULL, "192.0.2.99", NULL);
}

/* Only what the client sends was captured, and it asks for each name once: it
 * was answered, or it would ask again. */
static void unheard_twin(struct craft *c)
{
	static const char *const name[] = {"a.example", "b.example",
					   "c.example", "d.example",
					   "e.example", "f.example"};
	struct scene s = {.c = c,
			  .client = {"52:54:00:00:00:14", "192.0.2.20"},
			  .resolver = {"52:54:00:00:00:35", "192.0.2.53"},
			  .id = 0x4000,
			  .port = 40000};

	for (int i = 0; i < 6; i++)
		in_vain(&s, &s.resolver, name[i], 1);
}

/* Who asks all stations at once looks for one that knows: silence is an answer
 * there. */
static void asks_all_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct station all = {"ff:ff:ff:ff:ff:ff", "255.255.255.255"};

	lookup(&s, "www.example.org", RTT);
	in_vain(&s, &all, "controller.example", 3);
	in_vain(&s, &all, "other.example", 3);
	lookup(&s, "ftp.example.org", RTT);
}

static void servfail(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 2; i++) {
		struct craft_dns q = question(&s, "broken.example.org");

		ask(&s, &s.resolver, &q);
		craft_wait(c, 40 * MS);
		reply(&s, &s.resolver, &q, 2, NULL);
		craft_wait(c, MS);
	}
	lookup(&s, "www.example.org", RTT);
}

/* Names that exist, and one that does not: no server failed. */
static void servfail_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_dns q;

	lookup(&s, "www.example.org", RTT);
	q = question(&s, "wwww.example.org");
	ask(&s, &s.resolver, &q);
	craft_wait(c, RTT);
	reply(&s, &s.resolver, &q, 3, NULL);
	craft_wait(c, 500 * MS);
	lookup(&s, "ftp.example.org", RTT);
}

static void refused(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_dns q = question(&s, "www.example.org");

	ask(&s, &s.resolver, &q);
	craft_wait(c, 2 * MS);
	reply(&s, &s.resolver, &q, 5, NULL);
}

/* ANY may be refused (RFC 8482): no user asks for it. */
static void refused_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_dns q = question(&s, "example.org");

	q.type = 255;
	ask(&s, &s.resolver, &q);
	craft_wait(c, 2 * MS);
	reply(&s, &s.resolver, &q, 5, NULL);
	craft_wait(c, 100 * MS);
	lookup(&s, "www.example.org", RTT);
}

static void nxdomain(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 3; i++) {
		struct craft_dns q = question(&s, "nosuch.example.org");

		ask(&s, &s.resolver, &q);
		craft_wait(c, RTT);
		reply(&s, &s.resolver, &q, 3, NULL);
		craft_wait(c, 3 * S);
	}
}

/* Search suffixes that do not exist on the way to a name that does. */
static void nxdomain_twin(struct craft *c)
{
	static const char *const forms[] = {"www.example.org.office.example",
					    "www.example.org.example"};
	struct scene s = scene(c);

	for (int i = 0; i < 2; i++) {
		struct craft_dns q = question(&s, forms[i]);

		ask(&s, &s.resolver, &q);
		craft_wait(c, RTT);
		reply(&s, &s.resolver, &q, 3, NULL);
		craft_wait(c, MS);
	}
	lookup(&s, "www.example.org", RTT);
}

static void slow(struct craft *c)
{
	struct scene s = scene(c);

	lookup(&s, "www.example.org", RTT);
	lookup(&s, "far.example.org", 1600 * MS);
	lookup(&s, "farther.example.org", 2300 * MS);
}

/* One first question that takes a while, the others quick. */
static void slow_twin(struct craft *c)
{
	struct scene s = scene(c);

	lookup(&s, "www.example.org", 420 * MS);
	lookup(&s, "ftp.example.org", RTT);
	lookup(&s, "mail.example.org", RTT);
}

/* Over TCP the client's SYN is refused. */
static void truncated(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_dns q = question(&s, "large.example.org"), a = q;
	struct craft_tcp syn = {.sport = 40100,
				.dport = 53,
				.seq = 100,
				.flags = TCP_SYN,
				.mss = 1460};
	struct craft_tcp rst = {.sport = 53,
				.dport = 40100,
				.ack = 101,
				.flags = TCP_RST | TCP_ACK,
				.zero_window = true};

	ask(&s, &s.resolver, &q);
	craft_wait(c, RTT);
	a.response = true;
	a.truncated = true;
	craft_dns(c, &s.resolver, &s.client, &a);
	craft_wait(c, MS);
	craft_tcp(c, &s.client, &s.resolver, &syn);
	craft_wait(c, RTT);
	craft_tcp(c, &s.resolver, &s.client, &rst);
	craft_wait(c, 6 * S);
	lookup(&s, "www.example.org", RTT);
}

/* A truncated answer, then the whole one, asked with a larger EDNS size: here
 * simply again, and complete. */
static void truncated_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_dns q = question(&s, "large.example.org"), a = q;

	ask(&s, &s.resolver, &q);
	craft_wait(c, RTT);
	a.response = true;
	a.truncated = true;
	craft_dns(c, &s.resolver, &s.client, &a);
	craft_wait(c, MS);
	lookup(&s, "large.example.org", RTT);
	craft_wait(c, 8 * S);
	lookup(&s, "www.example.org", RTT);
}

static void conflicting(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_dns q = question(&s, "bank.example.org");

	ask(&s, &s.resolver, &q);
	craft_wait(c, 3 * MS);
	s.resolver.ttl = 58;
	reply(&s, &s.resolver, &q, 0, "203.0.113.66");
	craft_wait(c, 20 * MS);
	s.resolver.ttl = 0;
	reply(&s, &s.resolver, &q, 0, "198.51.100.7");
}

/* Two questions, two answers: the addresses rotate. */
static void conflicting_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct craft_dns q = question(&s, "www.example.org");

	ask(&s, &s.resolver, &q);
	craft_wait(c, RTT);
	reply(&s, &s.resolver, &q, 0, "198.51.100.7");
	craft_wait(c, S);
	q = question(&s, "www.example.org");
	ask(&s, &s.resolver, &q);
	craft_wait(c, RTT);
	reply(&s, &s.resolver, &q, 0, "198.51.100.8");
}

static void not_cached(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 14; i++)
		lookup(&s, "www.example.org", RTT);
}

static void not_cached_twin(struct craft *c)
{
	static const char *const names[] = {
		"a.example.org", "b.example.org", "c.example.org",
		"d.example.org", "e.example.org", "f.example.org",
		"g.example.org", "h.example.org", "i.example.org",
		"j.example.org", "k.example.org", "l.example.org"};
	struct scene s = scene(c);

	for (int i = 0; i < 12; i++)
		lookup(&s, names[i], RTT);
}

const struct craft_case dns_cases[] = {
	{"dns", "no-answer", no_answer},
	{"dns", "no-answer-twin", no_answer_twin},
	{"dns", "server-down", server_down},
	{"dns", "server-down-twin", server_down_twin},
	{"dns", "server-stopped", server_stopped},
	{"dns", "some-names-mute-twin", some_names_mute_twin},
	{"dns", "nobody-answers", nobody_answers},
	{"dns", "asks-all-twin", asks_all_twin},
	{"dns", "unheard-twin", unheard_twin},
	{"dns", "servfail", servfail},
	{"dns", "servfail-twin", servfail_twin},
	{"dns", "refused", refused},
	{"dns", "refused-twin", refused_twin},
	{"dns", "nxdomain", nxdomain},
	{"dns", "nxdomain-twin", nxdomain_twin},
	{"dns", "slow", slow},
	{"dns", "slow-twin", slow_twin},
	{"dns", "truncated", truncated},
	{"dns", "truncated-twin", truncated_twin},
	{"dns", "conflicting", conflicting},
	{"dns", "conflicting-twin", conflicting_twin},
	{"dns", "not-cached", not_cached},
	{"dns", "not-cached-twin", not_cached_twin},
	{0},
};
