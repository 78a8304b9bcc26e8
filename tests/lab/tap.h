/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tap.h - two network namespaces, each with one card that ends in the lab.
 *
 * The namespaces have no name: they are gone with the last process and the
 * last descriptor, however the lab ends.
 */
#ifndef UPSTACK_TESTS_LAB_TAP_H
#define UPSTACK_TESTS_LAB_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/link.h"

struct frame;

struct host {
	int tap;       /* frames to and from its card */
	int namespace; /* to be entered by its peers */
	bool up;       /* the client: what it sends goes up */
};

/* How the hosts are set up. */
struct plan {
	bool routed;  /* a router between, else one link */
	bool v6;      /* IPv6 addresses only */
	bool offload; /* the cards cut and checksum */
	uint32_t mtu; /* of the cards */
};

/* Make both hosts and tell who the router is. */
void tap_open(const struct plan *plan, struct host host[SIDES],
	      struct router *router);

/* Run a shell command in the namespace of a host; ends the program when it
 * fails. */
void tap_run(const struct host *h, const char *command);

/* Set a value below /proc/sys of a host, "net.ipv4.tcp_sack"; false if there
 * is no such value or it refuses. */
bool tap_sysctl(const struct host *h, const char *name, const char *value);

/* A counter of /proc/net/snmp or netstat of a host, "Tcp" and "RetransSegs". */
uint64_t tap_counter(const struct host *h, const char *group, const char *name);

/* Let the calling process live in the namespace from now on. */
void tap_enter(const struct host *h);

/* The next frame that the host sent, or NULL when there is none. */
struct frame *tap_read(const struct host *h);

/* Hand a frame to the host. */
void tap_write(const struct host *h, const struct frame *f);

#endif
