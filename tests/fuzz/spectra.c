/* Tables of eigenvalues from other programs, as ssldyn align reads them. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/align/align.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssldyn_align_report report;
    struct ssldyn_error err;
    const struct ssldyn_align_request request = {.spectra = fuzz_file("s.tsv", data, size),
                                                 .floor = 1e-4,
                                                 .leading = 64,
                                                 .threads = 1,
                                                 .time_unit = 1.0,
                                                 .skip_bad = size % 2 == 0,
                                                 .quiet = true};
    const enum ssldyn_status status = ssldyn_align(&request, &report, &err);
    fuzz_status(status, &err);
    if (status == SSLDYN_OK) {
        FUZZ_CHECK(report.modes > 0 && report.modes <= size);
        FUZZ_CHECK(report.snapshots > 0 && report.snapshots + report.skipped <= size);
        FUZZ_CHECK(request.skip_bad || report.skipped == 0);
        FUZZ_CHECK(isfinite(report.last.largest));
    }
    return 0;
}
