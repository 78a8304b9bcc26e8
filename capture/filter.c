/* SPDX-License-Identifier: BSD-3-Clause */
/* filter.c - a BPF expression, compiled for each link type that appears. */
#include "capture/filter.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "capture/reader.h"

enum { PROGRAMS_MAX = 64 }; /* link types in one run */

struct program {
	uint16_t link_type;
	bool usable;
	struct bpf_program code;
};

struct filter {
	char *expression;
	struct ledger *ledger;
	uint32_t count;
	struct program programs[PROGRAMS_MAX];
};

int filter_refused(struct err *err, const char *expression, const char *why)
{
	char shown[ERR_TEXT / 2], reason[ERR_TEXT / 4];

	return err_set(err, "the filter '%s' cannot be used: %s",
		       escape_string(expression, shown, sizeof(shown)),
		       escape_string(why, reason, sizeof(reason)));
}

/* -1 with the compiler's reason in `err`. */
static int compile(const struct filter *f, uint16_t link_type,
		   struct bpf_program *code, struct err *err)
{
	pcap_t *dead = pcap_open_dead(link_dlt(link_type), FRAME_MAX);
	int done;

	if (!dead)
		return err_set(err, "no memory for the filter");
	done = pcap_compile(dead, code, f->expression, 1, PCAP_NETMASK_UNKNOWN);
	if (done != 0)
		filter_refused(err, f->expression, pcap_geterr(dead));
	pcap_close(dead);
	return done == 0 ? 0 : -1;
}

static struct program *add_program(struct filter *f, uint16_t link_type,
				   struct err *err)
{
	struct program *p = &f->programs[f->count++];

	p->link_type = link_type;
	p->usable = compile(f, link_type, &p->code, err) == 0;
	return p;
}

static struct program *known_program(struct filter *f, uint16_t link_type)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->programs[i].link_type == link_type)
			return &f->programs[i];
	return NULL;
}

/* If the expression has no meaning for a link type its packets cannot match;
 * that is written down. */
static struct program *add_or_note(struct filter *f, uint16_t link_type,
				   const char *file, struct err *err)
{
	struct program *p = add_program(f, link_type, err);

	if (!p->usable)
		ledger_trouble(f->ledger, TROUBLE_NOTE, file, 0,
			       "Packets of link type %u (%s) are left out: %s",
			       link_type, link_name(link_type), err->text);
	return p;
}

/* The program for a link type that may be new. */
static struct program *program_for(struct filter *f, const struct frame *frame)
{
	struct program *p = known_program(f, frame->link_type);
	struct err err;

	if (p || f->count == PROGRAMS_MAX)
		return p;
	return add_or_note(f, frame->link_type,
			   f->ledger->interfaces[frame->interface]->file, &err);
}

struct filter *filter_new(const char *expression, struct ledger *ledger,
			  struct err *err)
{
	struct filter *f = calloc(1, sizeof(*f));
	bool usable = false;

	if (!f || !(f->expression = strdup(expression))) {
		err_set(err, "no memory for the filter");
		free(f);
		return NULL;
	}
	f->ledger = ledger;
	for (uint32_t i = 0; i < ledger->interface_count; i++) {
		const struct source_interface *in = ledger->interfaces[i];

		if (!known_program(f, in->link_type) && f->count < PROGRAMS_MAX)
			usable |= add_or_note(f, in->link_type, in->file, err)
					  ->usable;
	}
	if (f->count == 0)
		usable = add_program(f, DLT_EN10MB, err)->usable;
	if (usable)
		return f;
	filter_free(f);
	return NULL;
}

uint32_t filter_run(struct filter *f, struct frame *frames, uint32_t n)
{
	struct program *p = &f->programs[0];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct frame *frame = &frames[i];

		if (!p || p->link_type != frame->link_type)
			p = program_for(f, frame);
		if (p && p->usable &&
		    bpf_filter(p->code.bf_insns, frame->data, frame->sent,
			       frame->kept))
			frames[kept++] = *frame;
	}
	return kept;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->count; i++)
		if (f->programs[i].usable)
			pcap_freecode(&f->programs[i].code);
	free(f->expression);
	free(f);
}
