/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_link_control.c - any bytes as what devices tell each other on a link.
 *
 * The first byte is how much was not captured, the second which protocol.
 */
#include <stdlib.h>

#include "base/escape.h"
#include "dissectors/bpdu.h"
#include "dissectors/eapol.h"
#include "dissectors/lacp.h"
#include "dissectors/lldp.h"
#include "dissectors/ospf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool right)
{
	if (!right)
		abort();
}

static void bpdu(struct cursor in, bool per_vlan)
{
	struct bpdu m;

	bpdu_parse(&m, in, per_vlan);
	must((m.state == WIRE_MALFORMED) == (m.bad != NULL));
	must(!m.has_vlan || m.vlan < 4096);
}

static void device(struct cursor in,
		   void (*parse)(struct device *, struct cursor))
{
	struct device d;

	parse(&d, in);
	must((d.state == WIRE_MALFORMED) == (d.bad != NULL));
	must(escape_is_harmless(d.id) && escape_is_harmless(d.port));
	must(escape_is_harmless(d.name) && escape_is_harmless(d.what));
	must(d.duplex <= DUPLEX_FULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in;
	struct lacp lacp;
	struct ospf_hello ospf;
	struct eapol eapol;

	if (size < 2)
		return 0;
	in = cursor_over(data + 2, (uint32_t)size - 2,
			 (uint32_t)size - 2 + data[0]);
	switch (data[1] % 7) {
	case 0:
	case 1:
		bpdu(in, data[1] % 7);
		break;
	case 2:
		device(in, lldp_parse);
		break;
	case 3:
		device(in, cdp_parse);
		break;
	case 4:
		lacp_parse(&lacp, in);
		must((lacp.state == WIRE_MALFORMED) == (lacp.bad != NULL));
		break;
	case 5:
		ospf_parse(&ospf, in);
		must((ospf.state == WIRE_MALFORMED) == (ospf.bad != NULL));
		break;
	default:
		eapol_parse(&eapol, in);
		must((eapol.state == WIRE_MALFORMED) == (eapol.bad != NULL));
		must(eapol.is_eapol == (eapol.state == WIRE_WHOLE));
	}
	return 0;
}
