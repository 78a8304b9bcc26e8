/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_dissect.c - nanoseconds to dissect one usual segment of TCP. */
#include <stdio.h>
#include <time.h>

#include "analysis/limits.h"
#include "dissectors/dissect.h"

enum { ROUNDS = 1000000, BEST_OF = 5 };

/* Ethernet, IPv4, TCP with timestamps, ACK without data. */
static const uint8_t segment[] = {
	0x52, 0x54, 0x00, 0xaa, 0xbb, 0x01, 0x52, 0x54, 0x00, 0xaa, 0xbb,
	0x02, 0x08, 0x00, 0x45, 0x00, 0x00, 0x34, 0x12, 0x34, 0x40, 0x00,
	0x40, 0x06, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64,
	0x02, 0x9c, 0x40, 0x01, 0xbb, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
	0x00, 0x02, 0x80, 0x10, 0x01, 0xf6, 0x00, 0x00, 0x00, 0x00, 0x01,
	0x01, 0x08, 0x0a, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x20, 0x00,
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* As the engine does: a batch of packets, one after the other. */
static double measure(struct packet *batch, uint64_t *sum)
{
	const struct frame frame = {
		.data = segment,
		.kept = sizeof(segment),
		.sent = sizeof(segment),
		.link_type = 1,
	};
	double start = now_ns();

	for (unsigned i = 0; i < ROUNDS; i++) {
		packet_dissect(&batch[i % BATCH], &frame);
		*sum += batch[i % BATCH].tcp->as.tcp.tsval;
	}
	return (now_ns() - start) / ROUNDS;
}

int main(void)
{
	static struct packet batch[BATCH];
	double best = 1e9;
	uint64_t sum = 0;

	for (unsigned i = 0; i < BEST_OF; i++) {
		double ns = measure(batch, &sum);

		best = ns < best ? ns : best;
	}
	printf("%.1f ns a packet (%llu)\n", best, (unsigned long long)sum);
	return 0;
}
