/* SPDX-License-Identifier: BSD-3-Clause */
/* test_community.c - the vectors that the reference implementation publishes.
 */
#include "unit/report/sample.h"

#include "report/community.h"

static const struct {
	uint8_t protocol;
	const char *src, *dst;
	uint16_t src_port, dst_port;
	const char *id;
} vectors[] = {
	{6, "128.232.110.120", "66.35.250.204", 34855, 80,
	 "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	{6, "66.35.250.204", "128.232.110.120", 80, 34855,
	 "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	{6, "10.0.0.1", "10.0.0.2", 10, 11569,
	 "1:SXBGMX1lBOwhhoDrZynfROxnhnM="},
	{6, "192.168.1.42", "192.168.1.42", 42, 41,
	 "1:eRcf7I/xocOxnYo5pbJBV5NhVm0="},
	{6, "192.168.1.42", "192.168.1.42", 41, 42,
	 "1:eRcf7I/xocOxnYo5pbJBV5NhVm0="},
	{6, "2001:db8::1", "2001:db8::2", 443, 51000,
	 "1:2TiKiiiSIuDma9IxOEOpx4wCXWM="},
	{17, "192.168.1.52", "8.8.8.8", 54585, 53,
	 "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	{17, "8.8.8.8", "192.168.1.52", 53, 54585,
	 "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	{132, "192.168.170.8", "192.168.170.56", 7, 80,
	 "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
	{132, "192.168.170.8", "192.168.170.56", 7, 7,
	 "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
	{1, "192.168.0.89", "192.168.0.1", 8, 0,
	 "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
	{1, "192.168.0.1", "192.168.0.89", 0, 8,
	 "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
	{1, "192.168.0.89", "192.168.0.1", 20, 0,
	 "1:3o2RFccXzUgjl7zDpqmY7yJi8rI="},
	{1, "192.168.0.89", "192.168.0.1", 20, 1,
	 "1:tz/fHIDUHs19NkixVVoOZywde+I="},
	{1, "192.168.0.1", "192.168.0.89", 0, 20,
	 "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
	{58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 0,
	 "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
	{58, "3ffe:507:0:1:200:86ff:fe05:80da",
	 "3ffe:507:0:1:260:97ff:fe07:69ea", 3, 0,
	 "1:/OGBt9BN1ofenrmSPWYicpij2Vc="},
	{58, "3ffe:501:0:1802:260:97ff:feb6:7ff0",
	 "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0,
	 "1:bnQKq8A2r//dWnkRW2EYcMhShjc="},
	{46, "1.2.3.4", "5.6.7.8", 0, 0, "1:ikv3kmf89luf73WPz1jOs49S768="},
};

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct flow f = {sample_addr(vectors[i].src),
				       sample_addr(vectors[i].dst),
				       vectors[i].src_port,
				       vectors[i].dst_port,
				       vectors[i].protocol,
				       {0}};
		char id[COMMUNITY_TEXT];

		assert_true(community_id(&f, id));
		assert_string_equal(id, vectors[i].id);
	}
}

/* Our flows of echoes carry an identifier where others have ports. */
static void test_echo(void **state)
{
	const struct flow f = {sample_addr("192.168.0.89"),
			       sample_addr("192.168.0.1"),
			       4711,
			       0,
			       1,
			       {0}};
	const struct flow none = {.protocol = 6};
	char id[COMMUNITY_TEXT];

	(void)state;
	assert_true(community_of(&f, id));
	assert_string_equal(id, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
	assert_false(community_of(&none, id));
	assert_string_equal(id, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_echo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
