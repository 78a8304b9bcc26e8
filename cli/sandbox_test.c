/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sandbox_test.c - whether each layer really bites.
 *
 * Each is put up alone in a child, which then tries what the layer forbids; at
 * last all of them together, as a run has them.
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BITES = 0, LEAKS = 1, NOT_HERE = 2 };

static const struct sandbox plain = {.folders = {-1, -1}};

static int test_user(void)
{
	struct sandbox s = plain;
	struct err err;

	if (geteuid() != 0)
		return NOT_HERE;
	if (sandbox_user(&s, NULL, &err) != 0 ||
	    sandbox_drop_user(&s, &err) != 0)
		return LEAKS;
	return getuid() != 0 && getgid() != 0 && getgroups(0, NULL) == 0 &&
			       setuid(0) != 0 && setgid(0) != 0 &&
			       open("/etc/shadow", O_RDONLY) < 0
		       ? BITES
		       : LEAKS;
}

static int test_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct have[2];
	struct err err;

	if (sandbox_drop_caps(&err) != 0 ||
	    syscall(SYS_capget, &header, have) != 0)
		return LEAKS;
	for (int i = 0; i < 2; i++)
		if (have[i].effective | have[i].permitted | have[i].inheritable)
			return LEAKS;
	if (geteuid() == 0 && prctl(PR_CAPBSET_READ, CAP_NET_RAW, 0, 0, 0) != 0)
		return LEAKS;
	return socket(AF_PACKET, SOCK_RAW, 0) < 0 ? BITES : LEAKS;
}

static int test_no_new_privs(void)
{
	struct err err;

	return sandbox_no_new_privs(&err) == 0 &&
			       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
		       ? BITES
		       : LEAKS;
}

static int test_landlock(void)
{
	struct sandbox s = plain;
	struct err err;
	int version;

	s.folders[0] = open("/tmp", O_RDONLY | O_DIRECTORY);
	if (sandbox_no_new_privs(&err) != 0)
		return LEAKS;
	version = sandbox_landlock(&s, &err);
	if (version == 0)
		return NOT_HERE;
	if (version < 0 || open("/etc/passwd", O_RDONLY) >= 0 ||
	    errno != EACCES || open("/", O_RDONLY | O_DIRECTORY) >= 0)
		return LEAKS;
	if (open("/etc/upstack-must-not-be", O_WRONLY | O_CREAT, 0600) >= 0)
		return LEAKS;
	return BITES;
}

/* With seccomp alone: what must kill.  The child that comes back leaks. */
static int seccomp_child(void (*try)(void))
{
	struct err err;

	if (sandbox_no_new_privs(&err) != 0 || sandbox_seccomp(&plain, &err))
		_exit(NOT_HERE);
	try();
	_exit(LEAKS);
}

static void try_execve(void)
{
	char *const none[] = {NULL};

	execve("/bin/true", none, none);
}

static void try_socket(void)
{
	(void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void try_connect(void)
{
	struct sockaddr to = {.sa_family = AF_UNSPEC};

	(void)!connect(0, &to, sizeof(to));
}

static void try_open(void)
{
	(void)!open("/etc/passwd", O_RDONLY);
}

static void try_executable(void)
{
	(void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void try_kill(void)
{
	kill(getppid(), 0);
}

static void try_ptrace(void)
{
	syscall(SYS_ptrace, 0, 0, 0, 0);
}

/* The status of a child that must be killed. */
static int is_killed(void (*try)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0)
		seccomp_child(try);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return LEAKS;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return BITES;
	return WIFEXITED(status) ? WEXITSTATUS(status) : LEAKS;
}

static int run_test(int (*test)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(test());
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFEXITED(status))
		return LEAKS;
	return WEXITSTATUS(status);
}

static bool tell(FILE *out, const char *name, int result)
{
	static const char *const said[] = {
		[BITES] = "bites",
		[LEAKS] = "DOES NOT BITE",
		[NOT_HERE] = "cannot be tried here",
	};

	fprintf(out, "%-28s %s\n", name,
		said[result < 0 || result > NOT_HERE ? LEAKS : result]);
	return result == BITES || result == NOT_HERE;
}

bool sandbox_test(FILE *out)
{
	static const struct {
		const char *name;
		int (*test)(void);
	} layers[] = {
		{"user and groups", test_user},
		{"capabilities", test_capabilities},
		{"no new privileges", test_no_new_privs},
		{"landlock", test_landlock},
	};
	static const struct {
		const char *name;
		void (*try)(void);
	} calls[] = {
		{"seccomp: execve", try_execve},
		{"seccomp: socket", try_socket},
		{"seccomp: connect", try_connect},
		{"seccomp: open", try_open},
		{"seccomp: executable memory", try_executable},
		{"seccomp: kill", try_kill},
		{"seccomp: ptrace", try_ptrace},
	};
	bool fine = true;

	fflush(out);
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		fine &= tell(out, layers[i].name, run_test(layers[i].test));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		fine &= tell(out, calls[i].name, is_killed(calls[i].try));
	return fine;
}
