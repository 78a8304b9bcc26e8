/* SPDX-License-Identifier: BSD-3-Clause */
/* detectors.c - the table of detectors, made from detect/list.h, and the
 * catalogue of findings, which is all their rows. */
#include <string.h>

#include "analysis/detect/list.h"
#include "analysis/detector.h"

#define X(name) extern const struct detector name##_detector;
DETECTORS(X)
#undef X

const struct detector *const detectors[] = {
#define X(name) &name##_detector,
	DETECTORS(X)
#undef X
	NULL,
};

const struct finding_def *finding_def_at(uint32_t index)
{
	for (const struct detector *const *d = detectors; *d; d++)
		for (const struct finding_def *const *f = (*d)->findings; *f;
		     f++)
			if (index-- == 0)
				return *f;
	return NULL;
}

const struct finding_def *finding_def_find(const char *id)
{
	const struct finding_def *def;

	for (uint32_t i = 0; (def = finding_def_at(i)); i++)
		if (strcmp(def->id, id) == 0)
			return def;
	return NULL;
}
