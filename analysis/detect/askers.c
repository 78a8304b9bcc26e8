/* SPDX-License-Identifier: BSD-3-Clause */
/* askers.c - for how many different addresses a station asks. */
#include "analysis/detect/askers.h"

#include <string.h>

enum { ASKERS_SHARE = 16, ASKERS_LEAST = 128 };

static struct asker_key asker_key_of(uint32_t link, const struct mac *mac)
{
	struct asker_key key;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.mac = *mac;
	return key;
}

/* The two go together: what it asked for is reached through the asker. */
static void asker_evicted(void *context, const void *key, void *value)
{
	struct askers *a = context;
	struct asker_state *s = value;

	(void)key;
	if (s->asked && s->asked != s->few)
		table_remove(a->many, s->asked);
}

static void many_evicted(void *context, const void *key, void *value)
{
	struct askers *a = context;
	struct asker_state *s = table_find(a->by_mac, key);

	if (!s)
		return;
	memcpy(s->few, value, sizeof(s->few));
	s->asked = s->few;
	s->next = ASKED_FEW;
}

bool askers_open(struct askers *a, const char *name, uint32_t scan_targets,
		 struct arena *home, const struct limits *limits,
		 struct hash_key key)
{
	uint32_t max = limits->neighbours / ASKERS_SHARE;
	const struct table_spec spec = {
		name, sizeof(struct asker_key), sizeof(struct asker_state),
		max > ASKERS_LEAST ? max : ASKERS_LEAST};
	const struct table_spec many = {
		"targets of scanners", sizeof(struct asker_key),
		ASKED_MAX * sizeof(struct asked), spec.max};

	a->key = key;
	a->scan_targets = scan_targets;
	a->by_mac = table_new(home, &spec, key);
	a->many = table_new(home, &many, key);
	if (!a->by_mac || !a->many)
		return false;
	table_on_evict(a->by_mac, asker_evicted, a);
	table_on_evict(a->many, many_evicted, a);
	return true;
}

static uint32_t asked_count(const struct asker_state *s)
{
	return s->next < ASKED_MAX ? s->next : ASKED_MAX;
}

static struct asked *asked_find(struct asker_state *s, uint64_t target)
{
	for (uint32_t i = 0; i < asked_count(s); i++)
		if (s->asked[i].target == target)
			return &s->asked[i];
	return NULL;
}

/* The place for one more target: nearly all stations ask for few. */
static struct asked *asked_add(struct askers *a, const struct asker_key *key,
			       struct asker_state *s)
{
	struct asked *many;

	if (!s->asked)
		s->asked = s->few;
	if (s->next >= ASKED_FEW && s->asked == s->few) {
		many = table_add(a->many, key, NULL);
		if (many) {
			memcpy(many, s->few, sizeof(s->few));
			s->asked = many;
		} else {
			s->next = 0;
		}
	}
	if (s->next == 2 * ASKED_MAX)
		s->next = ASKED_MAX;
	return &s->asked[s->next++ % ASKED_MAX];
}

uint32_t asker_recent(const struct asker_state *s, int64_t ns)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < asked_count(s); i++)
		n += s->asked[i].last_ns > ns - ASKERS_WINDOW_NS;
	return n;
}

static void window_judge(struct asker_state *s, uint32_t scan_targets,
			 int64_t ns)
{
	uint32_t n = asker_recent(s, ns);

	if (n > s->most)
		s->most = n;
	if (n < scan_targets)
		return;
	if (!s->scan_to_ns)
		s->scan_from_ns = ns - ASKERS_WINDOW_NS > s->first_ns
					  ? ns - ASKERS_WINDOW_NS
					  : s->first_ns;
	s->scan_to_ns = ns;
}

/* How many targets have had the time to answer: a count of a while ago. */
static void settle(struct asker_state *s, int64_t ns)
{
	if (ns < s->settles_ns)
		return;
	s->settled = s->settling;
	s->settling = s->targets;
	s->settles_ns = ns + ASKERS_PATIENCE_NS;
}

struct asker_state *askers_note(struct askers *a, uint32_t link,
				const struct mac *mac, const struct addr *from,
				const struct addr *target, int64_t ns,
				uint64_t frame)
{
	struct asker_key key = asker_key_of(link, mac);
	uint64_t hash = hash_quick(target, sizeof(*target), a->key);
	struct asker_state *s = table_add(a->by_mac, &key, NULL);
	struct asked *t;

	if (!s)
		return NULL;
	if (!s->requests++) {
		s->first_ns = ns;
		s->link = link;
	}
	s->from = *from;
	s->last_ns = ns;
	t = asked_find(s, hash);
	if (!t) {
		t = asked_add(a, &key, s);
		*t = (struct asked){.target = hash, .first_ns = ns};
		s->targets++;
		settle(s, ns);
		frames_note(&s->frames, frame);
		t->last_ns = ns;
		t->tries = 1;
		window_judge(s, a->scan_targets, ns);
		return s;
	}
	t->last_ns = ns;
	t->tries++;
	return s;
}

void askers_answered(struct askers *a, uint32_t link, const struct mac *mac,
		     const struct addr *target)
{
	struct asker_key key = asker_key_of(link, mac);
	struct asker_state *s = table_find(a->by_mac, &key);
	struct asked *t;

	if (!s)
		return;
	t = asked_find(s, hash_quick(target, sizeof(*target), a->key));
	if (!t || t->answered)
		return;
	t->answered = true;
	s->answered++;
}

const struct asker_state *askers_find(const struct askers *a, uint32_t link,
				      const struct mac *mac)
{
	struct asker_key key = asker_key_of(link, mac);

	return table_find(a->by_mac, &key);
}

uint64_t asker_decided(const struct asker_state *s, int64_t ns,
		       uint64_t *unanswered)
{
	uint64_t n = 0;

	*unanswered = 0;
	for (uint32_t i = 0; i < asked_count(s); i++) {
		const struct asked *t = &s->asked[i];

		if (!t->answered && t->first_ns > ns - ASKERS_PATIENCE_NS)
			continue;
		n++;
		*unanswered += !t->answered;
	}
	if (*unanswered || s->targets <= ASKED_MAX || !s->settled)
		return n;
	*unanswered = s->settled -
		      (s->answered < s->settled ? s->answered : s->settled);
	return s->settled;
}

bool asker_scans(const struct askers *a, const struct asker_state *s)
{
	return s->most >= a->scan_targets && s->answered * 2 <= s->targets;
}
