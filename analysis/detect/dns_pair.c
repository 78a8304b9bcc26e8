/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dns_pair.c - clients and servers: what they met at each other, in tallies.
 *
 * Nearly all pairs meet a few times, and well; what only others need is kept
 * in tables beside, and goes when its pair or server is forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/detect/dns_lookup.h"
#include "base/text.h"

enum { PAIRS = 1024, SERVERS = 2048 };

struct dns_pair *dns_pair_of(struct dns_watch *s, const struct addr *client,
			     const struct addr *server)
{
	const struct dns_pair_key key = {*client, *server};

	if (!s->last_pair ||
	    memcmp(table_key(s->pairs, s->last_pair), &key, sizeof(key)) != 0)
		s->last_pair = table_add(s->pairs, &key, NULL);
	return s->last_pair;
}

bool dns_asks_all(const struct addr *server)
{
	return addr_is_multicast(server) || addr_is_broadcast(server);
}

struct dns_server *dns_server_of(struct dns_watch *s, const struct addr *a)
{
	if (!s->last_server ||
	    !addr_equal(table_key(s->servers, s->last_server), a))
		s->last_server = table_add(s->servers, a, NULL);
	return s->last_server;
}

struct dns_tally *dns_tally_of(struct dns_watch *s, const struct addr *client,
			       const struct addr *server,
			       enum dns_problem problem)
{
	const struct dns_tally_key key = {{*client, *server}, problem};
	struct dns_pair *pair = dns_pair_of(s, client, server);

	if (!pair)
		return NULL;
	if (!pair->tally[problem])
		pair->tally[problem] = table_add(s->tallies, &key, NULL);
	return pair->tally[problem];
}

/* The two go together: a tally is reached through its pair. */
static void pair_evicted(void *context, const void *key, void *value)
{
	struct dns_watch *s = context;
	struct dns_pair *pair = value;

	(void)key;
	for (int i = 0; i < DNS_PROBLEMS; i++)
		if (pair->tally[i])
			table_remove(s->tallies, pair->tally[i]);
	if (pair->rtts > DNS_FEW)
		table_remove(s->rtts, pair->rtt);
}

static void rtts_evicted(void *context, const void *key, void *value)
{
	struct dns_watch *s = context;
	struct dns_pair *pair = table_find(s->pairs, key);

	if (!pair)
		return;
	memcpy(pair->few, value, sizeof(pair->few));
	pair->rtt = pair->few;
	pair->rtts = DNS_FEW;
}

/* Nearly all ask a server a few times at most. */
void dns_pair_rtt(struct dns_watch *s, struct dns_pair *pair, int64_t rtt)
{
	int64_t *all;

	if (pair->rtts == DNS_RTTS)
		return;
	if (pair->rtts == DNS_FEW) {
		all = table_add(s->rtts, table_key(s->pairs, pair), NULL);
		if (!all)
			return;
		memcpy(all, pair->few, sizeof(pair->few));
		pair->rtt = all;
	} else if (!pair->rtts) {
		pair->rtt = pair->few;
	}
	pair->rtt[pair->rtts++] = rtt;
}

static void server_evicted(void *context, const void *key, void *value)
{
	struct dns_watch *s = context;
	struct dns_server *server = value;

	(void)key;
	if (server->refused)
		table_remove(s->refusals, server->refused);
}

static void refusals_evicted(void *context, const void *key, void *value)
{
	struct dns_watch *s = context;
	struct dns_server *server = table_find(s->servers, key);

	(void)value;
	if (server)
		server->refused = NULL;
}

static void tally_evicted(void *context, const void *key, void *value)
{
	struct dns_watch *s = context;
	const struct dns_tally_key *k = key;
	struct dns_pair *pair = table_find(s->pairs, &k->pair);

	(void)value;
	if (pair)
		pair->tally[k->problem] = NULL;
}

void dns_name_copy(char to[static DNS_NAME_TEXT], const char *name)
{
	size_t size = strnlen(name, DNS_NAME_TEXT - 1);

	memcpy(to, name, size);
	to[size] = '\0';
}

static void tally_name(struct dns_tally *t, const char *name)
{
	for (uint8_t i = 0; i < t->names; i++)
		if (strcmp(t->name[i], name) == 0)
			return;
	if (t->names == DNS_NAMES) {
		t->more_names = true;
		return;
	}
	dns_name_copy(t->name[t->names++], name);
}

void dns_tally_add(struct dns_tally *t, const struct dns_question *q,
		   int64_t ns, const uint64_t *frames, uint8_t count)
{
	if (!t->count++) {
		t->first_ns = ns;
		t->extended = -1;
	}
	t->last_ns = ns;
	tally_name(t, q->name);
	for (uint8_t i = 0; i < count && t->frames < DNS_FRAMES; i++)
		if (frames[i])
			t->frame[t->frames++] = frames[i];
}

static int compare_ns(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

int64_t dns_median(const int64_t *values, uint32_t count)
{
	int64_t sorted[DNS_RTTS];

	if (!count)
		return 0;
	memcpy(sorted, values, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), compare_ns);
	return sorted[count / 2];
}

void dns_names_text(const struct dns_tally *t, char *out, size_t size)
{
	struct text text = text_over(out, size);

	for (uint8_t i = 0; i < t->names; i++)
		text_add(&text, "%s%.80s",
			 i == 0				       ? ""
			 : i == t->names - 1 && !t->more_names ? " and "
							       : ", ",
			 t->name[i]);
	if (t->more_names)
		text_add(&text, " and others");
}

struct subject dns_subject(const struct dns_tally *t,
			   const struct dns_pair_key *k)
{
	bool one = t->names == 1 && !t->more_names;

	return subject_name(one ? t->name[0] : "", &k->client, &k->server);
}

bool dns_pairs_open(struct dns_watch *s, struct arena *home,
		    struct hash_key key)
{
	const struct {
		struct table_spec spec;
		struct table **table;
		table_evicted_fn *evicted;
	} all[] = {
		{{"DNS clients", sizeof(struct dns_pair_key),
		  sizeof(struct dns_pair), PAIRS},
		 &s->pairs,
		 pair_evicted},
		{{"DNS troubles", sizeof(struct dns_tally_key),
		  sizeof(struct dns_tally), PAIRS * DNS_PROBLEMS},
		 &s->tallies,
		 tally_evicted},
		{{"DNS round trips", sizeof(struct dns_pair_key),
		  DNS_RTTS * sizeof(int64_t), PAIRS},
		 &s->rtts,
		 rtts_evicted},
		{{"DNS servers", sizeof(struct addr), sizeof(struct dns_server),
		  SERVERS},
		 &s->servers,
		 server_evicted},
		{{"DNS refusals", sizeof(struct addr),
		  sizeof(struct dns_refusals), SERVERS},
		 &s->refusals,
		 refusals_evicted},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*all[i].table = table_new(home, &all[i].spec, key);
		if (!*all[i].table)
			return false;
		table_on_evict(*all[i].table, all[i].evicted, s);
	}
	return true;
}
