/* SPDX-License-Identifier: BSD-3-Clause */
/* interfaces.c - the interfaces that can be listened on (-D). */
#include "cli/interfaces.h"

#include <pcap/pcap.h>

#include "base/escape.h"
#include "cli/run.h"

int interfaces_list(FILE *out)
{
	char why[PCAP_ERRBUF_SIZE], name[160], text[160];
	pcap_if_t *all;

	if (pcap_findalldevs(&all, why) != 0) {
		fprintf(stderr, "upstack: interfaces cannot be listed: %s\n",
			why);
		return EXIT_INPUT;
	}
	for (const pcap_if_t *i = all; i; i = i->next) {
		escape_string(i->name, name, sizeof(name));
		escape_string(i->description ? i->description : "", text,
			      sizeof(text));
		fprintf(out, "%-16s %-4s %s\n", name,
			i->flags & PCAP_IF_UP ? "up" : "down", text);
	}
	pcap_freealldevs(all);
	return EXIT_FINE;
}
