/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fhrp.c - VRRP, CARP, HSRP and GLBP; and IGMP. */
#include "unit/wire.h"

static struct packet p;

#define IPV4(proto) "4500 0000 0001 0000 ff " proto " 0000 c0000202 e0000012 "

static struct wire_bytes message(const char *hex)
{
	struct wire_bytes b = wire_hex(hex);

	b.at[3] = (uint8_t)b.size;
	if (b.at[9] == 17)
		b.at[25] = (uint8_t)(b.size - 20);
	return b;
}

static const struct fhrp_header *fhrp_of(const struct wire_bytes *b)
{
	wire_packet(&p, WIRE_IPV4, b);
	return p.fhrp ? &p.fhrp->as.fhrp : NULL;
}

static void test_vrrp(void **state)
{
	struct wire_bytes b = message(IPV4("70") "31 07 c8 02 # v3, 7, 200\n"
						 "0064 0000"
						 "c00002fe c00002fd");
	const struct fhrp_header *fhrp = fhrp_of(&b);

	(void)state;
	assert_non_null(fhrp);
	assert_int_equal(fhrp->kind, FHRP_VRRP);
	assert_int_equal(fhrp->version, 3);
	assert_int_equal(fhrp->group, 7);
	assert_int_equal(fhrp->priority, 200);
	assert_true(fhrp->active);
	assert_false(fhrp->resigns);
	assert_int_equal(fhrp->address_count, 2);
	assert_addr(&fhrp->address[0], "192.0.2.254");
	assert_addr(&fhrp->address[1], "192.0.2.253");
	assert_every_prefix(WIRE_IPV4, &b, PROTO_vrrp, 16);
}

static void test_vrrp_2_leaves(void **state)
{
	struct wire_bytes b = message(IPV4("70") "21 07 00 01 0001 0000"
						 "c00002fe 0000000000000000");
	const struct fhrp_header *fhrp = fhrp_of(&b);

	(void)state;
	assert_int_equal(fhrp->version, 2);
	assert_true(fhrp->resigns);
	assert_int_equal(fhrp->address_count, 1);
}

static void test_carp(void **state)
{
	struct wire_bytes b = message(IPV4("70") "21 03 64 07 00 01 0000"
						 "0000000000000000"
						 "0000000000000000000000000000"
						 "000000000000");
	const struct fhrp_header *fhrp = fhrp_of(&b);

	(void)state;
	assert_int_equal(fhrp->kind, FHRP_CARP);
	assert_int_equal(fhrp->group, 3);
	assert_int_equal(fhrp->priority, 100);
	assert_int_equal(fhrp->address_count, 0);
}

static void test_hsrp_1(void **state)
{
	struct wire_bytes b =
		message(IPV4("11") "07c1 07c1 0000 0000"
				   "00 00 10 03 0a # hello, active, timers\n"
				   "6e 05 00 # priority 110, group 5\n"
				   "636973636f000000 c00002fe");
	const struct fhrp_header *fhrp = fhrp_of(&b);

	(void)state;
	assert_int_equal(fhrp->kind, FHRP_HSRP);
	assert_int_equal(fhrp->version, 1);
	assert_int_equal(fhrp->group, 5);
	assert_int_equal(fhrp->priority, 110);
	assert_true(fhrp->active);
	assert_int_equal(fhrp->address_count, 1);
	assert_addr(&fhrp->address[0], "192.0.2.254");
	assert_every_prefix(WIRE_IPV4, &b, PROTO_hsrp, 20);
}

static void test_hsrp_2(void **state)
{
	struct wire_bytes b =
		message(IPV4("11") "07c1 07c1 0000 0000 01 28"
				   "02 00 06 04 0123 525400aabb01 # group 291\n"
				   "00000064 00000bb8 00002710"
				   "c00002fe 000000000000000000000000");
	const struct fhrp_header *fhrp = fhrp_of(&b);

	(void)state;
	assert_int_equal(fhrp->version, 2);
	assert_int_equal(fhrp->group, 291);
	assert_int_equal(fhrp->priority, 100);
	assert_true(fhrp->active);
	assert_addr(&fhrp->address[0], "192.0.2.254");
	assert_every_prefix(WIRE_IPV4, &b, PROTO_hsrp, 42);
}

static void test_glbp(void **state)
{
	struct wire_bytes b = message(
		IPV4("11") "0c96 0c96 0000 0000"
			   "01 00 0009 0000 525400aabb01 # group 9\n"
			   "01 1c 00 20 00 96 0000 # hello: active, 150\n"
			   "00000bb8 00002710 0258 3840 0000"
			   "01 04 c00002fe");
	const struct fhrp_header *fhrp = fhrp_of(&b);

	(void)state;
	assert_int_equal(fhrp->kind, FHRP_GLBP);
	assert_int_equal(fhrp->group, 9);
	assert_int_equal(fhrp->priority, 150);
	assert_true(fhrp->active);
	assert_int_equal(fhrp->address_count, 1);
	assert_addr(&fhrp->address[0], "192.0.2.254");
}

/* A port proves nothing: other contents stay a payload. */
static void test_other_contents(void **state)
{
	struct wire_bytes b = message(IPV4("11") "9c40 07c1 0000 0000"
						 "474554202f");

	(void)state;
	assert_null(fhrp_of(&b));
	assert_int_equal(p.layer_count, 2);
	assert_int_equal(p.payload.kept, 5);
	b.at[22] = 0x0c;
	b.at[23] = 0x96;
	assert_null(fhrp_of(&b));
	assert_int_equal(p.layer_count, 2);
	assert_int_equal(p.state, WIRE_WHOLE);
}

static void test_igmp(void **state)
{
	struct wire_bytes b = message(IPV4("02") "16 00 0000 e00000fb");

	(void)state;
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.layers[1].as.igmp.type, 0x16);
	assert_addr(&p.layers[1].as.igmp.group, "224.0.0.251");
	assert_every_prefix(WIRE_IPV4, &b, PROTO_igmp, 8);
	b = message(IPV4("02") "22 00 0000 0000 0001 04 00 0000 e00000fb");
	wire_packet(&p, WIRE_IPV4, &b);
	assert_int_equal(p.layers[1].as.igmp.records, 1);
	assert_addr(&p.layers[1].as.igmp.group, "224.0.0.251");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vrrp),
		cmocka_unit_test(test_vrrp_2_leaves),
		cmocka_unit_test(test_carp),
		cmocka_unit_test(test_hsrp_1),
		cmocka_unit_test(test_hsrp_2),
		cmocka_unit_test(test_glbp),
		cmocka_unit_test(test_other_contents),
		cmocka_unit_test(test_igmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
