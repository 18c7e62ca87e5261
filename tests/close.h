/* Comparison of doubles in tests: nan and infinities never pass by accident, and a failure shows
 * both values and the allowed difference. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_CLOSE_H
#define SSLDYN_TESTS_CLOSE_H

#include <check.h>
#include <math.h>

/* Fails unless |got - want| <= atol + rtol |want|. If want is infinite or nan, got must be the
 * same; an infinite or nan tolerance fails. */
#define CHECK_CLOSE(got, want, rtol, atol)                                                         \
    do {                                                                                           \
        const double close_got_ = (got);                                                           \
        const double close_want_ = (want);                                                         \
        const double close_allowed_ = (atol) + (rtol)*fabs(close_want_);                           \
        if (isfinite(close_want_)) {                                                               \
            ck_assert_msg(                                                                         \
                isfinite(close_allowed_) && fabs(close_got_ - close_want_) <= close_allowed_,      \
                "%s = %.17g, should be %s = %.17g: off by %.3g, allowed %.3g", #got, close_got_,   \
                #want, close_want_, fabs(close_got_ - close_want_), close_allowed_);               \
        } else if (isnan(close_want_)) {                                                           \
            ck_assert_msg(isnan(close_got_), "%s = %.17g, should be %s = nan", #got, close_got_,   \
                          #want);                                                                  \
        } else {                                                                                   \
            ck_assert_msg(isinf(close_got_) && signbit(close_got_) == signbit(close_want_),        \
                          "%s = %.17g, should be %s = %g", #got, close_got_, #want, close_want_);  \
        }                                                                                          \
    } while (0)

#endif
