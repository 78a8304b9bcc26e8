/* SPDX-License-Identifier: BSD-3-Clause */
/* craft_file.h - opens and closes the capture of a case: for make_cases only. */
#ifndef UPSTACK_TESTS_CASES_CRAFT_FILE_H
#define UPSTACK_TESTS_CASES_CRAFT_FILE_H

#include <stddef.h>
#include <stdint.h>

struct craft;
struct craft_case;

/* A classic pcap file; ends the program with a message if it cannot be made. */
struct craft *craft_open(const char *path, uint16_t link_type,
			 uint32_t snaplen);
void craft_close(struct craft *c);

/* Where a frame was captured (craft_place). */
struct craft_mark {
	uint8_t interface, way;
};

/* Of each frame written, in order; free them. */
struct craft_mark *craft_marks(const struct craft *c, size_t *frames);

/* Turn the pcap file that was written into pcapng, with the counters. */
void craft_to_pcapng(const char *path, const struct craft_case *k,
		     const struct craft_mark *marks, size_t frames);

/* From now on each frame gets its check sequence. */
void craft_with_fcs(struct craft *c);

/* Say in the header of the pcap file that frames end with one. */
void craft_say_fcs(const char *path);

#endif
