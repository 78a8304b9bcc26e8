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

/* A device with an address to fall back on asks all the time. */
static void no_offer_own(struct craft *c)
{
	for (uint32_t xid = 77; xid < 82; xid++) {
		craft_dhcp(c, &client, &all,
			   &(struct craft_dhcp){DISCOVER, .mac = CLIENT,
						.xid = xid});
		craft_wait(c, 5 * S);
	}
	quiet(c, 10 * S);
}

/* The same, and at last it takes an offer that is not in the capture: whoever
 * captured did not see what servers say to it. */
static void offer_unseen(struct craft *c)
{
	discover(c, 77);
	craft_wait(c, 4 * S);
	discover(c, 77);
	craft_wait(c, 8 * S);
	discover(c, 77);
	craft_wait(c, 6 * S);
	request(c, &server, 77);
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

/* Heard by a bystander, who sees what is broadcast: one question, repeated. */
static void renew_overheard(struct craft *c)
{
	quiet(c, S);
	for (int i = 0; i < 3; i++) {
		renew(c, &all, 79);
		quiet(c, 25 * S);
	}
}

/* A station that roams asks whether its address still holds, and is told so by
 * unicast. */
static void renew_overheard_twin(struct craft *c)
{
	quiet(c, S);
	for (uint32_t i = 0; i < 3; i++) {
		renew(c, &all, 79 + i);
		quiet(c, 25 * S);
	}
}

#define CLIENT6 "52:54:00:00:00:14"
#define SERVER6 "52:54:00:00:00:01"
#define OTHER6	"00:0c:29:00:00:66"

static const struct station client6 = {CLIENT6, "fe80::14"};
static const struct station server6 = {SERVER6, "fe80::1"};

static void ask6(struct craft *c, uint8_t type, const char *chosen)
{
	craft_dhcp6(c, &client6, NULL,
		    &(struct craft_dhcp6){.type = type,
					  .xid = 7,
					  .client = CLIENT6,
					  .server = chosen,
					  .address = chosen ? "2001:db8::64"
							    : NULL});
}

static void answer6(struct craft *c, uint8_t type, const char *by,
		    const char *resolver, uint16_t status)
{
	const struct station from = {by, by[0] == '5' ? "fe80::1" : "fe80::66"};

	craft_wait(c, 5 * MS);
	craft_dhcp6(
		c, &from, &client6,
		&(struct craft_dhcp6){.type = type,
				      .xid = 7,
				      .client = CLIENT6,
				      .server = by,
				      .address = status ? NULL : "2001:db8::64",
				      .resolver = resolver,
				      .status = status});
	craft_wait(c, 5 * MS);
}

/* The router sends hosts to a server, and there is none. */
static void no_offer_6(struct craft *c)
{
	craft_ra_of(c, &server6,
		    &(struct craft_ra){.lifetime_s = 1800, .flags = 0x80});
	for (int i = 0; i < 5; i++) {
		ask6(c, 1, NULL);
		craft_wait(c, (1 << i) * S);
	}
}

static void solicit_6(struct craft *c)
{
	for (int i = 0; i < 5; i++) {
		ask6(c, 1, NULL);
		quiet(c, (1 << i) * S);
	}
}

/* No router of IPv6 anywhere: the client talks with a neighbour, and has
 * nothing but the address that it made itself. */
static void no_offer_6_alone(struct craft *c)
{
	struct station one = client6, two = server6;

	for (int i = 0; i < 2; i++) {
		craft_echo(c, &one, &two, false, 9, (uint16_t)i, 56);
		craft_wait(c, MS);
		craft_echo(c, &two, &one, true, 9, (uint16_t)i, 56);
		craft_wait(c, MS);
	}
	solicit_6(c);
}

/* The same on a link of IPv4, as a bystander hears it. */
static void no_offer_6_overheard_twin(struct craft *c)
{
	quiet(c, S);
	solicit_6(c);
}

/* Served at the second try; another server has the same to offer. */
static void no_offer_6_twin(struct craft *c)
{
	craft_ra_of(c, &server6,
		    &(struct craft_ra){.lifetime_s = 1800, .flags = 0x80});
	ask6(c, 1, NULL);
	craft_wait(c, S);
	ask6(c, 1, NULL);
	answer6(c, 2, SERVER6, "2001:db8::53", 0);
	answer6(c, 2, OTHER6, "2001:db8::53", 0);
	ask6(c, 3, SERVER6);
	answer6(c, 7, SERVER6, "2001:db8::53", 0);
	craft_wait(c, 60 * S);
	ask6(c, 5, SERVER6);
	answer6(c, 7, SERVER6, "2001:db8::53", 0);
	craft_wait(c, 20 * S);
}

/* Two servers disagree; the one that is chosen has no address left, and then
 * another client's is given back. */
static void servers_6(struct craft *c)
{
	ask6(c, 1, NULL);
	answer6(c, 2, SERVER6, "2001:db8::53", 0);
	answer6(c, 2, OTHER6, "2001:db8:bad::53", 0);
	ask6(c, 3, OTHER6);
	answer6(c, 7, OTHER6, NULL, 2);
	ask6(c, 3, SERVER6);
	answer6(c, 7, SERVER6, "2001:db8::53", 0);
	ask6(c, 9, SERVER6);
	answer6(c, 7, SERVER6, NULL, 0);
}

static void renew_6(struct craft *c)
{
	ask6(c, 3, SERVER6);
	answer6(c, 7, SERVER6, "2001:db8::53", 0);
	craft_wait(c, 60 * S);
	for (int i = 0; i < 3; i++) {
		ask6(c, 5, SERVER6);
		craft_wait(c, 10 * S);
	}
	for (int i = 0; i < 3; i++) {
		ask6(c, 6, SERVER6);
		craft_wait(c, 10 * S);
	}
}

const struct craft_case dhcp_cases[] = {
	{"dhcp", "no-offer-v6", no_offer_6},
	{"dhcp", "no-offer-v6-twin", no_offer_6_twin},
	{"dhcp", "servers-v6", servers_6},
	{"dhcp", "renew-v6", renew_6},
	{"dhcp", "no-offer-v6-alone", no_offer_6_alone},
	{"dhcp", "no-offer-v6-overheard-twin", no_offer_6_overheard_twin},
	{"dhcp", "no-offer", no_offer},
	{"dhcp", "no-offer-unseen", offer_unseen},
	{"dhcp", "no-offer-own", no_offer_own},
	{"dhcp", "no-offer-twin", no_offer_twin},
	{"dhcp", "nak", nak},
	{"dhcp", "nak-twin", nak_twin},
	{"dhcp", "decline", decline},
	{"dhcp", "decline-twin", decline_twin},
	{"dhcp", "two-servers", two_servers},
	{"dhcp", "two-servers-twin", two_servers_twin},
	{"dhcp", "renew-unanswered", renew_unanswered},
	{"dhcp", "renew-unanswered-twin", renew_unanswered_twin},
	{"dhcp", "renew-overheard", renew_overheard},
	{"dhcp", "renew-overheard-twin", renew_overheard_twin},
	{0},
};
