/* SPDX-License-Identifier: BSD-3-Clause */
/* stuck.c - cases of connections that do not open, or open and hang. */
#include "cases/craft.h"
#include "dissectors/dissect.h"

enum { MS = 1000, S = 1000000, RTT = 20 * MS };

/* Clients on a link, servers behind its gateway. */
struct scene {
	struct craft *c;
	struct station client[8], server, gateway;
	uint16_t port;
	uint32_t isn;
	int service;
};

/* One connection under way. */
struct talk {
	struct station *a, *b;
	uint16_t port, service;
	uint32_t seq, ack, ts;
};

static struct scene scene(struct craft *c)
{
	static const char *const mac[] = {
		"52:54:00:00:00:14", "52:54:00:00:00:15", "52:54:00:00:00:16",
		"52:54:00:00:00:17", "52:54:00:00:00:18", "52:54:00:00:00:19",
		"52:54:00:00:00:1a", "52:54:00:00:00:1b"};
	static const char *const ip[] = {
		"192.0.2.20", "192.0.2.21", "192.0.2.22", "192.0.2.23",
		"192.0.2.24", "192.0.2.25", "192.0.2.26", "192.0.2.27"};
	struct scene s = {.c = c, .port = 40000, .isn = 1000, .service = 443};

	for (int i = 0; i < 8; i++)
		s.client[i] = (struct station){mac[i], ip[i], .id = 100};
	s.gateway = (struct station){"52:54:00:00:00:01", "192.0.2.1"};
	s.server = (struct station){s.gateway.mac, "198.51.100.7", .ttl = 57,
				    .id = 7000};
	craft_arp(c, 1, &s.client[0], NULL, s.gateway.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &s.gateway, s.client[0].mac, s.client[0].ip,
		  s.client[0].mac);
	craft_wait(c, MS);
	return s;
}

static struct talk talk(struct scene *s, int client)
{
	return (struct talk){&s->client[client],
			     &s->server,
			     ++s->port,
			     (uint16_t)s->service,
			     s->isn += 100000,
			     50000 + s->isn,
			     500};
}

static void syn(struct scene *s, struct talk *t)
{
	const struct craft_tcp p = {.sport = t->port,
				    .dport = t->service,
				    .seq = t->seq,
				    .flags = TCP_SYN,
				    .mss = 1460,
				    .wscale = 7,
				    .sack_ok = true,
				    .tsval = t->ts += 10};

	craft_tcp(s->c, t->a, t->b, &p);
}

static void synack(struct scene *s, struct talk *t, uint32_t tsecr)
{
	const struct craft_tcp p = {.sport = t->service,
				    .dport = t->port,
				    .seq = t->ack,
				    .ack = t->seq + 1,
				    .flags = TCP_SYN | TCP_ACK,
				    .mss = 1460,
				    .wscale = 7,
				    .sack_ok = true,
				    .id = -1,
				    .tsval = 9000 + t->ts,
				    .tsecr = tsecr};

	craft_tcp(s->c, t->b, t->a, &p);
}

static void up(struct scene *s, struct talk *t, uint8_t flags, uint32_t seq,
	       uint32_t len)
{
	const struct craft_tcp p = {.sport = t->port,
				    .dport = t->service,
				    .seq = t->seq + 1 + seq,
				    .ack = t->ack + 1,
				    .flags = flags,
				    .len = len,
				    .tsval = t->ts += 10,
				    .tsecr = 9000};

	craft_tcp(s->c, t->a, t->b, &p);
}

static void down(struct scene *s, struct talk *t, uint8_t flags, uint32_t seq,
		 uint32_t ack, uint32_t len)
{
	const struct craft_tcp p = {.sport = t->service,
				    .dport = t->port,
				    .seq = t->ack + 1 + seq,
				    .ack = t->seq + 1 + ack,
				    .flags = flags,
				    .len = len,
				    .tsval = 9000 + t->ts,
				    .tsecr = t->ts};

	craft_tcp(s->c, t->b, t->a, &p);
}

static void rst(struct scene *s, struct talk *t)
{
	const struct craft_tcp p = {.sport = t->service,
				    .dport = t->port,
				    .ack = t->seq + 1,
				    .id = -1,
				    .flags = TCP_RST | TCP_ACK,
				    .zero_window = true};

	craft_tcp(s->c, t->b, t->a, &p);
}

/* SYNs of one attempt at these seconds, nothing back. */
static void in_vain(struct scene *s, int client, const int *at, int tries)
{
	struct talk t = talk(s, client);
	int64_t start = craft_now(s->c);

	for (int i = 0; i < tries; i++) {
		craft_at(s->c, start + (int64_t)at[i] * S);
		syn(s, &t);
	}
	craft_wait(s->c, S);
}

/* Request and answer on an open connection, closed in order. */
static void exchange(struct scene *s, struct talk *t)
{
	struct craft_tcp last = {.sport = t->port,
				 .dport = t->service,
				 .seq = t->seq + 201,
				 .ack = t->ack + 801,
				 .flags = TCP_FIN | TCP_ACK,
				 .tsval = t->ts + 20,
				 .tsecr = 9000};

	up(s, t, TCP_PSH | TCP_ACK, 0, 200);
	craft_wait(s->c, RTT);
	down(s, t, TCP_PSH | TCP_ACK, 0, 200, 800);
	craft_wait(s->c, 100);
	craft_tcp(s->c, t->a, t->b, &last);
	craft_wait(s->c, RTT);
	down(s, t, TCP_FIN | TCP_ACK, 800, 201, 0);
	craft_wait(s->c, 100);
	last.seq++, last.ack++, last.flags = TCP_ACK;
	craft_tcp(s->c, t->a, t->b, &last);
	craft_wait(s->c, 50 * MS);
}

static void session_after(struct scene *s, int client, int64_t answer_us)
{
	struct talk t = talk(s, client);

	syn(s, &t);
	craft_wait(s->c, answer_us);
	synack(s, &t, t.ts);
	craft_wait(s->c, 50);
	up(s, &t, TCP_ACK, 0, 0);
	exchange(s, &t);
}

static void session(struct scene *s, int client)
{
	session_after(s, client, RTT);
}

static const int doubling[] = {0, 1, 3, 7, 15};

static void no_answer(struct craft *c)
{
	struct scene s = scene(c);

	session(&s, 0);
	s.service = 8443;
	in_vain(&s, 0, doubling, 5);
}

/* Two SYNs, and the capture ends. */
static void no_answer_twin(struct craft *c)
{
	struct scene s = scene(c);

	session(&s, 0);
	s.service = 8443;
	in_vain(&s, 0, doubling, 2);
}

static void refused(struct craft *c)
{
	struct scene s = scene(c);

	session(&s, 0);
	s.service = 8443;
	for (int i = 0; i < 3; i++) {
		struct talk t = talk(&s, 0);

		syn(&s, &t);
		craft_wait(c, RTT);
		rst(&s, &t);
		craft_wait(c, 4 * S);
	}
}

/* A RST after the handshake is no refusal. */
static void refused_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t = talk(&s, 0);

	session(&s, 0);
	syn(&s, &t);
	craft_wait(c, RTT);
	synack(&s, &t, t.ts);
	craft_wait(c, 50);
	up(&s, &t, TCP_ACK, 0, 0);
	exchange(&s, &t);
}

static void rejected(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t;

	session(&s, 0);
	s.service = 8443;
	t = talk(&s, 0);
	syn(&s, &t);
	craft_icmp_error(c, &s.server, &s.client[0], 3, 13, 0);
	craft_wait(c, S);
}

/* The error quotes another connection's port. */
static void rejected_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t = talk(&s, 0);

	syn(&s, &t);
	craft_wait(c, RTT);
	synack(&s, &t, t.ts);
	craft_wait(c, 50);
	up(&s, &t, TCP_ACK, 0, 0);
	craft_icmp_error(c, &s.server, &s.client[0], 3, 3, 0);
	exchange(&s, &t);
}

static void syn_received(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t;

	session(&s, 0);
	t = talk(&s, 1);
	syn(&s, &t);
	for (int i = 0; i < 4; i++) {
		craft_wait(c, i ? (1 << (i - 1)) * S : RTT);
		synack(&s, &t, t.ts);
	}
	craft_wait(c, S);
}

/* The client answers the second SYN-ACK. */
static void syn_received_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t = talk(&s, 0);

	syn(&s, &t);
	craft_wait(c, RTT);
	synack(&s, &t, t.ts);
	craft_wait(c, S);
	synack(&s, &t, t.ts);
	craft_wait(c, 50);
	up(&s, &t, TCP_ACK, 0, 0);
	exchange(&s, &t);
}

static void opened(struct scene *s, struct talk *t)
{
	syn(s, t);
	craft_wait(s->c, RTT);
	synack(s, t, t->ts);
	craft_wait(s->c, 50);
	up(s, t, TCP_ACK, 0, 0);
}

/* The request again and again; the SYN-ACK comes again at 1, 3 and 7 s. */
static void ignore(struct scene *s, struct talk *t, bool again)
{
	static const int at[] = {250, 500, 1000, 2000, 4000, 8000};
	static const int synacks[] = {1000, 3000, 7000};
	int64_t start = craft_now(s->c);
	int k = 0;

	up(s, t, TCP_PSH | TCP_ACK, 0, 200);
	for (int i = 0; i < 6; i++) {
		for (; again && k < 3 && synacks[k] < at[i]; k++) {
			craft_at(s->c, start + (int64_t)synacks[k] * MS);
			synack(s, t, t->ts);
			craft_wait(s->c, 50);
			up(s, t, TCP_ACK, 200, 0);
		}
		craft_at(s->c, start + (int64_t)at[i] * MS);
		up(s, t, TCP_PSH | TCP_ACK, 0, 200);
	}
	craft_wait(s->c, S);
}

static void ack_ignored(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t;

	session(&s, 0);
	t = talk(&s, 0);
	opened(&s, &t);
	ignore(&s, &t, true);
}

/* One repeat of a service that waits for data, and a silent client. */
static void ack_ignored_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t;

	session(&s, 0);
	t = talk(&s, 0);
	opened(&s, &t);
	craft_wait(c, 7 * S);
	synack(&s, &t, t.ts);
	craft_wait(c, 50);
	up(&s, &t, TCP_ACK, 0, 0);
	craft_wait(c, S);
	exchange(&s, &t);
}

static void dead_after_open(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t;

	session(&s, 0);
	t = talk(&s, 0);
	opened(&s, &t);
	ignore(&s, &t, false);
}

static void dead_after_open_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t;

	session(&s, 0);
	t = talk(&s, 0);
	opened(&s, &t);
	craft_wait(c, 30 * S);
	session(&s, 0);
}

/* Some open and are served, others are ignored in three ways. */
static void listen_overflow(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t[4];
	int64_t start;

	session(&s, 0);
	session(&s, 1);
	start = craft_now(c);
	for (int i = 0; i < 2; i++) {
		t[i] = talk(&s, i);
		craft_at(c, start + i * 200 * MS);
		opened(&s, &t[i]);
	}
	t[2] = talk(&s, 2);
	t[3] = talk(&s, 3);
	for (int i = 0; i < 4; i++) {
		craft_at(c, start + S + doubling[i] * S);
		syn(&s, &t[2]);
		craft_wait(c, MS);
		syn(&s, &t[3]);
		for (int k = 0; k < 2; k++) {
			craft_wait(c, 10 * MS);
			up(&s, &t[k], TCP_PSH | TCP_ACK, 0, 200);
			craft_wait(c, 10 * MS);
			synack(&s, &t[k], t[k].ts);
		}
	}
	craft_wait(c, S);
}

/* One client is slow, the others are served. */
static void listen_overflow_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t;

	for (int i = 0; i < 10; i++)
		session(&s, i % 8);
	t = talk(&s, 0);
	opened(&s, &t);
	craft_wait(c, 5 * S);
	exchange(&s, &t);
}

static void retried(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t;

	session(&s, 0);
	t = talk(&s, 0);
	syn(&s, &t);
	craft_wait(c, S);
	opened(&s, &t);
	exchange(&s, &t);
}

/* The network copies a SYN. */
static void retried_twin(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t;

	session(&s, 0);
	t = talk(&s, 0);
	syn(&s, &t);
	craft_wait(c, MS);
	craft_again(c, 0, NULL, NULL);
	craft_wait(c, RTT);
	synack(&s, &t, t.ts);
	craft_wait(c, 50);
	up(&s, &t, TCP_ACK, 0, 0);
	exchange(&s, &t);
}

static void slow(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 8; i++)
		session_after(&s, 0, i == 5 ? 400 * MS : RTT);
}

static void slow_twin(struct craft *c)
{
	struct scene s = scene(c);

	for (int i = 0; i < 8; i++)
		session_after(&s, 0, 400 * MS);
}

static void stale_peer(struct craft *c)
{
	struct scene s = scene(c);
	struct talk t = talk(&s, 0);
	const struct craft_tcp ack = {.sport = t.service,
				      .dport = t.port,
				      .seq = 777000,
				      .ack = 333000,
				      .tsval = 9000,
				      .tsecr = 11};
	const struct craft_tcp clear = {.sport = t.port,
					.dport = t.service,
					.seq = 333000,
					.flags = TCP_RST,
					.zero_window = true,
					.id = -1};

	syn(&s, &t);
	craft_wait(c, RTT);
	craft_tcp(c, t.b, t.a, &ack);
	craft_wait(c, 50);
	craft_tcp(c, t.a, t.b, &clear);
	craft_wait(c, 13 * MS);
	opened(&s, &t);
	exchange(&s, &t);
}

static void service_down(struct craft *c)
{
	struct scene s = scene(c);

	session(&s, 0);
	craft_wait(c, S);
	for (int i = 0; i < 5; i++)
		in_vain(&s, i, doubling, 4);
}

/* The same port again after TIME-WAIT: answered at once. */
static void stale_peer_twin(struct craft *c)
{
	struct scene s = scene(c);

	session(&s, 0);
	s.port--;
	craft_wait(c, 61 * S);
	session(&s, 0);
}

/* One client fails, the others are served. */
static void service_down_twin(struct craft *c)
{
	struct scene s = scene(c);

	in_vain(&s, 0, doubling, 4);
	for (int i = 1; i < 6; i++)
		session(&s, i);
}

/* The server grants SACK and scaling to one client; another, which offers the
 * same, gets them in `granted` handshakes of four. */
static void options(struct craft *c, int granted)
{
	struct scene s = scene(c);

	session(&s, 0);
	for (int i = 0; i < 4; i++) {
		struct talk t = talk(&s, 1);
		struct craft_tcp p = {.sport = t.service,
				      .dport = t.port,
				      .seq = t.ack,
				      .ack = t.seq + 1,
				      .flags = TCP_SYN | TCP_ACK,
				      .mss = 1460,
				      .id = -1,
				      .tsval = 9000,
				      .tsecr = t.ts + 10};

		syn(&s, &t);
		craft_wait(c, RTT);
		if (i < granted)
			p.wscale = 7, p.sack_ok = true;
		craft_tcp(c, t.b, t.a, &p);
		craft_wait(c, 50);
		up(&s, &t, TCP_ACK, 0, 0);
		exchange(&s, &t);
	}
}

static void options_stripped(struct craft *c)
{
	options(c, 0);
}

static void options_stripped_twin(struct craft *c)
{
	options(c, 4);
}

const struct craft_case stuck_cases[] = {
	{"stuck", "no-answer", no_answer},
	{"stuck", "no-answer-twin", no_answer_twin},
	{"stuck", "refused", refused},
	{"stuck", "refused-twin", refused_twin},
	{"stuck", "rejected", rejected},
	{"stuck", "rejected-twin", rejected_twin},
	{"stuck", "syn-received", syn_received},
	{"stuck", "syn-received-twin", syn_received_twin},
	{"stuck", "ack-ignored", ack_ignored},
	{"stuck", "ack-ignored-twin", ack_ignored_twin},
	{"stuck", "dead-after-open", dead_after_open},
	{"stuck", "dead-after-open-twin", dead_after_open_twin},
	{"stuck", "listen-overflow", listen_overflow},
	{"stuck", "listen-overflow-twin", listen_overflow_twin},
	{"stuck", "retried", retried},
	{"stuck", "retried-twin", retried_twin},
	{"stuck", "slow", slow},
	{"stuck", "slow-twin", slow_twin},
	{"stuck", "stale-peer", stale_peer},
	{"stuck", "stale-peer-twin", stale_peer_twin},
	{"stuck", "service-down", service_down},
	{"stuck", "service-down-twin", service_down_twin},
	{"stuck", "options-stripped", options_stripped},
	{"stuck", "options-stripped-twin", options_stripped_twin},
	{0},
};
