/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * knowledge.h - what was learned about the network: who owns which address,
 * which routers and resolvers there are, who is seen both ways.
 *
 * It is built from observations, before the detectors see them, and is
 * read-only for detectors.  findings-lower.md section 1 in the design gives the
 * rules: an address is owned by who claims it (ARP sender fields, ND link-layer
 * options, DHCP ACK), never by the source MAC of an IP packet.
 */
#ifndef UPSTACK_ANALYSIS_KNOWLEDGE_H
#define UPSTACK_ANALYSIS_KNOWLEDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/limits.h"
#include "analysis/observation.h"
#include "analysis/knowledge/probes.h"
#include "base/arena.h"
#include "base/hash.h"

enum proof { PROOF_NONE, PROOF_GUESSED, PROOF_INFERRED, PROOF_PROVEN };

enum vantage { VANTAGE_UNKNOWN, VANTAGE_HOST, VANTAGE_ROUTER, VANTAGE_MIRROR,
	       VANTAGE_SPECTATOR };

enum { CLAIMS_MAX = 4 };

/* One MAC that claimed an address on one link. */
struct claim_of {
	struct mac mac;
	int64_t first_ns, last_ns;
	uint64_t first_frame, last_frame;
	uint32_t count;
	bool broadcast; /* at least one claim was broadcast */
	bool asked;	/* at least one claim answered a request */
	const char *how; /* static: by what the first one was made */
};

/* The claims of an address, newest last. */
struct owners {
	uint8_t count;
	struct claim_of claim[CLAIMS_MAX];
};

struct knowledge;
struct places;

struct knowledge *knowledge_new(struct arena *home, const struct limits *limits,
				struct hash_key key);

/* Where frames were seen, if there are several interfaces. */
void knowledge_place(struct knowledge *k, const struct places *places);
const struct places *known_places(const struct knowledge *k);
void knowledge_observe(struct knowledge *k, const struct observation *o);

/* Report tables that overflowed. */
struct checks;
void knowledge_limits(const struct knowledge *k, struct checks *out);

/* Who claimed `a` on `link`; NULL: nobody. */
const struct owners *known_owners(const struct knowledge *k, uint32_t link,
				  const struct addr *a);

/* Whether `m` claims `a`, now or before. */
bool known_owns(const struct knowledge *k, uint32_t link, const struct mac *m,
		const struct addr *a);

/* The addresses that `m` claims: fills up to `most` (at most 4 are kept),
 * returns how many there are. */
uint32_t known_owned(const struct knowledge *k, uint32_t link,
		     const struct mac *m, struct addr *out, uint32_t most);

/* Whether `m` forwards packets of somebody on `link`: proven. */
bool known_is_router(const struct knowledge *k, uint32_t link,
		     const struct mac *m);

/* How sure it is that `a` is a gateway on `link` (of `host`, if not NULL). */
enum proof known_gateway(const struct knowledge *k, uint32_t link,
			 const struct addr *host, const struct addr *a);

/* The gateways of a host: fills up to `most`, returns how many. */
uint32_t known_gateways_of(const struct knowledge *k, uint32_t link,
			   const struct addr *host, struct addr *out,
			   uint32_t most);

/* Whether `a` lies on `link`: claimed there, or in a proven prefix. */
enum proof known_on_link(const struct knowledge *k, uint32_t link,
			 const struct addr *a);

/* Whether a proven prefix of `link` holds the address. */
bool known_in_prefix(const struct knowledge *k, uint32_t link,
		     const struct addr *a);

/* Whether any prefix of this family (4 or 6) is proven to be on `link`. */
bool known_prefixes(const struct knowledge *k, uint32_t link, uint32_t family);

/* Whether packets of `a`, which nobody claims on `link`, come from a station
 * that forwards them, their TTL lowered: it lies behind that router. */
bool known_behind(const struct knowledge *k, uint32_t link,
		  const struct addr *a, struct mac *router);

/* The same, and that router claims the address: proxy ARP. */
bool known_proxied(const struct knowledge *k, uint32_t link,
		   const struct addr *a, struct mac *router);

/* Whether a station claims an address next to `a` (the same 24 or 64 bits):
 * theirs is a network on this link, although no prefix tells.  `but` (may be
 * NULL) does not count. */
bool known_neighbourhood(const struct knowledge *k, uint32_t link,
			 const struct addr *a, const struct mac *but);

/* Whether a unicast answer to `mac` would have been recorded around then. */
bool known_visible(const struct knowledge *k, uint32_t link,
		   const struct mac *mac, int64_t ns);

/* The same by address: of the host, whatever its MAC. */
bool known_host_visible(const struct knowledge *k, const struct addr *a,
			int64_t ns);

/* The TTL with which packets of `a` pass here as fresh as they left it; 0: none
 * did. */
uint8_t known_whole_ttl(const struct knowledge *k, const struct addr *a);

/* When `from` last sent a packet to `to`; 0: never. */
int64_t known_sent_last(const struct knowledge *k, const struct addr *from,
			const struct addr *to);

/* Whether `a` has spoken to two hosts or more beside `but` since then, and neither
 * they nor `but` have said anything to it. */
bool known_unheard(const struct knowledge *k, const struct addr *a,
		   const struct addr *but, int64_t since_ns);

/* Whether any station but `mac` was heard on `link`: else the capture may hold
 * what this one sends, and nothing of what it gets. */
bool known_hears(const struct knowledge *k, uint32_t link,
		 const struct mac *mac);

/* Whether `target` is claimed under another tag, and `asker` has since sent to the
 * station that claims it: it knows the answer, whose tag alone is another here. */
bool known_found_elsewhere(const struct knowledge *k, uint32_t link,
			   const struct mac *asker, const struct addr *target,
			   int64_t since_ns);

/* When a frame of this MAC was first seen on the link; 0: never. */
int64_t known_mac_first(const struct knowledge *k, uint32_t link,
			const struct mac *mac);

/* When a frame of this MAC or packet of this address was last seen; 0: never.
 * `frame` may be NULL. */
int64_t known_mac_last(const struct knowledge *k, uint32_t link,
		       const struct mac *mac, uint64_t *frame);
int64_t known_host_last(const struct knowledge *k, const struct addr *a,
			uint64_t *frame);

/* Whether the address or MAC belongs to VRRP, HSRP, CARP or GLBP. */
bool known_is_ha(const struct knowledge *k, uint32_t link,
		 const struct addr *a, const struct mac *m);

/* An address that names one host of a network. */
bool addr_is_host(const struct addr *a);

/* A MAC that names one station: not zero, not a group. */
bool mac_is_station(const struct mac *m);

/* Whether the MAC itself is one that such a group of routers uses. */
bool mac_is_shared(const struct mac *m);

/* Whether `a` was named as a resolver (DHCP, RDNSS) or asked on port 53. */
bool known_resolver(const struct knowledge *k, const struct addr *a);

/* Whether `f`, in either direction, is a TCP connection that was seen before its
 * addresses were translated as well: `original`, the same way. */
bool known_original(const struct knowledge *k, const struct flow *f,
		    struct flow *original);

/* Whether packets of `src` to `dst` around then (a minute either way) were the
 * probes of a traceroute: their answers, errors and silences are no fault.  It is
 * known from the third probe on: ask when patience is over, not at once. */
bool known_traceroute(const struct knowledge *k, const struct addr *src,
		      const struct addr *dst, int64_t ns);

/* The traceroutes themselves (probes.h). */
const struct probes *known_probes(const struct knowledge *k);

/* Where the capture was taken; `self` (may be NULL) gets the address and MAC of
 * this host where known. */
enum vantage known_vantage(const struct knowledge *k, struct addr *self,
			   struct mac *self_mac);
bool known_is_self(const struct knowledge *k, const struct mac *m);

/* By what a MAC is known to be of the host that captured, the surer the higher:
 * it is that of an interface that is listened on; its frames are marked as sent;
 * its ARP is shorter than a wire allows, others' is not; only it sends
 * super-packets; it is an end of nearly all. */
enum self_proof { SELF_NONE, SELF_SHARE, SELF_SUPER, SELF_SHORT, SELF_OUTBOUND,
		  SELF_OWN };
enum self_proof known_self_proof(const struct knowledge *k,
				 const struct mac *m);

#endif
