/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spanning_tree.c - a tree of bridges that does not come to rest: topology
 * changes one after the other, and another root.  IEEE 802.1D-2004.
 *
 * A change is announced for a while (35 s in the old protocol, some seconds in
 * the rapid one): what counts is the rise of the flag, not how many messages
 * bear it.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"

enum { TREES = 1024, CHANGES = 2, ROOTS_WARN = 2 };

#define WINDOW_NS (600 * NS_PER_S)
#define ONE_NS	  (5 * NS_PER_S) /* a TCN and the flag that follows it */
#define CLAIM_NS  (4 * NS_PER_S) /* a bridge that starts calls itself root */

static const struct finding_def stp_topology_change = {
	.id = "stp.topology_change",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_LINK,
	.title = "The spanning tree changes again and again",
};

static const struct finding_def stp_root_change = {
	.id = "stp.root_change",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_LINK,
	.title = "The root of the spanning tree changed",
};

struct tree_key {
	uint32_t link;
	uint32_t vlan; /* PVST+; 0: the common tree */
};

/* A port of a bridge, as it speaks in one tree. */
struct speaker_key {
	struct tree_key tree;
	struct mac mac;
	uint8_t pad[2];
};

struct speaker {
	bool quiet; /* its last message bore no change */
};

struct tree {
	int64_t rise_ns; /* the last rise; 0: none */
	int64_t first_ns;
	uint32_t changes;
	struct frame_list frames;
	struct mac from; /* who announced the last one */
	/* the root */
	struct bridge_id root, before, candidate;
	uint64_t root_frame, candidate_frame;
	int64_t root_last_ns, candidate_ns;
	int64_t root_since_ns;
	bool has_candidate, root_settled;
	uint32_t root_changes;
	int64_t root_first_ns;
	struct frame_list root_frames;
};

struct tree_watch {
	struct table *trees, *speakers;
};

static void *tree_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec spec = {"spanning trees",
					sizeof(struct tree_key),
					sizeof(struct tree), TREES};
	const struct table_spec speakers = {"speakers of spanning trees",
					    sizeof(struct speaker_key),
					    sizeof(struct speaker), TREES};
	struct tree_watch *w = arena_alloc(home, sizeof(*w));

	(void)limits;
	if (!w)
		return NULL;
	w->trees = table_new(home, &spec, key);
	w->speakers = table_new(home, &speakers, key);
	return w->trees && w->speakers ? w : NULL;
}

static void name_tree(struct finding *f, const struct tree_key *key)
{
	if (key->vlan)
		finding_add(f, " of VLAN %u", key->vlan);
}

static void change_raise(const struct tree *t, const struct tree_key *key,
			 int64_t now_ns, const struct detector_context *c)
{
	struct subject subject = subject_link(key->link);
	char took[WHEN_TEXT], list[FRAMES_TEXT], mac[MAC_TEXT];
	struct finding *f = finding_raise(c->findings, &stp_topology_change,
					  &subject, "", t->first_ns, now_ns);

	/* the trees of several VLANs change together */
	if (!f || f->count > t->changes)
		return;
	f->count = t->changes;
	finding_restate(f);
	finding_title(f, "The spanning tree changed %u times in %s", t->changes,
		      when_duration(now_ns - t->first_ns, took));
	finding_summary(f, "The tree");
	name_tree(f, key);
	finding_add(f,
		    " announced %u changes (%s), the last one by %s. At each "
		    "of them the switches forget where their stations are, and "
		    "flood until they have learned it again: a port goes up "
		    "and down.",
		    t->changes, frames_text(&t->frames, list),
		    mac_text(&t->from, mac));
	finding_filter(f, "stp.flags.tc == 1 || stp.type == 0x80");
	finding_advise(f, "Edge (portfast) on ports with hosts: they then "
			  "announce nothing");
	finding_advise(f, "On the switch: which port sent the last change "
			  "(show spanning-tree detail)");
	frames_prove(&t->frames, f);
}

/* A change begins: the first of the window, or one more. */
static void rise(struct tree *t, const struct tree_key *key,
		 const struct observation *o, const struct detector_context *c)
{
	if (t->rise_ns && o->time_ns - t->rise_ns < ONE_NS)
		return;
	if (!t->changes || o->time_ns - t->first_ns > WINDOW_NS) {
		t->first_ns = o->time_ns;
		t->changes = 0;
		t->frames.count = 0;
	}
	t->rise_ns = o->time_ns;
	t->from = o->as.bpdu.eth_src;
	t->changes++;
	frames_note(&t->frames, o->frame);
	if (t->changes >= CHANGES)
		change_raise(t, key, o->time_ns, c);
}

/* In the very first message of a port it may have begun long ago. */
static void note_change(struct tree_watch *w, struct tree *t,
			const struct tree_key *key, const struct observation *o,
			const struct detector_context *c)
{
	const struct bpdu *m = &o->as.bpdu.message;
	bool changes = m->flags & BPDU_CHANGE;
	struct speaker_key who = {.tree = *key, .mac = o->as.bpdu.eth_src};
	struct speaker *s;

	if (m->type == BPDU_TCN) {
		rise(t, key, o, c);
		return;
	}
	s = table_add(w->speakers, &who, NULL);
	if (s && s->quiet && changes)
		rise(t, key, o, c);
	if (s)
		s->quiet = !changes;
}

static void root_raise(const struct tree *t, const struct tree_key *key,
		       int64_t now_ns, const struct detector_context *c)
{
	struct subject subject = subject_link(key->link);
	char old[BRIDGE_TEXT], new[BRIDGE_TEXT], at[WHEN_TEXT];
	char list[FRAMES_TEXT];
	bool better = bridge_id_compare(&t->root, &t->before) < 0;
	struct finding *f =
		finding_raise(c->findings, &stp_root_change, &subject, "",
			      t->root_first_ns, now_ns);

	if (!f || f->count > t->root_changes)
		return;
	f->count = t->root_changes;
	f->severity = better && t->root_changes < ROOTS_WARN ? NOTICE : WARNING;
	finding_restate(f);
	bridge_id_text(&t->before, old);
	bridge_id_text(&t->root, new);
	finding_title(f, "The root of the spanning tree changed from %s to %s",
		      old, new);
	finding_summary(f, "Since %s (frame %llu) the tree",
			when_clock(t->candidate_ns, at),
			(unsigned long long)t->candidate_frame);
	name_tree(f, key);
	finding_add(f, " has the root %s in place of %s (priority/MAC), %s. ",
		    new, old,
		    better ? "a better one that came up"
			   : "which is worse: the old one was lost");
	if (t->root_changes > 1)
		finding_add(f, "It changed %u times in all (%s). ",
			    t->root_changes,
			    frames_text(&t->root_frames, list));
	finding_add(f, "While the tree is built anew, traffic stands still or "
		       "takes other ways.");
	finding_filter(f, "stp");
	finding_advise(f,
		       "Is %s meant to be the root? Give the wanted root the "
		       "lowest priority",
		       new);
	finding_advise(f, "Root guard on ports behind which no root belongs");
	frames_prove(&t->root_frames, f);
}

/* Another root must last: a bridge that has just started takes itself for one
 * until it hears better. */
static void note_root(struct tree *t, const struct tree_key *key,
		      const struct observation *o,
		      const struct detector_context *c)
{
	const struct bridge_id *root = &o->as.bpdu.message.root;

	if (!t->root_last_ns ||
	    (!t->root_settled && bridge_id_compare(root, &t->root) != 0)) {
		t->root = *root;
		t->root_since_ns = o->time_ns;
	} else if (bridge_id_compare(root, &t->root) == 0) {
		t->has_candidate = false;
	} else if (!t->has_candidate ||
		   bridge_id_compare(root, &t->candidate) != 0) {
		t->has_candidate = true;
		t->candidate = *root;
		t->candidate_ns = o->time_ns;
		t->candidate_frame = o->frame;
		return;
	} else if (o->time_ns - t->candidate_ns >= CLAIM_NS) {
		if (!t->root_changes++)
			t->root_first_ns = t->candidate_ns;
		frames_note(&t->root_frames, t->root_frame);
		frames_note(&t->root_frames, t->candidate_frame);
		t->before = t->root;
		t->root = *root;
		t->has_candidate = false;
		root_raise(t, key, o->time_ns, c);
	} else {
		return;
	}
	t->root_settled |= o->time_ns - t->root_since_ns >= CLAIM_NS;
	t->root_last_ns = o->time_ns;
	t->root_frame = o->frame;
}

static void tree_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	const struct bpdu *m = &o->as.bpdu.message;
	struct tree_key key = {o->link, m->has_vlan ? m->vlan : 0};
	struct tree_watch *w = self;
	struct tree *t = table_add(w->trees, &key, NULL);

	if (!t)
		return;
	note_change(w, t, &key, o, c);
	if (m->type != BPDU_TCN)
		note_root(t, &key, o, c);
}

static void tree_checked(void *self, const struct detector_context *c,
			 struct checks *out)
{
	const struct tree_watch *w = self;
	char root[BRIDGE_TEXT];

	(void)c;
	for (struct tree *t = table_oldest(w->trees); t;
	     t = table_newer(w->trees, t)) {
		if (!t->root_last_ns || t->root_changes ||
		    t->changes >= CHANGES)
			continue;
		check_add(out, CHECK_WORKS, LAYER_DATA_LINK,
			  "a spanning tree at rest, with the root %s",
			  bridge_id_text(&t->root, root));
		return;
	}
}

static void tree_limits(void *self, struct checks *out)
{
	const struct tree_watch *w = self;

	check_table(out, w->trees);
	check_table(out, w->speakers);
}

static const struct finding_def *const tree_findings[] = {
	&stp_topology_change, &stp_root_change, NULL};

static const enum observation_kind tree_wants[] = {OBS_BPDU, OBSERVATIONS};

const struct detector spanning_tree_detector = {
	.name = "spanning_tree",
	.findings = tree_findings,
	.wants = tree_wants,
	.open = tree_open,
	.observe = tree_observe,
	.checked = tree_checked,
	.limits = tree_limits,
};
