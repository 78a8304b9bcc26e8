/* SPDX-License-Identifier: BSD-3-Clause */
/* unit.h - what cmocka wants to have included before it. */
#ifndef UPSTACK_TESTS_UNIT_BASE_UNIT_H
#define UPSTACK_TESTS_UNIT_BASE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
