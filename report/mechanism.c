/* SPDX-License-Identifier: BSD-3-Clause */
/* mechanism.c - what the ways to send again are called in every output. */
#include "report/parts.h"

static const char *const mechanism_names[MECHANISMS] = {
	[RESENT_FAST] = "fast",
	[RESENT_SACK] = "sack",
	[RESENT_RACK] = "rack",
	[RESENT_TLP] = "tlp",
	[RESENT_RTO] = "rto",
	[RESENT_RTO_RECOVERY] = "rto_recovery",
	[RESENT_LOST_AGAIN] = "lost_again",
	[RESENT_PMTU] = "pmtu",
	[RESENT_SYN] = "syn",
	[RESENT_SYNACK] = "synack",
	[RESENT_FIN] = "fin",
};

const char *mechanism_name(unsigned mechanism)
{
	return mechanism < MECHANISMS ? mechanism_names[mechanism] : NULL;
}
