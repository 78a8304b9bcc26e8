/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * redirect.c - a router points at a better one: obeyed or not (RFC 792, RFC
 * 1122 section 3.2.2.2, RFC 4861 section 8).
 */
#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/when.h"
#include "base/text.h"

#define OBEY_NS (5 * NS_PER_S)

static const struct finding_def redirect_def = {
	.id = "icmp.redirect",
	.layer = LAYER_NETWORK,
	.most = NOTICE,
	.subject = SUBJECT_PATH,
	.title = "A router points at a better one",
};

struct redirect_key {
	struct addr host, destination;
};

struct redirect {
	struct redirect_key key;
	struct addr reporter, gateway;
	struct mac router;	     /* where the redirect came from */
	uint32_t count, link, still; /* still: sent to the old one later */
	bool obeyed, stranger, told; /* told: which of the two is settled */
	int64_t first_ns, last_ns;
	uint64_t obeyed_frame;
	struct frame_list frames;
};

struct redirects {
	struct table *redirects;
	int64_t next_ns;
};

static void *redirect_open(struct arena *home, const struct limits *limits,
			   struct hash_key key)
{
	struct redirects *w = arena_alloc(home, sizeof(*w));
	struct table_spec spec = {"redirects", sizeof(struct redirect_key),
				  sizeof(struct redirect), limits->paths / 4};

	if (!w)
		return NULL;
	w->redirects = table_new(home, &spec, key);
	return w->redirects ? w : NULL;
}

static void observe_redirect(struct redirects *w, const struct observation *o,
			     const struct detector_context *c)
{
	const struct redirect_fact *f = &o->as.redirect;
	struct redirect_key key = {f->host, f->destination};
	struct redirect *r = table_add(w->redirects, &key, NULL);

	if (!r)
		return;
	if (!r->count++) {
		r->key = key;
		r->link = o->link;
		r->first_ns = o->time_ns;
	}
	r->reporter = f->reporter;
	r->gateway = f->gateway;
	r->router = f->eth_src;
	r->last_ns = o->time_ns;
	r->stranger = known_gateway(c->known, o->link, &f->host,
				    &f->reporter) == PROOF_NONE;
	frames_note(&r->frames, o->frame);
}

/* Where the host sends packets for that destination afterwards. */
static void observe_talk(struct redirects *w, const struct observation *o)
{
	const struct talk_fact *t = &o->as.talk;
	struct redirect_key key = {t->src, t->dst};
	struct redirect *r;

	if (!t->has_macs || !table_count(w->redirects))
		return;
	r = table_find(w->redirects, &key);
	if (!r || o->link != r->link || o->time_ns <= r->first_ns)
		return;
	if (mac_equal(&t->dst_mac, &r->router)) {
		r->still += o->time_ns - r->first_ns > OBEY_NS;
	} else if (!mac_equal(&t->src_mac, &r->router) && !r->obeyed &&
		   !r->told) {
		r->obeyed = true;
		r->obeyed_frame = o->frame;
		frames_note(&r->frames, o->frame);
	}
}

static void redirect_observe(void *self, const struct observation *o,
			     const struct detector_context *c)
{
	if (o->kind == OBS_REDIRECT)
		observe_redirect(self, o, c);
	else
		observe_talk(self, o);
}

static void tell(const struct redirect *r, const struct detector_context *c)
{
	char host[ADDR_TEXT], dst[ADDR_TEXT], by[ADDR_TEXT], to[ADDR_TEXT];
	char list[FRAMES_TEXT];
	struct subject s = subject_path(&r->key.host, &r->key.destination);
	struct finding *f = finding_raise(c->findings, &redirect_def, &s,
					  r->obeyed ? "obeyed" : "",
					  r->first_ns, r->last_ns);

	if (!f)
		return;
	finding_restate(f);
	f->count = r->count;
	frames_prove(&r->frames, f);
	addr_text(&r->key.host, host);
	addr_text(&r->key.destination, dst);
	addr_text(&r->reporter, by);
	addr_text(&r->gateway, to);
	finding_title(f, "%s tells %s to reach %s by %s", by, host, dst, to);
	finding_summary(f,
			"%s redirected %s %u time%s: packets to %s should go "
			"to %s directly (%s).",
			by, host, r->count, plural(r->count), dst, to,
			frames_text(&r->frames, list));
	if (r->obeyed)
		finding_add(f, " %s obeyed (frame %llu).", host,
			    (unsigned long long)r->obeyed_frame);
	else if (r->still)
		finding_add(f,
			    " %s goes on sending to %s: every such packet "
			    "crosses the link twice.",
			    host, by);
	if (r->stranger)
		finding_add(f,
			    " %s was not seen to be a gateway of %s: who "
			    "redirects can also listen in.",
			    by, host);
	finding_advise(f, "%s route get %s   on %s",
		       r->key.host.family == 6 ? "ip -6" : "ip", dst, host);
	finding_advise(f, "sysctl net.ipv4.conf.all.send_redirects   on %s",
		       by);
}

/* Once it is seen what the host makes of it. */
static void redirect_clock(void *self, const struct detector_context *c)
{
	struct redirects *w = self;

	if (c->now_ns < w->next_ns || !table_count(w->redirects))
		return;
	w->next_ns = c->now_ns + NS_PER_S;
	for (struct redirect *r = table_oldest(w->redirects); r;
	     r = table_newer(w->redirects, r)) {
		if (!r->obeyed && !r->still)
			continue;
		r->told = true;
		tell(r, c);
	}
}

static void redirect_finish(void *self, const struct detector_context *c)
{
	const struct redirects *w = self;

	for (struct redirect *r = table_oldest(w->redirects); r;
	     r = table_newer(w->redirects, r))
		tell(r, c);
}

static void redirect_limits(void *self, struct checks *out)
{
	const struct redirects *w = self;

	check_table(out, w->redirects);
}

static const struct finding_def *const redirect_findings[] = {&redirect_def,
							      NULL};

static const enum observation_kind redirect_wants[] = {OBS_REDIRECT, OBS_TALK,
						       OBSERVATIONS};

const struct detector redirect_detector = {
	.name = "redirect",
	.findings = redirect_findings,
	.wants = redirect_wants,
	.open = redirect_open,
	.observe = redirect_observe,
	.clock = redirect_clock,
	.finish = redirect_finish,
	.limits = redirect_limits,
};
