/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tunnels.c - GRE, ERSPAN, VXLAN, GENEVE, MPLS and IP in IP. */
#include "unit/wire.h"

static struct packet p;

#define OUTER(proto) "4500 0000 0001 0000 40 " proto " 0000 c0000201 c6336402 "
#define INNER_UDP                                                              \
	"4500 001c 0001 0000 4011 0000 0a000001 0a000002 9c40 0035 0008 0000 "
#define INNER_ARP                                                              \
	"525400aabb01 525400aabb02 0806 0001 0800 0604 0001"                   \
	"525400aabb02 0a000001 000000000000 0a000002 "

/* The outer total length, and that of UDP behind it, are filled in. */
static struct wire_bytes outer(const char *hex)
{
	struct wire_bytes b = wire_hex(hex);

	b.at[3] = (uint8_t)b.size;
	if (b.at[9] == 17)
		b.at[25] = (uint8_t)(b.size - 20);
	return b;
}

static void assert_inner_udp(void)
{
	assert_int_equal(p.state, WIRE_WHOLE);
	assert_int_equal(p.tunnels, 1);
	assert_non_null(p.ip);
	assert_non_null(p.udp);
	assert_addr(&p.ip->as.ip.src, "10.0.0.1");
	assert_addr(&p.outer_ip->as.ip.src, "192.0.2.1");
	assert_int_equal(p.udp->as.udp.dst_port, 53);
}

static void test_gre(void **state)
{
	struct wire_bytes b =
		outer(OUTER("2f") "b000 0800 # C, K and S\n"
				  "12340000 # checksum\n"
				  "0000002a # key\n"
				  "00000007 # sequence\n" INNER_UDP);

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.layers[1].proto, PROTO_gre);
	assert_int_equal(p.layers[1].as.tunnel.id, 42);
	assert_int_equal(p.layers[1].as.tunnel.ethertype, 0x0800);
	assert_inner_udp();
	assert_every_prefix(WIRE_IPV4, &b, PROTO_gre, 16);
}

static void test_gre_bridging(void **state)
{
	struct wire_bytes b = outer(OUTER("2f") "0000 6558" INNER_ARP);

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_non_null(p.arp);
	assert_non_null(p.eth);
	assert_null(p.ip);
	assert_non_null(p.outer_ip);
	assert_int_equal(p.tunnels, 1);
}

static void test_erspan(void **state)
{
	struct wire_bytes b =
		outer(OUTER("2f") "1000 88be 00000001"
				  "1064 0005 00000000 # II\n" INNER_ARP);

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.layers[2].proto, PROTO_erspan);
	assert_int_equal(p.layers[2].as.tunnel.id, 5);
	assert_non_null(p.arp);
	assert_every_prefix(WIRE_IPV4, &b, PROTO_erspan, 8);
	b = outer(OUTER("2f") "1000 22eb 00000001"
			      "2064 0005 00000000 00000001 # III\n"
			      "0000000000000000" INNER_ARP);
	wire_packet(&p, WIRE_IPV4, &b);
	assert_non_null(p.arp);
}

static void test_vxlan(void **state)
{
	struct wire_bytes b =
		outer(OUTER("11") "9c40 12b5 0000 0000"
				  "08000000 00002a 00 # VNI\n" WIRE_MACS
				  "8100 0005 0800" INNER_UDP);

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.layers[2].proto, PROTO_vxlan);
	assert_int_equal(p.layers[2].as.tunnel.id, 42);
	assert_inner_udp();
	assert_int_equal(p.eth->proto, PROTO_ethernet);
	assert_int_equal(p.vlan_count, 0);
	assert_every_prefix(WIRE_IPV4, &b, PROTO_vxlan, 8);
	b.at[28] = 0;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.layer_count, 2);
	assert_int_equal(p.udp->as.udp.dst_port, 4789);
	assert_int_equal(p.payload.kept, b.size - 28);
	assert_int_equal(p.state, WIRE_WHOLE);
}

static void test_geneve(void **state)
{
	struct wire_bytes b =
		outer(OUTER("11") "9c40 17c1 0000 0000"
				  "01 00 0800 00002a 00"
				  "01020304 # option\n" INNER_UDP);

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.layers[2].proto, PROTO_geneve);
	assert_int_equal(p.layers[2].as.tunnel.id, 42);
	assert_inner_udp();
	assert_every_prefix(WIRE_IPV4, &b, PROTO_geneve, 12);
	b.at[28] = 0x41;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.layer_count, 2);
}

static void test_ip_in_ip(void **state)
{
	struct wire_bytes b = outer(OUTER("04") INNER_UDP);

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_inner_udp();
	b = outer(OUTER("29") "60000000 0000 3b40"
			      "20010db8000000000000000000000001"
			      "20010db8000000000000000000000002");
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.ip->as.ip.version, 6);
	assert_int_equal(p.tunnels, 1);
}

static void test_mpls(void **state)
{
	struct wire_bytes b =
		wire_hex(WIRE_MACS "8847 0001 0040 # label 16\n"
				   "0001 1140 # 17, the last\n" INNER_UDP);

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_int_equal(p.layers[1].proto, PROTO_mpls);
	assert_int_equal(p.layers[1].as.tunnel.id, 16);
	assert_int_equal(p.layers[2].as.tunnel.id, 17);
	assert_non_null(p.udp);
	assert_every_prefix(WIRE_ETHERNET, &b, PROTO_mpls, 4);
}

static void test_pseudowire(void **state)
{
	struct wire_bytes b =
		wire_hex(WIRE_MACS "8847 0001 1140"
				   "0000 0007 # control word\n" INNER_ARP);

	(void)state;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_non_null(p.arp);
	b.at[19] = 1;
	wire_packet(&p, WIRE_ETHERNET, &b);
	assert_null(p.arp);
	assert_int_equal(p.layer_count, 2);
	assert_int_equal(p.state, WIRE_WHOLE);
}

/* Tunnel in tunnel: the layers are bounded. */
static void test_endless_tunnel(void **state)
{
	struct wire_bytes b = {.size = 0};

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct wire_bytes ip = outer(OUTER("04"));
		uint32_t rest = (20 - i) * 20;

		ip.at[2] = (uint8_t)(rest >> 8);
		ip.at[3] = (uint8_t)rest;
		memcpy(b.at + b.size, ip.at, ip.size);
		b.size += ip.size;
	}
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.layer_count, LAYERS_MAX);
	assert_int_equal(p.tunnels, LAYERS_MAX - 1);
	assert_ptr_equal(p.ip, &p.layers[LAYERS_MAX - 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gre),
		cmocka_unit_test(test_gre_bridging),
		cmocka_unit_test(test_erspan),
		cmocka_unit_test(test_vxlan),
		cmocka_unit_test(test_geneve),
		cmocka_unit_test(test_ip_in_ip),
		cmocka_unit_test(test_mpls),
		cmocka_unit_test(test_pseudowire),
		cmocka_unit_test(test_endless_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
