/* SPDX-License-Identifier: BSD-3-Clause */
/* checks.c - what was seen to work, and what could not be judged. */
#include "analysis/checks.h"

#include <stdarg.h>
#include <stdio.h>

void check_add(struct checks *c, enum check_kind kind, enum layer_of layer,
	       const char *format, ...)
{
	struct check *check;
	va_list args;

	if (c->count == CHECKS_MAX)
		return;
	check = &c->check[c->count++];
	check->kind = kind;
	check->layer = layer;
	va_start(args, format);
	vsnprintf(check->text, sizeof(check->text), format, args);
	va_end(args);
}

void check_table(struct checks *c, const struct table *t)
{
	struct limit_reached *limit;

	if (!table_evicted(t) || c->limit_count == LIMITS_MAX)
		return;
	limit = &c->limit[c->limit_count++];
	limit->table = table_spec(t)->name;
	limit->max = table_spec(t)->max;
	limit->evicted = table_evicted(t);
	limit->first_ns = 0;
}
