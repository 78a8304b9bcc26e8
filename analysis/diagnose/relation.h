/* SPDX-License-Identifier: BSD-3-Clause */
/* relation.h - what must hold between a cause and its consequence. */
#ifndef UPSTACK_ANALYSIS_DIAGNOSE_RELATION_H
#define UPSTACK_ANALYSIS_DIAGNOSE_RELATION_H

#include "analysis/diagnose/diagnose.h"

/* All of them: whether `root` can explain `effect` by where both stand; time
 * and confidence are checked by causes.c for every edge. */
typedef bool relation_fn(const struct finding *root,
			 const struct finding *effect,
			 const struct knowledge *known);

relation_fn related_always;    /* the whole capture or link */
relation_fn related_interface; /* the root's interface saw the effect */
relation_fn related_grave;     /* the same, where the root is no mere note */
relation_fn related_station;   /* the root's station is the effect's or asked;
				  if none is known, the one that captured */
relation_fn related_flow;      /* one connection, either way */
relation_fn related_same_flow; /* one connection, the same way */
relation_fn related_frames;    /* one connection, proved by one frame */
relation_fn related_losses;    /* the same, and a stall by losses */
relation_fn related_closed;    /* one connection, and a stall by its window */
relation_fn related_timer;     /* the same, and a stall by a delayed ACK */
relation_fn related_acks;      /* the same, and a stall by lost ACKs */
relation_fn related_still;     /* the root is of many connections, and all of
				  the effect lies in its time */
relation_fn related_end;       /* the root's service is an end of the effect */
relation_fn related_path;      /* the same two hosts, either way */
relation_fn related_direction; /* the same two hosts, the same way */
relation_fn related_service;   /* one address and port */
relation_fn related_visit;     /* the same two hosts and service, either way */
relation_fn related_upstream;  /* who asked the root's server is who was asked
				  in the effect */
relation_fn related_host;      /* the root's host is an end of the effect */
relation_fn related_target;    /* the root's host is who was asked */
relation_fn related_client;    /* the root's `from` or host is who asks */
relation_fn related_behind;    /* the effect's peer is off the link, and the
				  root's host is the way there */
relation_fn related_size;      /* the root's MTU lies between what passes and
				  what fails of the effect, whose sender sends
				  over that link */
relation_fn related_way;	       /* the root's host is an end of the effect,
				  or the way there */
relation_fn related_holder;    /* the same, where it is known as a gateway */
relation_fn related_told;      /* the root's client went to its address */
relation_fn related_name;      /* the same name */

/* Whether a finding is about this connection, or about others of its client
 * with its service. */
bool related_original(const struct finding *root, const struct flow *original);

#endif
