/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns_address.c - addresses that a name led to, and what became of them.
 *
 * A connection that fails is the answer's fault only if another address of the
 * name works, or if this one cannot work anywhere; else the host is down, and
 * its finding is told the name.  The resolver that answers "nowhere" on purpose
 * (0.0.0.0) blocks the name.  findings-app section 1.
 */
#include <string.h>

#include "analysis/detector.h"
#include "analysis/name_store.h"
#include "base/when.h"

enum { HELD = 12, FRAMES = 4, TRIES_LEAST = 2, RCODE_OK = 0 };

#define OTHERWISE_NS (5 * NS_PER_S) /* another address did as well */

static const struct finding_def unreachable = {
	.id = "dns.answer_unreachable",
	.layer = LAYER_APPLICATION,
	.most = WARNING,
	.subject = SUBJECT_NAME,
	.relies = RELIES_ABSENCE,
	.title = "The address that was answered does not answer",
	.advice = {"compare what each DNS server answers for the name"},
};

/* Who was told the address; client 0: anybody. */
struct told_key {
	struct addr client, address;
};

struct told {
	uint64_t name_hash, answers_hash;
	uint64_t frame; /* of the answer */
	struct addr server;
	int64_t ns, failed_ns, failed_last_ns, worked_ns;
	uint32_t failed;
	struct flow flow; /* of the first connection that failed */
	uint64_t frames[FRAMES];
	uint8_t frame_count;
	bool worked;
	struct near_name name;
};

/* One address of a name, of the latest answer that had it. */
struct held {
	struct addr address;
	uint64_t answers_hash, frame;
	bool worked;
	int64_t worked_ns;
};

struct holds {
	struct held at[HELD];
	uint8_t count, next;
};

struct addresses {
	struct table *told, *holds, *names;
	struct hash_key key;
};

static void *dns_address_open(struct arena *home, const struct limits *limits,
			      struct hash_key key)
{
	const struct table_spec told = {"answered addresses",
					sizeof(struct told_key),
					sizeof(struct told), limits->services};
	const struct table_spec holds = {"addresses of names", sizeof(uint64_t),
					 sizeof(struct holds),
					 limits->services};
	struct addresses *a = arena_alloc(home, sizeof(*a));

	if (!a)
		return NULL;
	a->key = key;
	a->told = table_new(home, &told, key);
	a->holds = table_new(home, &holds, key);
	a->names = name_store_new(home, limits->services, key);
	return a->told && a->holds && a->names ? a : NULL;
}

static struct told_key told_key_of(const struct addr *client,
				   const struct addr *address)
{
	struct told_key key;

	memset(&key, 0, sizeof(key));
	if (client)
		key.client = *client;
	key.address = *address;
	return key;
}

static struct told *told_of(const struct addresses *a,
			    const struct addr *client,
			    const struct addr *address)
{
	const struct told_key key = told_key_of(client, address);

	return table_find(a->told, &key);
}

static struct held *held_find(struct holds *n, const struct addr *address)
{
	for (uint8_t i = 0; n && i < n->count; i++)
		if (addr_equal(&n->at[i].address, address))
			return &n->at[i];
	return NULL;
}

static void hold(struct holds *n, const struct addr *address, uint64_t hash,
		 uint64_t frame)
{
	struct held *h = held_find(n, address);

	if (!h) {
		h = &n->at[n->next];
		n->next = (n->next + 1) % HELD;
		n->count += n->count < HELD;
		*h = (struct held){.address = *address};
	}
	h->answers_hash = hash;
	h->frame = frame;
}

static void tell_client(struct addresses *a, const struct observation *o,
			const struct addr *client, const struct addr *address,
			uint64_t name_hash)
{
	const struct dns_fact *d = &o->as.dns;
	const struct told_key key = told_key_of(client, address);
	struct told *t = table_add(a->told, &key, NULL);

	if (!t || t->failed)
		return; /* the answer that led there first */
	t->name_hash = name_hash;
	t->answers_hash = d->answers_hash;
	t->frame = o->frame;
	t->ns = o->time_ns;
	t->server = d->flow.dst;
	name_keep(a->names, &t->name, d->name, name_hash);
}

static void observe_answer(struct addresses *a, const struct observation *o)
{
	const struct dns_fact *d = &o->as.dns;
	uint64_t name_hash;
	struct holds *n;

	if (d->state != DNS_ANSWERED || d->rcode != RCODE_OK || !d->addresses)
		return;
	name_hash = hash_quick(d->name, strlen(d->name), a->key);
	n = table_add(a->holds, &name_hash, NULL);
	for (uint8_t i = 0; n && i < d->addresses; i++) {
		hold(n, &d->address[i], d->answers_hash, o->frame);
		tell_client(a, o, &d->flow.src, &d->address[i], name_hash);
		tell_client(a, o, NULL, &d->address[i], name_hash);
	}
}

static void works(struct addresses *a, const struct flow *f, int64_t ns)
{
	struct told *t = told_of(a, &f->src, &f->dst);
	struct held *h;

	if (!t)
		return;
	t->worked = true;
	h = held_find(table_find(a->holds, &t->name_hash), &f->dst);
	if (!h)
		return;
	h->worked = true;
	h->worked_ns = ns;
}

static void fails(struct addresses *a, const struct tcp_attempt_fact *f)
{
	struct told *t = told_of(a, &f->flow.src, &f->flow.dst);

	if (!t || (f->outcome != TCP_NO_ANSWER && f->outcome != TCP_REFUSED &&
		   f->outcome != TCP_REJECTED))
		return;
	if (!t->failed++) {
		t->failed_ns = f->first_ns;
		t->flow = f->flow;
	}
	t->failed_last_ns = f->end_ns;
	if (t->frame_count < FRAMES)
		t->frames[t->frame_count++] = f->frames[0];
}

static void dns_address_observe(void *self, const struct observation *o,
				const struct detector_context *c)
{
	(void)c;
	if (o->kind == OBS_DNS)
		observe_answer(self, o);
	else if (o->kind == OBS_TCP_OPENED)
		works(self, &o->as.opened.flow, o->time_ns);
	else if (o->kind == OBS_UDP_ANSWERED)
		works(self, &o->as.udp.flow, o->time_ns);
	else
		fails(self, &o->as.attempt);
}

/* An address of the same name that worked: of another answer, or else of this
 * one. */
static const struct held *better(const struct addresses *a,
				 const struct told *t)
{
	const struct holds *n = table_find(a->holds, &t->name_hash);
	const struct held *same = NULL;

	for (uint8_t i = 0; n && i < n->count; i++) {
		const struct held *h = &n->at[i];

		if (!h->worked)
			continue;
		if (h->answers_hash != t->answers_hash)
			return h;
		same = h;
	}
	return same;
}

/* Nothing that this client could reach, whoever is up: link-local, or private
 * from a server of the public network, which knows nothing of private ones. */
static bool cannot_work(const struct told *t, const struct addr *address)
{
	return addr_is_link_local(address) ||
	       (addr_is_private(address) && !addr_is_private(&t->server) &&
		!addr_is_link_local(&t->server) &&
		!addr_is_loopback(&t->server));
}

static struct finding *begin(const struct addresses *a, const struct told *t,
			     const struct told_key *k, const char *reason,
			     const struct detector_context *c)
{
	const char *name = name_kept(a->names, &t->name, t->name_hash);
	struct subject s = subject_name(name, &k->client, NULL);
	struct finding *f =
		finding_raise(c->findings, &unreachable, &s, reason,
			      t->failed ? t->failed_ns : t->ns,
			      t->failed ? t->failed_last_ns : t->ns);
	char server[ADDR_TEXT];

	if (!f)
		return NULL;
	addr_text(&t->server, server);
	f->confidence = LIKELY;
	f->count += t->failed ? t->failed : 1;
	finding_frame(f, t->frame);
	for (uint8_t i = 0; i < t->frame_count; i++)
		finding_frame(f, t->frames[i]);
	if (t->failed) {
		f->has_flow = true;
		f->flow = t->flow;
	}
	finding_advise(f, "dig @%s %s   and the same at another server", server,
		       name);
	return f;
}

/* What was answered, by whom, and that it was tried in vain. */
static void say_failed(struct finding *f, const struct addresses *a,
		       const struct told *t, const struct told_key *k)
{
	const char *name = name_kept(a->names, &t->name, t->name_hash);
	char client[ADDR_TEXT], address[ADDR_TEXT], server[ADDR_TEXT];

	addr_text(&k->client, client);
	addr_text(&k->address, address);
	addr_text(&t->server, server);
	if (f->title[0]) {
		finding_add(f, " %s (frame %llu) does not answer either.",
			    address, (unsigned long long)t->frame);
		return;
	}
	finding_title(f, "%s leads %s to %s, which does not answer", name,
		      client, address);
	finding_summary(f,
			"%s told %s the address %s for %s (frame %llu); %s "
			"to connect to it failed.",
			server, client, address, name,
			(unsigned long long)t->frame,
			t->failed == 1 ? "the attempt" : "all attempts");
}

static void tell_better(const struct addresses *a, const struct told *t,
			const struct told_key *k, const struct held *h,
			const struct detector_context *c)
{
	bool other = h->answers_hash != t->answers_hash;
	bool otherwise = h->worked_ns >= t->failed_ns &&
			 h->worked_ns <= t->failed_ns + OTHERWISE_NS;
	char address[ADDR_TEXT];
	struct finding *f;

	if (!other && t->failed < TRIES_LEAST)
		return;
	f = begin(a, t, k, other ? "other_answer" : "one_of_several", c);
	if (!f)
		return;
	f->severity = other && !otherwise ? WARNING : NOTICE;
	addr_text(&h->address, address);
	say_failed(f, a, t, k);
	finding_frame(f, h->frame);
	finding_add(f,
		    other ? " Another answer for the name (frame %llu) gives "
			    "%s, and that works."
			  : " The same answer (frame %llu) gives %s, too, and "
			    "that works.",
		    (unsigned long long)h->frame, address);
}

static void tell_nowhere(const struct addresses *a, const struct told *t,
			 const struct told_key *k,
			 const struct detector_context *c)
{
	struct finding *f = begin(a, t, k, "not_public", c);

	if (!f)
		return;
	say_failed(f, a, t, k);
	finding_add(f,
		    addr_is_link_local(&k->address)
			    ? " It is a link-local address: it means nothing "
			      "beyond its own link."
			    : " It is a private address, and the server is a "
			      "public one, which cannot know private networks: "
			      "an internal record has leaked.");
}

/* The resolver blocks the name; nothing is ever sent to such an address. */
static void tell_blocked(const struct addresses *a, const struct told *t,
			 const struct told_key *k,
			 const struct detector_context *c)
{
	const char *name = name_kept(a->names, &t->name, t->name_hash);
	char client[ADDR_TEXT], address[ADDR_TEXT], server[ADDR_TEXT];
	struct finding *f = begin(a, t, k, "sinkhole", c);

	if (!f || f->title[0])
		return; /* 0.0.0.0 and :: are one */
	f->severity = NOTICE;
	addr_text(&k->client, client);
	addr_text(&k->address, address);
	addr_text(&t->server, server);
	finding_title(f, "%s blocks %s", server, name);
	finding_summary(f,
			"%s told %s the address %s for %s (frame %llu): no "
			"host has it. So answers a resolver that blocks the "
			"name on purpose.",
			server, client, address, name,
			(unsigned long long)t->frame);
}

static void judge(const struct addresses *a, const struct told *t,
		  const struct told_key *k, const struct detector_context *c)
{
	const struct held *h;

	if (!k->client.family)
		return;
	if (addr_is_unspecified(&k->address)) {
		tell_blocked(a, t, k, c);
		return;
	}
	if (!t->failed || t->worked)
		return;
	h = better(a, t);
	if (h)
		tell_better(a, t, k, h, c);
	else if (cannot_work(t, &k->address))
		tell_nowhere(a, t, k, c);
}

/* What is wrong with an address is wrong with a name, for who reads it. */
static void name_findings(const struct addresses *a, struct findings *all)
{
	for (uint32_t i = 0; i < findings_count(all); i++) {
		struct finding *f = finding_at(all, i);
		struct ends e = finding_ends(f);
		char address[ADDR_TEXT];
		const struct told *t;

		if (f->def->layer != LAYER_TRANSPORT || !e.to.family)
			continue;
		t = told_of(a, e.from.family ? &e.from : NULL, &e.to);
		if (!t || t->ns > f->last_ns)
			continue;
		addr_text(&e.to, address);
		finding_add(f, " %s is %.120s (DNS answer in frame %llu).",
			    address,
			    name_kept(a->names, &t->name, t->name_hash),
			    (unsigned long long)t->frame);
	}
}

static void dns_address_finish(void *self, const struct detector_context *c)
{
	const struct addresses *a = self;

	name_findings(a, c->findings);
	for (struct told *t = table_oldest(a->told); t;
	     t = table_newer(a->told, t))
		judge(a, t, table_key(a->told, t), c);
}

static void dns_address_limits(void *self, struct checks *out)
{
	const struct addresses *a = self;

	check_table(out, a->told);
	check_table(out, a->holds);
}

static const struct finding_def *const dns_address_findings[] = {&unreachable,
								 NULL};

static const enum observation_kind dns_address_wants[] = {
	OBS_DNS, OBS_TCP_OPENED, OBS_TCP_ATTEMPT, OBS_UDP_ANSWERED,
	OBSERVATIONS};

const struct detector dns_address_detector = {
	.name = "dns_address",
	.findings = dns_address_findings,
	.wants = dns_address_wants,
	.open = dns_address_open,
	.observe = dns_address_observe,
	.finish = dns_address_finish,
	.limits = dns_address_limits,
};
