/* SPDX-License-Identifier: BSD-3-Clause */
/* live_ring.c - one interface that is listened on (packet(7)). */
#include "capture/live_ring.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/escape.h"
#include "base/when.h"
#include "capture/filter.h"
#include "capture/live_addr.h"
#include "capture/live_route.h"
#include "capture/reader.h"

enum { BUFFER_KIB = 16 * 1024, REST_NS = 100 * 1000 * 1000 };

static int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int cannot_listen(const char *shown, const char *why, struct err *err)
{
	char reason[PCAP_ERRBUF_SIZE];

	return err_set(err, "%s cannot be listened on: %s", shown,
		       escape_string(why, reason, sizeof(reason)));
}

/* Why an interface cannot be opened, and what helps. */
static int no_capture(const struct ring *r, const char *shown, int status,
		      struct err *err)
{
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return err_set(err,
			       "%s cannot be listened on without privileges: "
			       "use sudo, or see docs/live.md for setcap",
			       shown);
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return err_set(err,
			       "there is no interface %s: upstack -D lists "
			       "those that there are",
			       shown);
	case PCAP_ERROR_IFACE_NOT_UP:
		return err_set(err, "%s is down: ip link set %s up", shown,
			       shown);
	default:
		return cannot_listen(shown,
				     pcap_geterr(r->pcap)[0]
					     ? pcap_geterr(r->pcap)
					     : pcap_statustostr(status),
				     err);
	}
}

static int activate(struct ring *r, const struct source_live *o,
		    const char *name, const char *shown, struct err *err)
{
	uint32_t kib = o->buffer_kib ? o->buffer_kib : BUFFER_KIB;
	int status;

	pcap_set_snaplen(r->pcap, o->snaplen ? (int)o->snaplen : FRAME_MAX);
	pcap_set_promisc(r->pcap, o->promiscuous);
	pcap_set_timeout(r->pcap, RING_BLOCK_MS);
	pcap_set_buffer_size(r->pcap, (int)(kib * 1024));
	pcap_set_tstamp_precision(r->pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(r->pcap);
	if (status < 0)
		return no_capture(r, shown, status, err);
	/* it tells of which interface each packet is */
	if (strcmp(name, "any") == 0)
		pcap_set_datalink(r->pcap, DLT_LINUX_SLL2);
	if (pcap_get_tstamp_precision(r->pcap) != PCAP_TSTAMP_PRECISION_NANO)
		return err_set(err, "%s has no time stamps in nanoseconds",
			       shown);
	return 0;
}

static int set_filter(struct ring *r, const char *expression, bool *usage,
		      struct err *err)
{
	struct bpf_program code;
	int done;

	if (!expression || !*expression)
		return 0;
	if (pcap_compile(r->pcap, &code, expression, 1, PCAP_NETMASK_UNKNOWN) !=
	    0) {
		*usage = true;
		return filter_refused(err, expression, pcap_geterr(r->pcap));
	}
	done = pcap_setfilter(r->pcap, &code);
	if (done != 0)
		filter_refused(err, expression, pcap_geterr(r->pcap));
	pcap_freecode(&code);
	return done == 0 ? 0 : -1;
}

/* libpcap's numbers inside a program are not everywhere those of files. */
static uint16_t link_type_of(pcap_t *pcap)
{
	int dlt = pcap_datalink(pcap);

	return dlt == DLT_RAW ? LINK_RAW : (uint16_t)dlt;
}

/* The addresses that it has, and the gateways that it leads to. */
static void own_read(const struct ring *r, struct ledger *ledger)
{
	struct source_address address[SOURCE_ADDRESSES];
	struct addr gateway[SOURCE_GATEWAYS];
	uint32_t count = live_addr_read(r->index, address, SOURCE_ADDRESSES);

	for (uint32_t n = 0; n < count; n++)
		ledger_address(ledger, r->says, &address[n]);
	count = live_route_read(r->index, gateway, SOURCE_GATEWAYS);
	for (uint32_t n = 0; n < count; n++)
		ledger_gateway(ledger, r->says, &gateway[n]);
}

static int write_down(struct ring *r, const char *filter, struct ledger *ledger,
		      struct err *err)
{
	struct source_interface *s = ledger_interface(ledger, &r->interface);
	struct utsname system;
	char os[sizeof(system.sysname) + sizeof(system.release) + 1];

	if (!s)
		return err_set(err, "no memory to listen");
	r->says = s;
	s->live = true;
	s->file = s->name = ledger_text(ledger, r->name, strlen(r->name));
	s->link_type = r->link_type;
	s->link_name = link_name(r->link_type);
	s->snaplen = (uint32_t)pcap_snapshot(r->pcap);
	if (filter)
		s->filter = ledger_text(ledger, filter, strlen(filter));
	if (uname(&system) == 0) {
		snprintf(os, sizeof(os), "%s %s", system.sysname,
			 system.release);
		s->os = ledger_text(ledger, os, strlen(os));
	}
	own_read(r, ledger);
	s->received = s->dropped_os = 0;
	return 0;
}

int ring_open(struct ring *r, const char *name,
	      const struct source_options *options, struct ledger *ledger,
	      bool *usage, struct err *err)
{
	char why[PCAP_ERRBUF_SIZE], shown[64];

	escape_string(name, shown, sizeof(shown));
	r->fd = -1;
	live_mode_open(&r->mode, name);
	r->promiscuous = options->live->promiscuous;
	snprintf(r->name, sizeof(r->name), "%s", name);
	r->bytes = malloc(RING_BYTES + FRAME_MAX);
	if (!r->bytes)
		return err_set(err, "no memory to listen");
	r->pcap = pcap_create(name, why);
	if (!r->pcap)
		return cannot_listen(shown, why, err);
	if (activate(r, options->live, name, shown, err) != 0 ||
	    set_filter(r, options->filter, usage, err) != 0)
		return -1;
	if (pcap_setnonblock(r->pcap, 1, why) != 0)
		return cannot_listen(shown, why, err);
	r->fd = pcap_get_selectable_fd(r->pcap);
	if (r->fd < 0)
		return err_set(err, "%s cannot be waited for", shown);
	r->index = (int)if_nametoindex(name);
	r->link_type = link_type_of(r->pcap);
	return write_down(r, options->filter, ledger, err);
}

/* Which way a frame went, as far as its address tells. */
static uint8_t direction_of(const struct ring *r, const struct frame *f)
{
	if (f->link_type == LINK_SLL || f->link_type == LINK_SLL2)
		return cooked_direction(f);
	if (f->link_type != DLT_EN10MB || f->kept < 12 || mac_is_zero(&r->mac))
		return FRAME_UNKNOWN;
	if (memcmp(f->data + 6, &r->mac, sizeof(r->mac)) == 0)
		return FRAME_OUTBOUND;
	return memcmp(f->data, &r->mac, sizeof(r->mac)) == 0 ? FRAME_INBOUND
							     : FRAME_UNKNOWN;
}

static void take_frame(uint8_t *context, const struct pcap_pkthdr *h,
		       const uint8_t *bytes)
{
	struct ring *r = (struct ring *)context;
	struct frame *f = &r->frames[r->count];

	if (r->count == RING_FRAMES || h->caplen > FRAME_MAX)
		return;
	*f = (struct frame){
		.time_ns = h->ts.tv_sec * NS_PER_S + h->ts.tv_usec,
		.data = r->bytes + r->used,
		.kept = h->caplen,
		.sent = h->len > h->caplen ? h->len : h->caplen,
		.interface = r->interface,
		.link_type = r->link_type,
	};
	memcpy(r->bytes + r->used, bytes, h->caplen);
	f->direction = direction_of(r, f);
	r->count++;
	r->used += h->caplen;
	if (r->used > RING_BYTES)
		pcap_breakloop(r->pcap);
}

bool ring_rests(const struct ring *r)
{
	return r->rest_until_ns && clock_ns() < r->rest_until_ns;
}

bool ring_fill(struct ring *r)
{
	int n;

	if (r->at < r->count)
		return true;
	r->at = r->count = 0;
	r->used = 0;
	if (ring_rests(r))
		return false;
	r->rest_until_ns = 0;
	n = pcap_dispatch(r->pcap, RING_FRAMES, take_frame, (uint8_t *)r);
	/* an interface that is down or gone is told by netlink; here it only
	 * must not be asked all the time */
	if (n == PCAP_ERROR)
		r->rest_until_ns = clock_ns() + REST_NS;
	return r->count > 0;
}

/* Reading the counters sets them to zero. */
void ring_count(struct ring *r)
{
	struct tpacket_stats_v3 s = {0};
	socklen_t size = sizeof(s);

	if (getsockopt(r->fd, SOL_PACKET, PACKET_STATISTICS, &s, &size) != 0)
		return;
	r->says->received += s.tp_packets;
	r->says->dropped_os += s.tp_drops;
}

void ring_first_news(struct ring *r, const struct link_news *news)
{
	r->known = true;
	r->start = r->last = *news;
	r->mac = r->says->mac = news->mac;
	r->hardware = news->hardware;
	r->says->dropped_interface = 0;
}

/* An interface of that name is there again: the socket that we have is bound
 * to it, which takes no privilege. */
static bool bind_again(struct ring *r, const struct link_news *news)
{
	const struct sockaddr_ll to = {.sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = news->index};
	const struct packet_mreq all = {.mr_ifindex = news->index,
					.mr_type = PACKET_MR_PROMISC};

	if (news->hardware != r->hardware ||
	    bind(r->fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		return false;
	if (r->promiscuous)
		setsockopt(r->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all,
			   sizeof(all));
	r->index = news->index;
	r->mac = r->says->mac = news->mac;
	r->vanished = false;
	r->rest_until_ns = 0;
	return true;
}

static uint64_t since(uint64_t now, uint64_t start)
{
	return now > start ? now - start : 0;
}

static void tell(struct ring *r, int64_t now_ns, struct source_link *out)
{
	const struct link_news *n = &r->last, *s = &r->start;

	*out = (struct source_link){
		.interface = r->interface,
		.time_ns = now_ns,
		.present = !r->vanished,
		.up = n->up,
		.carrier = n->carrier,
		.dormant = n->dormant,
		.mtu = n->mtu,
		.carrier_downs =
			(uint32_t)since(n->carrier_downs, s->carrier_downs),
		.received = since(n->received, s->received),
		.sent = since(n->sent, s->sent),
		.errors_received =
			since(n->errors_received, s->errors_received),
		.errors_sent = since(n->errors_sent, s->errors_sent),
		.missed = since(n->missed, s->missed),
		.collisions = since(n->collisions, s->collisions),
	};
	escape_string(r->name, out->name, sizeof(out->name));
	live_mode_read(&r->mode, out);
	r->says->dropped_interface = r->missed_before + out->missed;
}

bool ring_news(struct ring *r, const struct link_news *news, int64_t now_ns,
	       struct source_link *out)
{
	bool renamed, returned = false;

	if (news->gone) {
		if (r->vanished)
			return false;
		r->vanished = true;
		r->index = -1;
		r->last.up = r->last.carrier = false;
		tell(r, now_ns, out);
		r->missed_before += out->missed;
		return true;
	}
	if (r->vanished) {
		returned = bind_again(r, news);
		if (!returned)
			return false;
		r->start = *news;
	}
	renamed = strcmp(news->name, r->name) != 0 && news->name[0];
	if (renamed)
		memcpy(r->name, news->name, sizeof(r->name));
	r->last = *news;
	tell(r, now_ns, out);
	out->renamed = renamed;
	out->returned = returned;
	return true;
}

/* What its own addresses or gateways changed by, in the ledger. */
static bool own_changed(const struct ring *r, const struct nlmsghdr *message,
			struct ledger *ledger)
{
	struct addr gateway[SOURCE_GATEWAYS];
	struct addr_news news;
	bool changed = false;
	uint32_t count;

	if (live_addr_take(message, &news))
		return (!r->index || news.index == r->index) &&
		       (news.gone ? ledger_address_gone(r->says,
							&news.address.addr)
				  : ledger_address(ledger, r->says,
						   &news.address));
	count = live_route_take(message, r->index, gateway, SOURCE_GATEWAYS);
	for (uint32_t n = 0; n < count; n++)
		changed |= ledger_gateway(ledger, r->says, &gateway[n]);
	return changed;
}

bool ring_own_news(struct ring *r, const struct nlmsghdr *message,
		   struct ledger *ledger, int64_t now_ns,
		   struct source_link *out)
{
	if (r->vanished || !own_changed(r, message, ledger) || !r->known)
		return false;
	tell(r, now_ns, out);
	out->own = r->says;
	return true;
}

void ring_close(struct ring *r)
{
	if (r->pcap)
		pcap_close(r->pcap);
	live_mode_close(&r->mode);
	free(r->bytes);
}
