/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_reset.c - who sent a RST: findings-tcp 3.3. */
#include "analysis/track/tcp_connection.h"

void reset_take(struct step *k)
{
	struct connection *c = k->c;

	k->s->bits |= SIDE_RST;
	k->s->packets++;
	k->s->last_ns = k->now_ns;
	k->s->last_frame = (uint32_t)k->p->frame.number;
	event_simple(k, k->dir, SEG_RESET, k->s->nxt, 0);
	if (c->bits & CONN_CLOSED)
		return;
	c->bits |= CONN_CLOSED;
	c->closed_ns = k->now_ns;
}

void reset_after(struct step *k)
{
	(void)k;
}
