/* SPDX-License-Identifier: BSD-3-Clause */
/* dhcp.c - cases of getting an address, and of keeping it. */
#include "cases/craft_neighbour.h"

enum { MS = 1000, S = 1000000 };
enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE };

#define CLIENT	"52:54:00:00:00:14"
#define ADDRESS "192.0.2.20"
#define MASK	"255.255.255.0"

static const struct station nobody = {CLIENT, "0.0.0.0"};
static const struct station client = {CLIENT, ADDRESS};
static const struct station server = {"52:54:00:00:00:01", "192.0.2.1"};
static const struct station second = {"52:54:00:00:00:02", "192.0.2.2"};
static const struct station all = {"ff:ff:ff:ff:ff:ff", "255.255.255.255"};

static void discover(struct craft *c, uint32_t xid)
{
	craft_dhcp(c, &nobody, &all,
		   &(struct craft_dhcp){DISCOVER, .mac = CLIENT, .xid = xid});
}

/* What a server says: an offer, an ACK or a NAK. */
static void reply(struct craft *c, const struct station *from, uint8_t type,
		  uint32_t xid, const char *router)
{
	const bool nak = type == NAK;

	craft_wait(c, 2 * MS);
	craft_dhcp(
		c, from, nak ? &all : &client,
		&(struct craft_dhcp){
			type, true, CLIENT, xid, .yiaddr = nak ? NULL : ADDRESS,
			.server = from->ip, .router = nak ? NULL : router,
			.mask = nak ? NULL : MASK, .lease_s = nak ? 0 : 120});
}

/* The client takes the offer of `of`, or (NULL) wants what it had before. */
static void request(struct craft *c, const struct station *of, uint32_t xid)
{
	craft_wait(c, 5 * MS);
	craft_dhcp(c, &nobody, &all,
		   &(struct craft_dhcp){REQUEST, .mac = CLIENT, .xid = xid,
					.server = of ? of->ip : NULL,
					.requested = ADDRESS});
}

static void served(struct craft *c, uint32_t xid)
{
	discover(c, xid);
	reply(c, &server, OFFER, xid, "192.0.2.1");
	request(c, &server, xid);
	reply(c, &server, ACK, xid, "192.0.2.1");
}

static void renew(struct craft *c, const struct station *to, uint32_t xid)
{
	craft_dhcp(c, &client, to,
		   &(struct craft_dhcp){REQUEST, .mac = CLIENT, .xid = xid,
					.ciaddr = ADDRESS});
}

/* Something else lives, so that the silence is decided before the end. */
static void quiet(struct craft *c, int64_t us)
{
	craft_wait(c, us);
	craft_arp(c, 1, &server, NULL, "192.0.2.2", NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &second, server.mac, server.ip, server.mac);
}

static void no_offer(struct craft *c)
{
	discover(c, 77);
	craft_wait(c, 4 * S);
	discover(c, 77);
	craft_wait(c, 8 * S);
	discover(c, 77);
	quiet(c, 10 * S);
}

/* The server is slow (it pings the address first), but serves. */
static void no_offer_twin(struct craft *c)
{
	discover(c, 77);
	craft_wait(c, 3 * S);
	reply(c, &server, OFFER, 77, "192.0.2.1");
	request(c, &server, 77);
	reply(c, &server, ACK, 77, "192.0.2.1");
	quiet(c, 10 * S);
}

static void nak(struct craft *c)
{
	for (uint32_t xid = 77; xid < 79; xid++) {
		discover(c, xid);
		reply(c, &server, OFFER, xid, "192.0.2.1");
		request(c, &server, xid);
		reply(c, &second, NAK, xid, NULL);
		craft_wait(c, 10 * S);
	}
}

/* Come from another network: refused once, then served. */
static void nak_twin(struct craft *c)
{
	request(c, NULL, 76);
	reply(c, &server, NAK, 76, NULL);
	craft_wait(c, S);
	served(c, 77);
	quiet(c, 5 * S);
}

static void give_back(struct craft *c, uint8_t type, const char *ciaddr,
		      const char *requested)
{
	craft_dhcp(c, ciaddr ? &client : &nobody, ciaddr ? &server : &all,
		   &(struct craft_dhcp){type, .mac = CLIENT, .xid = 78,
					.ciaddr = ciaddr, .server = server.ip,
					.requested = requested});
}

static void decline(struct craft *c)
{
	served(c, 77);
	craft_wait(c, 2 * S);
	give_back(c, DECLINE, NULL, ADDRESS);
	quiet(c, 5 * S);
}

static void decline_twin(struct craft *c)
{
	served(c, 77);
	craft_wait(c, 2 * S);
	give_back(c, RELEASE, ADDRESS, NULL);
	quiet(c, 5 * S);
}

static void both_offer(struct craft *c, const char *router)
{
	discover(c, 77);
	reply(c, &server, OFFER, 77, "192.0.2.1");
	reply(c, &second, OFFER, 77, router);
	request(c, &server, 77);
	reply(c, &server, ACK, 77, "192.0.2.1");
	quiet(c, 5 * S);
}

static void two_servers(struct craft *c)
{
	both_offer(c, "192.0.2.254");
}

/* A failover pair agrees. */
static void two_servers_twin(struct craft *c)
{
	both_offer(c, "192.0.2.1");
}

/* A lease of 120 s: renewed from 60 s on, rebound from 105 s on. */
static void renew_unanswered(struct craft *c)
{
	served(c, 77);
	craft_at(c, 60 * S);
	renew(c, &server, 78);
	craft_wait(c, 30 * S);
	renew(c, &server, 78);
	craft_at(c, 105 * S);
	renew(c, &all, 79);
	quiet(c, 12 * S);
}

static void renew_unanswered_twin(struct craft *c)
{
	served(c, 77);
	craft_at(c, 60 * S);
	renew(c, &server, 78);
	craft_wait(c, 30 * S);
	renew(c, &server, 78);
	reply(c, &server, ACK, 78, "192.0.2.1");
	quiet(c, 12 * S);
}

const struct craft_case dhcp_cases[] = {
	{"dhcp", "no-offer", no_offer},
	{"dhcp", "no-offer-twin", no_offer_twin},
	{"dhcp", "nak", nak},
	{"dhcp", "nak-twin", nak_twin},
	{"dhcp", "decline", decline},
	{"dhcp", "decline-twin", decline_twin},
	{"dhcp", "two-servers", two_servers},
	{"dhcp", "two-servers-twin", two_servers_twin},
	{"dhcp", "renew-unanswered", renew_unanswered},
	{"dhcp", "renew-unanswered-twin", renew_unanswered_twin},
	{0},
};
