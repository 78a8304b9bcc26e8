/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ping_rules.c - pings without an answer, with some lost, and with slow
 * answers.
 */
#include <math.h>

#include "analysis/detect/ping.h"
#include "base/text.h"
#include "base/when.h"

const struct finding_def echo_no_reply = {
	.id = "icmp.echo_no_reply",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE | RELIES_ERRORS,
	.title = "Pings without a single answer",
};

const struct finding_def echo_loss = {
	.id = "icmp.echo_loss",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.relies = RELIES_ABSENCE | RELIES_EACH,
	.title = "Pings are lost",
};

const struct finding_def echo_slow = {
	.id = "icmp.echo_slow",
	.layer = LAYER_NETWORK,
	.most = WARNING,
	.subject = SUBJECT_PATH,
	.relies = RELIES_DELAY,
	.title = "Ping answers are slow",
};

int64_t ping_rtt_share(const struct ping *p, double share)
{
	uint32_t wanted = (uint32_t)ceil((double)p->rtts * share), seen = 0;
	int64_t edge = 16 * NS_PER_US;

	if (!p->rtts)
		return 0;
	for (int i = 0; i < RTT_STEPS; i++) {
		seen += p->rtt_step[i];
		if (seen >= wanted)
			break;
		edge += edge * 189 / 1000;
	}
	return edge < p->rtt_max_ns ? edge : p->rtt_max_ns;
}

double ping_loss_by_chance(uint32_t lost, uint32_t tries)
{
	double term = pow(0.99, tries), below = 0;

	for (uint32_t k = 0; k < lost && k <= tries; k++) {
		below += term;
		term *= (double)(tries - k) / (k + 1) * 0.01 / 0.99;
	}
	return below < 1 ? 1 - below : 0;
}

static void advise(struct finding *f, const struct ping *p, const char *dst)
{
	finding_advise(f, "mtr -n -c 100 %s", dst);
	finding_advise(f, "%s route get %s   on the pinging host",
		       p->path.dst.family == 6 ? "ip -6" : "ip", dst);
}

/* The target was heard while its replies were not: it filters, or its answers
 * take another way; without visibility any of its packets silences the rule. */
void ping_judge_silence(const struct ping *p, bool sweep,
			const struct detector_context *c)
{
	bool visible = known_host_visible(c->known, &p->path.src, p->last_ns);
	bool alive =
		known_host_last(c->known, &p->path.dst, NULL) >= p->first_ns;
	char src[ADDR_TEXT], dst[ADDR_TEXT], list[FRAMES_TEXT];
	char from[WHEN_TEXT];
	struct subject s = subject_path(&p->path.src, &p->path.dst);
	struct finding *f;

	if (p->different < 3 || p->answered || sweep || (!visible && alive))
		return;
	f = finding_raise(c->findings, &echo_no_reply, &s, "", p->first_lost_ns,
			  p->last_ns);
	if (!f)
		return;
	addr_text(&p->path.src, src);
	addr_text(&p->path.dst, dst);
	finding_restate(f);
	f->severity = alive ? NOTICE : WARNING;
	f->confidence = visible ? CERTAIN : POSSIBLE;
	f->count = p->lost;
	frames_prove(&p->lost_frames, f);
	finding_title(f, "%s does not answer pings of %s", dst, src);
	finding_summary(f,
			"%s sent %u echo requests to %s from %s on; %u waited "
			"over 5 s in vain (%s), none was answered.",
			src, p->sent, dst, when_clock(p->first_ns, from),
			p->lost, frames_text(&p->lost_frames, list));
	if (alive)
		finding_add(f,
			    " %s sent other packets meanwhile, so pings or "
			    "their answers are probably filtered.",
			    dst);
	if (!visible)
		finding_add(f,
			    " Answers to %s might not pass this capture "
			    "point.",
			    src);
	finding_filter(f, "icmp && ip.addr == %s && ip.addr == %s", src, dst);
	if (p->path.dst.family == 6)
		finding_filter(f,
			       "icmpv6 && ipv6.addr == %s && ipv6.addr == %s",
			       src, dst);
	finding_advise(f, "%s route get %s   on %s",
		       p->path.dst.family == 6 ? "ip -6" : "ip", dst, src);
	finding_advise(f, "traceroute -n %s", dst);
}

void ping_judge_loss(const struct ping *p, const struct detector_context *c)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], list[FRAMES_TEXT];
	char low[WHEN_TEXT], high[WHEN_TEXT];
	struct subject s = subject_path(&p->path.src, &p->path.dst);
	struct finding *f;

	if (p->judged < 5 || p->judged_lost < 2 ||
	    ping_loss_by_chance(p->judged_lost, p->judged) >= 0.025)
		return;
	f = finding_raise(c->findings, &echo_loss, &s, "", p->first_lost_ns,
			  p->last_ns);
	if (!f)
		return;
	addr_text(&p->path.src, src);
	addr_text(&p->path.dst, dst);
	finding_restate(f);
	if (known_gateway(c->known, p->link, NULL, &p->path.dst) >=
	    PROOF_INFERRED)
		f->severity = NOTICE;
	if (!known_host_visible(c->known, &p->path.src, p->last_ns))
		f->confidence = LIKELY;
	f->count = p->judged_lost;
	f->share = (double)p->judged_lost / p->judged;
	f->frame_count = 0; /* some may have been answered since */
	frames_prove(&p->judged_frames, f);
	finding_title(f, "%u of %u pings from %s to %s %s lost",
		      p->judged_lost, p->judged, src, dst,
		      were(p->judged_lost));
	finding_summary(f,
			"%u of %u echo requests of %s to %s %s never "
			"answered (%s), the others within %s to %s. So many "
			"are beyond chance on a path that loses 1 %%.",
			p->judged_lost, p->judged, src, dst,
			were(p->judged_lost),
			frames_text(&p->judged_frames, list),
			when_duration(p->rtt_min_ns, low),
			when_duration(p->rtt_max_ns, high));
	if (f->severity == NOTICE)
		finding_add(f, " The target is a router: it may limit how many "
			       "pings it answers itself.");
	advise(f, p, dst);
}

static void raise_slow(const struct ping *p, const char *reason,
		       enum confidence sure, const struct detector_context *c)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT], list[FRAMES_TEXT];
	char low[WHEN_TEXT], mid[WHEN_TEXT], high[WHEN_TEXT];
	struct subject s = subject_path(&p->path.src, &p->path.dst);
	struct finding *f = finding_raise(c->findings, &echo_slow, &s, reason,
					  p->first_ns, p->last_ns);

	if (!f)
		return;
	addr_text(&p->path.src, src);
	addr_text(&p->path.dst, dst);
	finding_restate(f);
	f->confidence = sure;
	f->count = p->slow_frames.count;
	frames_prove(&p->slow_frames, f);
	when_duration(ping_rtt_share(p, 0.5), mid);
	finding_title(f, "Pings from %s to %s take %s%s", src, dst,
		      reason[0] == 'o' ? "" : "up to ",
		      reason[0] == 'o' ? mid
				       : when_duration(p->rtt_max_ns, high));
	finding_summary(f,
			"%u echo requests of %s to %s were answered within %s "
			"to %s, half of them within %s (slow ones: %s).",
			p->rtts, src, dst, when_duration(p->rtt_min_ns, low),
			when_duration(p->rtt_max_ns, high), mid,
			frames_text(&p->slow_frames, list));
	if (reason[0] == 'o')
		finding_add(f, " Both are on one link, where it should be "
			       "about a millisecond.");
	else
		finding_add(f, " The path can do far better: something on it "
			       "queues, or sleeps.");
	advise(f, p, dst);
}

void ping_withdraw_silence(const struct ping *p,
			   const struct detector_context *c)
{
	struct subject s = subject_path(&p->path.src, &p->path.dst);
	struct finding *f = finding_find(c->findings, &echo_no_reply, &s, "");

	if (f)
		f->withheld = true;
}

/* Both ends on one link: nothing but a radio or an overload takes so long. */
void ping_judge_delay(const struct ping *p, const struct detector_context *c)
{
	const int64_t bound = 100 * NS_PER_MS;
	enum proof src = known_on_link(c->known, p->link, &p->path.src);
	enum proof dst = known_on_link(c->known, p->link, &p->path.dst);
	int64_t late = ping_rtt_share(p, 0.95);

	if (p->rtts >= 3 && ping_rtt_share(p, 0.5) > bound &&
	    src >= PROOF_INFERRED && dst >= PROOF_INFERRED)
		raise_slow(p, "on_link",
			   src == PROOF_PROVEN && dst == PROOF_PROVEN
				   ? LIKELY
				   : POSSIBLE,
			   c);
	else if (p->rtts >= 10 && late > 5 * p->rtt_min_ns &&
		 late > p->rtt_min_ns + bound)
		raise_slow(p, "above_floor", CERTAIN, c);
}
