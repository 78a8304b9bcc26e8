/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port_access.c - stations that a port does not admit: 802.1X failed, or was
 * never answered.
 *
 * A silent station is refused too, and then admitted by its MAC: only one that
 * took part can fail.  RFC 3748 4.2, IEEE 802.1X.
 */
#include <string.h>

#include "analysis/detect/frames.h"
#include "analysis/detector.h"
#include "base/table.h"
#include "base/when.h"
#include "base/text.h"

enum { STARTS = 3, SCAN_MS = 1000 };

#define RETRY_NS    (60 * NS_PER_S)
#define STARTS_NS   (30 * NS_PER_S)
#define PATIENCE_NS (10 * NS_PER_S)

static const struct finding_def eap_failure = {
	.id = "eap.failure",
	.layer = LAYER_DATA_LINK,
	.most = CRITICAL,
	.subject = SUBJECT_HOST,
	.title = "A station is not admitted to its port (802.1X)",
	.advice = {"The supplicant's log, and that of the RADIUS server"},
};

struct station_key {
	uint32_t link;
	struct mac mac;
	uint8_t pad[2];
};

struct station {
	bool responded; /* since the last verdict */
	bool asked;	/* an authenticator spoke to it or to all */
	uint8_t method; /* the last one in a response, identity apart */
	uint64_t response_frame;
	uint32_t failures, starts;
	int64_t failed_ns, start_first_ns, start_last_ns;
	bool judged; /* the starts */
	struct frame_list frames, start_frames;
	struct mac authenticator;
};

struct access_watch {
	struct table *stations;
	uint32_t admitted;
	uint64_t admitted_frame;
	int64_t next_scan_ns;
	bool starts_pending;
};

static void *access_open(struct arena *home, const struct limits *limits,
			 struct hash_key key)
{
	const struct table_spec spec = {"802.1X stations",
					sizeof(struct station_key),
					sizeof(struct station), limits->leases};
	struct access_watch *w = arena_alloc(home, sizeof(*w));

	if (!w)
		return NULL;
	w->stations = table_new(home, &spec, key);
	return w->stations ? w : NULL;
}

static struct station *station_at(struct access_watch *w, uint32_t link,
				  const struct mac *mac, bool add)
{
	struct station_key key;

	memset(&key, 0, sizeof(key));
	key.link = link;
	key.mac = *mac;
	return add ? table_add(w->stations, &key, NULL)
		   : table_find(w->stations, &key);
}

/* Whom the authenticator speaks to: by its address, or to the group of ports,
 * and then to the one that spoke last on this link. */
static struct station *addressee(struct access_watch *w,
				 const struct observation *o)
{
	const struct mac *dst = &o->as.eapol.eth_dst;

	if (mac_is_station(dst))
		return station_at(w, o->link, dst, false);
	for (struct station *s = table_newest(w->stations); s;
	     s = table_older(w->stations, s)) {
		const struct station_key *key = table_key(w->stations, s);

		if (key->link == o->link)
			return s;
	}
	return NULL;
}

static struct finding *raise_for(const struct access_watch *w,
				 const struct station *s, const char *reason,
				 int64_t first_ns, int64_t last_ns,
				 const struct detector_context *c)
{
	const struct station_key *key = table_key(w->stations, s);
	struct subject subject = subject_mac(&key->mac);
	struct finding *f = finding_raise(c->findings, &eap_failure, &subject,
					  reason, first_ns, last_ns);
	char mac[MAC_TEXT];

	if (!f)
		return NULL;
	finding_restate(f);
	finding_filter(f, "eapol && eth.addr == %s", mac_text(&key->mac, mac));
	finding_advise(f,
		       "On %s: the supplicant's log (journalctl -u "
		       "wpa_supplicant, or the event log)",
		       mac);
	return f;
}

static struct finding *failed_raise(const struct access_watch *w,
				    const struct station *s,
				    const struct observation *o,
				    const struct detector_context *c)
{
	const struct station_key *key = table_key(w->stations, s);
	const char *method = eap_method_name(s->method);
	char mac[MAC_TEXT], by[MAC_TEXT], frames[FRAMES_TEXT];
	struct finding *f =
		raise_for(w, s, "rejected", o->time_ns, o->time_ns, c);

	if (!f)
		return NULL;
	f->count = s->failures;
	mac_text(&key->mac, mac);
	mac_text(&s->authenticator, by);
	finding_title(f,
		      "%s is not admitted to its port: authentication failed",
		      mac);
	finding_summary(f,
			"%s took part in 802.1X%s%s (frame %llu), and %s said "
			"that it failed, %u time%s (%s). Until it succeeds the "
			"port passes nothing else.",
			mac, method ? ", last by " : "", method ? method : "",
			(unsigned long long)s->response_frame, by, s->failures,
			plural(s->failures), frames_text(&s->frames, frames));
	finding_advise(f, "The log of the RADIUS server says why: a wrong "
			  "password, an expired certificate, no policy");
	frames_prove(&s->frames, f);
	finding_frame(f, s->response_frame);
	return f;
}

static void starts_raise(const struct access_watch *w, const struct station *s,
			 const struct detector_context *c)
{
	const struct station_key *key = table_key(w->stations, s);
	char mac[MAC_TEXT], frames[FRAMES_TEXT], took[WHEN_TEXT];
	struct finding *f = raise_for(w, s, "no_authenticator",
				      s->start_first_ns, s->start_last_ns, c);

	if (!f)
		return;
	f->count = s->starts;
	f->confidence = LIKELY;
	mac_text(&key->mac, mac);
	finding_title(f, "%s asks to be admitted and nobody answers", mac);
	finding_summary(
		f,
		"%s began 802.1X %u times in %s (%s), and no "
		"authenticator asked who it is.",
		mac, s->starts,
		when_duration(s->start_last_ns - s->start_first_ns, took),
		frames_text(&s->start_frames, frames));
	finding_advise(f, "Is 802.1X enabled on the switch port of %s?", mac);
	frames_prove(&s->start_frames, f);
}

static void note_start(struct access_watch *w, const struct observation *o)
{
	struct station *s = station_at(w, o->link, &o->as.eapol.eth_src, true);

	if (!s)
		return;
	if (s->asked || !s->starts) {
		s->asked = s->judged = false;
		s->starts = 0;
		s->start_frames.count = 0;
		s->start_first_ns = o->time_ns;
	}
	s->starts++;
	s->start_last_ns = o->time_ns;
	frames_note(&s->start_frames, o->frame);
	w->starts_pending = true;
}

static void note_response(struct access_watch *w, const struct observation *o)
{
	const struct eapol_fact *e = &o->as.eapol;
	struct station *s = station_at(w, o->link, &e->eth_src, true);

	if (!s)
		return;
	s->responded = s->asked = true;
	if (e->message.method > EAP_NAK)
		s->method = e->message.method;
	s->response_frame = o->frame;
}

static void note_verdict(struct access_watch *w, const struct observation *o,
			 const struct detector_context *c)
{
	const struct eapol_fact *e = &o->as.eapol;
	struct station *s = addressee(w, o);
	struct finding *f;

	if (!s || !s->responded)
		return;
	s->responded = false;
	s->asked = true;
	s->authenticator = e->eth_src;
	if (e->message.code == EAP_FAILURE) {
		s->failures++;
		s->failed_ns = o->time_ns;
		frames_note(&s->frames, o->frame);
		failed_raise(w, s, o, c);
		return;
	}
	w->admitted++;
	w->admitted_frame = o->frame;
	if (!s->failures || o->time_ns - s->failed_ns > RETRY_NS)
		return;
	f = failed_raise(w, s, o, c);
	if (!f)
		return;
	f->severity = WARNING;
	finding_add(f, " It was admitted in frame %llu.",
		    (unsigned long long)o->frame);
	finding_frame(f, o->frame);
}

/* The authenticator speaks: whoever began is heard. */
static void note_request(struct access_watch *w, const struct observation *o)
{
	struct station *s = addressee(w, o);

	if (s)
		s->asked = true;
}

static void access_observe(void *self, const struct observation *o,
			   const struct detector_context *c)
{
	const struct eapol *m = &o->as.eapol.message;

	if (m->type == EAPOL_START)
		note_start(self, o);
	else if (m->type != EAPOL_EAP)
		return;
	else if (m->code == EAP_REQUEST)
		note_request(self, o);
	else if (m->code == EAP_RESPONSE)
		note_response(self, o);
	else if (m->code == EAP_SUCCESS || m->code == EAP_FAILURE)
		note_verdict(self, o, c);
}

/* A station that talks to others got on without. */
static void judge_starts(struct access_watch *w,
			 const struct detector_context *c)
{
	w->starts_pending = false;
	for (struct station *s = table_oldest(w->stations); s;
	     s = table_newer(w->stations, s)) {
		const struct station_key *key = table_key(w->stations, s);

		if (s->judged || s->asked || !s->starts)
			continue;
		if (s->starts < STARTS ||
		    s->start_last_ns - s->start_first_ns < STARTS_NS ||
		    c->now_ns - s->start_last_ns < PATIENCE_NS) {
			w->starts_pending = true;
			continue;
		}
		s->judged = true;
		if (!known_visible(c->known, key->link, &key->mac,
				   s->start_last_ns))
			starts_raise(w, s, c);
	}
}

static void access_clock(void *self, const struct detector_context *c)
{
	struct access_watch *w = self;

	if (!w->starts_pending || c->now_ns < w->next_scan_ns)
		return;
	w->next_scan_ns = c->now_ns + SCAN_MS * NS_PER_MS;
	judge_starts(w, c);
}

static void access_finish(void *self, const struct detector_context *c)
{
	judge_starts(self, c);
}

static void access_checked(void *self, const struct detector_context *c,
			   struct checks *out)
{
	const struct access_watch *w = self;

	(void)c;
	if (w->admitted)
		check_add(out, CHECK_WORKS, LAYER_DATA_LINK,
			  "%u admission%s by 802.1X (frame %llu)", w->admitted,
			  plural(w->admitted),
			  (unsigned long long)w->admitted_frame);
}

static void access_limits(void *self, struct checks *out)
{
	const struct access_watch *w = self;

	check_table(out, w->stations);
}

static const struct finding_def *const access_findings[] = {&eap_failure, NULL};

static const enum observation_kind access_wants[] = {OBS_EAPOL, OBSERVATIONS};

const struct detector port_access_detector = {
	.name = "port_access",
	.findings = access_findings,
	.wants = access_wants,
	.open = access_open,
	.observe = access_observe,
	.clock = access_clock,
	.finish = access_finish,
	.checked = access_checked,
	.limits = access_limits,
};
