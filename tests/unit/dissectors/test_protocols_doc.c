/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_protocols_doc.c - docs/protocols.md is what the table of dissectors
 * says.
 *
 * With --write it writes the page instead.
 */
#include "unit/wire.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dissectors/dissector.h"

#define PAGE SOURCE_DIR "/docs/protocols.md"

enum { PAGE_MAX = 16384 };

static const char head[] =
	"# Protocols\n\n"
	"What upstack takes apart, and what leads there.  This page is printed "
	"from the\ntable of dissectors: `test_protocols_doc --write` renews "
	"it.\n\n"
	"| protocol | specification | found by |\n| --- | --- | --- |\n";

static const char tail[] =
	"\nA UDP port is a hint: what does not fit the protocol there is left "
	"alone.\n\n"
	"Read from a payload when it is wanted:\n\n"
	"| protocol | specification | found by |\n| --- | --- | --- |\n"
	"| dns, mdns, llmnr | RFC 1035, RFC 6891, RFC 8914 | UDP and TCP port "
	"53; UDP port 5353; UDP port 5355 |\n"
	"| dhcp | RFC 2131, RFC 2132, RFC 3442 | UDP ports 67, 68 |\n"
	"| dhcpv6 | RFC 8415 | UDP ports 546, 547 |\n"
	"| ospf | RFC 2328 | IP protocol 89 |\n"
	"| stp, rstp, mstp, pvst+ | IEEE 802.1D, IEEE 802.1Q | LLC SAP 0x42; "
	"SNAP 00000c 0x010b |\n"
	"| lldp | IEEE 802.1AB | ethertype 0x88cc |\n"
	"| cdp | Cisco, not published | SNAP 00000c 0x2000 |\n"
	"| lacp | IEEE 802.1AX | ethertype 0x8809 |\n"
	"| eapol, eap | IEEE 802.1X, RFC 3748 | ethertype 0x888e |\n"
	"| rtp | RFC 3550, RFC 3551 | its numbers, on any UDP ports |\n";

static const struct {
	const char *words;
	bool hex;
} spaces[] = {
	[BY_LINK_TYPE] = {"link type", false},
	[BY_ETHERTYPE] = {"ethertype", true},
	[BY_IP_PROTO] = {"IP protocol", false},
	[BY_UDP_PORT] = {"UDP port", false},
	[BY_PPP] = {"PPP protocol", true},
};

static void add_claim(struct text *t, const struct claim *c)
{
	if (c->space == BY_ETHERTYPE && c->label == ETHERTYPE_LLC)
		text_add(t, "802.3 length");
	else if (spaces[c->space].hex)
		text_add(t, "%s 0x%04x", spaces[c->space].words, c->label);
	else
		text_add(t, "%s %u", spaces[c->space].words, c->label);
}

static void render(char *page)
{
	struct text t = text_over(page, PAGE_MAX);

	text_add(&t, "%s", head);
	for (unsigned i = 1; i < PROTOCOLS; i++) {
		const struct dissector *d = dissector_of(i);

		text_add(&t, "| %s | %s | ", d->name, d->spec);
		for (unsigned k = 0; k < CLAIMS_MAX && d->claims[k].space;
		     k++) {
			text_add(&t, "%s", k ? ", " : "");
			add_claim(&t, &d->claims[k]);
		}
		text_add(&t, " |\n");
	}
	text_add(&t, "%s", tail);
	assert_false(t.cut);
}

static void test_page(void **state)
{
	static char want[PAGE_MAX], have[PAGE_MAX];
	FILE *f = fopen(PAGE, "r");

	(void)state;
	assert_non_null(f);
	have[fread(have, 1, PAGE_MAX - 1, f)] = 0;
	fclose(f);
	render(want);
	assert_string_equal(have, want);
}

/* One label leads to one protocol. */
static void test_claims_are_unique(void **state)
{
	static uint8_t taken[BY_PPP + 1][UINT16_MAX + 1];

	(void)state;
	for (unsigned i = 1; i < PROTOCOLS; i++) {
		const struct dissector *d = dissector_of(i);

		assert_string_equal(protocol_name(i), d->name);
		assert_int_not_equal(d->claims[0].space, BY_NOTHING);
		for (unsigned k = 0; k < CLAIMS_MAX && d->claims[k].space;
		     k++) {
			const struct claim *c = &d->claims[k];

			assert_int_equal(taken[c->space][c->label]++, 0);
			assert_true(c->space != BY_UDP_PORT || d->guess);
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_claims_are_unique),
	};

	if (argc == 2 && strcmp(argv[1], "--write") == 0) {
		static char page[PAGE_MAX];
		FILE *f = fopen(PAGE, "w");

		if (!f)
			return 1;
		render(page);
		fputs(page, f);
		return fclose(f) != 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
