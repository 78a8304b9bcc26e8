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

/* What an interface says of itself, by the number of the option; where it ends.
 */
static uint32_t option_put(uint8_t *body, uint32_t size, uint16_t number,
			   const char *text, bool led)
{
	const uint16_t head[] = {number, (uint16_t)(strlen(text) + led)};

	memcpy(body + size, head, sizeof(head));
	memcpy(body + size + 4 + led, text, strlen(text));
	return size + 4u + (head[1] + 3u) / 4 * 4;
}

/* An interface: its name (if_name), and with what filter it was captured
 * (if_filter, of which the first byte says how it is written). */
static void interface(FILE *f, uint32_t link_type, const char *name,
		      const char *filter)
{
	const uint32_t fixed[] = {link_type, 262144};
	uint8_t body[192] = {0};
	uint32_t size = sizeof(fixed);

	if ((name && strlen(name) > 64) || (filter && strlen(filter) > 64))
		abort(); /* there is no room for it */
	memcpy(body, fixed, sizeof(fixed));
	if (name)
		size = option_put(body, size, 2, name, false);
	if (filter)
		size = option_put(body, size, 11, filter, true);
	if (name || filter)
		size += 4; /* the end of options */
	block(f, 1, body, size);
}

static void header(FILE *f, uint32_t link_type, uint32_t interfaces,
		   const struct craft_case *k)
{
	const uint32_t section[] = {0x1a2b3c4d, 1, 0xffffffff, 0xffffffff};

	block(f, 0x0a0d0d0a, section, sizeof(section));
	for (uint32_t i = 0; i < interfaces; i++)
		interface(f, link_type, k->interface[i], k->filter);
}

/* The packet's flags (option 2) tell its direction. */
static void packet(FILE *f, const struct pcap_pkthdr *h, const u_char *data,
		   const struct craft_mark *m)
{
	static const uint16_t code[] = {2, 4};
	const uint32_t flags[] = {m->way, 0};
	uint32_t room = (h->caplen + 3) / 4 * 4, size;
	uint64_t us =
		(uint64_t)h->ts.tv_sec * 1000000u + (uint64_t)h->ts.tv_usec;
	const uint32_t fixed[] = {m->interface, (uint32_t)(us >> 32),
				  (uint32_t)us, h->caplen, h->len};
	uint8_t *body = calloc(1, sizeof(fixed) + room + 12);

	if (!body)
		exit(1);
	memcpy(body, fixed, sizeof(fixed));
	memcpy(body + sizeof(fixed), data, h->caplen);
	size = (uint32_t)sizeof(fixed) + h->caplen;
	if (m->way) {
		size = (uint32_t)sizeof(fixed) + room;
		memcpy(body + size, code, sizeof(code));
		memcpy(body + size + 4, flags, sizeof(flags));
		size += 12;
	}
	block(f, 6, body, size);
	free(body);
}

static uint32_t option(uint8_t *at, uint16_t code, uint64_t value)
{
	const uint16_t head[] = {code, sizeof(value)};

	memcpy(at, head, sizeof(head));
	memcpy(at + sizeof(head), &value, sizeof(value));
	return sizeof(head) + sizeof(value);
}

/* isb_ifrecv, isb_ifdrop, isb_filteraccept, and the end of options. */
static void statistics(FILE *f, const struct craft_case *k)
{
	uint8_t body[64] = {0};
	uint32_t size = 12;

	size += option(body + size, 4, k->received);
	size += option(body + size, 5, k->dropped);
	if (k->accepted)
		size += option(body + size, 6, k->accepted);
	block(f, 5, body, size + 4);
}

/* The upper bits of the link type: how many 16-bit words of FCS, and that it is
 * known. */
void craft_say_fcs(const char *path)
{
	uint32_t link;
	FILE *f = fopen(path, "r+b");

	if (!f || fseek(f, 20, SEEK_SET) != 0 ||
	    fread(&link, sizeof(link), 1, f) != 1)
		exit(1);
	link |= 2u << 28 | 1u << 26;
	if (fseek(f, 20, SEEK_SET) != 0 ||
	    fwrite(&link, sizeof(link), 1, f) != 1 || fclose(f) != 0)
		exit(1);
}

void craft_to_pcapng(const char *path, const struct craft_case *k,
		     const struct craft_mark *marks, size_t frames)
{
	bool two = false;
	char error[PCAP_ERRBUF_SIZE], ng[4096];
	pcap_t *in = pcap_open_offline(path, error);
	struct pcap_pkthdr *h;
	const u_char *data;
	FILE *out;

	snprintf(ng, sizeof(ng), "%s.ng", path);
	out = fopen(ng, "wb");
	if (!in || !out)
		exit(1);
	for (size_t i = 0; i < frames; i++)
		two |= marks[i].interface > 0;
	header(out, (uint32_t)pcap_datalink(in), two ? 2 : 1, k);
	for (size_t i = 0; pcap_next_ex(in, &h, &data) == 1; i++)
		packet(out, h, data, &marks[i]);
	statistics(out, k);
	pcap_close(in);
	fclose(out);
	if (rename(ng, path) != 0)
		exit(1);
}
