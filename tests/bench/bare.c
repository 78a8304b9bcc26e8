/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bare.c - libpcap's loop over a capture, that counts and does nothing else:
 * what all times are compared with.
 */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

struct count {
	uint64_t packets, bytes;
};

static void count_packet(u_char *user, const struct pcap_pkthdr *header,
			 const u_char *bytes)
{
	struct count *count = (struct count *)(void *)user;

	(void)bytes;
	count->packets++;
	count->bytes += header->caplen;
}

int main(int argc, char **argv)
{
	char reason[PCAP_ERRBUF_SIZE];
	struct count count = {0, 0};
	pcap_t *p = argc == 2 ? pcap_open_offline(argv[1], reason) : NULL;

	if (!p) {
		fprintf(stderr, "usage: bare FILE\n");
		return 2;
	}
	while (pcap_dispatch(p, 64, count_packet, (u_char *)&count) > 0)
		;
	printf("%llu packets, %llu bytes\n", (unsigned long long)count.packets,
	       (unsigned long long)count.bytes);
	pcap_close(p);
	return 0;
}
