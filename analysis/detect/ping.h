/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ping.h - what is known of the echo requests from one address to another, and
 * the three rules that judge it.
 */
#ifndef UPSTACK_ANALYSIS_DETECT_PING_H
#define UPSTACK_ANALYSIS_DETECT_PING_H

#include "analysis/detect/frames.h"
#include "analysis/detector.h"

enum { RTT_STEPS = 88, RUNS = 4 };

/* The table key of a pair. */
struct ping_path {
	struct addr src, dst;
};

/* One run of ping: its first request often waits for ARP. */
struct ping_run {
	uint16_t id;
	int64_t first_ns, last_ns;
};

struct ping {
	struct ping_path path;
	uint32_t link;
	uint32_t sent, answered, lost, rejected, pending;
	uint32_t different; /* lost ones with another (id, seq) than before */
	uint32_t judged;    /* answered and lost, first ones left out */
	uint32_t judged_lost;
	uint32_t last_lost_key;
	int64_t first_ns, last_ns, first_lost_ns;
	int64_t answered_sent_ns[3]; /* when the last answered ones were sent */
	int64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns;
	uint32_t rtts;		      /* first ones left out */
	uint16_t rtt_step[RTT_STEPS]; /* quarter octaves from 16 us up */
	struct ping_run run[RUNS];
	uint8_t next_run;
	struct frame_list lost_frames, answered_frames, slow_frames;
	struct frame_list judged_frames; /* of `judged_lost` */
};

/* The round trip that this share of them (0..1) does not exceed, within 10 %;
 * 0: none known. */
int64_t ping_rtt_share(const struct ping *p, double share);

/* P(X >= lost) of `tries` when each is lost with 1 %. */
double ping_loss_by_chance(uint32_t lost, uint32_t tries);

void ping_judge_silence(const struct ping *p, bool sweep,
			const struct detector_context *c);
/* It was said that nothing answers, and then something did. */
void ping_withdraw_silence(const struct ping *p,
			   const struct detector_context *c);
void ping_judge_loss(const struct ping *p, const struct detector_context *c);
void ping_judge_delay(const struct ping *p, const struct detector_context *c);

extern const struct finding_def echo_no_reply, echo_loss, echo_slow;

#endif
