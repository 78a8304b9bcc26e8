/* SPDX-License-Identifier: BSD-3-Clause */
/* probe.c - what one source tried: ports of a host, or hosts on a port. */
#include "analysis/detect/probe.h"

#include "base/text.h"
#include "base/when.h"

#define FORGET_NS (600 * NS_PER_S)
#define RECENT_NS (60 * NS_PER_S) /* a try */

static bool word_set(struct bits *b, uint32_t n)
{
	uint64_t bit = (uint64_t)1 << (n % 64);
	uint64_t *word = &b->word[n / 64];

	if (*word & bit)
		return false;
	*word |= bit;
	return true;
}

static bool few_add(struct bits *b, uint16_t n)
{
	for (uint16_t i = 0; i < b->set; i++)
		if (b->few[i] == n)
			return false;
	b->few[b->set++] = n;
	if (b->set < PROBE_FEW)
		return true;
	memset(b->word, 0, sizeof(b->word));
	for (unsigned i = 0; i < PROBE_FEW; i++)
		word_set(b, b->few[i]);
	return true;
}

bool bits_add(struct bits *b, uint32_t n)
{
	bool added;

	if (b->set < PROBE_FEW)
		return few_add(b, n % PROBE_BITS);
	added = word_set(b, n % PROBE_BITS);
	b->set += added;
	return added;
}

/* Field by field: keys have no padding that is not zero. */
struct pair_key pair_key(const struct flow *f)
{
	struct pair_key key;

	memset(&key, 0, sizeof(key));
	key.source = f->src;
	key.target = f->dst;
	return key;
}

struct sweep_key sweep_key(const struct flow *f)
{
	struct sweep_key key;

	memset(&key, 0, sizeof(key));
	key.source = f->src;
	key.port = f->dst_port;
	return key;
}

uint32_t host_number(const struct addr *a)
{
	const struct hash_key fixed = {1, 2};

	return a->family == 4 ? (uint32_t)a->bytes[3] | a->bytes[2] << 8u
			      : (uint32_t)hash_bytes(a, sizeof(*a), fixed);
}

void probe_try(struct probe *p, const struct observation *ob, uint32_t number,
	       int64_t window_ns, uint16_t limit)
{
	int64_t now = ob->time_ns;

	if (p->attempts && !p->found && now - p->first_ns > FORGET_NS)
		memset(p, 0, sizeof(*p));
	if (!p->attempts++)
		p->first_ns = p->window_ns = now;
	if (now - p->window_ns > window_ns) {
		p->window.set = 0;
		p->window_ns = now;
	}
	p->last_ns = now;
	bits_add(&p->window, number);
	if (bits_add(&p->all, number) && p->frame_count < EVIDENCE_MAX &&
	    (p->all.set <= 12 || p->all.set % 64 == 0))
		p->frames[p->frame_count++] = ob->frame;
	p->tried = p->all.set;
	if (!p->hot_ns && p->window.set >= limit)
		p->hot_ns = now;
}

uint32_t probe_worth(const void *now_ns, const void *probe)
{
	const struct probe *p = probe;
	const int64_t *now = now_ns;

	bool heard = p->refused || p->rejected || p->half_opened;

	if ((p->tried < 2 && !heard) || *now - p->last_ns > RECENT_NS)
		return 0;
	return p->tried - 1u + heard;
}

void probe_answered(struct probe *p, const struct flow *f)
{
	p->answered++;
	for (uint8_t i = 0; i < p->open_count; i++)
		if (p->open[i].port == f->dst_port &&
		    addr_equal(&p->open[i].addr, &f->dst))
			return;
	if (p->open_count < PROBE_SHOWN) {
		p->open[p->open_count].addr = f->dst;
		p->open[p->open_count++].port = f->dst_port;
	}
}

const char *probe_many(const struct probe *p, char *out, size_t size)
{
	struct text t = text_over(out, size);

	if (p->all.set > PROBE_BITS / 2)
		text_add(&t, "about %u", p->attempts);
	else
		text_add(&t, "%u", p->all.set);
	return out;
}

void probe_say_open(struct finding *g, const struct probe *p, bool hosts)
{
	char text[ADDR_TEXT];

	for (uint8_t i = 0; i < p->open_count; i++) {
		finding_add(g, "%s", i ? ", " : " Answered: ");
		if (hosts)
			finding_add(g, "%s", addr_text(&p->open[i].addr, text));
		else
			finding_add(g, "%u", p->open[i].port);
	}
	if (p->open_count)
		finding_add(g, "%s",
			    p->open_count == PROBE_SHOWN ? " and more." : ".");
}
