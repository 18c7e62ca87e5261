// Every STRIDE-th point of modes.c's grid by SUNDIALS' ARKODE, Dormand-Prince 5(4), 64 points in one
// system of 192 unknowns:  modes_sundials RTOL STRIDE FILE
// Prints points/s of one core; writes p, s, tau of every such point to FILE.
// SPDX-License-Identifier: MIT
#include <arkode/arkode_erkstep.h>
#include <nvector/nvector_serial.h>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

enum { ETAS = 400, BETAS = 250, POINTS = ETAS * BETAS, PACK = 64 };

struct pack {
    double eta[PACK];
    double beta[PACK];
};

static int flow(realtype t, N_Vector at, N_Vector rate, void *context)
{
    const pack *points = static_cast<const pack *>(context);
    const double *__restrict__ y = NV_DATA_S(at);
    double *__restrict__ f = NV_DATA_S(rate);
    (void)t;
    for (int i = 0; i < PACK; i++) {
        const double drive = y[2 * PACK + i] - 1.25 * y[i];
        const double growth = y[i] * drive - points->eta[i];
        f[i] = y[PACK + i] * drive - points->eta[i] * y[i];
        f[PACK + i] = 2.0 * y[PACK + i] * growth;
        f[2 * PACK + i] = points->beta[i] * (1.0 - y[2 * PACK + i]) - y[2 * PACK + i] * growth;
    }
    return 0;
}

// Integrates the points that begin with number first; true when done.
static bool solve(SUNContext context, int first, int stride, double rtol, double ends[])
{
    pack points;
    N_Vector y = N_VNew_Serial(3 * PACK, context);
    for (int i = 0; i < PACK; i++) {
        const long at = ((long)first + i) * stride;
        const int point = at < POINTS ? (int)at : POINTS - 1;
        points.eta[i] = 0.3 * (double)(point / BETAS) / (ETAS - 1);
        points.beta[i] = 0.05 + 1.95 * (double)(point % BETAS) / (BETAS - 1);
        NV_Ith_S(y, i) = 0.1;
        NV_Ith_S(y, PACK + i) = 0.05;
        NV_Ith_S(y, 2 * PACK + i) = 0.5;
    }
    void *solver = ERKStepCreate(flow, 0.0, y, context);
    double t = 0.0;
    ERKStepSetTableNum(solver, ARKODE_DORMAND_PRINCE_7_4_5);
    ERKStepSStolerances(solver, rtol, 1e-3 * rtol);
    ERKStepSetUserData(solver, &points);
    ERKStepSetMaxNumSteps(solver, 1000000);
    ERKStepSetStopTime(solver, 100.0);
    const bool done = ERKStepEvolve(solver, 100.0, y, &t, ARK_NORMAL) >= 0;
    for (int i = 0; i < PACK; i++) {
        for (int k = 0; k < 3; k++)
            ends[3 * i + k] = NV_Ith_S(y, k * PACK + i);
    }
    ERKStepFree(&solver);
    N_VDestroy(y);
    return done;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    const int stride = atoi(argv[2]) > 0 ? atoi(argv[2]) : 1;
    const int count = (POINTS + stride - 1) / stride;
    std::vector<double> ends(3 * (std::size_t(count) + PACK));
    SUNContext context;
    if (SUNContext_Create(nullptr, &context) != 0)
        return 1;
    const std::clock_t began = std::clock();
    for (int first = 0; first < count; first += PACK)
        if (!solve(context, first, stride, std::atof(argv[1]), &ends[3 * std::size_t(first)]))
            return 1;
    const double seconds = double(std::clock() - began) / CLOCKS_PER_SEC;
    SUNContext_Free(&context);
    FILE *stream = std::fopen(argv[3], "wb");
    const std::size_t numbers = 3 * std::size_t(count);
    if (!stream || std::fwrite(ends.data(), sizeof(double), numbers, stream) != numbers)
        return 1;
    std::fclose(stream);
    std::printf("%.0f\n", count / seconds);
    return 0;
}
