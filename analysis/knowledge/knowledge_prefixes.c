/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge_prefixes.c - which networks are on a link: those of DHCP, router
 * advertisements, OSPF, and of the host that listened.
 */
#include <string.h>

#include "analysis/knowledge/knowledge_tables.h"

struct named *name_add(struct table *names, const void *key,
		       const struct observation *o, const char *how)
{
	struct named *n = table_add(names, key, NULL);

	if (n && !n->how)
		*n = (struct named){how, o->frame};
	return n;
}

void prefix_named(struct knowledge *k, const struct observation *o,
		  const struct addr *a, uint32_t bits, const char *how)
{
	struct prefix_key key;

	memset(&key, 0, sizeof(key));
	key.link = o->link;
	key.bits = bits;
	key.prefix.family = a->family;
	for (uint32_t i = 0; i < 16 && i * 8 < bits; i++) {
		uint32_t left = bits - i * 8;

		key.prefix.bytes[i] = a->bytes[i];
		if (left < 8)
			key.prefix.bytes[i] &= (uint8_t)(0xff << (8 - left));
	}
	name_add(k->prefixes, &key, o, how);
}

void mask_named(struct knowledge *k, const struct observation *o,
		const struct addr *a, const struct addr *mask, const char *how)
{
	uint32_t bits = mask->family == 4 ? load_be32(mask->bytes) : 0;

	if (bits && !(~bits & (~bits + 1)) && addr_is_host(a) && a->family == 4)
		prefix_named(k, o, a, (uint32_t)__builtin_popcount(bits), how);
}

static bool has_prefix(const struct source_interface *i,
		       const struct prefix_key *key)
{
	for (uint32_t n = 0; n < i->addresses; n++)
		if (i->address[n].bits == key->bits &&
		    addr_same_prefix(&i->address[n].addr, &key->prefix,
				     key->bits))
			return true;
	return false;
}

void prefixes_forget(struct knowledge *k, const struct observation *o,
		     const struct source_interface *i)
{
	struct named *next;

	for (struct named *p = table_oldest(k->prefixes); p; p = next) {
		const struct prefix_key *key = table_key(k->prefixes, p);

		next = table_newer(k->prefixes, p);
		if (key->link == o->link && strcmp(p->how, "interface") == 0 &&
		    !has_prefix(i, key))
			table_remove(k->prefixes, p);
	}
}

/* A prefix of others within that which this host takes for its own: its mask is
 * too wide, and proves nothing. */
static bool mask_too_wide(const struct knowledge *k, const struct named *own,
			  const struct prefix_key *wide)
{
	if (strcmp(own->how, "interface") != 0)
		return false;
	for (const struct named *p = table_oldest(k->prefixes); p;
	     p = table_newer(k->prefixes, p)) {
		const struct prefix_key *key = table_key(k->prefixes, p);

		if (key->link == wide->link && key->bits > wide->bits &&
		    addr_same_prefix(&key->prefix, &wide->prefix, wide->bits))
			return true;
	}
	return false;
}

bool known_in_prefix(const struct knowledge *k, uint32_t link,
		     const struct addr *a)
{
	for (const struct named *p = table_oldest(k->prefixes); p;
	     p = table_newer(k->prefixes, p)) {
		const struct prefix_key *key = table_key(k->prefixes, p);

		if (key->link == link &&
		    addr_same_prefix(a, &key->prefix, key->bits) &&
		    !mask_too_wide(k, p, key))
			return true;
	}
	return false;
}

enum proof known_on_link(const struct knowledge *k, uint32_t link,
			 const struct addr *a)
{
	return known_owners(k, link, a) || known_in_prefix(k, link, a)
		       ? PROOF_PROVEN
		       : PROOF_NONE;
}

bool known_prefixes(const struct knowledge *k, uint32_t link, uint32_t family)
{
	for (const struct named *p = table_oldest(k->prefixes); p;
	     p = table_newer(k->prefixes, p)) {
		const struct prefix_key *key = table_key(k->prefixes, p);

		if (key->link == link && key->prefix.family == family)
			return true;
	}
	return false;
}
