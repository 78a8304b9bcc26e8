/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab.c - plays one scenario.
 *
 *   lab SCENARIO FOLDER     writes client.pcap, middle.pcap, server.pcap,
 *                           truth.jsonl, peers.jsonl and counters.json
 *   lab --check SCENARIO... reads scenarios and does nothing
 *
 * Two network namespaces hold the hosts, with kernels of their own; this
 * process is the path between their cards.  It needs root; exit status 77 says
 * that the machine does not permit it.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/fail.h"
#include "lab/frame.h"
#include "lab/peers.h"
#include "lab/record.h"
#include "lab/scenario.h"
#include "lab/segment.h"
#include "lab/tap.h"

#define NS_PER_S 1000000000LL
#define MS	 1000000LL

enum { LOOK_EVERY_MS = 20, HEAD_START_MS = 150, PATH = 4096 };

struct lab {
	const struct scenario *scenario;
	struct host host[SIDES];
	struct router router;
	struct record *record;
	struct link *link;
	struct dice dice;
	int64_t begin_ns;
	uint32_t flooded[FLOODS_MAX];
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static void deliver(void *context, const struct frame *f)
{
	struct lab *lab = context;

	tap_write(&lab->host[f->up ? SERVER_SIDE : CLIENT_SIDE], f);
}

/* A super-packet is captured whole above the card, and its frames behind. */
static void take_super(struct lab *lab, struct frame *super, int64_t at_ns)
{
	record_begin(lab->record, super, (struct origin){0});
	record_pass(lab->record, super, super->up ? AT_CLIENT : AT_SERVER);
	frame_finish_checksum(super);
	for (uint32_t n = 0; n < segment_count(super); n++) {
		struct frame *f = segment_cut(super, n);

		record_begin(lab->record, f,
			     (struct origin){.part_of = super->record});
		link_enter(lab->link, f, at_ns);
	}
	free(super);
}

static void take(struct lab *lab, struct frame *f, int64_t at_ns)
{
	if (segment_count(f) > 1) {
		take_super(lab, f, at_ns);
		return;
	}
	record_begin(lab->record, f, (struct origin){0});
	record_pass(lab->record, f, f->up ? AT_CLIENT : AT_SERVER);
	frame_finish_checksum(f);
	link_enter(lab->link, f, at_ns);
}

static void take_all(struct lab *lab)
{
	for (int side = 0; side < SIDES; side++) {
		struct frame *f;

		while ((f = tap_read(&lab->host[side])))
			take(lab, f, now_ns() - lab->begin_ns);
	}
}

/* The frames of floods that are due; returns when the next one is. */
static int64_t flood(struct lab *lab, int64_t at_ns)
{
	int64_t next = INT64_MAX;

	for (uint32_t i = 0; i < lab->scenario->floods; i++) {
		const struct flood *spec = &lab->scenario->flood[i];
		uint32_t *n = &lab->flooded[i];
		int64_t due = spec->from_ns + *n * spec->every_ns;

		for (; *n < spec->count && due <= at_ns;
		     due = spec->from_ns + ++*n * spec->every_ns) {
			struct frame *f =
				forge_flood(&lab->router, spec, *n, &lab->dice);

			record_begin(lab->record, f,
				     (struct origin){.forged = true});
			record_pass(lab->record, f,
				    f->up ? AT_CLIENT : AT_SERVER);
			link_enter(lab->link, f, at_ns);
		}
		if (*n < spec->count && due < next)
			next = due;
	}
	return next;
}

static void sleep_until(struct lab *lab, int64_t at_ns)
{
	struct pollfd fd[SIDES];
	int64_t now = now_ns() - lab->begin_ns;
	int64_t soon = now + LOOK_EVERY_MS * MS;
	int64_t wait = (at_ns < soon ? at_ns : soon) - now;
	struct timespec most;

	for (int side = 0; side < SIDES; side++)
		fd[side] = (struct pollfd){lab->host[side].tap, POLLIN, 0};
	if (wait <= 0)
		return;
	most = (struct timespec){.tv_nsec = wait};
	if (ppoll(fd, SIDES, &most, NULL) < 0 && errno != EINTR)
		fail_system("poll");
}

static void play(struct lab *lab, struct peers *peers)
{
	int64_t ended = 0, looked = 0;

	for (;;) {
		int64_t at = now_ns() - lab->begin_ns, next, more;

		record_pause(lab->record, at < lab->scenario->capture_ns);
		take_all(lab);
		more = flood(lab, at);
		next = link_move(lab->link, now_ns() - lab->begin_ns);
		if (at - looked > LOOK_EVERY_MS * MS) {
			looked = at;
			if (!ended && !peers_busy(peers))
				ended = at;
		}
		if (at > lab->scenario->until_ns ||
		    (ended && at - ended > lab->scenario->linger_ns))
			return;
		sleep_until(lab, next < more ? next : more);
	}
}

static void set_sysctls(const struct lab *lab)
{
	for (uint32_t i = 0; i < lab->scenario->sysctls; i++) {
		const struct sysctl *c = &lab->scenario->sysctl[i];

		if (!tap_sysctl(&lab->host[c->side], c->name, c->value))
			fail("cannot set %s to %s", c->name, c->value);
	}
}

static void write_counters(const struct lab *lab, const char *folder)
{
	static const char *const names[] = {
		"RetransSegs",	     "TCPTimeouts",	"TCPLossProbes",
		"TCPLostRetransmit", "TCPSpuriousRTOs", "TCPDSACKRecv",
		"PAWSEstab",	     "ListenOverflows", "ListenDrops",
		"TCPChallengeACK",   "InCsumErrors",	"TCPFastOpenActive"};
	char path[PATH];
	FILE *out;

	snprintf(path, sizeof(path), "%s/counters.json", folder);
	out = fopen(path, "w");
	if (!out)
		fail_system(path);
	for (int side = 0; side < SIDES; side++) {
		const struct host *h = &lab->host[side];

		fprintf(out, "%s\"%s\":{", side ? "},\n" : "{",
			side ? "server" : "client");
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			uint64_t n = tap_counter(h, "TcpExt", names[i]);

			if (!n)
				n = tap_counter(h, "Tcp", names[i]);
			fprintf(out, "%s\"%s\":%llu", i ? "," : "", names[i],
				(unsigned long long)n);
		}
	}
	fputs("}}\n", out);
	fclose(out);
}

/* Delays double on a busy machine unless the path is served first. */
static void be_prompt(void)
{
	struct sched_param first = {.sched_priority = 1};

	sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first);
}

static void run(const struct scenario *s, const char *folder)
{
	struct lab lab = {.scenario = s, .dice = {s->seed}};
	struct peers *peers;

	tap_open(&s->plan, lab.host, &lab.router);
	set_sysctls(&lab);
	lab.record = record_open(folder, s->snaplen);
	lab.link = link_new(s->pipe, &lab.router, s->seed, lab.record);
	link_deliver_to(lab.link, deliver, &lab);
	lab.begin_ns = now_ns() + HEAD_START_MS * MS;
	peers = peers_start(s, lab.host, folder, lab.begin_ns);
	be_prompt();
	play(&lab, peers);
	write_counters(&lab, folder);
	record_close(lab.record);
	peers_end(peers);
	link_free(lab.link);
}

int main(int argc, char **argv)
{
	struct scenario *scenario;

	if (argc > 2 && strcmp(argv[1], "--check") == 0) {
		for (int i = 2; i < argc; i++)
			scenario_free(scenario_read(argv[i]));
		return 0;
	}
	if (argc != 3) {
		fputs("usage: lab SCENARIO FOLDER | lab --check SCENARIO...\n",
		      stderr);
		return 2;
	}
	scenario = scenario_read(argv[1]);
	run(scenario, argv[2]);
	scenario_free(scenario);
	return 0;
}
