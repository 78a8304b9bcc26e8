/* SPDX-License-Identifier: BSD-3-Clause */
/* tap.c - network namespaces with a TAP for a card, and frames through it. */
#include "lab/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lab/fail.h"
#include "lab/frame.h"

enum { COMMAND = 512, BUFFER_BYTES = 1 << 22 };

static int open_namespace(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail_system("/proc/thread-self/ns/net");
	return fd;
}

void tap_enter(const struct host *h)
{
	if (setns(h->namespace, CLONE_NEWNET) != 0)
		fail_system("setns");
}

/* Do something in the namespace of a host and come back. */
static int go_in(const struct host *h)
{
	int home = open_namespace();

	tap_enter(h);
	return home;
}

static void come_back(int home)
{
	if (setns(home, CLONE_NEWNET) != 0)
		fail_system("setns");
	close(home);
}

void tap_run(const struct host *h, const char *command)
{
	int home = go_in(h);

	if (system(command) != 0)
		fail("failed: %s", command);
	come_back(home);
}

static bool write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t size = strlen(value);
	bool written = fd >= 0 && write(fd, value, size) == (ssize_t)size;

	if (fd >= 0)
		close(fd);
	return written;
}

/* Several numbers stand with commas between them in a scenario, whose words end
 * at a blank. */
bool tap_sysctl(const struct host *h, const char *name, const char *value)
{
	char path[COMMAND], words[COMMAND];
	int home = go_in(h);
	bool set;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	for (char *at = path + strlen("/proc/sys/"); *at; at++)
		if (*at == '.')
			*at = '/';
	snprintf(words, sizeof(words), "%s", value);
	for (char *comma = words; (comma = strchr(comma, ','));)
		*comma = ' ';
	set = write_file(path, words);
	come_back(home);
	return set;
}

/* The files hold two lines for each group: names, then values. */
static uint64_t counter_in(const char *path, const char *group,
			   const char *name)
{
	char heads[8192], values[8192];
	FILE *in = fopen(path, "r");
	uint64_t found = 0;

	while (in && fgets(heads, sizeof(heads), in) &&
	       fgets(values, sizeof(values), in)) {
		char *h, *v, *head = strtok_r(heads, " \n", &h);
		char *value = strtok_r(values, " \n", &v);

		if (!head || strncmp(head, group, strlen(group)) != 0 ||
		    head[strlen(group)] != ':')
			continue;
		while (head && value) {
			if (strcmp(head, name) == 0)
				found = strtoull(value, NULL, 10);
			head = strtok_r(NULL, " \n", &h);
			value = strtok_r(NULL, " \n", &v);
		}
	}
	if (in)
		fclose(in);
	return found;
}

uint64_t tap_counter(const struct host *h, const char *group, const char *name)
{
	int home = go_in(h);
	uint64_t count = counter_in("/proc/thread-self/net/snmp", group, name);

	if (!count)
		count = counter_in("/proc/thread-self/net/netstat", group,
				   name);
	come_back(home);
	return count;
}

static void set_offload(int tap)
{
	unsigned int can = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;

	if (ioctl(tap, TUNSETOFFLOAD, can) != 0)
		fail_system("TUNSETOFFLOAD");
}

static int open_tap(bool offload)
{
	struct ifreq want = {.ifr_name = "eth0"};
	int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int size = BUFFER_BYTES;

	want.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	if (tap < 0)
		fail_system("/dev/net/tun");
	if (ioctl(tap, TUNSETIFF, &want) != 0)
		fail_system("TUNSETIFF");
	ioctl(tap, TUNSETSNDBUF, &size);
	if (offload)
		set_offload(tap);
	return tap;
}

static void make_host(struct host *h, bool up, bool offload)
{
	int home = open_namespace();

	if (unshare(CLONE_NEWNET) != 0)
		fail_system("unshare");
	h->namespace = open_namespace();
	h->tap = open_tap(offload);
	h->up = up;
	come_back(home);
}

/* Network and address of each side; on one link both are in the first, and
 * each host sends to the other. */
static void name_router(const struct plan *plan, struct router *router)
{
	static const uint8_t nets[SIDES][3] = {{192, 0, 2}, {198, 51, 100}};

	router->routes = plan->routed;
	for (int side = 0; side < SIDES; side++) {
		const uint8_t mac[6] = {2, 0, 0, 0, (uint8_t)side, 1};
		const uint8_t host[6] = {
			2, 0, 0, 0, (uint8_t)side, side ? 20 : 10};
		const uint8_t v6[16] = {
			0x20, 1, 0xd, 0xb8, 0, (uint8_t)(side + 1), [15] = 1};

		memcpy(router->host[side], host, 6);
		memcpy(router->mac[side], mac, 6);
		memcpy(router->v4[side], nets[plan->routed ? side : 0], 3);
		router->v4[side][3] = 1;
		memcpy(router->v6[side], v6, 16);
	}
	for (int side = 0; side < SIDES && !plan->routed; side++)
		memcpy(router->mac[side], router->host[!side], 6);
}

/* The card of a host; neighbours of a router are known, so that what is tested
 * is not preceded by questions for them. */
static void set_up(const struct plan *plan, const struct host *h, int side)
{
	char command[COMMAND];
	const char *net =
		plan->v6 ? (side && plan->routed ? "2001:db8:2::"
						 : "2001:db8:1::")
			 : (side && plan->routed ? "198.51.100." : "192.0.2.");

	snprintf(command, sizeof(command),
		 "ip link set lo up && "
		 "ip link set eth0 address 02:00:00:00:%02x:%02x mtu %u && "
		 "ip addr add %s%s/%d dev eth0 %s && "
		 "ip link set eth0 txqueuelen 5000 up",
		 side, side ? 20 : 10, plan->mtu, net, side ? "20" : "10",
		 plan->v6 ? 64 : 24, plan->v6 ? "nodad" : "");
	tap_run(h, command);
	if (!plan->routed)
		return;
	snprintf(command, sizeof(command),
		 "ip neigh add %s1 lladdr 02:00:00:00:%02x:01 nud permanent "
		 "dev eth0 && ip %s route add default via %s1",
		 net, side, plan->v6 ? "-6" : "", net);
	tap_run(h, command);
}

void tap_open(const struct plan *plan, struct host host[SIDES],
	      struct router *router)
{
	name_router(plan, router);
	for (int side = 0; side < SIDES; side++) {
		struct host *h = &host[side];

		make_host(h, side == CLIENT_SIDE, plan->offload);
		if (!plan->v6)
			tap_sysctl(h, "net.ipv6.conf.all.disable_ipv6", "1");
		tap_sysctl(h, "net.ipv4.tcp_no_metrics_save", "1");
		tap_sysctl(h, "net.ipv6.conf.eth0.router_solicitations", "0");
		tap_sysctl(h, "net.ipv6.conf.eth0.addr_gen_mode", "1");
		set_up(plan, h, side);
	}
	if (!plan->v6) { /* for clients and servers of many addresses */
		tap_run(&host[CLIENT_SIDE],
			"ip route add local 10.9.0.0/16 dev lo");
		tap_run(&host[SERVER_SIDE],
			"ip route add local 10.8.0.0/16 dev lo");
	}
}

struct frame *tap_read(const struct host *h)
{
	struct virtio_net_hdr head;
	uint8_t bytes[FRAME_MAX];
	struct iovec part[2] = {{&head, sizeof(head)}, {bytes, sizeof(bytes)}};
	ssize_t got = readv(h->tap, part, 2);
	struct frame *f;

	if (got < (ssize_t)(sizeof(head) + ETHERNET))
		return NULL;
	f = frame_new((uint32_t)got - (uint32_t)sizeof(head));
	memcpy(f->bytes, bytes, f->length);
	f->up = h->up;
	if (head.gso_type != VIRTIO_NET_HDR_GSO_NONE)
		f->offload.segment = head.gso_size;
	f->offload.checksum = head.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
	f->offload.checksum_start = head.csum_start;
	f->offload.checksum_offset = head.csum_offset;
	frame_look(f);
	return f;
}

void tap_write(const struct host *h, const struct frame *f)
{
	struct virtio_net_hdr head = {0};
	struct iovec part[2] = {{&head, sizeof(head)},
				{(void *)f->bytes, f->length}};

	/* A host that is full or down loses it, as a card would. */
	if (writev(h->tap, part, 2) < 0 && errno != EAGAIN && errno != EIO)
		fail_system("writing to a TAP");
}
