/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * midstream.c - a capture that begins late shows less, but nothing that the
 * whole capture does not show.
 *
 *   midstream PCAPS
 *
 * The first frames are left out, one by one at first and then in larger steps.
 * Of warning or above nothing may be found whose id is not found in the whole,
 * but what is listed here with its reason.
 */
#include <stdio.h>
#include <string.h>

#include "property/recording.h"

enum { ONE_BY_ONE = 12, STEPS = 12, FRAMES_MOST = 4000 };

/* What may be found in place of what the whole shows: an id of the part, ids of
 * the whole, and why. */
static const struct instead {
	const char *now, *whole;
} instead[] = {
	/* nobody knows any more that the peer had answered before, or that
	 * this was the first data; that it is sent in vain is still seen */
	{"tcp.loss", "tcp.peer_lost tcp.handshake.dead_after_open "
		     "tcp.handshake.ack_ignored "
		     "tcp.handshake.listen_overflow pmtu.black_hole"},
	/* the silence before the RST, or what it is unlike, is not seen */
	{"tcp.reset", "tcp.half_open tcp.reset_injected tcp.idle_timeout"},
	/* too few probes are left */
	{"tcp.zero_window", "tcp.window_deadlock"},
	/* who is the router was told by traffic that is left out */
	{"arp.unanswered",
	 "arp.gateway_unresolved arp.wrong_subnet"},
	{"nd.unanswered", "nd.router_unresolved"},
	/* too few questions are left to call the server down */
	{"dns.no_answer", "dns.server_down"},
	/* nothing shows any more that it left names alone and answered others */
	{"dns.server_down", "dns.no_answer"},
	/* of a row of probes only the last is left: who would see a row? */
	{"icmp.time_exceeded udp.port_unreachable tcp.handshake.refused",
	 "icmp.traceroute"},
	/* nothing shows any more that one direction was not captured, or that
	 * there were answers before */
	{"icmp.echo_no_reply", "capture.one_way icmp.echo_loss"},
};

/* Who asks by the clock is no station in need; a clock shows where it ticks long
 * enough, and of the rest a bystander may think the worst. */
static bool excused(const char *path, uint32_t left)
{
	enum { TICKS = 16 };

	return left < TICKS && strstr(path, "/healthy/arp-monitor-aside.");
}

static bool is_word(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (const char *at = list; (at = strstr(at, id)); at += n)
		if ((at == list || at[-1] == ' ') &&
		    (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

static bool stands_for(const char *now, const struct diagnosis *whole)
{
	for (size_t i = 0; i < sizeof(instead) / sizeof(instead[0]); i++)
		for (uint32_t k = 0; k < whole->finding_count; k++)
			if (is_word(instead[i].now, now) &&
			    is_word(instead[i].whole,
				    whole->findings[k]->def->id))
				return true;
	return false;
}

/* The ids that are new and may be, by blanks. */
static void note_excepted(const struct diagnosis *late,
			  const struct diagnosis *whole, char *text,
			  size_t size)
{
	text[0] = '\0';
	for (uint32_t i = 0; i < late->finding_count; i++) {
		const char *id = late->findings[i]->def->id;

		if (!stands_for(id, whole) ||
		    strlen(text) + strlen(id) + 2 > size)
			continue;
		if (text[0])
			strcat(text, " ");
		strcat(text, id);
	}
}

static bool each(const char *path, struct recording *r)
{
	const struct diagnosis *whole;
	struct engine *e;
	bool ok = true;
	uint32_t step = r->count / STEPS + 1;

	if (r->count > FRAMES_MOST)
		return true;
	whole = recording_diagnose(r->frames, r->count, &e);
	for (uint32_t k = 1; k < r->count && ok;
	     k = k < ONE_BY_ONE ? k + 1 : k + step) {
		const struct diagnosis *late;
		struct engine *part;
		char how[64], excepted[512];

		snprintf(how, sizeof(how), "without the first %u, now also", k);
		late = recording_diagnose(r->frames + k, r->count - k, &part);
		note_excepted(late, whole, excepted, sizeof(excepted));
		if (excused(path, r->count - k))
			strcpy(excepted, "arp.gateway_unresolved");
		ok = recording_within(path, how, late, whole, WARNING,
				      excepted);
		engine_free(part);
	}
	engine_free(e);
	return ok;
}

int main(int argc, char **argv)
{
	return recording_main(argc, argv, each);
}
