# ssldyn: build, test, figures, bench, install. `make help` lists the targets.
# Users may set CC CFLAGS CPPFLAGS LDFLAGS LDLIBS PREFIX DESTDIR VARIANT MPI=no; V=1 shows
# every command.

VERSION := 0.1.0
VARIANT ?= release
PREFIX ?= /usr/local
B := build/$(VARIANT)
JOBS ?= $(or $(shell getconf _NPROCESSORS_ONLN 2>/dev/null),2)

ifeq ($(wildcard theory/status.h),)
$(error make works in the project's own folder: make -C $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST))))))
endif
ifneq ($(words $(CURDIR)),1)
$(error make cannot build in "$(CURDIR)": the path holds a space; move the project to a path without)
endif
ifeq ($(filter release debug asan tsan fuzz coverage,$(VARIANT)),)
$(error VARIANT = $(VARIANT): allowed are release, debug, asan, tsan, fuzz, coverage)
endif

# $(call short,WORD,FILE): a short line in place of the command that follows it with $(Q)
Q := $(if $(V),,@)
short = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(2)')

comma := ,

.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
.PHONY: all force
force:

all: program  ## build the library and the program, ./ssldyn (default)

ALL_FIGURES := overview fig03 fig04 fig05 fig07 fig08 fig09 fig10 map observations ladder ablation survival

# ---------------------------------------------------------------- packages
# Flags and optional parts are found below, when make starts. The two commands of the README have to
# work before anything is installed, so they install first and then start make again.
PARALLEL = $(if $(findstring j,$(filter -j% --jobserver%,$(MAKEFLAGS)) $(firstword -$(MAKEFLAGS))),,-j$(JOBS))
AGAIN = +@$(MAKE) --no-print-directory $(PARALLEL)

.PHONY: figures test check-packages
figures:  ## README's first command: install what is missing, build, run, draw build/figures/
	@.ci/packages build figures
	$(AGAIN) pictures

test:  ## README's second command: install what is missing, build, run every test (T="unit cli": some)
	@.ci/packages build test
	$(AGAIN) test-programs
	@SSLDYN_BUILD=$(B) tests/run $(T)

# ---------------------------------------------------------------- flags
WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wdouble-promotion -Wvla
OPT_release := -O3 -g
OPT_debug := -O0 -g
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan := -O1 -g -fsanitize=thread
OPT_fuzz := -O2 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_coverage := -O0 -g --coverage

PKG_CONFIG ?= pkg-config
ifeq ($(shell uname -s),Darwin)
# Homebrew keeps OpenBLAS out of the default search path.
export PKG_CONFIG_PATH := $(shell brew --prefix openblas 2>/dev/null)/lib/pkgconfig:$(PKG_CONFIG_PATH)
endif
pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
# Headers of others are not for our warnings to judge.
headers = $(patsubst -I%,-isystem %,$(call pkg,--cflags,$(1)))
# $(call links,C source,flags): "yes" where that compiles and links
links = $(shell d=$$(mktemp -d) && printf '%b' '$(1)' > $$d/t.c && \
          $(CC) $(CPPFLAGS) $(CFLAGS) -o $$d/t $$d/t.c $(2) $(LDFLAGS) >/dev/null 2>&1 && echo yes; \
          rm -rf "$$d")

GSL_CFLAGS := $(call headers,gsl)
# GSL's own CBLAS is never linked: OpenBLAS provides it.
GSL_LIBS := $(or $(filter-out -lgslcblas,$(call pkg,--libs,gsl)),-lgsl)
BLAS_CFLAGS := $(call headers,openblas)
BLAS_LIBS := $(or $(call pkg,--libs,openblas),-lopenblas)
LAPACKE_CFLAGS := $(call headers,lapacke)
LAPACKE_LIBS := $(call pkg,--libs,lapacke)
ZIP_CFLAGS := $(call headers,libzip)
ZIP_LIBS := $(or $(call pkg,--libs,libzip),-lzip)
ZLIB_CFLAGS := $(call headers,zlib)
ZLIB_LIBS := $(or $(call pkg,--libs,zlib),-lz)
JSON_CFLAGS := $(call headers,jansson)
JSON_LIBS := $(or $(call pkg,--libs,jansson),-ljansson)
CHECK_CFLAGS = $(call headers,check)
CHECK_LIBS = $(or $(call pkg,--libs,check),-lcheck)

ifneq ($(filter-out help clean figures test fuzz uninstall $(ALL_FIGURES),$(or $(MAKECMDGOALS),all)),)
# Some builds of OpenBLAS hold LAPACKE themselves, and then no lapacke.pc says so.
ifeq ($(LAPACKE_LIBS),)
LAPACKE_LIBS := $(if $(call links,char LAPACKE_dsyev_work();int main(){return LAPACKE_dsyev_work();},$(BLAS_LIBS)),,-llapacke)
endif
# The sanitizers would report the MPI library's own habits.
ifneq ($(filter asan tsan fuzz,$(VARIANT)),)
MPI ?= no
endif
ifneq ($(MPI),no)
MPI_PACKAGE := $(firstword $(foreach p,ompi-c mpich,$(if $(call pkg,--modversion,$(p)),$(p))))
MPI_CFLAGS := $(if $(MPI_PACKAGE),$(call headers,$(MPI_PACKAGE)))
MPI_LIBS := $(if $(MPI_PACKAGE),$(call pkg,--libs,$(MPI_PACKAGE)))
MPI_FOUND := $(if $(MPI_LIBS),$(call links,#include <mpi.h>\nint main(void){return MPI_Finalize();}\n,$(MPI_CFLAGS) $(MPI_LIBS)))
endif
# Protection against what a hostile file might do, as far as the compiler and the linker have it and
# the flags of the user's allow it. HARDEN= leaves it out.
ifeq ($(VARIANT),release)
with = $(if $(call links,#include <stdio.h>\nint main(void){return puts("")<0;}\n,-Werror $(OPT_release) $(CFLAGS) $(1)),$(1))
HARDEN ?= $(or $(call with,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3),$(call with,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)) \
          $(call with,-fstack-protector-strong) $(call with,-fcf-protection) $(call with,-Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now) \
          $(call with,-fPIE -pie)
HARDEN := $(HARDEN)
HARDEN_LINK := $(filter -Wl% -pie,$(HARDEN))
HARDEN_COMPILE := $(filter-out -Wl% -pie,$(HARDEN))
endif
ifeq ($(SSLDYN_SAID)$(findstring s,$(firstword -$(MAKEFLAGS))),)
export SSLDYN_SAID := yes
$(info MPI: $(if $(MPI_FOUND),yes ($(MPI_PACKAGE)),no (sweeps use threads only; install libopenmpi-dev for ranks)))
endif
endif
RANKS := $(if $(MPI_FOUND),mpi,none)

ALL_CFLAGS = -std=c11 -ffp-contract=off $(WARN) $(OPT_$(VARIANT)) $(HARDEN_COMPILE) -pthread $(CFLAGS)
ALL_CPPFLAGS = -I. -D_POSIX_C_SOURCE=200809L -DSSLDYN_VERSION='"$(VERSION)"' -MMD -MP \
               $(GSL_CFLAGS) $(BLAS_CFLAGS) $(LAPACKE_CFLAGS) $(ZIP_CFLAGS) $(ZLIB_CFLAGS) $(JSON_CFLAGS) $(CPPFLAGS)
LIBS = $(ZIP_LIBS) $(ZLIB_LIBS) $(JSON_LIBS) $(GSL_LIBS) $(LAPACKE_LIBS) $(BLAS_LIBS) $(if $(MPI_FOUND),$(MPI_LIBS)) $(LDLIBS) -lm

# ---------------------------------------------------------------- library and program
THEORY_SRC := $(wildcard theory/*.c)
RANKS_SRC := $(wildcard sim/sweep/ranks_$(RANKS).c)
LIB_SRC := $(THEORY_SRC) $(filter-out sim/cli/% sim/sweep/ranks_%,$(wildcard sim/*/*.c)) $(RANKS_SRC)
CLI_SRC := $(wildcard sim/cli/*.c)
THEORY_OBJ := $(THEORY_SRC:%.c=$(B)/%.o)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o)

.PHONY: program
program: $(B)/ssldyn
ifeq ($(B),build/release)
	@[ "$$(readlink ssldyn)" = $(B)/ssldyn ] || ln -sf $(B)/ssldyn ssldyn
endif

# Whatever is built appears whole, under a name of its own process first: two makes in one tree do
# the same work twice, and neither reads what the other has half written. (gcov wants true names.)
part := $(if $(filter coverage,$(VARIANT)),,.$$$$)
appear = $(if $(part), && mv $@$(part) $@ || { rm -f $@$(part)*; exit 1; })

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call short,CC,$<)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MF $@$(part).d -MT $@ -c -o $@$(part) $< && mv $@$(part).d $(@:.o=.d)$(appear)

# Objects are rebuilt when the compiler or the flags change, and not otherwise.
FLAGS_LINE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
write_if_changed = @mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || \
                   { printf '%s\n' '$(subst ','\'',$(1))' > $@.$$$$ && mv $@.$$$$ $@; }
$(B)/flags: force
	$(call write_if_changed,$(FLAGS_LINE))
$(B)/prefix: force
	$(call write_if_changed,$(PREFIX))

$(B)/sim/cli/gnuplot_scripts.o: $(B)/prefix
$(B)/sim/cli/gnuplot_scripts.o: CPPFLAGS += -DSSLDYN_PLOTS_DIRECTORY='"$(PREFIX)/share/ssldyn/plots"'
$(B)/sim/cli/main.o: CPPFLAGS += -DSSLDYN_BUILD='"$(subst ",\",$(CC) $(OPT_$(VARIANT)))"'
$(B)/sim/sweep/ranks_mpi.o: CPPFLAGS += $(MPI_CFLAGS)

$(B)/libssldyn.a: $(LIB_OBJ)
	@$(if $(part),,rm -f $@)
	$(call short,AR,$@)
	$(Q)ar rcs $@$(part) $^$(appear)
$(B)/libtheory.a: $(THEORY_OBJ)
	@$(if $(part),,rm -f $@)
	$(call short,AR,$@)
	$(Q)ar rcs $@$(part) $^$(appear)
$(B)/ssldyn: $(CLI_OBJ) $(B)/libssldyn.a
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LINK) $(LDFLAGS) -o $@$(part) $^ $(LIBS)$(appear)

# ---------------------------------------------------------------- figures
# A figure is one script of plots/, drawn from runs and tables of theory in build/figures/NAME. Each
# is drawn again when its script, the style, an experiment file or the program has changed.
FIG := build/figures
SURVIVAL_IMAGES := $(wildcard $(SSLDYN_DATA)/cifar10/data_batch_1.bin.xz)
FIGURES ?= $(filter-out $(if $(SURVIVAL_IMAGES),,survival),$(ALL_FIGURES))
ENDINGS := png pdf svg
run = @mkdir -p $(@D); echo '  $(subst ','\'',$(1))'; $(1) >/dev/null
table = @mkdir -p $(@D); echo '  $(subst ','\'',$(1)) > $@'; $(1) > $@.tmp && mv $@.tmp $@

.PHONY: pictures $(ALL_FIGURES)
$(ALL_FIGURES):  ## one figure, e.g. make fig03
	@.ci/packages build figures
	$(AGAIN) pictures FIGURES=$@
pictures: program $(foreach f,$(FIGURES),$(ENDINGS:%=$(FIG)/$(f).%) $(FIG)/$(f).txt)
	@echo "drawn:"; for f in $(FIGURES); do echo "  $(FIG)/$$f.png  (.pdf, .svg; .txt says what to see)"; done

# $(call draw,NAME,OUTPUT): a figure that is one run is what "ssldyn plot" makes of it.
RUN_FIGURES := overview ladder
draw = $(if $(filter $(1),$(RUN_FIGURES)),SSLDYN_PLOTS=plots $(B)/ssldyn plot $(FIG)/$(1) -o $(2) >/dev/null,plots/render plots/$(1).gp $(2) $(FIG)/$(1))
# $(call figure,NAME,SCRIPT,DATA...)
define figure
$(ENDINGS:%=$(FIG)/$(1).%): plots/$(2).gp plots/style.gp plots/render $(3)
	@$$(call draw,$(1),$$@)
$(FIG)/$(1).txt: plots/$(1).txt
	@mkdir -p $$(@D); cp $$< $$@
endef

$(eval $(call figure,overview,matrix,$(FIG)/overview/trace.tsv $(FIG)/overview/theory.txt))
$(FIG)/overview/trace.tsv: experiments/overview.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn flow $< --quiet -o $(@D))
$(FIG)/overview/theory.txt: experiments/overview-theory.conf $(B)/ssldyn | $(FIG)/overview/trace.tsv
	$(call table,$(B)/ssldyn theory $<)

# $(call runs,NAME,EXPERIMENT,COMMAND,DIRECTORY...): runs whose directory spells what the command line
# adds to the experiment file: eta_0.01/tau_1 is --eta 0.01 --tau 1
options = $(foreach w,$(subst /, ,$(1)),--$(subst _, ,$(w)))
define runs
$(foreach d,$(4),$(FIG)/$(1)/$(d)/trace.tsv): $(FIG)/$(1)/%/trace.tsv: experiments/$(2).conf $(B)/ssldyn
	$$(call run,$(B)/ssldyn $(3) $$< $$(call options,$$*) -q -o $$(@D))
endef
traces = $(foreach d,$(2),$(FIG)/$(1)/$(d)/trace.tsv)
cross = $(foreach a,$(1),$(foreach b,$(2),$(a)/$(b)))

FIG03 := eta_0 eta_0.01 eta_1
$(eval $(call runs,fig03,fig03,flow,$(FIG03)))
$(eval $(call figure,fig03,fig03,$(FIG)/fig03/origin/trace.tsv $(call traces,fig03,$(FIG03)) \
  $(foreach d,$(FIG03),$(FIG)/fig03/$(d)/fixedpoints.tsv $(FIG)/fig03/$(d)/velocity.tsv)))
$(FIG)/fig03/origin/trace.tsv: experiments/fig03-origin.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn flow $< -q -o $(@D))
$(FIG)/fig03/%/fixedpoints.tsv: experiments/fig03-theory.conf $(B)/ssldyn | $(FIG)/fig03/%/trace.tsv
	$(call table,$(B)/ssldyn theory $< $(call options,$*) --table fixedpoints --p0=-1:2:31 --s0 0.1:2:20)
$(FIG)/fig03/%/velocity.tsv: experiments/fig03-theory.conf $(B)/ssldyn | $(FIG)/fig03/%/trace.tsv
	$(call table,$(B)/ssldyn theory $< $(call options,$*) --table velocity --p0=-1:2:1501)

FIG04 := $(FIG)/fig04/none $(FIG)/fig04/below $(FIG)/fig04/above
$(eval $(call figure,fig04,fig04,$(foreach d,$(FIG04),$(d)/velocity.tsv $(d)/fixedpoints.tsv $(d)/theory.txt)))
fig04_eta = $(subst none,0,$(subst below,0.16,$(subst above,0.3,$*)))
$(FIG)/fig04/%/velocity.tsv: experiments/fig04.conf $(B)/ssldyn
	$(call table,$(B)/ssldyn theory $< --eta $(fig04_eta) --table velocity --p0=-0.25:1.25:301)
$(FIG)/fig04/%/fixedpoints.tsv: experiments/fig03-theory.conf $(B)/ssldyn
	$(call table,$(B)/ssldyn theory $< --eta $(fig04_eta) --table fixedpoints --p0 0 --s0 1)
$(FIG)/fig04/%/theory.txt: experiments/fig03-theory.conf $(B)/ssldyn
	$(call table,$(B)/ssldyn theory $< --eta $(fig04_eta))

FIG10 := $(foreach d,plane tied bare,$(foreach t,field nullclines fixedpoints,$(FIG)/fig10/$(d)/$(t).tsv))
$(eval $(call figure,fig10,fig10,$(FIG10)))
fig10_plane_field := --wp0=-1.9:1.9:20 --w0=-1.9:1.9:20 --wa0 1
fig10_plane_nullclines := --w0=-2:2:200 --wa0 1
fig10_plane_fixedpoints := --w0=-2:2:200 --wa0 1
fig10_tied_field := --tied --w0 0:1:21 --wa0 0:1:21
fig10_tied_nullclines := --tied --w0 0:1:101
fig10_tied_fixedpoints := --tied
fig10_bare_field := --no-predictor --w0 0:1:21 --wa0 0:1:21
fig10_bare_nullclines := --no-predictor --w0 0:1:101
fig10_bare_fixedpoints := --no-predictor
$(FIG10): $(FIG)/fig10/%.tsv: experiments/fig10.conf $(B)/ssldyn
	$(call table,$(B)/ssldyn theory $< --table $(notdir $*) $(fig10_$(subst /,_,$*)))

FIG05 := $(addprefix eta_,0 0.01 0.04 0.1 0.2) $(addprefix beta_,0.05 0.1 0.4 2 10)
$(eval $(call runs,fig05,fig05,flow,$(FIG05)))
$(eval $(call figure,fig05,fig05,$(call traces,fig05,$(FIG05))))

FIG07 := $(call cross,$(addprefix eta_,0 0.01 0.1),$(addprefix beta_,0.05 0.1 0.2 0.4 1 2 5))
$(eval $(call runs,fig07,fig07,sgd,$(FIG07)))
$(eval $(call figure,fig07,fig07,$(call traces,fig07,$(FIG07))))

FIG08 := $(call cross,$(addprefix eta_,0.001 0.01 0.05),$(addprefix tau_,0.2 0.5 1))
$(eval $(call runs,fig08,fig08,flow,$(FIG08)))
$(eval $(call figure,fig08,fig08,$(call traces,fig08,$(FIG08))))

FIG09 := $(call cross,$(addprefix eta_,0 0.05 0.2),$(addprefix tau_,0.5 1 2))
$(eval $(call runs,fig09,fig09,flow,$(FIG09)))
$(eval $(call figure,fig09,fig09,$(call traces,fig09,$(FIG09))))

MAP := 1 0
$(eval $(call figure,map,map,$(FIG)/map/theory.txt $(FIG)/map/random/collapse.tsv $(foreach t,$(MAP),$(FIG)/map/tau0_$(t)/table.tsv \
  $(FIG)/map/edge_$(t)/thresholds.tsv)))
$(FIG)/map/tau0_%/table.tsv: experiments/map.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn sweep $< --tau0 $* -q -o $(@D))
$(FIG)/map/random/collapse.tsv: experiments/map-random.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn sweep $< -q -o $(@D))
$(FIG)/map/edge_%/thresholds.tsv: experiments/map-edge.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn basin $< --tau0 $* -q -o $(@D))
$(FIG)/map/theory.txt: experiments/map-edge.conf $(B)/ssldyn
	$(call table,$(B)/ssldyn theory --alpha-p 1 --sigma2 0.0009)

$(eval $(call figure,ladder,ladder,$(FIG)/ladder/trace.tsv))
$(FIG)/ladder/trace.tsv: experiments/ladder.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn compare --ladder $< -q -o $(@D))

# The paper's ten observations: 01 and 03 are several runs, whose directories spell what is varied.
OBSERVED := $(FIG)/observations
$(eval $(call figure,observations,observations,$(foreach d,0.25 1 4,$(OBSERVED)/01/alpha-p_$(d)/separatrix.tsv) \
  $(foreach d,0 0.01 0.04,$(OBSERVED)/03/eta_$(d)/trace.tsv) $(foreach d,02 05 06 07 08 09,$(OBSERVED)/$(d)/table.tsv) \
  $(foreach d,04 10,$(OBSERVED)/$(d)/thresholds.tsv)))
$(OBSERVED)/01/%/separatrix.tsv: experiments/observation01.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn basin $< $(call options,$*) -q -o $(@D))
$(OBSERVED)/03/%/trace.tsv: experiments/observation03.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn flow $< $(call options,$*) -q -o $(@D))
$(OBSERVED)/%/table.tsv: experiments/observation%.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn sweep $< -q -o $(@D))
$(OBSERVED)/%/thresholds.tsv: experiments/observation%.conf $(B)/ssldyn
	$(call run,$(B)/ssldyn basin $< -q -o $(@D))

$(eval $(call figure,ablation,ablation,$(FIG)/ablation/table.tsv))
$(FIG)/ablation/table.tsv: experiments/ablation experiments/ablation.conf $(B)/ssldyn
	$(call run,experiments/ablation $(B)/ssldyn $(@D))

# Drawn only where the data are: images of CIFAR-10 under $SSLDYN_DATA. Flow, theory and SGD stand on one
# estimate of their moments. SGD's modes are counted by their eigenvalue: those that die fall below any
# level. A mode of X has an eigenvalue of 1 on average.
SURVIVAL := $(FIG)/survival
SURVIVAL_MOMENTS := --x $(SURVIVAL)/moments/x.npy --xprime $(SURVIVAL)/moments/xprime.npy
SURVIVAL_ETA := 0.035 0.05 0.07 0.1 0.14 0.2 0.3 0.4 0.5 0.7 1 1.4 2 3 4.4 4.7 6
SURVIVAL_SGD_ETA := 0.05 0.1 0.2 0.4 1 2 4.4 5.2
SURVIVAL_ETAS := $(shell awk 'BEGIN { for (i = 0; i <= 240; i++) printf "%.5g ", 0.03 * (8 / 0.03)^(i / 240) }')
survival_table = @{ printf '\# ssldyn survival 1\neta\trank\n'; cat $(filter $(SURVIVAL)/%,$^); } > $@.tmp && mv $@.tmp $@
$(eval $(call figure,survival,survival,$(foreach t,theory flow sgd noisy,$(SURVIVAL)/$(t).tsv)))
$(SURVIVAL)/images.bin: $(SURVIVAL_IMAGES)
	@mkdir -p $(@D); [ -n "$<" ] || { echo 'survival: needs cifar10/data_batch_1.bin.xz in $$SSLDYN_DATA' >&2; exit 1; }
	@xz -dc $< > $@.tmp && mv $@.tmp $@
$(SURVIVAL)/moments/x.npy: $(SURVIVAL)/images.bin $(B)/ssldyn
	$(call run,$(B)/ssldyn moments $< --augmentation weak --pool 4 -q -o $(@D))
$(SURVIVAL)/flow/%: experiments/survival.conf $(SURVIVAL)/moments/x.npy $(B)/ssldyn
	@mkdir -p $(@D)
	@$(B)/ssldyn flow $< --eta $* $(SURVIVAL_MOMENTS) -q -o $@.dir | sed -n 's/^rank = /$*	/p' > $@.tmp && mv $@.tmp $@
survival_sgd = $(B)/ssldyn sgd experiments/survival-sgd.conf --moments $(SURVIVAL)/moments --eta $* $(1) -q -o $@.dir
define survival_count
	@mkdir -p $(@D); echo '  $(1)'; $(1)
	@awk -F '\t' -v eta=$* '/^#/ { next } !named { for (i = 1; i <= NF; i++) if ($$i ~ /^s_/) { s[i] = 1 }; named = 1; next } \
	  { rank = 0; for (i in s) rank += $$i > 1e-4 } END { print eta "\t" rank }' $@.dir/trace.tsv > $@.tmp && mv $@.tmp $@
endef
$(SURVIVAL)/sgd/%: experiments/survival-sgd.conf $(SURVIVAL)/moments/x.npy $(B)/ssldyn
	$(call survival_count,$(call survival_sgd))
$(SURVIVAL)/noisy/%: experiments/survival-sgd.conf $(SURVIVAL)/moments/x.npy $(B)/ssldyn
	$(call survival_count,$(call survival_sgd,--batch 4 --lr 0.01))
$(SURVIVAL)/flow.tsv: $(SURVIVAL_ETA:%=$(SURVIVAL)/flow/%)
	$(survival_table)
$(SURVIVAL)/sgd.tsv: $(SURVIVAL_SGD_ETA:%=$(SURVIVAL)/sgd/%)
	$(survival_table)
$(SURVIVAL)/noisy.tsv: $(SURVIVAL_SGD_ETA:%=$(SURVIVAL)/noisy/%)
	$(survival_table)
$(SURVIVAL)/theory.tsv: $(SURVIVAL)/moments/x.npy $(B)/ssldyn
	@mkdir -p $(@D); echo '  $(B)/ssldyn theory --model population $(SURVIVAL_MOMENTS) --eta ...'
	@{ printf '# ssldyn survival 1\neta\teta_c\trank\trank_pairs\trank_along_pair\n'; \
	  for eta in $(SURVIVAL_ETAS); do \
	    $(B)/ssldyn theory --model population $(SURVIVAL_MOMENTS) --eta $$eta > $@.one || exit 1; \
	    awk '{ v[$$1] = $$3 } END { print v["eta_s"] "\t" v["eta_c"] "\t" v["rank"] "\t" v["rank_pairs"] "\t" \
	      v["rank_along_pair"] }' $@.one; \
	  done; } > $@.tmp && rm -f $@.one && mv $@.tmp $@

# The small pictures that the README shows. inputs.txt is the checksum of what they were drawn from:
# a test compares it, so that they cannot go stale in silence.
GALLERY_INPUTS = $(sort $(wildcard plots/fig*.gp experiments/fig*.conf experiments/overview*.conf) plots/style.gp \
  plots/matrix.gp $(foreach f,survival map observations ladder ablation,$(wildcard plots/$(f).gp experiments/$(f).conf)) \
  experiments/map-random.conf experiments/survival-sgd.conf $(wildcard experiments/observation*.conf))
.PHONY: gallery gallery-pictures
gallery:  ## draw the README's pictures again (plots/gallery)
	@.ci/packages build figures
	$(AGAIN) gallery-pictures
gallery-pictures: pictures
	@mkdir -p plots/gallery
	@export SSLDYN_SCALE=1.25; $(foreach f,$(FIGURES),$(call draw,$(f),plots/gallery/$(f).png) &&) true
	@cat $(GALLERY_INPUTS) | cksum > plots/gallery/inputs.txt

# ---------------------------------------------------------------- tests
# Every file of tests/unit and tests/accuracy is one program. Those of theory/ link theory's objects
# alone: a call that theory/ may not make is a link error there.
TEST_SRC := $(wildcard tests/unit/*.c tests/accuracy/*.c)
TESTS := $(TEST_SRC:%.c=$(B)/%)
THEORY_TESTS := $(filter $(THEORY_SRC:theory/%.c=$(B)/tests/unit/test_%),$(TESTS))

# Whether the linker can put another function in the place of one: "yes", or nothing.
WRAP := $(shell printf 'int f(void); int __wrap_f(void) { return 0; } int main(void) { return f(); }' | \
          $(CC) -Wl,--wrap=f -o /dev/null -x c - >/dev/null 2>&1 && echo yes)
include tests/fuzz/fuzz.mk
include tests/faults/faults.mk

.PHONY: test-programs test-built
test-programs: program $(TESTS) $(FUZZ) $(FAULTS)
test-built: test-programs
	@SSLDYN_BUILD=$(B) tests/run $(T)

$(TEST_SRC:%.c=$(B)/%.o): CPPFLAGS += $(CHECK_CFLAGS)
$(THEORY_TESTS): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libtheory.a
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LINK) $(LDFLAGS) -o $@$(part) $^ $(GSL_LIBS) $(BLAS_LIBS) $(CHECK_LIBS) $(LDLIBS) -lm$(appear)
$(filter-out $(THEORY_TESTS),$(TESTS)): $(B)/%: $(B)/%.o $(B)/libssldyn.a
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LINK) $(LDFLAGS) -o $@$(part) $^ $(CHECK_LIBS) $(LIBS)$(appear)

.PHONY: valgrind tsan coverage mutants bench
valgrind: test-programs  ## unit tests under valgrind
	@SSLDYN_BUILD=$(B) SSLDYN_WRAPPER="valgrind --quiet --error-exitcode=9 --leak-check=full" \
	  CK_FORK=no tests/run unit

THREADED := unit/test_sweep unit/test_image_store cli/sweep cli/sgd cli/moments
tsan:  ## what runs in threads, under the thread sanitizer (clang)
	+@$(MAKE) --no-print-directory VARIANT=tsan CC=clang test-programs
	@TSAN_OPTIONS=ignore_noninstrumented_modules=1 SSLDYN_BUILD=build/tsan tests/run $(or $(T),$(THREADED))

.PHONY: arm64
arm64:  ## C tests compiled for arm64, under qemu-user, in a Debian root made in DIR (needs root, debootstrap)
	@.ci/arm64 $(or $(DIR),/var/tmp/ssldyn-arm64) $(T)

coverage:  ## lines of theory/ and sim/ that the tests reach, in build/coverage/report.txt
	+@$(MAKE) --no-print-directory VARIANT=coverage test-programs
	@SSLDYN_BUILD=build/coverage tests/run $(T)
	@.ci/check coverage

mutants:  ## flip signs, factors and indices in the equations; each must fail a test
	@.ci/packages build test
	@.ci/mutants

# Benchmarks in C are one program a file.
.PHONY: edges
N ?= 1000
edges: $(B)/tests/accuracy/edges  ## certified fates beside N basin edges against quadruple precision
	$(B)/tests/accuracy/edges $(N) $(SEED)

BENCH := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
bench: program $(BENCH)  ## speed, side by side with GSL, SUNDIALS, SciPy ... where installed (T="flows": one)
	@SSLDYN_BUILD=$(B) tests/bench/run $(T)

# Where the linker can wrap a function, the time inside products is measured.
$(B)/tests/bench/flows: CPPFLAGS += $(if $(WRAP),-DSSLDYN_BENCH_WRAP)
$(B)/tests/bench/flows: LDFLAGS += $(if $(WRAP),-Wl$(comma)--wrap=ssldyn_product)

# CVODE is a peer where SUNDIALS is installed.
CVODE_LIBS := $(shell printf '\#include <cvode/cvode.h>\n' | $(CC) -E - >/dev/null 2>&1 && echo -lsundials_cvode -lsundials_nvecserial)
$(BENCH): CPPFLAGS += $(if $(CVODE_LIBS),-DSSLDYN_BENCH_CVODE)
$(BENCH): $(B)/%: $(B)/%.o $(B)/libssldyn.a
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LINK) $(LDFLAGS) -o $@$(part) $^ $(LIBS) $(CVODE_LIBS)$(appear)

# ---------------------------------------------------------------- checks for developers
CHECKS := format layers headers symbols words
SLOW_CHECKS := tidy cppcheck shellcheck
.PHONY: check $(CHECKS:%=check-%) $(SLOW_CHECKS:%=check-%)
check:  ## all static checks, then the tests in release, with sanitizers, and with clang
	@.ci/packages build figures test check
	$(AGAIN) $(CHECKS:%=check-%) $(SLOW_CHECKS:%=check-%)
	$(AGAIN) test-built
	$(AGAIN) VARIANT=asan test-built
	$(AGAIN) B=build/clang CC=clang test-built
check-symbols: $(B)/libssldyn.a
$(CHECKS:%=check-%) $(SLOW_CHECKS:%=check-%): check-%:
	@SSLDYN_BUILD=$(B) CPPFLAGS='$(GSL_CFLAGS) $(BLAS_CFLAGS) $(LAPACKE_CFLAGS) $(ZIP_CFLAGS) $(ZLIB_CFLAGS) $(JSON_CFLAGS) $(CHECK_CFLAGS) $(MPI_CFLAGS)' \
	  .ci/check $*

# ---------------------------------------------------------------- install
DATADIR = $(DESTDIR)$(PREFIX)/share
INSTALLED_HEADERS = $(wildcard theory/*.h sim/ssldyn.h sim/*/*.h)

$(B)/ssldyn.1: $(B)/ssldyn
	$< help --man > $@
$(B)/ssldyn.pc: Makefile $(B)/prefix
	@{ echo 'prefix=$(PREFIX)'; echo 'includedir=$${prefix}/include/ssldyn'; \
	  echo 'libdir=$${prefix}/lib'; echo; echo 'Name: ssldyn'; \
	  echo 'Description: Learning dynamics of self-supervised learning without contrastive pairs'; \
	  echo 'Version: $(VERSION)'; echo 'Cflags: -I$${includedir}'; \
	  echo 'Libs: -L$${libdir} -lssldyn $(LIBS) -pthread'; } > $@

.PHONY: install uninstall
install: program $(B)/ssldyn.1 $(B)/ssldyn.pc  ## install program, library, man page, plots under PREFIX (DESTDIR)
	@mkdir -p $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DATADIR)/man/man1 \
	  $(DATADIR)/ssldyn/plots $(DATADIR)/ssldyn/experiments
	install -m 755 $(B)/ssldyn $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(B)/libssldyn.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 $(B)/ssldyn.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/
	install -m 644 $(B)/ssldyn.1 $(DATADIR)/man/man1/
	install -m 755 plots/render $(DATADIR)/ssldyn/plots/
	install -m 644 plots/*.gp $(DATADIR)/ssldyn/plots/
	install -m 644 experiments/*.conf $(DATADIR)/ssldyn/experiments/
	@for h in $(INSTALLED_HEADERS); do \
	  mkdir -p $(DESTDIR)$(PREFIX)/include/ssldyn/$$(dirname $$h) && \
	  install -m 644 $$h $(DESTDIR)$(PREFIX)/include/ssldyn/$$h || exit 1; done

uninstall:  ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/ssldyn $(DESTDIR)$(PREFIX)/lib/libssldyn.a \
	  $(DESTDIR)$(PREFIX)/lib/pkgconfig/ssldyn.pc $(DATADIR)/man/man1/ssldyn.1
	rm -rf $(DATADIR)/ssldyn $(DESTDIR)$(PREFIX)/include/ssldyn

# ---------------------------------------------------------------- the rest
.PHONY: help clean
clean:  ## remove everything made
	rm -rf build ssldyn

help:  ## list the targets
	@awk -F ':.*  ## ' '/^[a-z0-9-]+:.*  ## / { printf "  make %-12s %s\n", $$1, $$2 } \
	  /^.\(ALL_FIGURES\):/ { printf "  make %-12s %s\n", "figNN", $$2 }' $(filter %Makefile %.mk,$(MAKEFILE_LIST))

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(TEST_SRC:%.c=$(B)/%.d) $(FUZZ_OBJ:.o=.d)
