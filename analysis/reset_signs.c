/* SPDX-License-Identifier: BSD-3-Clause */
/* reset_signs.c - how much each sign says that a RST is a stranger's:
 * findings-tcp 3.3. */
#include "analysis/observation.h"

int reset_points(uint8_t signs)
{
	static const struct {
		uint8_t sign, points;
	} rows[] = {
		{SIGN_WENT_ON, 5}, {SIGN_TTL, 3},      {SIGN_SOON, 3},
		{SIGN_ID, 2},	   {SIGN_WINDOW, 2},   {SIGN_MANY, 2},
		{SIGN_STAMP, 1},   {SIGN_FRAGMENT, 1},
	};
	int points = 0;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (signs & rows[i].sign)
			points += rows[i].points;
	return points;
}
