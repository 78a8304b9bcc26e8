/* SPDX-License-Identifier: BSD-3-Clause */
/* link_devices.h - what two ends of a link say, and what frames say of it. */
#ifndef UPSTACK_ANALYSIS_DETECT_LINK_DEVICES_H
#define UPSTACK_ANALYSIS_DETECT_LINK_DEVICES_H

#include "analysis/detector.h"
#include "base/text.h"

enum { PORT_TEXT = 2 * DEVICE_TEXT + 8 };

/* By what both ends say (link_devices.c), and by what tags do (vlan_tags.c,
 * where the row stands). */
extern const struct finding_def vlan_mismatch;

/* By what both ends say (link_devices.c), and live by what the system says of
 * this end (link_mode.c). */
extern const struct finding_def duplex_mismatch;

#endif
