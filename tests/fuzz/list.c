/* Numbers and lists in the syntax of options. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/options/spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_numbers(const char *text)
{
    double number = 0.0;
    int64_t whole = 0;
    uint64_t seed = 0;
    FUZZ_CHECK(!ssldyn_parse_double(text, &number) || isfinite(number));
    if (ssldyn_parse_int64(text, &whole)) {
        FUZZ_CHECK(ssldyn_parse_double(text, &number) && number == (double)whole);
    }
    if (ssldyn_parse_uint64(text, &seed)) {
        FUZZ_CHECK(ssldyn_parse_double(text, &number) && number == (double)seed);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssldyn_list list;
    const char *fault = NULL;
    char *text = fuzz_text(data, size);
    if (!text) {
        return 0;
    }
    check_numbers(text);
    if (ssldyn_parse_list(text, &list, &fault)) {
        FUZZ_CHECK(list.count > 0 && list.values != NULL);
        double low = list.values[0];
        double high = list.values[list.count - 1];
        for (size_t i = 0; i < list.count; i++) {
            FUZZ_CHECK(isfinite(list.values[i]));
        }
        if (strchr(text, ':') && strncmp(text, "list:", 5) != 0) { /* a range is ordered */
            const double sign = low <= high ? 1.0 : -1.0;
            for (size_t i = 1; i < list.count; i++) {
                FUZZ_CHECK(sign * list.values[i] >= sign * list.values[i - 1]);
            }
        }
    } else {
        FUZZ_CHECK(list.count == 0 && list.values == NULL && fault && *fault);
    }
    free(list.values);
    free(text);
    return 0;
}
