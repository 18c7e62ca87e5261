# What the makefiles of the project and of the trainer share: how commands are shown, flags of the
# compiler, packages.
# SPDX-License-Identifier: MIT

# $(call short,WORD,FILE): a short line instead of the command that follows it with $(Q)
Q := $(if $(V),,@)
short = $(if $(V)$(filter pictures,$(MAKECMDGOALS)),,@printf '  %-5s %s\n' '$(1)' '$(2)')

comma := ,

.DELETE_ON_ERROR:
.PHONY: force
force:

STANDARD := -std=c11 -ffp-contract=off
WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wdouble-promotion -Wvla

PKG_CONFIG ?= pkg-config
ifeq ($(shell uname -s),Darwin)
# Homebrew keeps OpenBLAS out of the default search path.
export PKG_CONFIG_PATH := $(shell brew --prefix openblas 2>/dev/null)/lib/pkgconfig:$(PKG_CONFIG_PATH)
# What POSIX has and Apple's headers show under other names or to themselves alone.
DARWIN_CPPFLAGS := -D_DARWIN_C_SOURCE -Dst_atim=st_atimespec -Dst_mtim=st_mtimespec
endif
pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
# Headers of others are not for our warnings to judge.
headers = $(patsubst -I%,-isystem %,$(call pkg,--cflags,$(1)))
# $(call links,C source,flags): "yes" where that compiles and links
links = $(shell d=$$(mktemp -d) && printf '%b' '$(1)' > $$d/t.c && \
          $(CC) $(CPPFLAGS) $(CFLAGS) -o $$d/t $$d/t.c $(2) $(LDFLAGS) >/dev/null 2>&1 && echo yes; \
          rm -rf "$$d")
