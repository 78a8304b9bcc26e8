/* SPDX-License-Identifier: BSD-3-Clause */
/* link.c - cases of what lies below IP: trees, VLANs, ports. */
#include "cases/craft_link.h"
#include "cases/craft_neighbour.h"

enum { MS = 1000, S = 1000000, CHANGE = 1, HALF = 0, FULL = 1 };
enum { START = 1, REQUEST = 1, RESPONSE, SUCCESS, FAILURE };

#define SWITCH_MAC "00:1c:0f:00:10:01"
#define OTHER_MAC  "00:1c:0f:00:20:01"
#define CLIENT_MAC "52:54:00:00:00:14"

static struct station a = {CLIENT_MAC, "192.0.2.20"};
static struct station b = {"52:54:00:00:00:15", "192.0.2.21"};
static const struct station nobody = {CLIENT_MAC, "0.0.0.0"};
static const struct station all = {"ff:ff:ff:ff:ff:ff", "255.255.255.255"};

static void ping(struct craft *c, uint16_t seq)
{
	craft_echo(c, &a, &b, false, 9, seq, 56);
	craft_wait(c, 400);
	craft_echo(c, &b, &a, true, 9, seq, 56);
}

static void meet(struct craft *c)
{
	craft_arp(c, 1, &a, NULL, b.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &b, a.mac, a.ip, a.mac);
	craft_wait(c, 300);
	ping(c, 1);
}

/* A hello every two seconds, `n` times. */
static void hellos(struct craft *c, uint16_t priority, const char *root,
		   uint8_t flags, int n)
{
	const struct craft_bpdu hello = {.from = SWITCH_MAC,
					 .flags = flags,
					 .root_priority = priority,
					 .root = root,
					 .priority = 32768};

	for (int i = 0; i < n; i++) {
		craft_bpdu(c, &hello);
		craft_wait(c, 2 * S);
	}
}

/* Three changes in five minutes: a port that comes and goes. */
static void topology_change(struct craft *c)
{
	meet(c);
	for (int i = 0; i < 3; i++) {
		hellos(c, 32768, SWITCH_MAC, 0, 10);
		hellos(c, 32768, SWITCH_MAC, CHANGE, 18);
		craft_wait(c, 40 * S);
	}
}

/* One change: its flag stays for 35 seconds. */
static void topology_change_twin(struct craft *c)
{
	meet(c);
	hellos(c, 32768, SWITCH_MAC, 0, 10);
	hellos(c, 32768, SWITCH_MAC, CHANGE, 17);
	hellos(c, 32768, SWITCH_MAC, 0, 10);
}

static void root_change(struct craft *c)
{
	meet(c);
	hellos(c, 4096, OTHER_MAC, 0, 5);
	hellos(c, 32768, SWITCH_MAC, CHANGE, 8);
	hellos(c, 4096, OTHER_MAC, CHANGE, 8);
}

/* A bridge that has just started takes itself for the root until it hears of a
 * better one. */
static void root_change_twin(struct craft *c)
{
	meet(c);
	hellos(c, 32768, SWITCH_MAC, 0, 1);
	hellos(c, 4096, OTHER_MAC, 0, 10);
	hellos(c, 32768, SWITCH_MAC, 0, 1);
	hellos(c, 4096, OTHER_MAC, 0, 10);
}

static void both_ends(struct craft *c, uint16_t native, uint8_t duplex)
{
	meet(c);
	for (int i = 0; i < 3; i++) {
		craft_cdp(c, SWITCH_MAC, "sw1", "Gi0/1", 10, FULL);
		craft_wait(c, 300 * MS);
		craft_cdp(c, OTHER_MAC, "sw2", "Gi0/24", native, duplex);
		craft_wait(c, 60 * S);
	}
}

static void duplex_mismatch(struct craft *c)
{
	both_ends(c, 10, HALF);
}

static void ends_agree(struct craft *c)
{
	both_ends(c, 10, FULL);
}

static void vlan_mismatch(struct craft *c)
{
	both_ends(c, 1, FULL);
}

/* A message of the tree of VLAN 20 arrives in VLAN 10. */
static void vlan_leak(struct craft *c)
{
	struct craft_bpdu hello = {.from = SWITCH_MAC,
				   .version = 2,
				   .type = 2,
				   .flags = 0x3c,
				   .root_priority = 32768 + 20,
				   .root = SWITCH_MAC,
				   .priority = 32768 + 20,
				   .vlan = 20,
				   .tag = 10};

	meet(c);
	for (int i = 0; i < 5; i++) {
		craft_bpdu(c, &hello);
		craft_wait(c, 2 * S);
	}
}

static void discover(struct craft *c, uint32_t xid)
{
	const struct craft_dhcp d = {.type = 1, .mac = CLIENT_MAC, .xid = xid};

	craft_vlan(c, 0);
	craft_dhcp(c, &nobody, &all, &d);
}

static void offer(struct craft *c, uint32_t xid, uint16_t vlan, uint8_t type)
{
	const struct station server = {"52:54:00:00:00:01", "192.0.2.1"};
	const struct craft_dhcp d = {.type = type,
				     .from_server = true,
				     .mac = CLIENT_MAC,
				     .xid = xid,
				     .yiaddr = "192.0.2.20",
				     .server = "192.0.2.1",
				     .router = "192.0.2.1",
				     .mask = "255.255.255.0",
				     .lease_s = 3600};

	craft_vlan(c, vlan);
	craft_dhcp(c, &server, &all, &d);
	craft_vlan(c, 0);
}

/* Asked untagged, answered in VLAN 30, asked again. */
static void vlan_answers(struct craft *c)
{
	for (int i = 0; i < 6; i++) {
		discover(c, 7);
		craft_wait(c, 2 * MS);
		offer(c, 7, 30, 2);
		craft_wait(c, 8 * S);
	}
}

/* A mirror that tags one way: the lease is taken, so the answer arrived. */
static void vlan_twin(struct craft *c)
{
	const struct craft_dhcp request = {.type = 3,
					   .mac = CLIENT_MAC,
					   .xid = 7,
					   .server = "192.0.2.1",
					   .requested = "192.0.2.20"};

	discover(c, 7);
	craft_wait(c, 2 * MS);
	offer(c, 7, 30, 2);
	craft_wait(c, 2 * MS);
	craft_dhcp(c, &nobody, &all, &request);
	craft_wait(c, 2 * MS);
	offer(c, 7, 30, 5);
	for (int i = 0; i < 6; i++) {
		craft_wait(c, 30 * S);
		craft_arp(c, 1, &a, NULL, b.ip, NULL);
		craft_wait(c, 300);
		craft_vlan(c, 30);
		craft_arp(c, 2, &b, a.mac, a.ip, a.mac);
		craft_vlan(c, 0);
	}
}

/* Identity, then PEAP; and what came of it. */
static void authenticate(struct craft *c, uint8_t verdict)
{
	craft_eapol(c, CLIENT_MAC, NULL, START, 0, 0, 0);
	craft_wait(c, 20 * MS);
	craft_eapol(c, SWITCH_MAC, CLIENT_MAC, 0, REQUEST, 1, 1);
	craft_wait(c, 20 * MS);
	craft_eapol(c, CLIENT_MAC, NULL, 0, RESPONSE, 1, 1);
	craft_wait(c, 50 * MS);
	craft_eapol(c, SWITCH_MAC, CLIENT_MAC, 0, REQUEST, 2, 25);
	craft_wait(c, 20 * MS);
	craft_eapol(c, CLIENT_MAC, NULL, 0, RESPONSE, 2, 25);
	craft_wait(c, 50 * MS);
	craft_eapol(c, SWITCH_MAC, CLIENT_MAC, 0, verdict, 2, 0);
	craft_wait(c, S);
}

static void eap_failure(struct craft *c)
{
	authenticate(c, FAILURE);
	craft_wait(c, 60 * S);
	authenticate(c, FAILURE);
	for (uint32_t i = 0; i < 4; i++) {
		discover(c, 9 + i);
		craft_wait(c, (8 << i) * S);
	}
}

/* A silent host is asked, given up, and admitted by its MAC; another succeeds.
 */
static void eap_failure_twin(struct craft *c)
{
	for (int i = 0; i < 3; i++) {
		craft_eapol(c, SWITCH_MAC, b.mac, 0, REQUEST, 1, 1);
		craft_wait(c, 30 * S);
	}
	craft_eapol(c, SWITCH_MAC, b.mac, 0, FAILURE, 1, 0);
	craft_wait(c, S);
	authenticate(c, SUCCESS);
	meet(c);
	for (uint16_t i = 2; i < 6; i++) {
		craft_wait(c, S);
		ping(c, i);
	}
}

static void eap_nobody(struct craft *c)
{
	for (int i = 0; i < 4; i++) {
		craft_eapol(c, CLIENT_MAC, NULL, START, 0, 0, 0);
		craft_wait(c, 30 * S);
	}
}

/* Pings with their check sequences, of which `bad` arrive damaged. */
static void sequences(struct craft *c, int bad)
{
	meet(c);
	for (int i = 0; i < 60; i++) {
		craft_damage(c, i % 3 == 1 && bad-- > 0);
		craft_udp(c, &b, &a, 5004, 5004, "a sample of a stream", 20);
		craft_damage(c, false);
		craft_wait(c, 20 * MS);
		craft_udp(c, &b, &a, 5004, 5004, "another of that stream", 22);
		craft_wait(c, 20 * MS);
	}
}

static void link_errors(struct craft *c)
{
	sequences(c, 20);
}

static void link_errors_twin(struct craft *c)
{
	sequences(c, 0);
}

/* What a station does when its carrier comes: it probes for its address. */
static void link_comes_up(struct craft *c, const char *mac, const char *local)
{
	const struct station probing = {mac, "::"};
	const struct station up = {mac, local};

	craft_ns(c, &probing, local, NULL);
	craft_wait(c, S);
	craft_na(c, &up, local, NULL, NA_OVERRIDE);
	craft_wait(c, S);
}

static void flapping(struct craft *c, bool private)
{
	const char *const later[] = {"fe80::a1", "fe80::a2", "fe80::a3"};

	link_comes_up(c, CLIENT_MAC, "fe80::14");
	for (int i = 0; i < 3; i++) {
		for (uint16_t k = 1; k < 12; k++) {
			ping(c, k);
			craft_wait(c, 2 * S);
		}
		craft_wait(c, 8 * S);
		link_comes_up(c, CLIENT_MAC, private ? later[i] : "fe80::14");
	}
}

static void link_flap(struct craft *c)
{
	flapping(c, false);
}

/* The same pauses, and each time another address. */
static void link_flap_twin(struct craft *c)
{
	flapping(c, true);
}

/* A switch starts anew under four stations. */
static void begin_anew(struct craft *c, const char *const macs[4])
{
	static const char *const locals[] = {"fe80::14", "fe80::15", "fe80::16",
					     "fe80::17"};

	for (int i = 0; i < 4; i++)
		link_comes_up(c, macs[i], locals[i]);
	for (uint16_t k = 1; k < 12; k++) {
		ping(c, k);
		craft_wait(c, 2 * S);
	}
	craft_wait(c, 20 * S);
	for (int i = 0; i < 4; i++) {
		const struct station probing = {macs[i], "::"};

		craft_ns(c, &probing, locals[i], NULL);
		craft_wait(c, 150 * MS);
	}
	craft_wait(c, S);
	ping(c, 99);
}

static void link_flap_many(struct craft *c)
{
	const char *const macs[] = {"00:1b:21:00:00:14", "00:1b:21:00:00:15",
				    "00:1b:21:00:00:16", "00:1b:21:00:00:17"};

	begin_anew(c, macs);
}

/* Four containers are started again: their MACs are made up. */
static void link_flap_many_twin(struct craft *c)
{
	const char *const macs[] = {"02:42:ac:11:00:02", "02:42:ac:11:00:03",
				    "02:42:ac:11:00:04", "02:42:ac:11:00:05"};

	begin_anew(c, macs);
}

const struct craft_case link_cases[] = {
	{"stp", "topology-change", topology_change},
	{"stp", "topology-change-twin", topology_change_twin},
	{"stp", "root-change", root_change},
	{"stp", "root-change-twin", root_change_twin},
	{"link", "duplex-mismatch", duplex_mismatch},
	{"link", "duplex-mismatch-twin", ends_agree},
	{"vlan", "mismatch", vlan_mismatch},
	{"vlan", "mismatch-twin", vlan_twin},
	{"vlan", "leak", vlan_leak},
	{"vlan", "answers", vlan_answers},
	{"eap", "failure", eap_failure},
	{"eap", "failure-twin", eap_failure_twin},
	{"eap", "no-authenticator", eap_nobody},
	{"link", "errors", link_errors, .fcs = true},
	{"link", "errors-twin", link_errors_twin, .fcs = true},
	{"link", "flap", link_flap},
	{"link", "flap-twin", link_flap_twin},
	{"link", "flap-many", link_flap_many},
	{"link", "flap-many-twin", link_flap_many_twin},
	{0},
};
