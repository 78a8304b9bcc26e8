/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ledger.h - what the readers of a source write down besides frames:
 * interfaces, trouble, comments.  Bounded, whatever the files hold.
 */
#ifndef UPSTACK_CAPTURE_LEDGER_H
#define UPSTACK_CAPTURE_LEDGER_H

#include "base/arena.h"
#include "capture/source.h"

enum {
	TROUBLES_MAX = 100,
	COMMENTS_MAX = 200,
	TEXT_MAX = 512,		 /* bytes kept of a text, escaped */
	LEDGER_BYTES = 32 << 20, /* interfaces and texts, in all */
	INTERFACES_FIRST = 16,
};

struct ledger {
	struct arena *home;
	struct source_interface **interfaces;
	uint32_t interface_count, interface_room;
	uint32_t trouble_count, comment_count;
	uint64_t last_frame; /* the last that was lent */
	uint64_t unreadable; /* records of packets that could not be read */
	struct source_trouble troubles[TROUBLES_MAX];
	struct source_comment comments[COMMENTS_MAX];
};

/* -1 if memory is not to be had. */
int ledger_open(struct ledger *l);
void ledger_close(struct ledger *l);

/* Bytes of a file as text: escaped, shortened to TEXT_MAX, "" when full. */
const char *ledger_text(struct ledger *l, const void *bytes, size_t size);

/* A new interface with nothing known of it, its number in `index`; NULL if
 * there are too many. */
struct source_interface *ledger_interface(struct ledger *l, uint32_t *index);

/* An address that `i` has, unless it has SOURCE_ADDRESSES; false: as before. */
bool ledger_address(struct ledger *l, struct source_interface *i,
		    const struct source_address *a);

/* An address that it has no more; false: it had it not. */
bool ledger_address_gone(struct source_interface *i, const struct addr *a);

/* A gateway of its system, unless it has SOURCE_GATEWAYS; false: as before. */
bool ledger_gateway(struct ledger *l, struct source_interface *i,
		    const struct addr *a);

enum trouble_kind { TROUBLE_NOTE, TROUBLE_TIME, TROUBLE_CUT, TROUBLE_FATAL };

/* Write down a trouble met at byte `offset` of `file`. */
void ledger_trouble(struct ledger *l, enum trouble_kind kind, const char *file,
		    uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

void ledger_comment(struct ledger *l, const char *file, uint64_t frame,
		    const void *bytes, size_t size);

#endif
