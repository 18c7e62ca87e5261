// The same 100,000 modes by Boost.odeint, eight points in one vector with a common step (that of the
// neediest), which is the strongest way to use it:  modes_boost METHOD RTOL FILE
// METHOD: ck54 or fehlberg78. Prints points/s of one core; writes p, s, tau of every point to FILE.
// SPDX-License-Identifier: MIT
#include <array>
#include <boost/numeric/odeint.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

namespace odeint = boost::numeric::odeint;
typedef double lanes __attribute__((vector_size(64)));
typedef std::array<lanes, 3> state;
enum { ETAS = 400, BETAS = 250, POINTS = ETAS * BETAS, LANES = 8 };

struct flow {
    lanes eta, beta;
    void operator()(const state &y, state &f, double) const
    {
        const lanes drive = y[2] - 1.25 * y[0];
        const lanes rate = y[0] * drive - eta;
        f[0] = y[1] * drive - eta * y[0];
        f[1] = 2.0 * y[1] * rate;
        f[2] = beta * (1.0 - y[2]) - y[2] * rate;
    }
};

// odeint's own error measure, the worst of all components and lanes
struct checker {
    typedef double value_type;
    typedef odeint::array_algebra algebra_type;
    typedef odeint::default_operations operations_type;
    double rtol;
    static lanes size(lanes x)
    {
        return x < 0.0 ? -x : x;
    }
    template <class S, class D, class E, class T>
    double error(odeint::array_algebra &, const S &x, const D &dx, E &e, T dt) const
    {
        lanes most = {};
        for (int k = 0; k < 3; k++) {
            const lanes ratio = size(e[k]) / (rtol * (1e-3 + size(x[k]) + std::fabs(dt) * size(dx[k])));
            most = ratio > most ? ratio : most;
        }
        double worst = 0.0;
        for (int l = 0; l < LANES; l++)
            worst = most[l] > worst ? most[l] : worst;
        return worst;
    }
};

template <class Stepper> static double solve(double rtol, std::vector<double> &ends)
{
    timespec began, ended;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &began);
    for (int first = 0; first < POINTS; first += LANES) {
        flow f;
        state y;
        for (int l = 0; l < LANES; l++) {
            f.eta[l] = 0.3 * ((first + l) / BETAS) / (ETAS - 1);
            f.beta[l] = 0.05 + 1.95 * ((first + l) % BETAS) / (BETAS - 1);
            y[0][l] = 0.1;
            y[1][l] = 0.05;
            y[2][l] = 0.5;
        }
        odeint::controlled_runge_kutta<Stepper, checker> stepper{checker{rtol}};
        odeint::integrate_adaptive(stepper, f, y, 0.0, 100.0, 1e-2);
        for (int l = 0; l < LANES; l++)
            for (int k = 0; k < 3; k++)
                ends[3 * (first + l) + k] = y[k][l];
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
    return double(ended.tv_sec - began.tv_sec) + 1e-9 * double(ended.tv_nsec - began.tv_nsec);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    typedef odeint::runge_kutta_cash_karp54<state, double, state, double, odeint::array_algebra> ck;
    typedef odeint::runge_kutta_fehlberg78<state, double, state, double, odeint::array_algebra> f78;
    std::vector<double> ends(3 * POINTS);
    const double rtol = std::atof(argv[2]);
    double best = 1e9;
    for (int round = 0; round < 2; round++)
        best = std::fmin(best, std::strcmp(argv[1], "ck54") == 0 ? solve<ck>(rtol, ends)
                                                                 : solve<f78>(rtol, ends));
    FILE *stream = std::fopen(argv[3], "wb");
    if (!stream || std::fwrite(ends.data(), sizeof(double), ends.size(), stream) != ends.size())
        return 1;
    std::fclose(stream);
    std::printf("%.0f\n", POINTS / best);
    return 0;
}
