/* SPDX-License-Identifier: BSD-3-Clause */
/* text_write.c - the report for a person at a terminal. */
#include "report/inventory_report.h"
#include "report/text_page.h"

#include <stdlib.h>

#include "analysis/account.h"
#include "base/text.h"
#include "base/when.h"

enum {
	LAYER_INDENT = 2,
	VERDICT_AT = 16,
	REASON_AT = 28,
	LINE_TEXT = 512,
};

/* 1204 as "1 204", as engineers read it in every language. */
static void add_grouped(struct text *t, uint64_t n)
{
	if (n >= 1000) {
		add_grouped(t, n / 1000);
		text_add(t, " %03u", (unsigned)(n % 1000));
	} else {
		text_add(t, "%u", (unsigned)n);
	}
}

/* "1 204 packets · 162.1 s" */
static void add_size(struct text *t, const struct page *p,
		     const struct coverage *c)
{
	char when[WHEN_TEXT];

	text_add(t, "%s ", page_dot(p));
	add_grouped(t, c->packets);
	text_add(t, c->packets == 1 ? " packet" : " packets");
	if (c->packets)
		text_add(t, " %s %s", page_dot(p),
			 when_duration(c->last_ns - c->first_ns, when));
}

/* The first line; true if the start fits on it. */
static bool write_summary_line(struct page *p, const struct report_options *o,
			       const struct coverage *c, const char *start)
{
	char line[LINE_TEXT];
	struct text t = text_over(line, sizeof(line));
	bool fits;

	page_styled(p, BOLD, o->title);
	add_size(&t, p, c);
	page_words(p, line, 0, 0);
	fits = p->column + 1 + page_columns(p, start) <= p->width;
	if (fits)
		page_words(p, start, 0, 0);
	page_newline(p);
	return fits;
}

/* What people call a link type. */
static const char *link_title(const struct source_interface *i)
{
	static const struct {
		const char *name, *title;
	} titles[] = {
		{"EN10MB", "Ethernet"},
		{"LINUX_SLL", "Linux cooked (any interface)"},
		{"LINUX_SLL2", "Linux cooked (any interface)"},
		{"RAW", "raw IP"},
		{"IPV4", "raw IPv4"},
		{"IPV6", "raw IPv6"},
		{"NULL", "loopback"},
		{"LOOP", "loopback"},
		{"IEEE802_11", "Wi-Fi"},
		{"IEEE802_11_RADIO", "Wi-Fi"},
		{"PPP", "PPP"},
	};

	for (size_t k = 0; k < sizeof(titles) / sizeof(titles[0]); k++)
		if (strcmp(titles[k].name, i->link_name) == 0)
			return titles[k].title;
	return i->link_name[0] ? i->link_name : "unknown link type";
}

/* The next part of a line, behind a dot. */
static void add_part(struct text *t, const struct page *p, const char *part)
{
	if (t->used)
		text_add(t, " %s ", page_dot(p));
	text_add(t, "%s", part);
}

static void add_links(struct text *t, const struct page *p,
		      const struct source *s)
{
	uint32_t n = s ? source_interfaces(s) : 0;
	const char *last = NULL;

	for (uint32_t i = 0; i < n && !t->cut; i++) {
		const char *title = link_title(source_interface(s, i));

		if (last && strcmp(last, title) == 0)
			continue;
		if (last)
			text_add(t, ", %s", title);
		else
			add_part(t, p, title);
		last = title;
	}
}

static void add_vantage(struct text *t, const struct page *p,
			const struct diagnosis *d)
{
	static const char *const where[] = {
		[VANTAGE_HOST] = "taken on",
		[VANTAGE_ROUTER] = "taken on a router",
		[VANTAGE_MIRROR] = "taken at a mirror port",
		[VANTAGE_SPECTATOR] = "taken by a bystander",
	};
	char addr[ADDR_TEXT];

	if (d->vantage == VANTAGE_UNKNOWN)
		return;
	add_part(t, p, where[d->vantage]);
	if (d->vantage == VANTAGE_HOST)
		text_add(t, " %s",
			 d->self.family ? addr_text(&d->self, addr)
					: "one of the hosts");
}

/* Live: what became of the packets of each interface. */
static void write_counters(struct page *p, const struct source *s)
{
	char line[LINE_TEXT];

	for (uint32_t i = 0; s && i < source_interfaces(s); i++) {
		const struct source_interface *it = source_interface(s, i);
		struct text t = text_over(line, sizeof(line));

		if (!it->live)
			return;
		text_add(&t, "%s: received ", it->name);
		add_grouped(&t, it->received);
		text_add(&t, ", dropped by the system ");
		add_grouped(&t, it->dropped_os);
		if (it->dropped_interface != UINT64_MAX) {
			text_add(&t, ", by the interface ");
			add_grouped(&t, it->dropped_interface);
		}
		page_words(p, line, 0, 0);
		page_newline(p);
	}
}

/* "Seen 21 packets: analysed 18; skipped 3 left out by the filter." */
static void write_account(struct page *p, const struct report_options *o,
			  const struct coverage *c)
{
	const struct account a = account_of(c);
	char line[LINE_TEXT];
	struct text t = text_over(line, sizeof(line));
	bool first = true;

	if (a.seen == a.analysed && !o->verbose)
		return;
	text_add(&t, "Seen ");
	add_grouped(&t, a.seen);
	text_add(&t,
		 a.seen == 1 ? " packet: analysed " : " packets: analysed ");
	add_grouped(&t, a.analysed);
	for (int i = 0; i < SKIPS; i++) {
		if (!a.skipped[i])
			continue;
		text_add(&t, first ? "; skipped " : ", ");
		add_grouped(&t, a.skipped[i]);
		text_add(&t, " %s", skip_words(i));
		first = false;
	}
	text_add(&t, ".");
	page_words(p, line, 0, 0);
	page_newline(p);
}

static void write_header(struct page *p, const struct report_options *o,
			 const struct diagnosis *d)
{
	const struct source *s = d->coverage->source;
	char line[LINE_TEXT], start[WHEN_TEXT + 16] = "", when[WHEN_TEXT];
	struct text t = text_over(line, sizeof(line));

	if (d->coverage->packets)
		snprintf(start, sizeof(start), "from %s UTC",
			 when_date(d->coverage->first_ns, when));
	if (!write_summary_line(p, o, d->coverage, start))
		add_part(&t, p, start);
	add_links(&t, p, s);
	add_vantage(&t, p, d);
	if (t.used) {
		page_words(p, line, 0, 0);
		page_newline(p);
	}
	write_account(p, o, d->coverage);
	write_counters(p, s);
	for (uint32_t i = 0; i < o->error_count; i++) {
		page_styled(p, RED, "Not read:");
		page_words(p, o->errors[i], 0, 0);
		page_newline(p);
	}
	for (uint32_t i = 0; s && i < source_troubles(s); i++) {
		if (!source_trouble_at(s, i)->fatal)
			continue;
		page_styled(p, RED, "Not all was read:");
		page_words(p, source_trouble_at(s, i)->text, 0, 0);
		page_newline(p);
	}
	page_newline(p);
}

static void write_layers(struct page *p, const struct diagnosis *d)
{
	static const struct {
		const char *name;
		enum style style;
	} verdicts[] = {
		[NOT_SEEN] = {"not seen", DIM},
		[WORKS] = {"works", GREEN},
		[DEGRADED] = {"degraded", YELLOW},
		[BROKEN] = {"broken", RED},
	};

	for (int i = 0; i < LAYERS; i++) {
		enum verdict v = d->layer[i].verdict;

		page_to(p, LAYER_INDENT);
		page_put(p, layer_title(i));
		page_to(p, VERDICT_AT);
		page_styled(p, verdicts[v].style, verdicts[v].name);
		if (d->layer[i].reason[0]) {
			page_to(p, REASON_AT);
			page_words(p, d->layer[i].reason, REASON_AT, 0);
		}
		page_newline(p);
	}
}

static void write_left_out(struct page *p, uint32_t count)
{
	char line[80];

	snprintf(line, sizeof(line),
		 "%u finding%s of less severity %s left out.", count,
		 count > 1 ? "s" : "", count > 1 ? "are" : "is");
	page_newline(p);
	page_put(p, line);
	page_newline(p);
}

static void write_findings(struct page *p, const struct report_options *o,
			   const struct diagnosis *d,
			   const struct planned *plan)
{
	unsigned number = 0;
	uint32_t hidden = 0;

	for (uint32_t i = 0; i < d->finding_count; i++) {
		hidden += plan[i].place == PLACE_NONE;
		if (plan[i].place != PLACE_BLOCK)
			continue;
		if (number || !o->quiet)
			page_newline(p);
		text_finding(p, o, d, plan, i, ++number);
	}
	if (hidden && !o->quiet && !o->only)
		write_left_out(p, hidden);
}

/* One more member of "Label: a; b; c." */
static void write_member(struct page *p, const char *label, bool first,
			 const char *text)
{
	if (first)
		page_styled(p, BOLD, label);
	else
		page_put(p, ";");
	page_words(p, text, 0, p->width - 1);
}

/* "Also seen: a (id); b (id)." */
static void write_asides(struct page *p, const struct diagnosis *d,
			 const struct planned *plan)
{
	char text[TITLE_TEXT + KEY_TEXT];
	bool first = true;

	for (uint32_t i = 0; i < d->finding_count; i++) {
		const struct finding *f = d->findings[i];

		if (plan[i].place != PLACE_ASIDE)
			continue;
		snprintf(text, sizeof(text), "%s (%s)", finding_headline(f),
			 f->def->id);
		write_member(p, "Also seen:", first, text);
		first = false;
	}
	if (first)
		return;
	page_put(p, ".");
	page_newline(p);
}

/* "Checked and healthy: a; b; c." */
static void write_checks(struct page *p, const struct diagnosis *d,
			 enum check_kind kind, const char *label)
{
	bool first = true;

	for (uint32_t i = 0; i < d->checks->count; i++) {
		const struct check *c = &d->checks->check[i];

		if (c->kind != kind)
			continue;
		write_member(p, label, first, c->text);
		first = false;
	}
	if (first)
		return;
	page_put(p, ".");
	page_newline(p);
}

static enum severity worst_of(const struct diagnosis *d)
{
	enum severity worst = INFO;

	for (uint32_t i = 0; i < d->finding_count; i++)
		if (d->findings[i]->severity > worst)
			worst = d->findings[i]->severity;
	return worst;
}

/* Of what there was nothing in the capture, nothing was found either.  (No
 * saved capture shows the physical layer; the table above has said that.) */
static void write_unseen(struct page *p, const struct diagnosis *d)
{
	char line[LINE_TEXT];
	struct text t = text_over(line, sizeof(line));

	for (int i = 0; i < LAYERS; i++)
		if (d->layer[i].verdict == NOT_SEEN && i != LAYER_PHYSICAL)
			text_add(&t, "%s %s",
				 t.used ? ","
					: "Not seen, and so not "
					  "judged:",
				 layer_title(i));
	if (!t.used)
		return;
	text_add(&t, ".");
	page_words(p, line, 0, 0);
}

static void write_verdict(struct page *p, const struct diagnosis *d)
{
	const struct source *s = d->coverage->source;

	if (!d->coverage->packets) {
		page_newline(p);
		page_put(p, s && source_filtered(s)
				    ? "The filter left no packet: there is "
				      "nothing to judge."
				    : "There is no packet: there is nothing "
				      "to judge.");
		page_newline(p);
	} else if (worst_of(d) < WARNING) {
		page_newline(p);
		page_styled(p, GREEN, "Nothing wrong was found.");
		write_unseen(p, d);
		if (worst_of(d) == NOTICE)
			page_words(p,
				   "What follows is no fault, but worth "
				   "knowing.",
				   0, 0);
		page_newline(p);
	}
}

/* Whether there is something to be said below the findings. */
static bool has_end(const struct diagnosis *d, const struct planned *plan)
{
	for (uint32_t i = 0; i < d->checks->count; i++)
		if (d->checks->check[i].kind != CHECK_TRIED)
			return true;
	for (uint32_t i = 0; i < d->finding_count; i++)
		if (plan[i].place == PLACE_ASIDE)
			return true;
	return false;
}

static void write_end(struct page *p, const struct diagnosis *d,
		      const struct planned *plan)
{
	if (!has_end(d, plan))
		return;
	page_newline(p);
	write_checks(p, d, CHECK_WORKS, "Checked and healthy:");
	write_checks(p, d, CHECK_NOT_FAULT, "Not a fault:");
	write_checks(p, d, CHECK_NOT_JUDGED, "Cannot be judged:");
	write_asides(p, d, plan);
}

int text_write(FILE *out, const struct report_options *o,
	       const struct diagnosis *d)
{
	struct page p = {.out = out,
			 .width = o->width,
			 .color = o->color,
			 .ascii = o->ascii};
	struct planned *plan = plan_new(o, d);

	if (!plan)
		return -1;
	if (!o->quiet) {
		write_header(&p, o, d);
		write_layers(&p, d);
		write_verdict(&p, d);
	}
	write_findings(&p, o, d, plan);
	if (!o->quiet)
		write_end(&p, d, plan);
	if (o->inventory)
		text_inventory(&p, o, d);
	if (d->connections)
		text_connections(&p, d->connections);
	free(plan);
	return ferror(out) ? -1 : 0;
}
