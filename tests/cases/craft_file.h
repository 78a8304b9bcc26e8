/* SPDX-License-Identifier: BSD-3-Clause */
/* craft_file.h - opens and closes the capture of a case: for make_cases only. */
#ifndef UPSTACK_TESTS_CASES_CRAFT_FILE_H
#define UPSTACK_TESTS_CASES_CRAFT_FILE_H

#include <stdint.h>

struct craft;
struct craft_case;

/* A classic pcap file; ends the program with a message if it cannot be made. */
struct craft *craft_open(const char *path, uint16_t link_type,
			 uint32_t snaplen);
void craft_close(struct craft *c);

/* Turn the pcap file that was written into pcapng, with the counters. */
void craft_to_pcapng(const char *path, const struct craft_case *k);

#endif
