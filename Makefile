# ssldyn: build, test, figures, bench, install. `make help` lists the targets.
# Users may set CC CFLAGS CPPFLAGS LDFLAGS LDLIBS PREFIX DESTDIR VARIANT MPI=no; V=1 shows
# every command.

VERSION := 0.2.0
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

.DEFAULT_GOAL := all
.PHONY: all
include flags.mk

all: program library  ## build the library and the program, ./ssldyn (default)

# ---------------------------------------------------------------- packages
# Flags and optional parts are found below, when make starts. The two commands of the README have to
# work before anything is installed, so they install first and then start make again.
PARALLEL = $(if $(findstring j,$(filter -j% --jobserver%,$(MAKEFLAGS)) $(firstword -$(MAKEFLAGS))),,-j$(JOBS))
BUILDING = @[ -x $(B)/ssldyn ] || echo "building ssldyn, which takes a minute (V=1 shows every command)"
AGAIN = +@$(MAKE) --no-print-directory $(PARALLEL)

.PHONY: figures test
figures:  ## install missing packages, build, run, draw the figures into build/figures/
	@.ci/packages build figures
	$(BUILDING)
	+@$(WAIT) $(MAKE) --no-print-directory $(PARALLEL) pictures

test:  ## install missing packages, build, run every test (T="unit cli": only these)
	@.ci/packages build test
	$(AGAIN) test-programs
	@SSLDYN_BUILD=$(B) tests/run $(T)

include plots/figures.mk

# ---------------------------------------------------------------- flags
OPT_release := -O3 -g
OPT_debug := -O0 -g
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan := -O1 -g -fsanitize=thread
OPT_fuzz := -O2 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_coverage := -O0 -g --coverage

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
HTTP_CFLAGS := $(call headers,libmicrohttpd)
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
# One set of objects serves the program and the library, static and shared. A function of the library
# may be inlined in its own file, as nobody puts another in its place.
accepted = $(if $(call links,int main(void){return 0;}\n,-Werror $(1)),$(1))
PIC := -fPIC $(call accepted,-fno-semantic-interposition)
ifneq ($(MPI),no)
MPI_PACKAGE := $(firstword $(foreach p,ompi-c mpich,$(if $(call pkg,--modversion,$(p)),$(p))))
MPI_CFLAGS := $(if $(MPI_PACKAGE),$(call headers,$(MPI_PACKAGE)))
MPI_LIBS := $(if $(MPI_PACKAGE),$(call pkg,--libs,$(MPI_PACKAGE)))
MPI_FOUND := $(if $(MPI_LIBS),$(call links,#include <mpi.h>\nint main(void){return MPI_Finalize();}\n,$(MPI_CFLAGS) $(MPI_LIBS)))
endif
# The page of ssldyn explore is served where libmicrohttpd was found (HTTP=no: nowhere).
ifneq ($(HTTP),no)
HTTP_LIBS := $(call pkg,--libs,libmicrohttpd)
HTTP_FOUND := $(if $(HTTP_LIBS),$(call links,#include <microhttpd.h>\nint main(void){return MHD_get_version()==0;}\n,-D_DEFAULT_SOURCE $(HTTP_CFLAGS) $(HTTP_LIBS)))
endif
# Protection against what a hostile file might do, as far as the compiler and the linker have it and
# the flags of the user's allow it. HARDEN= leaves it out.
ifeq ($(VARIANT),release)
with = $(if $(call links,#include <stdio.h>\nint main(void){return puts("")<0;}\n,-Werror $(OPT_release) $(CFLAGS) $(1)),$(1))
HARDEN ?= $(or $(call with,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3),$(call with,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)) \
          $(call with,-fstack-protector-strong) $(call with,-fcf-protection) $(call with,-Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now) \
          $(call with,-fPIC -pie)
HARDEN := $(HARDEN)
HARDEN_LINK := $(filter -Wl% -pie,$(HARDEN))
HARDEN_COMPILE := $(filter-out -Wl% -pie,$(HARDEN))
endif
ifeq ($(SSLDYN_SAID)$(findstring s,$(firstword -$(MAKEFLAGS))),)
export SSLDYN_SAID := yes
$(info MPI: $(if $(MPI_FOUND),yes ($(MPI_PACKAGE)),no (sweeps use threads only; install libopenmpi-dev for ranks)))
endif
endif

# Of a shared library others see the functions of theory/, and what sim/ssldyn.h declares.
VISIBILITY = $(if $(filter $(B)/sim/%,$@),-fvisibility=hidden)
ALL_CFLAGS = $(STANDARD) $(WARN) $(OPT_$(VARIANT)) $(PIC) $(VISIBILITY) $(HARDEN_COMPILE) -pthread $(CFLAGS)
ALL_CPPFLAGS = -I. -D_POSIX_C_SOURCE=200809L $(DARWIN_CPPFLAGS) -DSSLDYN_VERSION='"$(VERSION)"' -MMD -MP \
               $(GSL_CFLAGS) $(BLAS_CFLAGS) $(LAPACKE_CFLAGS) $(ZIP_CFLAGS) $(ZLIB_CFLAGS) $(JSON_CFLAGS) $(CPPFLAGS)
LIBS = $(ZIP_LIBS) $(ZLIB_LIBS) $(JSON_LIBS) $(GSL_LIBS) $(LAPACKE_LIBS) $(BLAS_LIBS) $(LDLIBS) -lm

# ---------------------------------------------------------------- library and program
THEORY_SRC := $(wildcard theory/*.c)
# The library is built without MPI; the program adds the ranks of MPI where it was found.
LIB_SRC := $(THEORY_SRC) $(filter-out sim/cli/% sim/explore/% sim/examples/% sim/sweep/ranks_%,$(wildcard sim/*/*.c)) sim/sweep/ranks_none.c
# The page of ssldyn explore belongs to the program: the library needs no server.
EXPLORE_SRC := $(filter-out sim/explore/http%,$(wildcard sim/explore/*.c)) \
               $(if $(HTTP_FOUND),sim/explore/http.c,sim/explore/http_none.c)
CLI_SRC := $(wildcard sim/cli/*.c) $(EXPLORE_SRC) $(if $(MPI_FOUND),sim/sweep/ranks_mpi.c)
THEORY_OBJ := $(THEORY_SRC:%.c=$(B)/%.o)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
# All of it but the server, for tests.
EXPLORE_CORE := $(patsubst %.c,$(B)/%.o,$(filter-out sim/explore/http%,$(EXPLORE_SRC))) \
                $(B)/sim/explore/http_none.o $(B)/sim/explore/page_files.o
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o) $(B)/sim/explore/page_files.o

.PHONY: program
program: $(B)/ssldyn
ifeq ($(B),build/release)
	@[ "$$(readlink ssldyn)" = $(B)/ssldyn ] || ln -sf $(B)/ssldyn ssldyn
endif

# Every target is first built under a name with the process id and then renamed: two makes in one tree do
# the same work twice, and neither reads what the other has half written. (gcov needs the real names.)
part := $(if $(filter coverage,$(VARIANT)),,.$$$$)
appear = $(if $(part), && mv $@$(part) $@ || { rm -f $@$(part)*; exit 1; })

define compile
	@mkdir -p $(@D)
	$(call short,CC,$<)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(OWN_CPPFLAGS) $(ALL_CFLAGS) -MF $@$(part).d -MT $@ -c -o $@$(part) $< && mv $@$(part).d $(@:.o=.d)$(appear)
endef
$(B)/%.o: %.c $(B)/flags
	$(compile)

# Objects are rebuilt when the compiler or the flags change, and not otherwise. Flags of one
# object (OWN_CPPFLAGS) are not among them: make passes such a variable on to the prerequisites of
# that object, $(B)/flags included.
FLAGS_LINE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
write_if_changed = @mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || \
                   { printf '%s\n' '$(subst ','\'',$(1))' > $@.$$$$ && mv $@.$$$$ $@; }
$(B)/flags: force
	$(call write_if_changed,$(FLAGS_LINE))
$(B)/prefix: force
	$(call write_if_changed,$(PREFIX))

# The files of the page as arrays of bytes, inside the program.
PAGE := $(sort $(wildcard sim/explore/page/*.html sim/explore/page/*.css sim/explore/page/*.js sim/explore/page/*.svg))
$(B)/page_files.list: force
	$(call write_if_changed,$(PAGE))
$(B)/sim/explore/page_files.c: sim/explore/embed $(PAGE) $(B)/page_files.list
	@mkdir -p $(@D)
	@sim/explore/embed $(PAGE) > $@.$$$$ && mv $@.$$$$ $@
$(B)/sim/explore/page_files.o: $(B)/sim/explore/page_files.c $(B)/flags
	$(compile)
$(B)/sim/explore/http.o: OWN_CPPFLAGS += $(HTTP_CFLAGS)

$(B)/sim/cli/gnuplot_scripts.o: $(B)/prefix
$(B)/sim/cli/gnuplot_scripts.o: OWN_CPPFLAGS += -DSSLDYN_PLOTS_DIRECTORY='"$(PREFIX)/share/ssldyn/plots"'
$(B)/sim/cli/main.o: OWN_CPPFLAGS += -DSSLDYN_BUILD='"$(subst ",\",$(CC) $(OPT_$(VARIANT)))"'
$(B)/sim/sweep/ranks_mpi.o: OWN_CPPFLAGS += $(MPI_CFLAGS)

$(B)/libssldyn.a: $(LIB_OBJ)
	@$(if $(part),,rm -f $@)
	$(call short,AR,$@)
	$(Q)$(AR) rcs $@$(part) $^$(appear)
$(B)/libtheory.a: $(THEORY_OBJ)
	@$(if $(part),,rm -f $@)
	$(call short,AR,$@)
	$(Q)$(AR) rcs $@$(part) $^$(appear)
$(B)/ssldyn: $(CLI_OBJ) $(B)/libssldyn.a
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LINK) $(LDFLAGS) -o $@$(part) $^ $(LIBS) $(if $(MPI_FOUND),$(MPI_LIBS)) $(if $(HTTP_FOUND),$(HTTP_LIBS))$(appear)

# The shared library under its full name, and the names by which programs find it when they are
# linked and when they start. The number changes when programs have to be linked again.
SONUMBER := 0
ifeq ($(shell uname -s),Darwin)
SHARED := libssldyn.$(VERSION).dylib
SONAME := libssldyn.$(SONUMBER).dylib
LINKNAME := libssldyn.dylib
SHARED_FLAGS = -dynamiclib -install_name $(PREFIX)/lib/$(SONAME) -compatibility_version $(SONUMBER).1 \
               -current_version $(VERSION)
else
SHARED := libssldyn.so.$(VERSION)
SONAME := libssldyn.so.$(SONUMBER)
LINKNAME := libssldyn.so
SHARED_FLAGS = -shared -Wl,-soname,$(SONAME) $(call accepted,-Wl$(comma)-Bsymbolic-functions) \
               -Wl,--version-script=$(B)/exports
$(B)/$(SHARED): $(B)/exports
endif

.PHONY: library
library: $(B)/$(LINKNAME) $(B)/$(SONAME) $(B)/libssldyn.a $(B)/include/ssldyn.h $(B)/include/ssldyn/theory.h
# What is exported: the names that the public headers declare and the library defines. Visibility
# says the same, but functions that are compiled for several processors lose it.
$(B)/exports: $(LIB_OBJ) $(B)/include/ssldyn.h $(B)/include/ssldyn/theory.h
	@printf '#include <ssldyn.h>\n#include <ssldyn/theory.h>\n' | $(CC) -E -I$(B)/include - | \
	  grep -oE '\<ssldyn_[a-z0-9_]+' | sort -u > $@.declared
	@nm -g --defined-only $(LIB_OBJ) | awk 'NF == 3 { print $$3 }' | sort -u > $@.defined
	@{ echo '{ global:'; comm -12 $@.declared $@.defined | sed 's/$$/;/'; echo 'local: *; };'; } > $@
$(B)/$(SHARED): $(LIB_OBJ) $(B)/prefix
	$(call short,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(SHARED_FLAGS) $(filter-out -pie,$(HARDEN_LINK)) $(LDFLAGS) -o $@$(part) $(LIB_OBJ) $(LIBS)$(appear)
$(B)/$(SONAME) $(B)/$(LINKNAME): $(B)/$(SHARED)
	@ln -sf $(SHARED) $@

# The public headers as they are installed: ssldyn.h, and those of theory/ below ssldyn/.
THEORY_HEADERS := $(wildcard theory/*.h)
PUBLIC_HEADERS := $(THEORY_HEADERS:%=$(B)/include/ssldyn/%)
publish = @mkdir -p $(@D); sed 's|^\(.include "\)theory/|\1ssldyn/theory/|' $< > $@
$(B)/include/ssldyn.h: sim/ssldyn.h
	$(publish)
$(B)/include/ssldyn/theory/%.h: theory/%.h
	$(publish)
$(B)/include/ssldyn/theory.h: $(PUBLIC_HEADERS) Makefile
	@{ echo '/* The functions of the theory of ssldyn: pure, in C11 and C++17. */'; \
	  echo '// SPDX-License-Identifier: MIT'; echo '#ifndef SSLDYN_THEORY_H'; echo '#define SSLDYN_THEORY_H'; echo; \
	  printf '#include "ssldyn/%s"\n' $(THEORY_HEADERS); echo; echo '#endif'; } > $@

include tests/tests.mk

# ---------------------------------------------------------------- checks for developers
CHECKS := format layers headers symbols words tags page
SLOW_CHECKS := tidy cppcheck shellcheck
.PHONY: check $(CHECKS:%=check-%) $(SLOW_CHECKS:%=check-%)
check:  ## all static checks, then the tests in release, with sanitizers, and with clang
	@.ci/packages build figures test check
	$(AGAIN) $(CHECKS:%=check-%) $(SLOW_CHECKS:%=check-%)
	$(AGAIN) test-built
	$(AGAIN) VARIANT=asan test-built
	$(AGAIN) B=build/clang CC=clang test-built
check-symbols: $(B)/ssldyn

.PHONY: check-extend
check-extend: program  ## follow the recipes of CONTRIBUTING.md in a copy of the tree
	@SSLDYN_BUILD=$(B) tests/extend/run

$(CHECKS:%=check-%) $(SLOW_CHECKS:%=check-%): check-%:
	@SSLDYN_BUILD=$(B) CPPFLAGS='$(GSL_CFLAGS) $(BLAS_CFLAGS) $(LAPACKE_CFLAGS) $(ZIP_CFLAGS) $(ZLIB_CFLAGS) $(JSON_CFLAGS) $(CHECK_CFLAGS) $(MPI_CFLAGS) $(HTTP_CFLAGS)' \
	  .ci/check $*

# ---------------------------------------------------------------- install
DATADIR = $(DESTDIR)$(PREFIX)/share
LIBDIR = $(DESTDIR)$(PREFIX)/lib
INCLUDEDIR = $(DESTDIR)$(PREFIX)/include

# A man page for the program and for each command, and completion for three shells.
COMMANDS = $(shell sed -n "s/^ *X.[A-Z]*, \([a-z]*\), .*/\1/p" sim/io/command.h)
COMPLETIONS = bash-completion/completions/ssldyn zsh/site-functions/_ssldyn fish/vendor_completions.d/ssldyn.fish
$(B)/man/ssldyn.1: $(B)/ssldyn
	@mkdir -p $(@D)
	$< help --man > $@
	@for c in $(COMMANDS); do $< help --man $$c > $(@D)/ssldyn-$$c.1 || exit 1; done
# Libs.private: additional libraries for a program that is linked with the static library.
$(B)/ssldyn.pc: Makefile $(B)/prefix
	@{ echo 'prefix=$(PREFIX)'; echo 'includedir=$${prefix}/include'; \
	  echo 'libdir=$${prefix}/lib'; echo; echo 'Name: ssldyn'; \
	  echo 'Description: Learning dynamics of self-supervised learning without contrastive pairs'; \
	  echo 'Version: $(VERSION)'; echo 'Cflags: -I$${includedir}'; \
	  echo 'Libs: -L$${libdir} -lssldyn'; echo 'Libs.private: $(LIBS) -pthread'; } > $@

.PHONY: install uninstall
install: program library $(B)/man/ssldyn.1 $(B)/ssldyn.pc  ## install program, library, man pages and plot scripts under PREFIX (DESTDIR)
	@umask 022 && mkdir -p $(DESTDIR)$(PREFIX)/bin $(LIBDIR)/pkgconfig $(INCLUDEDIR)/ssldyn/theory \
	  $(DATADIR)/man/man1 $(DATADIR)/ssldyn/plots $(DATADIR)/ssldyn/experiments/figures
	install -m 755 $(B)/ssldyn $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(B)/libssldyn.a $(LIBDIR)/
	install -m 755 $(B)/$(SHARED) $(LIBDIR)/
	@ln -sf $(SHARED) $(LIBDIR)/$(SONAME) && ln -sf $(SHARED) $(LIBDIR)/$(LINKNAME)
	install -m 644 $(B)/ssldyn.pc $(LIBDIR)/pkgconfig/
	install -m 644 $(B)/include/ssldyn.h $(INCLUDEDIR)/
	install -m 644 $(B)/include/ssldyn/theory.h $(INCLUDEDIR)/ssldyn/
	install -m 644 $(PUBLIC_HEADERS) $(INCLUDEDIR)/ssldyn/theory/
	install -m 644 $(B)/man/*.1 $(DATADIR)/man/man1/
	@umask 022 && for f in $(COMPLETIONS); do \
	  mkdir -p $(DATADIR)/$$(dirname $$f) && \
	  $(B)/ssldyn help --completion $$(expr $$f : '\([a-z]*\)') > $(DATADIR)/$$f || exit 1; done
	install -m 644 plots/*.gp plots/*.txt $(DATADIR)/ssldyn/plots/
	install -m 644 experiments/*.conf $(DATADIR)/ssldyn/experiments/
	install -m 644 experiments/figures/*.conf $(DATADIR)/ssldyn/experiments/figures/

uninstall:  ## remove the installed files
	rm -f $(DESTDIR)$(PREFIX)/bin/ssldyn $(LIBDIR)/libssldyn.a $(LIBDIR)/$(SHARED) $(LIBDIR)/$(SONAME) \
	  $(LIBDIR)/$(LINKNAME) $(LIBDIR)/pkgconfig/ssldyn.pc $(INCLUDEDIR)/ssldyn.h $(DATADIR)/man/man1/ssldyn.1 \
	  $(COMMANDS:%=$(DATADIR)/man/man1/ssldyn-%.1) $(COMPLETIONS:%=$(DATADIR)/%)
	rm -rf $(DATADIR)/ssldyn $(INCLUDEDIR)/ssldyn

# ---------------------------------------------------------------- the rest
.PHONY: help clean
clean:  ## remove everything that was built
	rm -rf build ssldyn

help:  ## list the targets
	@awk -F ':.*  ## ' '/^[a-z0-9-]+:.*  ## / { printf "  make %-12s %s\n", $$1, $$2 } \
	  /^.\(ALL_FIGURES\):/ { printf "  make %-12s %s\n", "figNN", $$2 }' $(filter %Makefile %.mk,$(MAKEFILE_LIST))

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(TEST_SRC:%.c=$(B)/%.d) $(FUZZ_OBJ:.o=.d)
