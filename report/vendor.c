/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vendor.c - who made a network card: the IEEE's list of prefixes, in any of
 * the forms in which systems carry it.
 *
 * "28-6F-B9   (hex)  Name", "286FB9 Name" and "28:6F:B9<tab>Short<tab>Name".
 */
#include "report/vendor.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"

enum { WANTED_MAX = 3 * INVENTORY_MAX, NAME_TEXT = 48, LINE = 512 };

struct maker {
	uint32_t prefix;
	char name[NAME_TEXT];
};

struct vendors {
	uint32_t count;
	/* with which two digits, as `place` has them, a prefix may start */
	bool starts[1 << 14];
	struct maker maker[WANTED_MAX];
};

static uint32_t prefix_of(const struct mac *m)
{
	return (uint32_t)m->bytes[0] << 16 | (uint32_t)m->bytes[1] << 8 |
	       m->bytes[2];
}

static void want(struct vendors *v, const struct mac *m)
{
	/* made up by the station itself: nobody's */
	if (m->bytes[0] & 2 || v->count == WANTED_MAX)
		return;
	v->maker[v->count++].prefix = prefix_of(m);
}

static int by_prefix(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a,
		 y = ((const struct maker *)b)->prefix;

	return x < y ? -1 : x > y;
}

static int by_maker(const void *a, const void *b)
{
	return by_prefix(&((const struct maker *)a)->prefix, b);
}

/* Of two digits in `starts`, whichever case they are in. */
static uint32_t place(char high, char low)
{
	return ((uint32_t)(high | 32) & 127) << 7 |
	       ((uint32_t)(low | 32) & 127);
}

/* Each prefix once, sorted. */
static void settle(struct vendors *v)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t n = 0;

	qsort(v->maker, v->count, sizeof(v->maker[0]), by_maker);
	for (uint32_t i = 0; i < v->count; i++)
		if (!n || v->maker[n - 1].prefix != v->maker[i].prefix)
			v->maker[n++] = v->maker[i];
	v->count = n;
	for (uint32_t i = 0; i < n; i++)
		v->starts[place(digits[v->maker[i].prefix >> 20],
				digits[v->maker[i].prefix >> 16 & 15])] = true;
}

static struct maker *find(struct vendors *v, uint32_t prefix)
{
	return bsearch(&prefix, v->maker, v->count, sizeof(v->maker[0]),
		       by_prefix);
}

/* Six hex digits, perhaps in pairs; what follows them, or NULL. */
static const char *read_prefix(const char *s, uint32_t *prefix)
{
	*prefix = 0;
	for (int i = 0; i < 6; i++) {
		if ((*s == '-' || *s == ':') && i && i % 2 == 0)
			s++;
		if (!isxdigit((unsigned char)*s))
			return NULL;
		*prefix = *prefix << 4 |
			  (uint32_t)(isdigit((unsigned char)*s)
					     ? *s - '0'
					     : (*s | 32) - 'a' + 10);
		s++;
	}
	return isspace((unsigned char)*s) ? s : NULL;
}

static void read_line(struct vendors *v, char *line)
{
	uint32_t prefix;
	const char *rest = read_prefix(line, &prefix), *tab;
	struct maker *m = rest ? find(v, prefix) : NULL;
	size_t size;

	if (!m || m->name[0])
		return;
	while (isspace((unsigned char)*rest))
		rest++;
	if (strncmp(rest, "(hex)", 5) == 0)
		rest += 5;
	while (isspace((unsigned char)*rest))
		rest++;
	tab = strrchr(rest, '\t');
	if (tab && tab[1] && tab[1] != '\n')
		rest = tab + 1;
	size = strcspn(rest, "\r\n");
	escape_bytes(rest, size, m->name, sizeof(m->name));
}

static void read_list(struct vendors *v, const struct maker_list *list)
{
	const char *at = list->text, *end = at + list->size;
	char line[LINE];

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((stop ? stop : end) - at);

		if (size >= 2 && size < sizeof(line) &&
		    v->starts[place(at[0], at[1])]) {
			memcpy(line, at, size);
			line[size] = '\0';
			read_line(v, line);
		}
		at += size + 1;
	}
}

void maker_list_open(struct maker_list *list)
{
	static const char *const places[] = {
		"/usr/share/ieee-data/oui.txt",
		"/var/lib/ieee-data/oui.txt",
		"/usr/share/hwdata/oui.txt",
		"/usr/share/misc/oui.txt",
		"/usr/share/arp-scan/ieee-oui.txt",
		"/usr/share/nmap/nmap-mac-prefixes",
		"/usr/share/wireshark/manuf",
		"/etc/manuf",
	};
	struct stat st;
	void *text = MAP_FAILED;
	int fd = -1;

	*list = (struct maker_list){0};
	for (size_t i = 0; fd < 0 && i < sizeof(places) / sizeof(places[0]);
	     i++)
		fd = open(places[i], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			    fd, 0);
	close(fd);
	if (text == MAP_FAILED)
		return;
	list->text = text;
	list->size = (size_t)st.st_size;
}

void maker_list_close(struct maker_list *list)
{
	if (list->text)
		munmap((void *)(uintptr_t)list->text, list->size);
	*list = (struct maker_list){0};
}

struct vendors *vendors_new(const struct inventory *inventory,
			    const struct maker_list *list)
{
	struct vendors *v;

	if (!list || !list->text || !inventory ||
	    (!inventory->neighbours && !inventory->devices &&
	     !inventory->servers))
		return NULL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	for (uint32_t i = 0; i < inventory->neighbours; i++)
		want(v, &inventory->neighbour[i].mac);
	for (uint32_t i = 0; i < inventory->devices; i++)
		want(v, &inventory->device[i].mac);
	for (uint32_t i = 0; i < inventory->servers; i++)
		want(v, &inventory->server[i].mac);
	settle(v);
	read_list(v, list);
	return v;
}

const char *vendor_of(const struct vendors *v, const struct mac *m)
{
	uint32_t prefix = prefix_of(m);
	const struct maker *x =
		v && !(m->bytes[0] & 2)
			? bsearch(&prefix, v->maker, v->count,
				  sizeof(v->maker[0]), by_prefix)
			: NULL;

	return x && x->name[0] ? x->name : NULL;
}

void vendors_free(struct vendors *v)
{
	free(v);
}
