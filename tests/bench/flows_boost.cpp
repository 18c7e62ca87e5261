// A flow by Boost.odeint's controlled steppers, on a problem that `flows make` has written.
//     flows_boost METHOD N KIND FILE RTOL     prints the same line as flows.c
// METHOD: boost-ck54, boost-dopri5 or boost-fehlberg78. The equations are those of the other peers:
// CBLAS, three products for isotropic data and five otherwise.
// SPDX-License-Identifier: MIT
#include <boost/numeric/odeint.hpp>
#include <cblas.h>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace odeint = boost::numeric::odeint;
typedef std::vector<double> state;

static const double beta = 0.4, eta = 0.04, c = 1.25;

struct flow {
    int n;
    bool isotropic;
    const double *X, *S;
    double *A, *M;
    long *evaluations;

    void multiply(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, double alpha, const double *a, const double *b,
                  double gamma, double *to) const
    {
        cblas_dgemm(CblasRowMajor, ta, tb, n, n, n, alpha, a, n, b, n, gamma, to, n);
    }
    void operator()(const state &y, state &f, double) const
    {
        const size_t nn = (size_t)n * (size_t)n;
        const double *W = y.data(), *Wp = W + nn, *Wa = Wp + nn;
        ++*evaluations;
        multiply(CblasNoTrans, CblasNoTrans, 1.0, Wp, W, 0.0, A);
        if (isotropic) {
            for (size_t i = 0; i < nn; i++)
                M[i] = Wa[i] - c * A[i];
        } else {
            multiply(CblasNoTrans, CblasNoTrans, 1.0, Wa, X, 0.0, M);
            multiply(CblasNoTrans, CblasNoTrans, -1.0, A, S, 1.0, M);
        }
        multiply(CblasNoTrans, CblasTrans, 1.0, M, W, 0.0, f.data() + nn);
        multiply(CblasTrans, CblasNoTrans, 1.0, Wp, M, 0.0, f.data());
        for (size_t i = 0; i < nn; i++) {
            f[i] -= eta * W[i];
            f[nn + i] -= eta * Wp[i];
            f[2 * nn + i] = beta * (W[i] - Wa[i]);
        }
    }
};

static double now()
{
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

template <class Stepper> static void solve(const flow &right, double rtol, state &y)
{
    odeint::integrate_adaptive(odeint::make_controlled<Stepper>(1e-3 * rtol, rtol), right, y, 0.0, 50.0, 1e-2);
}

int main(int argc, char *argv[])
{
    if (argc != 6)
        return 2;
    const std::string method = argv[1];
    const int n = atoi(argv[2]);
    const double rtol = strtod(argv[5], nullptr);
    const size_t nn = (size_t)n * (size_t)n;
    std::vector<double> data(7 * nn), A(nn), M(nn); // W, Wp, X, S; W, Wp, Wa of the reference
    FILE *file = fopen(argv[4], "rb");
    if (!file || fread(data.data(), sizeof(double), 7 * nn, file) != 7 * nn)
        return 1;
    fclose(file);
    long evaluations = 0;
    const flow right = {n, strcmp(argv[3], "iso") == 0, data.data() + 2 * nn, data.data() + 3 * nn, A.data(), M.data(),
                        &evaluations};
    double best = INFINITY;
    state y(3 * nn);
    for (int i = n > 64 ? 2 : 6; i > 0; i--) {
        std::copy(data.begin(), data.begin() + 2 * (long)nn, y.begin());
        std::fill(y.begin() + 2 * (long)nn, y.end(), 0.0);
        evaluations = 0;
        const double began = now();
        if (method == "boost-ck54")
            solve<odeint::runge_kutta_cash_karp54<state>>(right, rtol, y);
        else if (method == "boost-dopri5")
            solve<odeint::runge_kutta_dopri5<state>>(right, rtol, y);
        else
            solve<odeint::runge_kutta_fehlberg78<state>>(right, rtol, y);
        best = std::fmin(best, now() - began);
    }
    double error = 0.0;
    for (size_t k = 0; k < 3; k++) {
        double difference = 0.0, size = 0.0;
        for (size_t i = k * nn; i < (k + 1) * nn; i++) {
            const double end = data[4 * nn + i];
            difference += (y[i] - end) * (y[i] - end);
            size += end * end;
        }
        error = std::fmax(error, std::sqrt(difference / size));
    }
    printf("%s\t%d\t%s\t%g\t%.6g\t%ld\t%.3e\tnan\n", method.c_str(), n, argv[3], rtol, best, evaluations, error);
}
