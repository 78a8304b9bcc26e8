/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_usual.c - the short way through a frame leads where the loop does: the
 * same packet behind Ethernet and alone, with bytes changed at random.
 */
#include "unit/wire.h"

#include <string.h>

enum {
	ETHERNET = 14,
	ROUNDS = 100000,
	LINKTYPE_IPV4 = 228,
	LINKTYPE_IPV6 = 229
};

static uint64_t seed = 7;

static uint32_t below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* The values that make a packet usual, so that few changes leave it so. */
static void start4(uint8_t *ip, uint32_t size)
{
	const uint8_t fixed[] = {0x45, 0, 0, 0, 0x12, 0x34, 0x40, 0, 64};
	uint32_t sum = 0;

	memcpy(ip, fixed, sizeof(fixed));
	ip[2] = (uint8_t)(size >> 8);
	ip[3] = (uint8_t)size;
	ip[9] = below(2) ? 6 : 17;
	ip[10] = ip[11] = 0;
	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip[10] = (uint8_t)(~sum >> 8);
	ip[11] = (uint8_t)~sum;
}

static void start6(uint8_t *ip, uint32_t size)
{
	const uint8_t fixed[] = {0x60, 0, 0, 0, 0, 0, 0, 64};

	memcpy(ip, fixed, sizeof(fixed));
	ip[5] = (uint8_t)(size - 40);
	ip[6] = below(2) ? 6 : 17;
}

static void start(uint8_t *ip, uint32_t size, bool v6)
{
	uint32_t header = v6 ? 40 : 20;
	uint8_t *next = ip + header;

	for (uint32_t i = 0; i < size; i++)
		ip[i] = (uint8_t)below(256);
	if (v6)
		start6(ip, size);
	else
		start4(ip, size);
	if (ip[v6 ? 6 : 9] == 6) {
		next[12] = below(2) ? 0x80 : 0x50;
		memcpy(next + 20, "\1\1\10\12", 4);
	} else {
		next[4] = 0;
		next[5] = (uint8_t)(size - header);
		/* VXLAN and others that a port leads to */
		if (below(4) == 0)
			memcpy(next + 2, below(2) ? "\x12\xb5" : "\x07\xc1", 2);
	}
}

static void mutate(uint8_t *ip)
{
	static const uint8_t odd[] = {0, 1, 4, 5, 6, 17, 0x20, 0x45, 0x46, 255};

	for (uint32_t n = below(3); n > 0; n--)
		ip[below(64)] = below(2) ? odd[below(sizeof(odd))]
					 : (uint8_t)below(256);
}

static void dissect(struct packet *p, uint16_t link_type, const uint8_t *at,
		    uint32_t kept, uint32_t sent)
{
	const struct frame frame = {.number = 1,
				    .data = at,
				    .kept = kept,
				    .sent = sent,
				    .link_type = link_type};

	memset(p, 0, sizeof(*p));
	packet_dissect(p, &frame);
}

/* Where both have it, a layer holds the same. */
static void same_layer(const struct packet *a, const struct packet *b,
		       const struct layer *x, const struct layer *y)
{
	assert_true(!x == !y);
	if (!x)
		return;
	assert_int_equal(x->proto, y->proto);
	assert_int_equal(x->state, y->state);
	assert_int_equal(x->offset, y->offset + ETHERNET);
	assert_true(x->bad == y->bad);
	assert_int_equal(x->bad_value, y->bad_value);
	assert_memory_equal(&x->as, &y->as, sizeof(x->as));
	assert_int_equal(x - a->layers, y - b->layers + 1);
}

static void test_same(void **state)
{
	static struct packet a, b;
	uint8_t frame[ETHERNET + 100] = {0};
	uint32_t seen[4] = {0};

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		bool v6 = below(2);
		uint32_t size = 60 + below(41), sent = size + below(2) * 6;
		uint32_t kept = below(4) ? size : below(size + 1);

		frame[12] = v6 ? 0x86 : 8;
		frame[13] = v6 ? 0xdd : 0;
		start(frame + ETHERNET, size, v6);
		mutate(frame + ETHERNET);
		dissect(&a, 1, frame, ETHERNET + kept, ETHERNET + sent);
		dissect(&b, v6 ? LINKTYPE_IPV6 : LINKTYPE_IPV4,
			frame + ETHERNET, kept, sent);
		assert_int_equal(a.layer_count, b.layer_count + 1);
		assert_int_equal(a.state, b.state);
		assert_int_equal(a.tunnels, b.tunnels);
		assert_ptr_equal(a.payload.at, b.payload.at);
		assert_int_equal(a.payload.kept, b.payload.kept);
		assert_int_equal(a.payload.sent, b.payload.sent);
		assert_int_equal(a.payload.state, b.payload.state);
		assert_int_equal(a.payload.open_end, b.payload.open_end);
		same_layer(&a, &b, a.ip, b.ip);
		same_layer(&a, &b, a.outer_ip, b.outer_ip);
		same_layer(&a, &b, a.tcp, b.tcp);
		same_layer(&a, &b, a.udp, b.udp);
		if (!a.tunnels)
			assert_ptr_equal(a.eth, &a.layers[0]);
		seen[0] += a.tcp != NULL;
		seen[1] += a.udp != NULL;
		seen[2] += a.state == WIRE_WHOLE;
		seen[3] += a.state == WIRE_MALFORMED;
	}
	/* the test would be idle otherwise */
	for (int i = 0; i < 4; i++)
		assert_in_range(seen[i], ROUNDS / 100, ROUNDS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
