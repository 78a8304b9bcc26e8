/* SPDX-License-Identifier: BSD-3-Clause */
/* service_down.c - a service that answers none of its clients. */
#include "analysis/detect/opening.h"

enum { CLIENTS_LEAST = 3, CERTAIN_CLIENTS = 5 };

#define TOGETHER_NS (60 * NS_PER_S)

const struct finding_def service_down_def = {
	.id = "tcp.service_down",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_SERVICE,
	.relies = RELIES_ABSENCE | RELIES_ERRORS,
	.title = "A service answers none of its clients",
};

/* The entry of this client; a full list gives up the one that failed first. */
static struct failing *client_of(struct failures *all, const struct addr *a)
{
	struct failing *oldest = &all->client[0];

	for (uint8_t i = 0; i < all->count; i++) {
		if (addr_equal(&all->client[i].client, a))
			return &all->client[i];
		if (all->client[i].last_ns < oldest->last_ns)
			oldest = &all->client[i];
	}
	if (all->count < CLIENTS)
		oldest = &all->client[all->count++];
	memset(oldest, 0, sizeof(*oldest));
	oldest->client = *a;
	return oldest;
}

static struct failing *failing_of(struct opening *o, struct service *s,
				  const struct addr *client)
{
	struct failing *f;

	if (!s->failures) {
		s->failures = table_add(o->failures, service_name(o, s), NULL);
		if (!s->failures)
			return NULL;
		s->failures->owner = s;
	}
	f = client_of(s->failures, client);
	o->failing |= s->failures->count >= CLIENTS_LEAST;
	return f;
}

void down_attempt(struct opening *o, const struct observation *ob)
{
	const struct tcp_attempt_fact *a = &ob->as.attempt;
	struct service *s;
	struct failing *f;

	if (a->outcome != TCP_NO_ANSWER && a->outcome != TCP_REFUSED)
		return;
	s = service_of(o, &a->flow);
	f = s ? failing_of(o, s, &a->flow.src) : NULL;
	if (!f)
		return;
	if (!f->attempts++ || a->first_ns < f->first_ns)
		f->first_ns = a->first_ns;
	if (a->end_ns > f->last_ns)
		f->last_ns = a->end_ns;
	if (f->attempts == 1)
		memcpy(f->frames, a->frames, sizeof(f->frames));
	f->outcome = a->outcome;
	s->down_checked = false;
	o->dirty = true;
}

struct down {
	int64_t first_ns, last_ns;
	uint32_t clients, attempts, refused;
	bool visible; /* an answer to one of them would be in the capture */
};

/* The clients that failed within a minute of the last one. */
static struct down down_count(const struct opening *o,
			      const struct failures *all,
			      const struct knowledge *known)
{
	struct down d = {0};

	for (uint8_t i = 0; i < all->count; i++)
		if (all->client[i].last_ns > d.last_ns)
			d.last_ns = all->client[i].last_ns;
	d.first_ns = d.last_ns;
	for (uint8_t i = 0; i < all->count; i++) {
		const struct failing *f = &all->client[i];

		if (f->last_ns < d.last_ns - TOGETHER_NS ||
		    scan_source(o, &f->client))
			continue;
		d.clients++;
		d.attempts += f->attempts;
		d.refused += f->outcome == TCP_REFUSED;
		d.visible |= known_host_visible(known, &f->client, f->last_ns);
		if (f->first_ns < d.first_ns)
			d.first_ns = f->first_ns;
	}
	return d;
}

static void say_host(struct finding *g, const struct opening *o,
		     const struct service_key *k, const struct down *d)
{
	const struct host *h = table_find(o->hosts, &k->addr);
	char addr[ADDR_TEXT];

	addr_text(&k->addr, addr);
	if (d->refused)
		finding_add(g, " The host is up: it refuses them, nothing "
			       "listens there.");
	else if (h && h->last_ns >= d->first_ns)
		finding_add(g, " The host is up: %s answers on port %u.", addr,
			    h->port);
	else
		finding_add(g,
			    " Nothing else of %s was heard meanwhile: the "
			    "host, or the way to it, may be down.",
			    addr);
}

/* Where no answer would have been recorded, the repeats alone speak for it. */
static void weigh(struct finding *g, const struct down *d)
{
	bool seen = d->refused || d->visible;

	g->severity = seen ? CRITICAL : WARNING;
	g->confidence = !seen					      ? POSSIBLE
			: d->refused || d->clients >= CERTAIN_CLIENTS ? CERTAIN
								      : LIKELY;
}

static void down_raise(struct opening *o, struct service *s,
		       const struct down *d, const struct detector_context *c)
{
	const struct service_key *k = service_name(o, s);
	struct subject subject = subject_service(&k->addr, k->port, 6);
	struct finding *g =
		finding_raise(c->findings, &service_down_def, &subject, "",
			      d->first_ns, d->last_ns);
	char service[ENDPOINT_TEXT], when[WHEN_TEXT], opened[WHEN_TEXT];

	if (!g)
		return;
	endpoint_text(&k->addr, k->port, service);
	g->count = d->attempts;
	weigh(g, d);
	for (uint8_t i = 0; i < s->failures->count; i++)
		for (int n = 0; n < 3; n++)
			finding_frame(g, s->failures->client[i].frames[n]);
	finding_title(g, "%s answers none of its clients", service);
	finding_summary(g,
			"Since %s, %u clients tried %s %u times and all "
			"failed (%s).",
			when_clock(d->first_ns, when), d->clients, service,
			d->attempts,
			d->refused == d->clients ? "refused"
			: d->refused		 ? "refused or not answered"
						 : "no answer");
	if (s->last_opened_ns)
		finding_add(g, " The last connection opened at %s.",
			    when_clock(s->last_opened_ns, opened));
	else
		finding_add(g, " No connection to it opened in this capture.");
	say_host(g, o, k, d);
	if (!g->advice[0][0]) {
		finding_advise(g, "On the server: ss -ltn '( sport = :%u )'",
			       k->port);
		finding_advise(g, "Is a firewall dropping port %u?", k->port);
	}
	s->down_ns = d->first_ns;
}

void down_clock(struct opening *o, const struct detector_context *c)
{
	struct service *s;

	if (!o->failing)
		return;
	for (s = table_oldest(o->services); s;
	     s = table_newer(o->services, s)) {
		struct down d;

		if (!s->failures || s->failures->count < CLIENTS_LEAST ||
		    s->down_checked)
			continue;
		s->down_checked = true;
		d = down_count(o, s->failures, c->known);
		if (d.clients >= CLIENTS_LEAST &&
		    s->last_opened_ns < d.first_ns)
			down_raise(o, s, &d, c);
	}
}
