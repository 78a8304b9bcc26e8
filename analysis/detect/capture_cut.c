/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_cut.c - what of the capture could not be read: packets cut short,
 * files that end early, link types that nobody here understands. */
#include <inttypes.h>

#include "analysis/detector.h"
#include "base/text.h"

static const struct finding_def snaplen = {
	.id = "capture.snaplen",
	.layer = LAYER_CAPTURE,
	.most = NOTICE,
	.subject = SUBJECT_CAPTURE,
	.title = "Packets were cut short",
	.advice = {"Capture whole packets: tcpdump -s 0"},
};

static const struct finding_def truncated = {
	.id = "capture.truncated",
	.layer = LAYER_CAPTURE,
	.most = NOTICE,
	.subject = SUBJECT_CAPTURE,
	.title = "A part of the file cannot be read",
	.advice = {"Copy the file again, and compare its size with the "
		   "original"},
};

static const struct finding_def unknown_link = {
	.id = "capture.unknown_link",
	.layer = LAYER_CAPTURE,
	.most = WARNING,
	.subject = SUBJECT_CAPTURE,
	.title = "Packets of a link type that is not understood",
	.advice = {"Capture on the interface that carries IP"},
};

static struct finding *raise_here(const struct detector_context *c,
				  const struct finding_def *def, uint64_t count)
{
	const struct subject subject = subject_capture();
	const struct coverage *seen = c->coverage;
	struct finding *f = finding_raise(c->findings, def, &subject, "",
					  seen->first_ns, seen->last_ns);

	if (f)
		f->count = count;
	return f;
}

/* What can be said of a service only from its whole messages. */
static void name_services(unsigned services, struct text *out)
{
	static const struct {
		enum cut_service service;
		const char *name;
	} names[] = {{CUT_DNS, "DNS"},
		     {CUT_DHCP, "DHCP"},
		     {CUT_HTTP, "HTTP"},
		     {CUT_TLS, "TLS"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (services & names[i].service)
			text_add(out, "%s%s", out->used ? ", " : "",
				 names[i].name);
}

static void judge_snaplen(const struct detector_context *c)
{
	const struct coverage *seen = c->coverage;
	uint64_t cut = seen->cut - seen->cut_fcs;
	bool headers = seen->cut_transport * 100 >= seen->packets;
	char names[64];
	struct text services = text_over(names, sizeof(names));
	struct finding *f;

	if (!cut)
		return;
	f = raise_here(c, &snaplen, cut);
	if (!f)
		return;
	name_services(seen->cut_services, &services);
	if (!headers && !services.used)
		f->severity = INFO;
	finding_frame(f, seen->cut_frame);
	finding_title(f, "%" PRIu64 " packet%s %s cut short", cut, plural(cut),
		      were(cut));
	finding_summary(f,
			"Of %" PRIu64 " packets %" PRIu64 " %s kept in part, "
			"from frame %" PRIu64 " on; the shortest has %" PRIu32
			" bytes. Checksums of cut packets are not checked.",
			seen->packets, cut, were(cut), seen->cut_frame,
			seen->cut_at);
	if (headers)
		finding_add(f,
			    " Even the headers of %" PRIu64 " of them are "
			    "cut, so that those could not be judged.",
			    seen->cut_transport);
	if (services.used)
		finding_add(f, " What %s said is known only in part.", names);
}

static void judge_truncated(const struct detector_context *c)
{
	const struct source *s = c->coverage->source;
	struct finding *f = NULL;

	for (uint32_t i = 0; s && i < source_troubles(s); i++) {
		const struct source_trouble *t = source_trouble_at(s, i);

		if (!t->fatal && !t->cut_at_end)
			continue;
		if (!f)
			f = raise_here(c, &truncated, 0);
		if (!f)
			return;
		if (f->count++ < 2) {
			finding_add(f, "%s%s.", f->count > 1 ? " " : "",
				    t->text);
			finding_frame(f, t->frame);
		}
		if (f->count == 1 && t->cut_at_end)
			finding_title(f, "The file ends inside a record");
	}
	if (f && f->count > 2)
		finding_add(f, " %" PRIu64 " more places cannot be read.",
			    f->count - 2);
}

/* 802.11 as it is in the air: plain, or behind one of three radio headers. */
static bool is_monitor(uint32_t link_type)
{
	return link_type == 105 || link_type == 119 || link_type == 127 ||
	       link_type == 163;
}

static void judge_unknown_link(const struct detector_context *c)
{
	const struct coverage *seen = c->coverage;
	const struct source *s = seen->source;
	const char *name = "";
	bool all = seen->unknown_link == seen->packets;
	struct finding *f;

	if (!seen->unknown_link)
		return;
	f = raise_here(c, &unknown_link, seen->unknown_link);
	if (!f)
		return;
	for (uint32_t i = 0; s && i < source_interfaces(s); i++)
		if (source_interface(s, i)->link_type ==
		    seen->unknown_link_type)
			name = source_interface(s, i)->link_name;
	if (!all)
		f->severity = NOTICE;
	finding_frame(f, seen->unknown_link_frame);
	finding_title(f, "Link type %u%s%s%s is not understood",
		      seen->unknown_link_type, name[0] ? " (" : "", name,
		      name[0] ? ")" : "");
	finding_summary(f,
			"%" PRIu64 " of %" PRIu64 " packet%s %s a link type "
			"that upstack cannot read, the first is frame %" PRIu64
			". Nothing is known of what they carry.",
			seen->unknown_link, seen->packets,
			plural(seen->packets),
			seen->unknown_link == 1 ? "has" : "have",
			seen->unknown_link_frame);
	if (is_monitor(seen->unknown_link_type))
		finding_advise(f, "Capture without monitor mode: then the "
				  "system hands over Ethernet frames");
}

static void *cut_open(struct arena *home, const struct limits *limits,
		      struct hash_key key)
{
	(void)limits;
	(void)key;
	return arena_alloc(home, 1);
}

static void cut_observe(void *self, const struct observation *o,
			const struct detector_context *c)
{
	(void)self;
	(void)o;
	(void)c;
}

static void cut_finish(void *self, const struct detector_context *c)
{
	(void)self;
	judge_snaplen(c);
	judge_truncated(c);
	judge_unknown_link(c);
}

/* Whether the reader gave up on a part, or only on the last record. */
static bool has_unreadable(const struct source *s)
{
	for (uint32_t i = 0; s && i < source_troubles(s); i++)
		if (source_trouble_at(s, i)->fatal)
			return true;
	return false;
}

static void cut_checked(void *self, const struct detector_context *c,
			struct checks *out)
{
	const struct coverage *seen = c->coverage;
	char names[64];
	struct text services = text_over(names, sizeof(names));

	(void)self;
	name_services(seen->cut_services, &services);
	if (services.used)
		check_add(out, CHECK_NOT_JUDGED, LAYER_APPLICATION,
			  "what %s said in packets that were cut short", names);
	if (seen->cut_transport)
		check_add(out, CHECK_NOT_JUDGED, LAYER_TRANSPORT,
			  "%" PRIu64 " packets whose transport header is cut",
			  seen->cut_transport);
	if (seen->unknown_link)
		check_add(out, CHECK_NOT_JUDGED, LAYER_DATA_LINK,
			  "what the %" PRIu64 " packets of link type %u carry",
			  seen->unknown_link, seen->unknown_link_type);
	if (has_unreadable(seen->source))
		check_add(out, CHECK_NOT_JUDGED, LAYER_CAPTURE,
			  "the part of the file that cannot be read");
}

static const struct finding_def *const findings[] = {&snaplen, &truncated,
						     &unknown_link, NULL};
static const enum observation_kind wants[] = {OBSERVATIONS};

const struct detector capture_cut_detector = {
	.name = "capture_cut",
	.findings = findings,
	.wants = wants,
	.open = cut_open,
	.observe = cut_observe,
	.finish = cut_finish,
	.checked = cut_checked,
};
