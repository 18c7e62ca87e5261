/* The library's public face: what a program that links libssldyn.a may rely on. Compile and link
 * with what pkg-config says of ssldyn: cc mine.c $(pkg-config --cflags --libs ssldyn) */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SSLDYN_H
#define SSLDYN_SIM_SSLDYN_H

/* the theory: pure functions */
#include "theory/certificate.h"
#include "theory/closedform.h"
#include "theory/cosine_modes.h"
#include "theory/depth.h"
#include "theory/fate.h"
#include "theory/fixedpoint.h"
#include "theory/invariant.h"
#include "theory/lowdim.h"
#include "theory/margin.h"
#include "theory/modes.h"
#include "theory/parabola.h"
#include "theory/parameters.h"
#include "theory/population.h"
#include "theory/predictor.h"
#include "theory/reduced.h"
#include "theory/rules.h"
#include "theory/status.h"
#include "theory/tail.h"
#include "theory/training.h"
#include "theory/waterfill.h"

/* integrating, sampling, measuring, writing */
#include "sim/base/clock.h"
#include "sim/base/decimal.h"
#include "sim/base/error.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/base/progress.h"
#include "sim/base/signal.h"
#include "sim/flow/flow.h"
#include "sim/io/conf.h"
#include "sim/io/file.h"
#include "sim/io/images.h"
#include "sim/io/npy.h"
#include "sim/io/place.h"
#include "sim/io/trace.h"
#include "sim/linalg/linalg.h"
#include "sim/moments/augment.h"
#include "sim/moments/augment_options.h"
#include "sim/observe/observer.h"
#include "sim/ode/ode.h"
#include "sim/options/name.h"
#include "sim/options/option_help.h"
#include "sim/options/settings.h"
#include "sim/options/spec.h"
#include "sim/problem/problem.h"
#include "sim/random/stream.h"
#include "sim/run/moments_basis.h"
#include "sim/run/run_directory.h"
#include "sim/run/survival.h"

#endif
