// The theory from C++17: the fold in closed form, by the functions of <ssldyn/theory.h>, and what a
// flow does on either side of it; a long run reports its progress.
// SPDX-License-Identifier: MIT
#include <ssldyn.h>
#include <ssldyn/theory.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

// A request and a result free themselves; errors become exceptions.
using Request = std::unique_ptr<ssldyn_request, decltype(&ssldyn_request_free)>;
using Result = std::unique_ptr<ssldyn_result, decltype(&ssldyn_result_free)>;

void check(ssldyn_status status, const ssldyn_error &err)
{
    if (status != SSLDYN_OK)
        throw std::runtime_error(err.message);
}

int watch(void *, const char *what, double done, double total)
{
    if (total > 0)
        std::cerr << what << ": " << 100 * done / total << " %\n";
    return 0; // other than 0 would cancel
}

// Modes that start on the invariant parabola, s = p^2.
Result flow(double eta, const std::vector<double> &p0)
{
    std::vector<double> s0;
    for (const double p : p0)
        s0.push_back(p * p);
    ssldyn_error err;
    ssldyn_request *request = nullptr;
    ssldyn_result *result = nullptr;
    check(ssldyn_request_create("flow", &request, &err), err);
    const Request owner(request, ssldyn_request_free);
    check(ssldyn_request_text(request, "model", "modes", &err), err);
    check(ssldyn_request_flag(request, "no_ema", true, &err), err);
    check(ssldyn_request_number(request, "eta", eta, &err), err);
    check(ssldyn_request_numbers(request, "p0", p0.size(), p0.data(), &err), err);
    check(ssldyn_request_numbers(request, "s0", s0.size(), s0.data(), &err), err);
    ssldyn_request_watch(request, watch, nullptr);
    check(ssldyn_request_run(request, &result, &err), err);
    return Result(result, ssldyn_result_free);
}

} // namespace

int main()
try {
    // tau = 1 of SimSiam; c = 1 + sigma2 of the default data.
    const double tau = 1.0;
    const double c = 1.25;
    const double fold = ssldyn_fixedpoint_fold(tau, c);
    std::printf("fold: eta = %.4f\n", fold);
    ssldyn_init();
    for (const double factor : {0.5, 0.9, 1.1}) {
        const Result result = flow(factor * fold, {0.2, 0.5});
        std::size_t dimensions = 0;
        std::size_t shape[SSLDYN_DIMENSIONS];
        const double *fate = ssldyn_result_array(result.get(), "fate", &dimensions, shape);
        std::printf("eta = %.1f fold:", factor);
        for (std::size_t j = 0; j < shape[0]; j++)
            std::printf(" %s", fate[j] == 1 ? "survives" : fate[j] == 0 ? "collapsed" : "open");
        std::printf("\n");
    }
    return 0;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
