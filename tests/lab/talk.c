/* SPDX-License-Identifier: BSD-3-Clause */
/* talk.c - a peer goes through its steps. */
#include "lab/talk.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lab/fail.h"
#include "lab/quantity.h"

double talk_number(const struct step *s, uint32_t n, double otherwise)
{
	double value;

	if (!s->word[n])
		return otherwise;
	if (!quantity(s->word[n], &value))
		fail("step %s: not a number: %s", s->word[0], s->word[n]);
	return value;
}

int talk_socket(struct talk *t)
{
	if (t->conn < 0)
		t->conn = socket(t->plan->v6 ? AF_INET6 : AF_INET,
				 SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (t->conn < 0)
		fail_system("socket");
	return t->conn;
}

static const char *side_name(const struct talk *t)
{
	return t->peer->side == CLIENT_SIDE ? "client" : "server";
}

void talk_note_info(struct talk *t)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	if (getsockopt(t->conn, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
		return;
	fprintf(t->log,
		"{\"peer\":\"%s\",\"copy\":%u,\"retrans\":%u,"
		"\"data_segs_out\":%u,\"bytes_retrans\":%llu,\"rtt_us\":%u}\n",
		side_name(t), t->copy, info.tcpi_total_retrans,
		info.tcpi_data_segs_out,
		(unsigned long long)info.tcpi_bytes_retrans, info.tcpi_rtt);
	fflush(t->log);
}

static const struct verb *find_in(const struct verb *verbs, const char *word)
{
	for (; verbs->word; verbs++)
		if (strcmp(verbs->word, word) == 0)
			return verbs;
	return NULL;
}

static const struct verb *find(const struct step *s)
{
	const struct verb *const lists[] = {open_verbs, option_verbs,
					    data_verbs, udp_verbs};
	const struct verb *verb = NULL;

	for (int i = 0; i < 4 && s->word[0] && !verb; i++)
		verb = find_in(lists[i], s->word[0]);
	if (!verb || (verb->arguments && !s->word[verb->arguments]))
		fail("no such step: %s", s->word[0] ? s->word[0] : "");
	return verb;
}

static void note_failure(struct talk *t, const char *word)
{
	fprintf(t->log,
		"{\"peer\":\"%s\",\"copy\":%u,\"failed\":\"%s\","
		"\"error\":\"%s\"}\n",
		side_name(t), t->copy, word, strerrorname_np(errno));
	fflush(t->log);
}

void talk_run(struct talk *t)
{
	for (t->at = 0; t->at < t->peer->steps;) {
		const struct step *s = &t->peer->step[t->at++];

		errno = 0;
		if (!find(s)->act(t, s)) {
			note_failure(t, s->word[0]);
			break;
		}
	}
	if (t->conn >= 0)
		talk_note_info(t);
}
