/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vlan_tags.c - frames whose tag betrays that two ends disagree about it.
 *
 * A message of Cisco's tree per VLAN names the VLAN that its sender meant:
 * where it arrives with another tag, the frames of one VLAN leak into another.
 * And a question that is put untagged, answered under a tag, and put again and
 * again, is one whose answer does not arrive.
 */
#include <stdio.h>
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detect/link_devices.h"
#include "base/table.h"
#include "base/when.h"

enum { SENDERS = 1024, ASKED = 3, DISCOVER = 1, OFFER = 2, ARP_REQUEST = 1 };

#define ANSWER_NS (2 * NS_PER_S)
/* Tries of one round; an entry that is renewed each half minute is none. */
#define ARP_NS	(5 * NS_PER_S)
#define DHCP_NS (90 * NS_PER_S)

const struct finding_def vlan_mismatch = {
	.id = "vlan.mismatch",
	.layer = LAYER_DATA_LINK,
	.most = WARNING,
	.subject = SUBJECT_LINK,
	.title = "Two ends of a link disagree about a VLAN",
	.advice = {"Native and allowed VLANs of both ports"},
};

/* Who sends messages of trees of VLANs without a tag. */
struct sender_key {
	uint32_t interface;
	struct mac mac;
	uint8_t pad[2];
};

struct sender {
	uint16_t untagged; /* the VLAN that it named; 0: none yet */
	bool stripped;	   /* several: the capture lacks the tags */
};

/* A question: of a station, for an address (ARP) or for any (DHCP). */
struct question_key {
	struct mac asker;
	uint8_t pad[2];
	struct addr target;
};

struct question {
	uint32_t interface;
	uint16_t vlan, answer_vlan;
	uint32_t asked, answered; /* answered: under another tag */
	int64_t first_ns, asked_ns;
	bool settled; /* answered where it was put */
	struct frame_list asks, answers;
};

/* Who was told of whom: by the station that answered, what was asked for. */
struct told_key {
	struct mac asker, answerer;
};

struct tag_watch {
	struct table *senders, *questions, *told;
};

static void *tags_open(struct arena *home, const struct limits *limits,
		       struct hash_key key)
{
	const struct table_spec senders = {"senders of PVST+",
					   sizeof(struct sender_key),
					   sizeof(struct sender), SENDERS};
	const struct table_spec questions = {
		"questions and their tags", sizeof(struct question_key),
		sizeof(struct question), limits->neighbours / 4};
	const struct table_spec told = {
		"answers and their tags", sizeof(struct told_key),
		sizeof(struct addr), limits->neighbours / 4};
	struct tag_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->senders = table_new(home, &senders, key);
	w->questions = table_new(home, &questions, key);
	w->told = table_new(home, &told, key);
	return w->senders && w->questions && w->told ? w : NULL;
}

static void leak_raise(const struct observation *o,
		       const struct detector_context *c)
{
	const struct bpdu_fact *m = &o->as.bpdu;
	struct subject subject = subject_link(o->link);
	char mac[MAC_TEXT];
	struct finding *f = finding_raise(c->findings, &vlan_mismatch, &subject,
					  "leak", o->time_ns, o->time_ns);

	if (!f)
		return;
	finding_frame(f, o->frame);
	if (f->count++)
		return;
	mac_text(&m->eth_src, mac);
	finding_title(f, "Frames of VLAN %u arrive with the tag %u",
		      m->message.vlan, o->vlan);
	finding_summary(f,
			"%s sends a message of the spanning tree of VLAN %u, "
			"and it passes here with the tag of VLAN %u (frame "
			"%llu): somewhere between the two VLANs are joined.",
			mac, m->message.vlan, o->vlan,
			(unsigned long long)o->frame);
	finding_filter(f, "stp && eth.src == %s", mac);
	finding_advise(f,
		       "Native and allowed VLANs of both ends of each trunk "
		       "on the way from %s",
		       mac);
}

/* Untagged messages of several VLANs: the capture lacks the tags, and there is
 * nothing to compare.  Untagged ones of one name the native VLAN alone. */
static void note_tree(struct tag_watch *w, const struct observation *o,
		      const struct detector_context *c)
{
	const struct bpdu_fact *m = &o->as.bpdu;
	struct sender_key key;
	struct sender *s;

	if (!m->message.has_vlan || !m->message.vlan)
		return;
	if (o->vlan) {
		if (o->vlan != m->message.vlan)
			leak_raise(o, c);
		return;
	}
	memset(&key, 0, sizeof(key));
	key.interface = o->interface;
	key.mac = m->eth_src;
	s = table_add(w->senders, &key, NULL);
	if (!s)
		return;
	if (s->untagged && s->untagged != m->message.vlan)
		s->stripped = true;
	s->untagged = m->message.vlan;
}

static struct question_key key_of(const struct mac *asker,
				  const struct addr *target)
{
	struct question_key key;

	memset(&key, 0, sizeof(key));
	key.asker = *asker;
	if (target)
		key.target = *target;
	return key;
}

static void asked_raise(const struct question *q,
			const struct question_key *key,
			const struct observation *o,
			const struct detector_context *c)
{
	struct subject subject = subject_link(o->link);
	char mac[MAC_TEXT], what[ADDR_TEXT], asks[FRAMES_TEXT];
	char answers[FRAMES_TEXT], own[32], other[32];
	struct finding *f = finding_raise(c->findings, &vlan_mismatch, &subject,
					  "answers", q->first_ns, o->time_ns);

	if (!f)
		return;
	f->count = q->asked;
	f->confidence = LIKELY;
	finding_restate(f);
	mac_text(&key->asker, mac);
	snprintf(own, sizeof(own), q->vlan ? "in VLAN %u" : "untagged",
		 q->vlan);
	snprintf(other, sizeof(other),
		 q->answer_vlan ? "in VLAN %u" : "untagged", q->answer_vlan);
	finding_title(f, "%s asks %s and is answered %s", mac, own, other);
	finding_summary(f,
			"%s asked %s %s, %u times (%s). Each time the answer "
			"came %s (%s), and it asked again: the answer does not "
			"reach it.",
			mac,
			key->target.family ? addr_text(&key->target, what)
					   : "a DHCP server",
			own, q->asked, frames_text(&q->asks, asks), other,
			frames_text(&q->answers, answers));
	finding_filter(f, "eth.addr == %s", mac);
	finding_advise(f,
		       "Native and allowed VLANs of the port of %s, and of "
		       "the trunks behind it",
		       mac);
	frames_prove(&q->asks, f);
	frames_prove(&q->answers, f);
}

/* Put again after an answer under another tag, and not answered here. */
static void ask(struct tag_watch *w, const struct question_key *key,
		const struct observation *o, const struct detector_context *c)
{
	struct question *q = table_add(w->questions, key, NULL);

	if (!q)
		return;
	if (!q->asked ||
	    o->time_ns - q->asked_ns >
		    (key->target.family ? ARP_NS : DHCP_NS) ||
	    q->vlan != o->vlan || q->interface != o->interface) {
		memset(q, 0, sizeof(*q));
		q->interface = o->interface;
		q->vlan = o->vlan;
		q->first_ns = o->time_ns;
	}
	q->asked++;
	q->asked_ns = o->time_ns;
	frames_note(&q->asks, o->frame);
	if (!q->settled && q->asked > ASKED && q->answered >= ASKED)
		asked_raise(q, key, o, c);
}

static void answer(struct tag_watch *w, const struct question_key *key,
		   const struct mac *answerer, const struct observation *o)
{
	const struct told_key told = {key->asker, *answerer};
	struct question *q = table_find(w->questions, key);
	struct addr *target;

	if (!q || q->interface != o->interface ||
	    o->time_ns - q->asked_ns > ANSWER_NS)
		return;
	if (q->vlan == o->vlan) {
		q->settled = true;
		return;
	}
	target = table_add(w->told, &told, NULL);
	if (target)
		*target = key->target;
	q->answer_vlan = o->vlan;
	q->answered++;
	frames_note(&q->answers, o->frame);
}

static void note_arp(struct tag_watch *w, const struct observation *o,
		     const struct detector_context *c)
{
	const struct arp_fact *a = &o->as.arp;
	bool asks = a->operation == ARP_REQUEST;
	struct question_key key = asks ? key_of(&a->sender_mac, &a->target)
				       : key_of(&a->target_mac, &a->sender);

	if (asks && !addr_is_unspecified(&a->sender) &&
	    !addr_equal(&a->sender, &a->target))
		ask(w, &key, o, c);
	else if (!asks)
		answer(w, &key, &a->sender_mac, o);
}

static void note_dhcp(struct tag_watch *w, const struct observation *o,
		      const struct detector_context *c)
{
	const struct dhcp_fact *d = &o->as.dhcp;
	struct question_key key = key_of(&d->client, NULL);

	if (d->from_client && d->type == DISCOVER)
		ask(w, &key, o, c);
	else if (!d->from_client && d->type == OFFER)
		answer(w, &key, &d->eth_src, o);
}

/* It sends to whom it asked for, or through the station that answered: the
 * answer did arrive. */
static void note_talk(struct tag_watch *w, const struct observation *o)
{
	const struct talk_fact *t = &o->as.talk;
	const struct told_key told = {t->src_mac, t->dst_mac};
	const struct addr *target = table_find(w->told, &told);
	struct question_key key =
		key_of(&t->src_mac, target ? target : &t->dst);
	struct question *q = table_find(w->questions, &key);

	if (q)
		q->settled = true;
}

static void tags_observe(void *self, const struct observation *o,
			 const struct detector_context *c)
{
	if (o->kind == OBS_BPDU)
		note_tree(self, o, c);
	else if (o->kind == OBS_ARP)
		note_arp(self, o, c);
	else if (o->kind == OBS_TALK)
		note_talk(self, o);
	else
		note_dhcp(self, o, c);
}

static void tags_limits(void *self, struct checks *out)
{
	const struct tag_watch *w = self;

	check_table(out, w->questions);
	check_table(out, w->told);
}

static const struct finding_def *const tags_findings[] = {&vlan_mismatch, NULL};

static const enum observation_kind tags_wants[] = {OBS_BPDU, OBS_ARP, OBS_DHCP,
						   OBS_TALK, OBSERVATIONS};

const struct detector vlan_tags_detector = {
	.name = "vlan_tags",
	.findings = tags_findings,
	.wants = tags_wants,
	.open = tags_open,
	.observe = tags_observe,
	.limits = tags_limits,
};
