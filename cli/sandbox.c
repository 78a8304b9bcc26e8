/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sandbox.c - the layers, from the outermost in: who we are, what root could
 * (capabilities(7)), what a program could regain, which files there are
 * (landlock(7)), which system calls there are (sandbox_seccomp.c).
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/escape.h"

enum { CAPABILITIES_MOST = 64 };

/* In a user namespace of a single user there is nobody else to be, and root is
 * no more than that user: setgroups is denied there (user_namespaces(7)). */
static bool is_alone(void)
{
	char word[8] = "";
	FILE *f = fopen("/proc/self/setgroups", "re");

	if (!f)
		return false;
	if (!fgets(word, sizeof(word), f))
		word[0] = '\0';
	fclose(f);
	return strncmp(word, "deny", 4) == 0;
}

int sandbox_user(struct sandbox *s, const char *user, struct err *err)
{
	const char *name = user ? user : "nobody";
	const struct passwd *p;

	escape_string(name, s->user, sizeof(s->user));
	if (geteuid() != 0)
		return 0;
	if (!user && is_alone())
		return 0;
	p = getpwnam(name);
	if (!p)
		return err_set(err,
			       "there is no user %s to go on as: -Z USER "
			       "chooses one",
			       s->user);
	s->change_user = true;
	s->uid = p->pw_uid;
	s->gid = p->pw_gid;
	return 0;
}

static int cannot(struct err *err, const char *what)
{
	return err_set(err, "%s: %s (--no-sandbox goes on without)", what,
		       strerror(errno));
}

int sandbox_drop_user(const struct sandbox *s, struct err *err)
{
	if (!s->change_user)
		return 0;
	if (setgroups(0, NULL) != 0)
		return cannot(err, "the groups cannot be dropped");
	if (setresgid(s->gid, s->gid, s->gid) != 0 ||
	    setresuid(s->uid, s->uid, s->uid) != 0)
		return cannot(err, "the user cannot be changed");
	if (s->uid != 0 && (setuid(0) == 0 || geteuid() == 0))
		return err_set(err, "the user was not changed for good");
	return 0;
}

/* What can never be had again.  Only who may change the bounding set needs to:
 * for others it bounds nothing, since they start no program. */
static void drop_bounding(void)
{
	for (int i = 0; i < CAPABILITIES_MOST; i++)
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0)
			return;
}

int sandbox_drop_caps(struct err *err)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	static const struct __user_cap_data_struct none[2];

	drop_bounding();
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &header, none) != 0)
		return cannot(err, "the capabilities cannot be dropped");
	return 0;
}

int sandbox_no_new_privs(struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return cannot(err, "new privileges cannot be barred");
	return 0;
}

int sandbox_enter(struct sandbox *s, struct err *err)
{
	/* first, for the other user may not */
	drop_bounding();
	if (sandbox_drop_user(s, err) != 0 || sandbox_drop_caps(err) != 0)
		return -1;
	s->no_caps = true;
	if (sandbox_no_new_privs(err) != 0)
		return -1;
	s->no_new_privs = true;
	s->landlock = sandbox_landlock(s, err);
	if (s->landlock < 0 || sandbox_seccomp(s, err) != 0)
		return -1;
	s->seccomp = true;
	return 0;
}

void sandbox_tell(const struct sandbox *s, FILE *out)
{
	fputs("upstack: sandbox: ", out);
	if (!s->seccomp) {
		fputs("none\n", out);
		return;
	}
	if (s->change_user)
		fprintf(out, "user %s (%u), no groups, ", s->user,
			(unsigned)s->uid);
	fputs("no capabilities, no new privileges, ", out);
	if (s->landlock)
		fprintf(out, "landlock (version %d), ", s->landlock);
	else
		fputs("no landlock in this kernel, ", out);
	fputs("seccomp\n", out);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

/* The search for leaks at the end attaches to the program as a debugger does,
 * which the sandbox forbids: with --no-sandbox leaks are looked for. */
int __lsan_is_turned_off(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}
#endif
