# Tests, benchmarks, and fault injection.
# Every file of tests/unit and tests/accuracy is one program. Those of theory/ link only the objects of
# theory/: a call that theory/ must not make is then a link error.
TEST_SRC := $(wildcard tests/unit/*.c tests/accuracy/*.c)
TESTS := $(TEST_SRC:%.c=$(B)/%)
THEORY_TESTS := $(filter $(THEORY_SRC:theory/%.c=$(B)/tests/unit/test_%),$(TESTS))

# Whether the linker can replace a function by another: "yes", or empty.
WRAP := $(shell printf 'int f(void); int __wrap_f(void) { return 0; } int main(void) { return f(); }' | \
          $(CC) -Wl,--wrap=f -o /dev/null -x c - >/dev/null 2>&1 && echo yes)
include tests/fuzz/fuzz.mk
include tests/faults/faults.mk

.PHONY: test-programs test-built
test-programs: program $(TESTS) $(FUZZ) $(FAULTS)
test-built: test-programs
	@SSLDYN_BUILD=$(B) tests/run $(T)

$(TEST_SRC:%.c=$(B)/%.o): OWN_CPPFLAGS += $(CHECK_CFLAGS)
$(THEORY_TESTS): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libtheory.a
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LINK) $(LDFLAGS) -o $@$(part) $^ $(GSL_LIBS) $(BLAS_LIBS) $(CHECK_LIBS) $(LDLIBS) -lm$(appear)
$(filter-out $(THEORY_TESTS),$(TESTS)): $(B)/%: $(B)/%.o $(B)/libssldyn.a
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LINK) $(LDFLAGS) -o $@$(part) $(filter %.o,$^) $(filter %.a,$^) $(CHECK_LIBS) $(LIBS)$(appear)
# Those of the page need its sources, which the library leaves out, but no server.
$(filter $(B)/tests/unit/test_explore_%,$(TESTS)): $(EXPLORE_CORE)

.PHONY: valgrind tsan coverage mutants bench
valgrind: test-programs  ## unit tests under valgrind
	@SSLDYN_BUILD=$(B) SSLDYN_WRAPPER="valgrind --quiet --error-exitcode=9 --leak-check=full" \
	  CK_FORK=no tests/run unit

THREADED := unit/test_request unit/test_watch unit/test_sweep unit/test_sweep_write unit/test_answer_sweep \
            unit/test_image_store unit/test_explore_task cli/sweep cli/sgd cli/moments
tsan:  ## tests of threaded code under the thread sanitizer (clang)
	+@$(MAKE) --no-print-directory VARIANT=tsan CC=clang test-programs
	@TSAN_OPTIONS=ignore_noninstrumented_modules=1 SSLDYN_BUILD=build/tsan tests/run $(or $(T),$(THREADED))

.PHONY: arm64
arm64:  ## C tests compiled for arm64, under qemu-user, in a Debian root made in DIR (needs root, debootstrap)
	@.ci/arm64 $(or $(DIR),/var/tmp/ssldyn-arm64) $(T)

coverage:  ## lines of theory/ and sim/ that the tests reach, in build/coverage/report.txt
	+@$(MAKE) --no-print-directory VARIANT=coverage test-programs
	@SSLDYN_BUILD=build/coverage tests/run $(T)
	@.ci/check coverage

mutants:  ## break equations, verdicts, steppers one at a time: each must fail a test (SECONDS=60: a part of them)
	@.ci/packages build test
	@.ci/mutants $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: edges
N ?= 1000
edges: $(B)/tests/accuracy/edges  ## certified fates near N basin edges against quadruple precision
	$(B)/tests/accuracy/edges $(N) $(SEED)

# Benchmarks in C are one program per file.
BENCH := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
bench: program $(BENCH)  ## speed, compared with GSL, SUNDIALS, SciPy ... if installed (T="flows": one)
	@SSLDYN_BUILD=$(B) tests/bench/run $(T)

# If the linker can wrap a function, the time inside products is measured.
$(B)/tests/bench/flows: OWN_CPPFLAGS += $(if $(WRAP),-DSSLDYN_BENCH_WRAP)
$(B)/tests/bench/flows: LDFLAGS += $(if $(WRAP),-Wl$(comma)--wrap=ssldyn_product)

# CVODE is included if SUNDIALS is installed.
CVODE_LIBS := $(shell printf '\043include <cvode/cvode.h>\n' | $(CC) -E - >/dev/null 2>&1 && echo -lsundials_cvode -lsundials_nvecserial)
$(BENCH): OWN_CPPFLAGS += $(if $(CVODE_LIBS),-DSSLDYN_BENCH_CVODE)
$(BENCH): $(B)/%: $(B)/%.o $(B)/libssldyn.a
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LINK) $(LDFLAGS) -o $@$(part) $^ $(LIBS) $(CVODE_LIBS)$(appear)
