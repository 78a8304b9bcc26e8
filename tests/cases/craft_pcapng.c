/* SPDX-License-Identifier: BSD-3-Clause */
/* craft_pcapng.c - a pcap file rewritten as pcapng, with interface counters. */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/craft.h"
#include "cases/craft_file.h"

static void put32(FILE *f, uint32_t v)
{
	fwrite(&v, 4, 1, f);
}

/* A block: type, length, body padded to 32 bits, length. */
static void block(FILE *f, uint32_t type, const void *body, uint32_t size)
{
	static const char zero[4];
	uint32_t pad = (4 - size % 4) % 4;

	put32(f, type);
	put32(f, size + pad + 12);
	fwrite(body, size, 1, f);
	fwrite(zero, pad, 1, f);
	put32(f, size + pad + 12);
}

static void header(FILE *f, uint32_t link_type)
{
	const uint32_t section[] = {0x1a2b3c4d, 1, 0xffffffff, 0xffffffff};
	const uint32_t interface[] = {link_type, 262144};

	block(f, 0x0a0d0d0a, section, sizeof(section));
	block(f, 1, interface, sizeof(interface));
}

static void packet(FILE *f, const struct pcap_pkthdr *h, const u_char *data)
{
	uint64_t us =
		(uint64_t)h->ts.tv_sec * 1000000u + (uint64_t)h->ts.tv_usec;
	const uint32_t fixed[] = {0, (uint32_t)(us >> 32), (uint32_t)us,
				  h->caplen, h->len};
	uint8_t *body = malloc(sizeof(fixed) + h->caplen);

	if (!body)
		exit(1);
	memcpy(body, fixed, sizeof(fixed));
	memcpy(body + sizeof(fixed), data, h->caplen);
	block(f, 6, body, (uint32_t)sizeof(fixed) + h->caplen);
	free(body);
}

/* Options 4 isb_ifrecv and 5 isb_ifdrop, and the end of options. */
static void statistics(FILE *f, const struct craft_case *k)
{
	uint8_t body[40] = {0};
	const uint16_t received[] = {4, 8}, dropped[] = {5, 8};

	memcpy(body + 12, received, 4);
	memcpy(body + 16, &k->received, 8);
	memcpy(body + 24, dropped, 4);
	memcpy(body + 28, &k->dropped, 8);
	block(f, 5, body, sizeof(body));
}

void craft_to_pcapng(const char *path, const struct craft_case *k)
{
	char error[PCAP_ERRBUF_SIZE], ng[4096];
	pcap_t *in = pcap_open_offline(path, error);
	struct pcap_pkthdr *h;
	const u_char *data;
	FILE *out;

	snprintf(ng, sizeof(ng), "%s.ng", path);
	out = fopen(ng, "wb");
	if (!in || !out)
		exit(1);
	header(out, (uint32_t)pcap_datalink(in));
	while (pcap_next_ex(in, &h, &data) == 1)
		packet(out, h, data);
	statistics(out, k);
	pcap_close(in);
	fclose(out);
	if (rename(ng, path) != 0)
		exit(1);
}
