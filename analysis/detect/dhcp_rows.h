/* SPDX-License-Identifier: BSD-3-Clause */
/* dhcp_rows.h - rows of the catalogue that both versions of DHCP raise. */
#ifndef UPSTACK_ANALYSIS_DETECT_DHCP_ROWS_H
#define UPSTACK_ANALYSIS_DETECT_DHCP_ROWS_H

#include "analysis/finding.h"

/* dhcp_exchange.c */
extern const struct finding_def dhcp_no_offer, dhcp_renew_unanswered;
/* dhcp_servers.c */
extern const struct finding_def dhcp_nak, dhcp_decline, dhcp_two_servers;

#endif
