/* SPDX-License-Identifier: BSD-3-Clause */
/* checksum.c - the Internet checksum.  RFC 1071. */
#include "dissectors/checksum.h"

#include <arpa/inet.h>
#include <string.h>

/* Four bytes at a time, in the order of the machine: the sum of 16-bit words
 * does not depend on it (RFC 1071 2(B)), checksum_end turns it around. */
uint64_t checksum_add(uint64_t sum, const void *bytes, size_t size)
{
	const uint8_t *b = bytes;
	uint32_t word = 0;

	for (; size >= sizeof(word); size -= sizeof(word)) {
		memcpy(&word, b, sizeof(word));
		sum += word;
		b += sizeof(word);
	}
	word = 0;
	memcpy(&word, b, size);
	return sum + word;
}

uint64_t checksum_pseudo(const struct addr *src, const struct addr *dst,
			 uint8_t protocol, uint32_t length)
{
	size_t size = src->family == 4 ? 4 : 16;
	uint64_t sum = checksum_add(0, src->bytes, size);

	sum = checksum_add(sum, dst->bytes, size);
	return sum + htonl(length) + htonl(protocol);
}

uint16_t checksum_end(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ntohs((uint16_t)~sum);
}
