/* SPDX-License-Identifier: BSD-3-Clause */
/* admission.c - link, copies and clock of each packet, in frame order. */
#include "analysis/admission/admission.h"

#include <string.h>

#include "analysis/admission/census.h"
#include "analysis/admission/copies.h"
#include "analysis/admission/timeline.h"

struct admission {
	struct timeline *timeline;
	struct copies *copies;
	struct table *ids; /* struct link_info -> id + 1 */
	struct link_info *links;
	uint32_t link_count, last_id;
	uint32_t room;
};

struct admission *admission_new(const struct tracker_home *home)
{
	const struct table_spec spec = {"links", sizeof(struct link_info),
					sizeof(uint32_t), home->limits->links};
	struct admission *a = arena_alloc(home->arena, sizeof(*a));

	if (!a)
		return NULL;
	a->timeline = timeline_new(home);
	a->copies = copies_new(home);
	a->room = home->limits->links;
	a->ids = table_new(home->arena, &spec, home->key);
	a->links = arena_alloc(home->arena, a->room * sizeof(*a->links));
	if (!a->timeline || !a->copies || !a->ids || !a->links)
		return NULL;
	return a;
}

static bool is_link(const struct link_info *l, const struct packet *p)
{
	if (l->interface != p->frame.interface ||
	    l->vlan_count != p->vlan_count)
		return false;
	for (uint8_t i = 0; i < p->vlan_count; i++)
		if (l->vlan[i] != p->vlan[i])
			return false;
	return true;
}

/* The id of (interface, VLAN stack): the first is 0; when there is no room the
 * last one stands for all others. */
static uint32_t id_of(struct admission *a, const struct link_info *key)
{
	uint32_t *id;
	bool added;

	id = table_add(a->ids, key, &added);
	if (!id)
		return 0;
	if (added && a->link_count < a->room) {
		a->links[a->link_count] = *key;
		*id = ++a->link_count;
	} else if (added) {
		*id = a->link_count;
	}
	return a->last_id = *id - 1;
}

static uint32_t link_of(struct admission *a, const struct packet *p)
{
	struct link_info key;

	if (a->link_count && is_link(&a->links[a->last_id], p))
		return a->last_id;
	memset(&key, 0, sizeof(key));
	key.interface = p->frame.interface;
	key.vlan_count = p->vlan_count;
	memcpy(key.vlan, p->vlan, p->vlan_count * sizeof(p->vlan[0]));
	return id_of(a, &key);
}

uint32_t admission_link_of(struct admission *a, uint32_t interface)
{
	struct link_info key;

	memset(&key, 0, sizeof(key));
	key.interface = interface;
	return id_of(a, &key);
}

void admission_place(struct admission *a, struct packet *batch, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		batch[i].link = link_of(a, &batch[i]);
}

void admission_expect(struct admission *a, const struct packet *batch,
		      uint32_t count)
{
	copies_expect(a->copies, batch, count);
	timeline_expect(a->timeline, batch, count);
}

bool admit(struct admission *a, struct packet *p, struct coverage *coverage,
	   struct observer *out)
{
	census_count(p, coverage);
	timeline_place(a->timeline, p, out);
	if (p->state == WIRE_MALFORMED)
		census_malformed(p, out);
	if (!copies_judge(a->copies, p, a->links, out)) {
		p->link = copies_home(a->copies, p->link);
		return true;
	}
	coverage->copies++;
	coverage->copies_unknown += p->link_unknown;
	return false;
}

const struct copy_fact *admission_copy(const struct admission *a)
{
	return copies_latest(a->copies);
}

int64_t admission_now(const struct admission *a)
{
	return timeline_now(a->timeline);
}

uint32_t admission_links(const struct admission *a)
{
	return a->link_count;
}

const struct link_info *admission_link(const struct admission *a)
{
	return a->links;
}

void admission_limits(const struct admission *a, struct checks *out)
{
	check_table(out, a->ids);
	copies_limits(a->copies, out);
}
