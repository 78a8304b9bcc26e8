/* SPDX-License-Identifier: BSD-3-Clause */
/* rule.c - which frames a rule means, and what it changes in them. */
#include "lab/rule.h"

#include <string.h>

#include "lab/frame.h"
#include "lab/record.h"

enum { TIME_STAMPS = 8 };

/* SplitMix64 (Steele, Lea, Flood 2014): one word of state, any seed. */
double dice_roll(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

static uint32_t tcp_kinds(const struct view *v)
{
	uint32_t kinds = IS_TCP;

	if (v->flags & SYN)
		kinds |= v->flags & ACK ? IS_SYNACK : IS_SYN;
	if (v->flags & FIN)
		kinds |= IS_FIN;
	if (v->flags & RST)
		kinds |= IS_RST;
	if (v->data)
		kinds |= IS_DATA;
	return kinds == IS_TCP ? kinds | IS_ACK : kinds;
}

static uint32_t kinds_of(const struct frame *f)
{
	switch (f->view.protocol) {
	case 6:
		return tcp_kinds(&f->view);
	case 17:
		return IS_UDP;
	case 1:
	case 58:
		return IS_ICMP;
	default:
		return get16(f->bytes + 12) == 0x0806 ? IS_ARP : 0;
	}
}

static bool is_of(const struct frame *f, const uint8_t host[4])
{
	return f->view.version == 4 && (memcmp(frame_source(f), host, 4) == 0 ||
					memcmp(frame_target(f), host, 4) == 0);
}

static bool looks_right(const struct rule *r, struct record *record,
			const struct frame *f)
{
	const struct view *v = &f->view;

	if (r->kinds && !(r->kinds & kinds_of(f)))
		return false;
	if (r->over && v->ip_bytes <= r->over)
		return false;
	if (r->under && v->ip_bytes >= r->under)
		return false;
	if (r->port && r->port != v->source_port && r->port != v->target_port)
		return false;
	if (r->host[0] && !is_of(f, r->host))
		return false;
	if (r->flow && r->flow != record_flow(record, f))
		return false;
	return !r->attempt || r->attempt == record_sent_before(record, f) + 1;
}

/* Gilbert's two states: in a burst every frame is meant. */
static bool bursts(struct rule *r, struct dice *dice)
{
	double roll = dice_roll(dice);

	r->in_burst = r->in_burst ? roll >= r->leave : roll < r->enter;
	return r->in_burst;
}

bool rule_meets(struct rule *r, struct dice *dice, struct record *record,
		const struct frame *f, int64_t now_ns)
{
	if (now_ns < r->from_ns || (r->until_ns && now_ns >= r->until_ns))
		return false;
	if (!looks_right(r, record, f))
		return false;
	r->met++;
	if (r->first && (r->met < r->first || r->met > r->last))
		return false;
	if (r->every && r->met % r->every)
		return false;
	if (r->enter > 0 && !bursts(r, dice))
		return false;
	if (r->chance < 1 && dice_roll(dice) >= r->chance)
		return false;
	if (r->times && r->done >= r->times)
		return false;
	r->done++;
	return true;
}

static bool strip(struct frame *f, uint8_t kind)
{
	uint8_t *option = frame_option(f, kind);

	if (!option)
		return false;
	memset(option, 1, option[1]);
	return true;
}

static bool make_older(struct frame *f, uint32_t ticks)
{
	uint8_t *option = frame_option(f, TIME_STAMPS);

	if (!option)
		return false;
	put32(option + 2, get32(option + 2) - ticks);
	return true;
}

static void set_ttl(struct frame *f, uint8_t ttl)
{
	f->bytes[ETHERNET + (f->view.version == 4 ? 8 : 7)] = ttl;
}

/* ECN is the low two bits of the traffic class (RFC 3168 section 5). */
static bool mark(struct frame *f)
{
	uint8_t *at = f->bytes + ETHERNET + 1;
	uint8_t shift = f->view.version == 4 ? 0 : 4;

	if (!(*at >> shift & 3))
		return false;
	*at |= (uint8_t)(3 << shift);
	return true;
}

bool rule_change(const struct rule *r, struct frame *f)
{
	bool changed = f->view.version != 0;

	switch (changed ? r->action : DROP) {
	case CORRUPT:
		/* added, so that twice does not make it whole again */
		f->bytes[ETHERNET + f->view.ip_bytes - 1] += 0x10;
		return true;
	case TTL:
		set_ttl(f, (uint8_t)r->amount);
		break;
	case STRIP:
		changed = strip(f, (uint8_t)r->amount);
		break;
	case OLDER:
		changed = make_older(f, (uint32_t)r->amount);
		break;
	case MARK:
		changed = mark(f);
		break;
	case WINDOW:
		changed = f->view.protocol == 6;
		if (changed)
			put16(f->bytes + f->view.transport + 14,
			      (uint32_t)r->amount);
		break;
	default:
		return false;
	}
	if (changed)
		frame_checksum(f);
	return changed;
}
