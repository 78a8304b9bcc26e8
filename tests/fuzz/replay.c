/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay.c - runs a fuzz target over its seeds as an ordinary test.
 *
 *   fuzz_NAME FOLDER...   every file in each FOLDER, whole and cut at places
 *                         spread over it; and nothing at all
 *
 * The fuzz preset links the same targets with libFuzzer instead.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED_MAX = 1 << 20, CUTS = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its own, so that a read past its end is seen. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		exit(1);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int replay_file(const char *path, uint8_t *buffer)
{
	FILE *f = fopen(path, "rb");
	size_t size;

	if (!f) {
		perror(path);
		return -1;
	}
	size = fread(buffer, 1, SEED_MAX, f);
	fclose(f);
	for (size_t cut = 1; cut <= CUTS; cut++)
		run(buffer, size * cut / CUTS);
	return 0;
}

/* The number of seeds, -1 if one could not be read.  A target may have none:
 * then there is no folder. */
static int replay_folder(const char *folder, uint8_t *buffer)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	char path[4096];
	int count = 0;

	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (replay_file(path, buffer) != 0)
			count = -1;
		if (count < 0)
			break;
		count++;
	}
	if (d)
		closedir(d);
	return count;
}

int main(int argc, char **argv)
{
	uint8_t *buffer = calloc(1, SEED_MAX);
	int status = buffer ? 0 : 1;

	if (buffer)
		run(buffer, 0);
	for (int i = 1; i < argc && status == 0; i++) {
		int seeds = replay_folder(argv[i], buffer);

		status = seeds < 0;
		printf("%d seeds of %s\n", seeds, argv[i]);
	}
	free(buffer);
	return status;
}
