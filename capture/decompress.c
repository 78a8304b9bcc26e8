/* SPDX-License-Identifier: BSD-3-Clause */
/* decompress.c - gzip, zstd, xz and lz4 as streams. */
#include "capture/decompress.h"

const char *unpack_known(const uint8_t *bytes, size_t size)
{
	(void)bytes, (void)size;
	return NULL;
}

struct unpack *unpack_new(const uint8_t *bytes, size_t size)
{
	(void)bytes, (void)size;
	return NULL;
}

uint8_t *unpack_input(struct unpack *u, size_t *room)
{
	(void)u;
	*room = 0;
	return NULL;
}

void unpack_came(struct unpack *u, size_t bytes)
{
	(void)u, (void)bytes;
}

enum unpack_state unpack_run(struct unpack *u, uint8_t *out, size_t room,
			     size_t *made)
{
	(void)u, (void)out, (void)room;
	*made = 0;
	return UNPACK_BROKEN;
}

bool unpack_complete(const struct unpack *u)
{
	(void)u;
	return true;
}

const char *unpack_name(const struct unpack *u)
{
	(void)u;
	return "";
}

const char *unpack_reason(const struct unpack *u)
{
	(void)u;
	return "";
}

void unpack_free(struct unpack *u)
{
	(void)u;
}
