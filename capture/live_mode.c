/* SPDX-License-Identifier: BSD-3-Clause */
/* live_mode.c - speed and duplex mode of an interface, as sysfs has them
 * (Documentation/ABI/testing/sysfs-class-net). */
#include "capture/live_mode.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 128, VALUE = 32, SPEED_MOST = 10000000 };

static int open_one(const char *interface, const char *what)
{
	char path[PATH];

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", interface, what);
	return open(path, O_RDONLY | O_CLOEXEC);
}

void live_mode_open(struct live_mode *m, const char *interface)
{
	char device[PATH];

	m->speed_fd = m->duplex_fd = -1;
	if (strchr(interface, '/'))
		return;
	snprintf(device, sizeof(device), "/sys/class/net/%s/device", interface);
	if (access(device, F_OK) != 0)
		return;
	m->speed_fd = open_one(interface, "speed");
	m->duplex_fd = open_one(interface, "duplex");
}

/* What stands in the file now; false without a carrier, or once the interface
 * is gone. */
static bool read_one(int fd, char value[static VALUE])
{
	ssize_t n;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return false;
	n = read(fd, value, VALUE - 1);
	if (n <= 0)
		return false;
	value[n] = '\0';
	return true;
}

void live_mode_read(const struct live_mode *m, struct source_link *out)
{
	char value[VALUE];
	long speed = read_one(m->speed_fd, value) ? strtol(value, NULL, 10) : 0;

	out->speed_mbps =
		speed > 0 && speed <= SPEED_MOST ? (uint32_t)speed : 0;
	out->duplex = LINK_DUPLEX_UNKNOWN;
	if (!read_one(m->duplex_fd, value))
		return;
	if (strncmp(value, "half", 4) == 0)
		out->duplex = LINK_DUPLEX_HALF;
	else if (strncmp(value, "full", 4) == 0)
		out->duplex = LINK_DUPLEX_FULL;
}

void live_mode_close(struct live_mode *m)
{
	if (m->speed_fd >= 0)
		close(m->speed_fd);
	if (m->duplex_fd >= 0)
		close(m->duplex_fd);
}
