/* SPDX-License-Identifier: BSD-3-Clause */
/* rtp.c - cases of media streams. */
#include <string.h>

#include "cases/craft.h"

enum { MS = 1000, S = 1000000, CALL = 600, VOICE = 160, PICTURE = 3600 };

static struct station a = {"52:54:00:00:00:14", "192.0.2.20"};
static struct station b = {"52:54:00:00:00:15", "192.0.2.21"};

static void meet(struct craft *c)
{
	craft_arp(c, 1, &a, NULL, b.ip, NULL);
	craft_wait(c, 300);
	craft_arp(c, 2, &b, a.mac, a.ip, a.mac);
	craft_wait(c, 300);
}

static void put(uint8_t *at, uint32_t v, int size)
{
	while (size--) {
		at[size] = (uint8_t)v;
		v >>= 8;
	}
}

static void send(struct craft *c, uint8_t type, bool marker, uint16_t seq,
		 uint32_t stamp)
{
	uint8_t m[12 + VOICE] = {0x80, (uint8_t)(type | marker << 7)};

	put(m + 2, seq, 2);
	put(m + 4, stamp, 4);
	put(m + 8, 0xcafe0001, 4);
	craft_udp(c, &a, &b, 40000, 40002, m, sizeof(m));
}

/* A call of twelve seconds; two packets in a hundred are missing. */
static void loss(struct craft *c)
{
	meet(c);
	for (uint16_t i = 0; i < CALL; i++) {
		if (i % 50 != 49)
			send(c, 0, i == 0, i, i * VOICE);
		craft_wait(c, 20 * MS);
	}
}

/* Silence is not sent: the time stamps jump, the numbers do not.  Now and then
 * two packets change places. */
static void loss_twin(struct craft *c)
{
	uint32_t stamp = 0;

	meet(c);
	for (uint16_t i = 0; i < CALL; i++) {
		bool talks = i % 200 == 0;

		if (talks) {
			craft_wait(c, 2 * S);
			stamp += 100 * VOICE;
		}
		if (i % 40 == 20) {
			craft_wait(c, 20 * MS);
			send(c, 0, false, i + 1, stamp + VOICE);
			send(c, 0, false, i, stamp);
			i++;
			stamp += VOICE;
		} else {
			send(c, 0, talks, i, stamp);
		}
		craft_wait(c, 20 * MS);
		stamp += VOICE;
	}
}

/* Keys are pressed (RFC 4733), and pauses are filled with comfort noise: other
 * types, the same numbers. */
static void keys(struct craft *c)
{
	meet(c);
	for (uint16_t i = 0; i < CALL; i++) {
		uint8_t type = i % 97 < 4 && i > 90 ? 101
			       : i % 50 == 49	    ? 13
						    : 0;

		send(c, type, i == 0, i, type == 101 ? 97000 : i * VOICE);
		craft_wait(c, 20 * MS);
	}
}

/* Each packet up to 80 ms early or late. */
static void uneven(struct craft *c)
{
	uint32_t x = 1;
	int64_t start = craft_now(c) + S;

	for (uint16_t i = 0; i < CALL / 2; i++) {
		int64_t early = i % 2 ? 75 * MS : 0;

		x = x * 1664525 + 1013904223;
		craft_at(c, start + i / 2 * 120 * MS + 80 * MS - early +
				    (x >> 24) % 5 * MS);
		send(c, 0, i == 0, i, i * 3 * VOICE);
	}
}

static void jitter(struct craft *c)
{
	meet(c);
	uneven(c);
}

/* Pictures: 25 a second, in bursts of one time stamp, evenly. */
static void jitter_twin(struct craft *c)
{
	uint16_t seq = 0;

	meet(c);
	for (uint32_t i = 0; i < 200; i++) {
		for (int k = 0; k < 3; k++) {
			send(c, 96, k == 2, seq++, i * PICTURE);
			craft_wait(c, 2 * MS);
		}
		craft_wait(c, 34 * MS);
	}
}

static bool is_late(int i, int every)
{
	return i >= 100 && i % every == every - 1;
}

/* After two seconds one packet in `every` comes 200 ms late, after ten others.
 */
static void late(struct craft *c, int every)
{
	int64_t start;

	meet(c);
	start = craft_now(c) + S;
	for (int i = 0; i < CALL; i++) {
		int was = i - 10;

		if (!is_late(i, every)) {
			craft_at(c, start + i * 20 * MS);
			send(c, 0, i == 0, (uint16_t)i, (uint32_t)i * VOICE);
		}
		if (is_late(was, every)) {
			craft_at(c, start + i * 20 * MS + 3 * MS);
			send(c, 0, false, (uint16_t)was, (uint32_t)was * VOICE);
		}
	}
}

static void jitter_late(struct craft *c)
{
	late(c, 2);
}

static void jitter_late_twin(struct craft *c)
{
	late(c, 50);
}

/* The same unevenness, where it is sent: a coarse timer of the program. */
static void jitter_sent_twin(struct craft *c)
{
	meet(c);
	craft_place(c, 0, CRAFT_OUT);
	uneven(c);
}

const struct craft_case rtp_cases[] = {
	{"rtp", "loss", loss},
	{"rtp", "loss-twin", loss_twin},
	{"rtp", "keys", keys},
	{"rtp", "jitter", jitter},
	{"rtp", "jitter-twin", jitter_twin},
	{"rtp", "jitter-late", jitter_late},
	{"rtp", "jitter-late-twin", jitter_late_twin},
	{"rtp", "jitter-sent-twin", jitter_sent_twin, .pcapng = true},
	{0},
};
