/* SPDX-License-Identifier: BSD-3-Clause */
/* ndjson.c - one object a line: findings, and the summary at the end. */
#include "report/inventory_report.h"

/* Write and release one object, its type first. */
static int write_line(FILE *out, const char *type, json_t *j)
{
	json_t *line = json_pack("{s:s}", "type", type);
	int failed =
		!line || !j || json_object_update(line, j) ||
		json_put(out, line, JSON_COMPACT | JSON_REAL_PRECISION(15));

	json_decref(line);
	json_decref(j);
	return failed || fputc('\n', out) == EOF ? -1 : 0;
}

int report_finding(FILE *out, const struct diagnosis *d,
		   const struct finding *f)
{
	return write_line(out, "finding", json_finding(f, d));
}

static json_t *json_summary(const struct report_options *o,
			    const struct diagnosis *d, uint32_t shown)
{
	json_t *j = json_object();

	json_object_set_new(j, "schema", json_string("upstack/1"));
	json_object_set_new(j, "tool", json_tool());
	json_object_set_new(j, "capture", json_capture(o, d));
	json_object_set_new(j, "layers", json_layers(d));
	json_object_set_new(j, "finding_count", json_integer(shown));
	if (d->connections)
		json_object_set_new(j, "connections",
				    json_connections(d->connections));
	json_object_set_new(j, "works", json_checks(d, CHECK_WORKS));
	json_object_set_new(j, "no_faults", json_checks(d, CHECK_NOT_FAULT));
	json_object_set_new(j, "inventory", json_inventory(o, d));
	return j;
}

int ndjson_write(FILE *out, const struct report_options *o,
		 const struct diagnosis *d)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; i < d->finding_count; i++) {
		if (!report_shows(o, d->findings[i]))
			continue;
		shown++;
		if (report_finding(out, d, d->findings[i]))
			return -1;
	}
	return write_line(out, "summary", json_summary(o, d, shown));
}
