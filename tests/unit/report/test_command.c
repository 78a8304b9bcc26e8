/* SPDX-License-Identifier: BSD-3-Clause */
/* test_command.c - which part of a line of advice is a command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "report/command.h"

/* What stands after the `#`, which is taken out, begins with this command. */
static void is_command(const char *marked, const char *want)
{
	char text[200];
	const char *mark = strchr(marked, '#');
	size_t at = (size_t)(mark - marked);

	memcpy(text, marked, at);
	strcpy(text + at, mark + 1);
	assert_int_equal(command_size(text, at), strlen(want));
	assert_int_equal(strncmp(text + at, want, strlen(want)), 0);
}

static void commands_stay_whole(void **state)
{
	(void)state;
	is_command("#ping 192.0.2.1", "ping 192.0.2.1");
	is_command("On the server: #ss -ltn '( sport = :80 )' (is it full?); x",
		   "ss -ltn '( sport = :80 )'");
	is_command("#dig @192.0.2.7 a   dig +tcp @192.0.2.7 a",
		   "dig @192.0.2.7 a");
	is_command("dig @192.0.2.7 a   #dig +tcp @192.0.2.7 a",
		   "dig +tcp @192.0.2.7 a");
	is_command("On a: #ss -nt dst b:1 | wc -l; sysctl net",
		   "ss -nt dst b:1 | wc -l;");
	is_command("oftener: #sysctl net.ipv4.tcp_keepalive_time, with SO_",
		   "sysctl net.ipv4.tcp_keepalive_time,");
	is_command("its log #(journalctl -u wpa_supplicant, or the event log)",
		   "(journalctl -u wpa_supplicant,");
}

static void words_are_no_commands(void **state)
{
	(void)state;
	is_command("What #ss shows", "");
	is_command("On the server: #shows nothing", "");
	is_command("Is the host up: #ping", "");
	is_command("its log #(show", "");
	is_command("#Ping the server", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_stay_whole),
		cmocka_unit_test(words_are_no_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
