/* SPDX-License-Identifier: BSD-3-Clause */
/* knowledge.c - what was learned about the network. */
#include "analysis/knowledge.h"

struct knowledge {
	struct arena *home;
};

struct knowledge *knowledge_new(struct arena *home, const struct limits *limits,
				struct hash_key key)
{
	struct knowledge *k = arena_alloc(home, sizeof(*k));

	(void)limits, (void)key;
	if (k)
		k->home = home;
	return k;
}

void knowledge_observe(struct knowledge *k, const struct observation *o)
{
	(void)k, (void)o;
}

const struct owners *known_owners(const struct knowledge *k, uint32_t link,
				  const struct addr *a)
{
	(void)k, (void)link, (void)a;
	return NULL;
}

bool known_owns(const struct knowledge *k, uint32_t link, const struct mac *m,
		const struct addr *a)
{
	(void)k, (void)link, (void)m, (void)a;
	return false;
}

enum proof known_gateway(const struct knowledge *k, uint32_t link,
			 const struct addr *host, const struct addr *a)
{
	(void)k, (void)link, (void)host, (void)a;
	return PROOF_NONE;
}

uint32_t known_gateways_of(const struct knowledge *k, uint32_t link,
			   const struct addr *host, struct addr *out,
			   uint32_t most)
{
	(void)k, (void)link, (void)host, (void)out, (void)most;
	return 0;
}

enum proof known_on_link(const struct knowledge *k, uint32_t link,
			 const struct addr *a)
{
	(void)k, (void)link, (void)a;
	return PROOF_NONE;
}

bool known_visible(const struct knowledge *k, uint32_t link,
		   const struct mac *mac, int64_t ns)
{
	(void)k, (void)link, (void)mac, (void)ns;
	return true;
}

bool known_host_visible(const struct knowledge *k, const struct addr *a,
			int64_t ns)
{
	(void)k, (void)a, (void)ns;
	return true;
}

int64_t known_mac_last(const struct knowledge *k, uint32_t link,
		       const struct mac *mac, uint64_t *frame)
{
	(void)k, (void)link, (void)mac, (void)frame;
	return 0;
}

int64_t known_host_last(const struct knowledge *k, const struct addr *a,
			uint64_t *frame)
{
	(void)k, (void)a, (void)frame;
	return 0;
}

bool known_is_ha(const struct knowledge *k, uint32_t link,
		 const struct addr *a, const struct mac *m)
{
	(void)k, (void)link, (void)a, (void)m;
	return false;
}

bool known_resolver(const struct knowledge *k, const struct addr *a)
{
	(void)k, (void)a;
	return false;
}

bool known_traceroute(const struct knowledge *k, const struct addr *src,
		      const struct addr *dst, int64_t ns)
{
	(void)k, (void)src, (void)dst, (void)ns;
	return false;
}

enum vantage known_vantage(const struct knowledge *k, struct addr *self,
			   struct mac *self_mac)
{
	(void)k, (void)self, (void)self_mac;
	return VANTAGE_UNKNOWN;
}

bool known_is_self(const struct knowledge *k, const struct mac *m)
{
	(void)k, (void)m;
	return false;
}
