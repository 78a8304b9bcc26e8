/* SPDX-License-Identifier: BSD-3-Clause */
/* finding.c - the findings of a run: raised once, widened after that. */
#include "analysis/finding.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "base/text.h"

enum { FINDINGS_MAX = 16384 };

/* What makes a finding the same one; padding is zero. */
struct finding_key {
	const struct finding_def *def;
	struct subject subject;
	char reason[REASON_TEXT];
};

/* How many findings an id has, and how many there was no room for. */
struct id_count {
	uint32_t kept;
	uint64_t dropped;
};

struct findings {
	struct arena *home;
	struct table *by_key; /* of struct finding * */
	struct table *by_id;  /* of struct id_count */
	struct finding **order;
	uint32_t count, room;
	size_t spare; /* bytes for the first of each id, and for sums */
};

struct findings *findings_new(struct arena *home, struct hash_key key)
{
	static const struct table_spec keys = {
		"findings", sizeof(struct finding_key),
		sizeof(struct finding *), FINDINGS_MAX};
	static const struct table_spec ids = {"finding ids", sizeof(void *),
					      sizeof(struct id_count), 256};
	struct findings *all = arena_alloc(home, sizeof(*all));

	if (!all)
		return NULL;
	all->home = home;
	all->spare = arena_left(home) / 2;
	all->by_key = table_new(home, &keys, key);
	all->by_id = table_new(home, &ids, key);
	return all->by_key && all->by_id ? all : NULL;
}

/* Field by field: a struct assignment might copy padding. */
static void key_fill(struct finding_key *key, const struct finding_def *def,
		     const struct subject *s, const char *reason)
{
	struct subject *to = &key->subject;

	memset(key, 0, sizeof(*key));
	key->def = def;
	to->kind = s->kind;
	to->a = s->a;
	to->b = s->b;
	to->port_a = s->port_a;
	to->port_b = s->port_b;
	to->protocol = s->protocol;
	to->mac = s->mac;
	to->mac_b = s->mac_b;
	to->link = s->link;
	snprintf(to->name, sizeof(to->name), "%s", s->name);
	snprintf(key->reason, sizeof(key->reason), "%s", reason);
}

/* Append to the order, which doubles; the old array stays in the arena. */
static bool order_append(struct findings *all, struct finding *f)
{
	if (all->count == all->room) {
		uint32_t room = all->room ? all->room * 2 : 64;
		struct finding **order =
			arena_alloc(all->home, room * sizeof(struct finding *));

		if (!order)
			return false;
		if (all->count)
			memcpy(order, all->order,
			       all->count * sizeof(struct finding *));
		all->order = order;
		all->room = room;
	}
	all->order[all->count++] = f;
	return true;
}

/* The name of a finding in every output: its id and a digest of the rest of
 * what makes it this one (FNV-1a, so that it does not depend on the run). */
static void key_text(const struct finding_key *key, char out[static KEY_TEXT])
{
	const unsigned char *b = (const unsigned char *)&key->subject;
	const size_t end = sizeof(*key) - offsetof(struct finding_key, subject);
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < end; i++)
		h = (h ^ b[i]) * 0x100000001b3u;
	snprintf(out, KEY_TEXT, "%s/%016llx", key->def->id,
		 (unsigned long long)h);
}

static struct finding *finding_new(struct findings *all,
				   const struct finding_key *key)
{
	struct id_count *id = table_add(all->by_id, &key->def, NULL);
	struct finding *f, **slot;

	if (!id)
		return NULL;
	if (id->kept >= FINDINGS_PER_ID || all->count >= FINDINGS_MAX ||
	    (id->kept && arena_left(all->home) < all->spare)) {
		id->dropped++;
		return NULL;
	}
	f = arena_alloc(all->home, sizeof(*f));
	slot = f ? table_add(all->by_key, key, NULL) : NULL;
	if (!slot || !order_append(all, f)) {
		id->dropped++;
		return NULL;
	}
	*slot = f;
	id->kept++;
	f->def = key->def;
	f->subject = key->subject;
	memcpy(f->reason, key->reason, sizeof(f->reason));
	key_text(key, f->key);
	f->severity = key->def->most;
	f->confidence = CERTAIN;
	return f;
}

struct finding *finding_find(const struct findings *all,
			     const struct finding_def *def,
			     const struct subject *subject, const char *reason)
{
	struct finding_key key;
	struct finding **slot;

	key_fill(&key, def, subject, reason);
	slot = table_find(all->by_key, &key);
	return slot ? *slot : NULL;
}

struct finding *finding_raise(struct findings *all,
			      const struct finding_def *def,
			      const struct subject *subject, const char *reason,
			      int64_t first_ns, int64_t last_ns)
{
	struct finding_key key;
	struct finding **slot, *f;

	key_fill(&key, def, subject, reason);
	slot = table_find(all->by_key, &key);
	if (!slot) {
		f = finding_new(all, &key);
		if (f) {
			f->first_ns = first_ns;
			f->last_ns = last_ns;
		}
		return f;
	}
	f = *slot;
	if (first_ns < f->first_ns)
		f->first_ns = first_ns;
	if (last_ns > f->last_ns)
		f->last_ns = last_ns;
	return f;
}

void finding_frame(struct finding *f, uint64_t frame)
{
	uint8_t i = f->frame_count;

	if (!frame || i == EVIDENCE_MAX)
		return;
	for (uint8_t k = 0; k < f->frame_count; k++)
		if (f->frames[k] == frame)
			return;
	for (; i > 0 && f->frames[i - 1] > frame; i--)
		f->frames[i] = f->frames[i - 1];
	f->frames[i] = frame;
	f->frame_count++;
}

/* One printf-like setter for each text field. */
#define SETTER(name, field)                                                    \
	void name(struct finding *f, const char *format, ...)                  \
	{                                                                      \
		va_list args;                                                  \
                                                                               \
		va_start(args, format);                                        \
		vsnprintf(f->field, sizeof(f->field), format, args);           \
		va_end(args);                                                  \
	}

SETTER(finding_title, title)
SETTER(finding_summary, summary)
SETTER(finding_filter, filter)

void finding_add(struct finding *f, const char *format, ...)
{
	size_t used = strlen(f->summary);
	va_list args;

	va_start(args, format);
	vsnprintf(f->summary + used, sizeof(f->summary) - used, format, args);
	va_end(args);
}

void finding_advise(struct finding *f, const char *format, ...)
{
	va_list args;
	int i = 0;

	while (i < ADVICES_MAX && f->advice[i][0])
		i++;
	if (i == ADVICES_MAX)
		return;
	va_start(args, format);
	vsnprintf(f->advice[i], ADVICE_TEXT, format, args);
	va_end(args);
}

uint32_t findings_count(const struct findings *all)
{
	return all->count;
}

struct finding *finding_at(const struct findings *all, uint32_t index)
{
	return all->order[index];
}

uint64_t findings_dropped(const struct findings *all,
			  const struct finding_def *def)
{
	const struct id_count *id = table_find(all->by_id, &def);

	return id ? id->dropped : 0;
}

struct subject subject_flow(const struct flow *f)
{
	return (struct subject){.kind = SUBJECT_FLOW,
				.a = f->src,
				.b = f->dst,
				.port_a = f->src_port,
				.port_b = f->dst_port,
				.protocol = f->protocol};
}

struct subject subject_host(const struct addr *a)
{
	return (struct subject){.kind = SUBJECT_HOST, .a = *a};
}

struct subject subject_mac(const struct mac *m)
{
	return (struct subject){.kind = SUBJECT_HOST, .mac = *m};
}

struct subject subject_service(const struct addr *a, uint16_t port,
			       uint8_t protocol)
{
	return (struct subject){.kind = SUBJECT_SERVICE,
				.a = *a,
				.port_a = port,
				.protocol = protocol};
}

struct subject subject_path(const struct addr *from, const struct addr *to)
{
	return (struct subject){.kind = SUBJECT_PATH, .a = *from, .b = *to};
}

struct subject subject_path_to(const struct addr *from, const struct addr *to,
			       uint16_t port, uint8_t protocol)
{
	return (struct subject){.kind = SUBJECT_PATH,
				.a = *from,
				.b = *to,
				.port_b = port,
				.protocol = protocol};
}

struct subject subject_link(uint32_t link)
{
	return (struct subject){.kind = SUBJECT_LINK, .link = link};
}

struct subject subject_capture(void)
{
	return (struct subject){.kind = SUBJECT_CAPTURE};
}

struct subject subject_name(const char *name, const struct addr *client,
			    const struct addr *server)
{
	struct subject s = {.kind = SUBJECT_NAME, .a = *client};

	if (server)
		s.b = *server;
	snprintf(s.name, sizeof(s.name), "%s", name);
	return s;
}

struct ends finding_ends(const struct finding *f)
{
	const struct subject *s = &f->subject;
	struct ends e = {.protocol = s->protocol};

	switch (s->kind) {
	case SUBJECT_FLOW:
	case SUBJECT_PATH:
		e.port = s->port_b;
		/* fall through */
	case SUBJECT_NAME:
		e.from = s->a;
		e.to = s->b;
		break;
	case SUBJECT_SERVICE:
	case SUBJECT_HOST:
		e.to = s->a;
		e.port = s->port_a;
		break;
	default:
		break;
	}
	if (!e.to.family && f->has_flow) {
		e.from = f->flow.src;
		e.to = f->flow.dst;
		e.port = f->flow.dst_port;
		e.protocol = f->flow.protocol;
	}
	return e;
}

const char *severity_name(enum severity s)
{
	static const char *const names[] = {"info", "notice", "warning",
					    "critical"};

	return names[s];
}

const char *confidence_name(enum confidence c)
{
	static const char *const names[] = {"possible", "likely", "certain"};

	return names[c];
}

const char *layer_name(enum layer_of l)
{
	static const char *const names[] = {"capture",	 "physical",
					    "data_link", "network",
					    "transport", "application"};

	return names[l];
}

const char *layer_title(enum layer_of l)
{
	return l == LAYER_DATA_LINK ? "data link" : layer_name(l);
}

const char *subject_kind_name(enum subject_kind k)
{
	static const char *const names[] = {"capture", "link",	 "host",
					    "service", "path",	 "flow",
					    "name",    "several"};

	return names[k];
}
