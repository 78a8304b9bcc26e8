/* SPDX-License-Identifier: BSD-3-Clause */
/* eapol.h - admission to a port, parsed when a tracker wants it. */
#ifndef UPSTACK_DISSECTORS_EAPOL_H
#define UPSTACK_DISSECTORS_EAPOL_H

#include "dissectors/dissect.h"

enum eapol_type { EAPOL_EAP, EAPOL_START, EAPOL_LOGOFF, EAPOL_KEY };
enum eap_code { EAP_REQUEST = 1, EAP_RESPONSE, EAP_SUCCESS, EAP_FAILURE };
enum eap_method { EAP_IDENTITY = 1, EAP_NOTIFICATION, EAP_NAK };

/* IEEE 802.1X clause 11, RFC 3748.  An identity is never kept. */
struct eapol {
	uint8_t state; /* enum wire */
	const char *bad;
	bool is_eapol;
	uint8_t type;	/* enum eapol_type */
	uint8_t code;	/* enum eap_code; 0: none */
	uint8_t id;	/* pairs a response with its request */
	uint8_t method; /* of a request or response; 0: none */
};

void eapol_parse(struct eapol *m, struct cursor in);

/* "PEAP"; "method 99" is written by the caller: NULL for what has no name. */
const char *eap_method_name(uint8_t method);

#endif
