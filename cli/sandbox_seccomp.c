/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sandbox_seccomp.c - the system calls of a running analysis; any other kills
 * it (seccomp(2)).
 *
 * No program can be started, no socket made, no memory made executable, and no
 * file opened unless there is a folder to make files in.  docs/live.md says
 * what each is for.
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* Any arguments. */
static const int always[] = {
	/* read the input, write the report */
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(close),
	SCMP_SYS(fsync),
	SCMP_SYS(fcntl),
	SCMP_SYS(dup),
	/* memory */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	/* time, waiting, chance */
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(getrandom),
	SCMP_SYS(futex),
	SCMP_SYS(sched_yield),
	/* signals of our own, and the end */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* the child that makes a report meanwhile */
	SCMP_SYS(memfd_create),
	SCMP_SYS(wait4),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(sysinfo),
#ifdef __SANITIZE_ADDRESS__
	SCMP_SYS(sigaltstack),
	SCMP_SYS(readlink),
	SCMP_SYS(prlimit64),
	SCMP_SYS(getppid),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(prctl),
#endif
};

static const int with_folder[] = {
	SCMP_SYS(openat),     SCMP_SYS(renameat), SCMP_SYS(renameat2),
	SCMP_SYS(unlinkat),   SCMP_SYS(umask),	  SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
};

static const int when_live[] = {
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	/* libpcap: whether the interface is still there */
	SCMP_SYS(getsockname),
};

/* One argument has to be this value. */
struct only {
	int call;
	unsigned argument;
	uint64_t mask, value;
	bool live;
};

#define WHOLE UINT64_MAX

static const struct only only[] = {
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0, false},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0, false},
	{SCMP_SYS(clone), 0, WHOLE,
	 CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD, false},
	{SCMP_SYS(prctl), 0, WHOLE, PR_SET_PDEATHSIG, false},
	{SCMP_SYS(ioctl), 1, WHOLE, TCGETS, false},
	{SCMP_SYS(ioctl), 1, WHOLE, TIOCGWINSZ, false},
	/* an interface that is down is asked whether it is up again */
	{SCMP_SYS(ioctl), 1, WHOLE, SIOCGIFFLAGS, true},
	/* to the kernel alone: without an address */
	{SCMP_SYS(sendto), 4, WHOLE, 0, true},
	/* an interface that is back is bound to the socket that there is */
	{SCMP_SYS(bind), 2, WHOLE, sizeof(struct sockaddr_ll), true},
};

/* A level and an option of sockets that exist. */
static const struct {
	int call, level, option;
} options[] = {
	{SCMP_SYS(getsockopt), SOL_PACKET, PACKET_STATISTICS},
	{SCMP_SYS(getsockopt), SOL_SOCKET, SO_ERROR},
	{SCMP_SYS(setsockopt), SOL_PACKET, PACKET_ADD_MEMBERSHIP},
	/* the ring is given back */
	{SCMP_SYS(setsockopt), SOL_PACKET, PACKET_RX_RING},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int allow(scmp_filter_ctx f, const int *calls, size_t count)
{
	int done = 0;

	for (size_t i = 0; i < count && done == 0; i++)
		done = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0);
	return done;
}

static int allow_only(scmp_filter_ctx f, bool live)
{
	int done = 0;

	for (size_t i = 0; i < COUNT(only) && done == 0; i++) {
		const struct only *o = &only[i];

		if (!o->live || live)
			done = seccomp_rule_add(f, SCMP_ACT_ALLOW, o->call, 1,
						SCMP_CMP(o->argument,
							 SCMP_CMP_MASKED_EQ,
							 o->mask, o->value));
	}
	return done;
}

static int allow_options(scmp_filter_ctx f)
{
	int done = 0;

	for (size_t i = 0; i < COUNT(options) && done == 0; i++)
		done = seccomp_rule_add(
			f, SCMP_ACT_ALLOW, options[i].call, 2,
			SCMP_CMP(1, SCMP_CMP_EQ, (uint64_t)options[i].level),
			SCMP_CMP(2, SCMP_CMP_EQ, (uint64_t)options[i].option));
	return done;
}

static bool has_folder(const struct sandbox *s)
{
	for (int i = 0; i < SANDBOX_FOLDERS; i++)
		if (s->folders[i] >= 0)
			return true;
	return false;
}

static int fill(scmp_filter_ctx f, const struct sandbox *s)
{
	int done = allow(f, always, COUNT(always));

	/* the C library asks for clone3 first and then for clone, whose flags
	 * can be looked at */
	if (done == 0)
		done = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS),
					SCMP_SYS(clone3), 0);
	if (done == 0)
		done = allow_only(f, s->live);
	if (done == 0 && has_folder(s))
		done = allow(f, with_folder, COUNT(with_folder));
	if (done == 0 && s->live)
		done = allow(f, when_live, COUNT(when_live));
	if (done == 0 && s->live)
		done = allow_options(f);
	return done;
}

int sandbox_seccomp(const struct sandbox *s, struct err *err)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int done;

	if (!f)
		return err_set(err, "seccomp cannot be set up");
	/* we run no code of others: no need to slow ours down */
	seccomp_attr_set(f, SCMP_FLTATR_CTL_SSB, 1);
	done = fill(f, s);
	if (done == 0)
		done = seccomp_load(f);
	seccomp_release(f);
	if (done == 0)
		return 0;
	return err_set(err,
		       "seccomp cannot be put in force: %s (--no-sandbox goes "
		       "on without)",
		       strerror(-done));
}
