# Fuzz targets: each file here except fuzz.c and replay.c is one. VARIANT=fuzz links them with
# libFuzzer, every other variant with replay.c, which runs them on the seeds (make test).
FUZZ_SRC := $(filter-out tests/fuzz/fuzz.c tests/fuzz/replay.c \
              $(if $(WRAP),,tests/fuzz/picture.c tests/fuzz/report.c),$(wildcard tests/fuzz/*.c))
FUZZ := $(FUZZ_SRC:%.c=$(B)/%)

# Dependencies of some of them in addition to the library: the commands, the trainer's readers.
$(B)/tests/fuzz/picture $(B)/tests/fuzz/report: $(filter-out $(B)/sim/cli/main.o,$(CLI_OBJ))
$(B)/tests/fuzz/picture $(B)/tests/fuzz/report: LDFLAGS += -Wl,--wrap=ssldyn_gnuplot_scripts -Wl,--wrap=ssldyn_gnuplot_run
$(B)/tests/fuzz/explore: $(EXPLORE_CORE)
FUZZ_TRAINER := $(patsubst %,$(B)/experiments/gpu/%.o,options options_table augment)
$(B)/tests/fuzz/checkpoint: $(B)/experiments/gpu/checkpoint.o
$(B)/tests/fuzz/trainer: $(FUZZ_TRAINER)

FUZZ_MAIN := $(if $(filter fuzz,$(VARIANT)),,$(B)/tests/fuzz/replay.o)
FUZZ_LINK := $(if $(filter fuzz,$(VARIANT)),-fsanitize=fuzzer)
FUZZ_OBJ := $(FUZZ:%=%.o) $(B)/tests/fuzz/fuzz.o $(B)/tests/fuzz/replay.o $(FUZZ_TRAINER) $(B)/experiments/gpu/checkpoint.o
$(FUZZ): %: %.o $(B)/tests/fuzz/fuzz.o $(FUZZ_MAIN) $(B)/libssldyn.a
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(FUZZ_LINK) $(HARDEN_LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(B)/libssldyn.a $(LIBS) $(if $(filter %/ranks_mpi.o,$^),$(MPI_LIBS)) $(if $(filter %/http.o,$^),$(HTTP_LIBS))

# Tables of options are compared entry by entry: recording the operands of each comparison takes a
# third of the time, and the names are in the dictionaries anyway.
ifeq ($(VARIANT),fuzz)
$(patsubst %.c,$(B)/%.o,$(wildcard sim/options/*.c experiments/gpu/options*.c)): \
  OPT_fuzz += -fno-sanitize-coverage=trace-cmp
endif

.PHONY: fuzz fuzz-programs
fuzz-programs: $(FUZZ)
fuzz:  ## hostile inputs for every reader, by libFuzzer (T="npy conf": only these; RUNS=10000000: inputs for each)
	@RUNS=$(RUNS) tests/fuzz/run $(T)
