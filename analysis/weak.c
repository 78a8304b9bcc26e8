/* SPDX-License-Identifier: BSD-3-Clause */
/* weak.c - where this capture is weak, by host, pair, connection and time. */
#include "analysis/weak.h"

#include <string.h>

#include "base/table.h"

enum {
	PAIRS_MAX = 4096,
	HOSTS_MAX = 4096,
	FLOWS_MAX = 8192,
	JUMPS_MAX = 64,
	FORGOT_MAX = 16
};

struct pair_key {
	struct addr low, high;
};

/* How the connections of a host were captured. */
struct host {
	uint32_t one_way, unheard; /* connections: only what it sends, gets */
	uint32_t both_ways;
	bool super;
};

struct weak {
	struct table *pairs, *hosts, *flows; /* flows: enum lack */
	int64_t jump_ns[JUMPS_MAX];
	const char *forgot[FORGOT_MAX];
	uint32_t jumps, forgots;
};

struct weak *weak_new(struct arena *home, struct hash_key key)
{
	const struct table_spec pairs = {"pairs captured one way",
					 sizeof(struct pair_key), 1, PAIRS_MAX};
	const struct table_spec hosts = {"hosts by what is captured of them",
					 sizeof(struct addr),
					 sizeof(struct host), HOSTS_MAX};
	const struct table_spec flows = {"connections captured in part",
					 sizeof(struct flow), 1, FLOWS_MAX};
	struct weak *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->pairs = table_new(home, &pairs, key);
	w->hosts = table_new(home, &hosts, key);
	w->flows = table_new(home, &flows, key);
	return w->pairs && w->hosts && w->flows ? w : NULL;
}

static struct pair_key pair_of(const struct addr *a, const struct addr *b)
{
	struct pair_key k = {*a, *b};

	if (memcmp(a, b, sizeof(*a)) > 0)
		k = (struct pair_key){*b, *a};
	return k;
}

/* A connection has one name, whichever way a finding tells it. */
static struct flow name_of(const struct flow *f)
{
	struct flow reverse = flow_reverse(f);

	return memcmp(f, &reverse, sizeof(reverse)) > 0 ? reverse : *f;
}

void weak_one_way(struct weak *w, const struct flow *seen)
{
	struct pair_key key = pair_of(&seen->src, &seen->dst);
	struct host *host;

	if (!w)
		return;
	table_add(w->pairs, &key, NULL);
	host = table_add(w->hosts, &seen->src, NULL);
	if (host)
		host->one_way++;
	host = table_add(w->hosts, &seen->dst, NULL);
	if (host)
		host->unheard++;
}

void weak_both_ways(struct weak *w, const struct flow *flow)
{
	const struct addr *const ends[] = {&flow->src, &flow->dst};

	for (int i = 0; w && i < 2; i++) {
		struct host *host = table_add(w->hosts, ends[i], NULL);

		if (host)
			host->both_ways++;
	}
}

void weak_lacks(struct weak *w, const struct flow *flow, enum lack what)
{
	struct flow key = name_of(flow);
	uint8_t *lacks = w ? table_add(w->flows, &key, NULL) : NULL;

	if (lacks)
		*lacks |= (uint8_t)what;
}

void weak_jump(struct weak *w, int64_t at_ns)
{
	if (w && w->jumps < JUMPS_MAX)
		w->jump_ns[w->jumps++] = at_ns;
}

void weak_super(struct weak *w, const struct addr *host)
{
	struct host *h = w ? table_add(w->hosts, host, NULL) : NULL;

	if (h)
		h->super = true;
}

void weak_forgot(struct weak *w, const char *ids)
{
	if (w && w->forgots < FORGOT_MAX)
		w->forgot[w->forgots++] = ids;
}

/* Whether `id` begins as one of the words of `ids` does. */
static bool begins(const char *id, const char *ids)
{
	for (const char *at = ids; *at; at += strspn(at, " ")) {
		size_t size = strcspn(at, " ");

		if (strncmp(id, at, size) == 0)
			return true;
		at += size;
	}
	return false;
}

bool weak_is_forgetful(const struct weak *w, const char *id)
{
	for (uint32_t i = 0; w && i < w->forgots; i++)
		if (begins(id, w->forgot[i]))
			return true;
	return false;
}

bool weak_is_one_way(const struct weak *w, const struct addr *a,
		     const struct addr *b)
{
	struct pair_key key = pair_of(a, b);

	return w && table_find(w->pairs, &key);
}

bool weak_is_deaf(const struct weak *w, const struct addr *host)
{
	const struct host *h = w ? table_find(w->hosts, host) : NULL;

	return h && h->one_way && !h->both_ways;
}

bool weak_is_mute(const struct weak *w, const struct addr *host)
{
	const struct host *h = w ? table_find(w->hosts, host) : NULL;

	return h && h->unheard && !h->both_ways;
}

bool weak_is_lacking(const struct weak *w, const struct flow *flow,
		     enum lack what)
{
	struct flow key = name_of(flow);
	const uint8_t *lacks = w ? table_find(w->flows, &key) : NULL;

	return lacks && (*lacks & what);
}

bool weak_jumped(const struct weak *w, int64_t from_ns, int64_t to_ns)
{
	for (uint32_t i = 0; w && i < w->jumps; i++)
		if (w->jump_ns[i] >= from_ns && w->jump_ns[i] <= to_ns)
			return true;
	return false;
}

bool weak_is_super(const struct weak *w, const struct addr *host)
{
	const struct host *h = w ? table_find(w->hosts, host) : NULL;

	return h && h->super;
}
