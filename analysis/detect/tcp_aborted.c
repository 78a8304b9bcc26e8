/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_aborted.c - a RST on a connection in use: by which end, or by neither. */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/when.h"

enum { NO_SOCKET = 2, INJECTED = 5, TTL_OFF = 2 };

#define OLD_NS NS_PER_S

static const struct finding_def reset = {
	.id = "tcp.reset",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	/* that something was out, or asked, and not answered */
	.relies =
		RELIES_SEQUENCE | RELIES_OPENING | RELIES_ABSENCE | RELIES_EACH,
	.title = "A connection in use was aborted",
	.advice = {"Look into the log of the application at the end that sent "
		   "the RST"},
};

static const struct finding_def injected = {
	.id = "tcp.reset_injected",
	.layer = LAYER_TRANSPORT,
	.most = CRITICAL,
	.subject = SUBJECT_FLOW,
	.relies = RELIES_SEQUENCE | RELIES_OPENING,
	.title = "A reset did not come from the peer whose name it bears",
	.advice = {"Look for a firewall, an intrusion prevention system or an "
		   "attacker on the path: compare the TTLs"},
};

static const struct finding_def half_open = {
	.id = "tcp.half_open",
	.layer = LAYER_TRANSPORT,
	.most = WARNING,
	.subject = SUBJECT_FLOW,
	.relies =
		RELIES_SEQUENCE | RELIES_OPENING | RELIES_ABSENCE | RELIES_EACH,
	.title = "One end had lost the connection and the other did not know",
	.advice = {"Was that host or its service restarted?"},
};

static void *aborted_open(struct arena *home, const struct limits *limits,
			  struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, 1);
}

static const struct finding_def *rule_of(const struct tcp_reset_fact *r)
{
	if (reset_points(r->signs) >= INJECTED && (r->packets || r->to_syn))
		return &injected;
	if (r->after_fin)
		return NULL;
	if (r->form == NO_SOCKET && r->packets > 1 && r->quiet_ns >= OLD_NS &&
	    r->bytes_out)
		return &half_open;
	/* nothing of the peer's is in the capture: what it had is not known */
	if (!r->packets || !r->cause_frame ||
	    (!r->bytes_out && !r->request_open && r->from_client))
		return NULL; /* a client that has all it wanted */
	return &reset;
}

static bool ttl_is_off(const struct tcp_reset_fact *r)
{
	int off = (int)r->ttl - (int)r->ttl_usual;

	return off >= TTL_OFF || off <= -TTL_OFF;
}

/* It refused a SYN that the server then accepted. */
static void say_to_syn(struct finding *f, const struct observation *o,
		       const char *from)
{
	const struct tcp_reset_fact *r = &o->as.reset;

	finding_title(f, "A refusal in the name of %s is not its own", from);
	finding_summary(f,
			"The RST in frame %" PRIu64 " refuses a connection in "
			"the name of %s, with TTL %u; in frame %" PRIu64
			" that host accepts the same SYN, with TTL %u.",
			o->frame, from, r->ttl, r->cause_frame, r->ttl_usual);
	f->confidence = ttl_is_off(r) ? CERTAIN : LIKELY;
}

static const struct {
	uint8_t sign;
	const char *text;
} signs[] = {
	{SIGN_WENT_ON, "that host went on sending as if nothing had happened"},
	{SIGN_SOON, "it came before its cause can have reached that host"},
	{SIGN_ID, "its IP ID is not in that host's series"},
	{SIGN_WINDOW, "its number lies in the window and is not the next"},
	{SIGN_MANY, "others with other numbers came within a millisecond"},
	{SIGN_STAMP, "it has no time stamp as all others have"},
	{SIGN_FRAGMENT, "its Don't Fragment bit is unlike theirs"},
};

static void say_injected(struct finding *f, const struct observation *o,
			 const char *from)
{
	const struct tcp_reset_fact *r = &o->as.reset;
	const char *mark = r->signs & SIGN_TTL ? "; " : ": ";

	finding_title(f, "A reset in the name of %s is not its own", from);
	finding_summary(f, "The RST in frame %" PRIu64 " bears the name of %s",
			o->frame, from);
	if (r->signs & SIGN_TTL)
		finding_add(f, ": it has TTL %u, that host's other packets %u",
			    r->ttl, r->ttl_usual);
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (!(r->signs & signs[i].sign))
			continue;
		finding_add(f, "%s%s", mark, signs[i].text);
		mark = "; ";
	}
	finding_add(f, ".");
	f->confidence = r->signs & SIGN_WENT_ON ? CERTAIN : LIKELY;
}

static void say(struct finding *f, const struct observation *o,
		const char *from)
{
	const struct tcp_reset_fact *r = &o->as.reset;
	char quiet[WHEN_TEXT];

	if (f->def == &half_open) {
		finding_title(f, "%s no longer knew this connection", from);
		finding_summary(
			f,
			"%s was silent for %s and answered frame %" PRIu64
			" with a RST as for a connection that does not "
			"exist (frame %" PRIu64 "): it was restarted "
			"or had forgotten it.",
			from, when_duration(r->quiet_ns, quiet), r->cause_frame,
			o->frame);
		f->confidence = LIKELY;
	} else if (r->to_syn) {
		say_to_syn(f, o, from);
	} else if (f->def == &injected) {
		say_injected(f, o, from);
	} else {
		finding_title(f, "%s aborted a connection in use", from);
		finding_summary(f, "%s sent a RST in frame %" PRIu64 "%s%s.",
				from, o->frame,
				r->bytes_out ? " while data was on its way"
					     : "",
				r->request_open ? "; a request had no answer "
						  "yet"
						: "");
		if (!r->bytes_out && !r->request_open)
			f->severity = NOTICE;
	}
}

static void aborted_observe(void *self, const struct observation *o,
			    const struct detector_context *c)
{
	const struct tcp_reset_fact *r = &o->as.reset;
	const struct finding_def *def = rule_of(r);
	const struct subject subject = subject_flow(&r->flow);
	char from[ENDPOINT_TEXT];
	struct finding *f;

	(void)self;
	if (!def)
		return;
	f = finding_raise(c->findings, def, &subject, "", o->time_ns,
			  o->time_ns);
	if (!f)
		return;
	f->count++;
	f->has_flow = true;
	f->flow = r->flow;
	say(f, o, endpoint_text(&r->flow.src, r->flow.src_port, from));
	finding_frame(f, o->frame);
	finding_frame(f, r->cause_frame);
}

static const struct finding_def *const aborted_findings[] = {&reset, &injected,
							     &half_open, NULL};
static const enum observation_kind aborted_wants[] = {OBS_TCP_RESET,
						      OBSERVATIONS};

const struct detector tcp_aborted_detector = {
	.name = "tcp_aborted",
	.findings = aborted_findings,
	.wants = aborted_wants,
	.open = aborted_open,
	.observe = aborted_observe,
};
