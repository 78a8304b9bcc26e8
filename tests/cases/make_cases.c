/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * make_cases.c - writes every case to DIR/FAMILY/NAME.pcap.
 *
 *   make_cases DIR [FAMILY]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases/craft.h"
#include "cases/craft_file.h"
#include "cases/families.h"

#define X(name) extern const struct craft_case name##_cases[];
FAMILIES(X)
#undef X

const struct craft_case *const craft_families[] = {
#define X(name) name##_cases,
	FAMILIES(X)
#undef X
		NULL,
};

/* Take bytes off the end, as a full disk or a killed capture does. */
static int shorten(const char *path, uint32_t bytes)
{
	struct stat st;

	if (stat(path, &st) != 0 || truncate(path, st.st_size - bytes) != 0) {
		perror(path);
		return 1;
	}
	return 0;
}

static int write_case(const char *dir, const struct craft_case *k)
{
	char path[4096];
	struct craft_mark *marks;
	struct craft *c;
	size_t frames;

	snprintf(path, sizeof(path), "%s/%s", dir, k->family);
	if (mkdir(path, 0777) != 0 && errno != EEXIST) {
		perror(path);
		return 1;
	}
	snprintf(path, sizeof(path), "%s/%s/%s.pcap", dir, k->family, k->name);
	c = craft_open(path, k->link_type, k->snaplen);
	if (k->fcs)
		craft_with_fcs(c);
	k->make(c);
	marks = craft_marks(c, &frames);
	craft_close(c);
	if (k->pcapng)
		craft_to_pcapng(path, k, marks, frames);
	if (k->fcs)
		craft_say_fcs(path);
	free(marks);
	return k->cut_bytes ? shorten(path, k->cut_bytes) : 0;
}

int main(int argc, char **argv)
{
	int made = 0;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: make_cases DIR [FAMILY]\n");
		return 2;
	}
	for (const struct craft_case *const *f = craft_families; *f; f++)
		for (const struct craft_case *k = *f; k->name; k++) {
			if (argc == 3 && strcmp(argv[2], k->family) != 0)
				continue;
			if (write_case(argv[1], k))
				return 1;
			made++;
		}
	printf("%d cases written to %s\n", made, argv[1]);
	return 0;
}
