/* SPDX-License-Identifier: BSD-3-Clause */
/* catalogue.c - every finding there is: --list-findings. */
#include "report/parts.h"

#include "analysis/detector.h"

static int list_text(FILE *out)
{
	const struct finding_def *def;

	for (uint32_t i = 0; (def = finding_def_at(i)); i++)
		fprintf(out, "%-32s %-11s %-8s %s\n", def->id,
			layer_name(def->layer), severity_name(def->most),
			def->title);
	return ferror(out) ? -1 : 0;
}

static json_t *json_def(const struct finding_def *def)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", def->id, "layer",
			 layer_name(def->layer), "severity",
			 severity_name(def->most), "subject",
			 subject_kind_name(def->subject), "title", def->title);
}

/* json: one array; ndjson: a row a line. */
static int list_json(FILE *out, bool lines)
{
	const struct finding_def *def;
	int failed = 0;

	if (!lines)
		fputs("[\n", out);
	for (uint32_t i = 0; (def = finding_def_at(i)); i++) {
		json_t *j = json_def(def);

		if (i)
			fputs(lines ? "\n" : ",\n", out);
		failed |= json_put(out, j, JSON_COMPACT);
		json_decref(j);
	}
	fputs(lines ? "\n" : "\n]\n", out);
	return failed || ferror(out) ? -1 : 0;
}

int report_catalogue(FILE *out, enum report_format format)
{
	return format == REPORT_TEXT ? list_text(out)
				     : list_json(out, format == REPORT_NDJSON);
}

static void markdown_rows(FILE *out, enum layer_of layer)
{
	const struct finding_def *def;
	bool any = false;

	for (uint32_t i = 0; (def = finding_def_at(i)); i++) {
		if (def->layer != layer)
			continue;
		if (!any)
			fprintf(out,
				"\n## %c%s\n\n| id | at most | says |\n"
				"|---|---|---|\n",
				layer_title(layer)[0] - 'a' + 'A',
				layer_title(layer) + 1);
		any = true;
		fprintf(out, "| [%s](findings/%s.md) | %s | %s |\n", def->id,
			def->id, severity_name(def->most), def->title);
	}
}

int report_catalogue_markdown(FILE *out)
{
	fputs("# Findings\n\n"
	      "One id, one diagnosis; an id never changes its meaning. "
	      "*critical*: somebody cannot work;\n"
	      "*warning*: it works badly or is about to break; *notice*: worth "
	      "knowing, not a fault;\n"
	      "*info*: context. The severity here is the highest that an id "
	      "can "
	      "reach.\n\n"
	      "Printed from the program by `scripts/update-docs`; "
	      "`upstack --explain ID` prints a page.\n",
	      out);
	for (int i = 0; i < LAYERS; i++)
		markdown_rows(out, (enum layer_of)i);
	return ferror(out) ? -1 : 0;
}
