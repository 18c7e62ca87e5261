# Figures: what `make figures`, `make fig05` and `make gallery` draw into build/figures.
ALL_FIGURES := $(sort $(patsubst experiments/figures/%.conf,%,$(wildcard experiments/figures/*.conf)))

# A figure is a recipe of experiments/figures, which "ssldyn figure" runs and draws. Its values may be
# given here too: make fig05 ETA="0.01 0.04" FIGURE_OPTIONS="--width 3.25in --font-size 8".
FIG := build/figures
ENDINGS := png pdf svg
# Figures whose recipes say that they need images, or spectra of trained networks.
OF_IMAGES := $(patsubst experiments/figures/%.conf,%,$(shell grep -l '^data ' experiments/figures/*.conf))
OF_SPECTRA := $(patsubst experiments/figures/%.conf,%,$(shell grep -l '^spectra ' experiments/figures/*.conf))
PACKED_IMAGES := $(wildcard $(SSLDYN_DATA)/cifar10/data_batch_1.bin.xz)
IMAGES ?= $(if $(PACKED_IMAGES),$(FIG)/images.bin)
SPECTRA ?= $(wildcard $(SSLDYN_DATA)/kth-cifar10)
FIGURES ?= $(filter-out $(if $(IMAGES),,$(OF_IMAGES)) $(if $(SPECTRA),,$(OF_SPECTRA)),$(ALL_FIGURES))
NOT_DRAWN = $(filter-out $(FIGURES),$(ALL_FIGURES))
# Two calls of make must not draw at the same time: the second one waits.
WAIT = mkdir -p build && $(if $(shell command -v flock),flock build/figures.lock)
space := $(subst ,, )
VALUES := ETA ETA_P ETA_S BETA TAU TAU0 ALPHA_P SIGMA2 P0 S0 N1 N2 SEED LR BATCH ENSEMBLE INIT_SCALE T_END SAMPLES
option_of = --$(shell echo $(1) | tr 'A-Z_' 'a-z-') $(subst $(space),$(comma),$(strip $($(1))))
FIGURE_ALL = $(foreach v,$(VALUES),$(if $(filter command,$(firstword $(origin $(v)))),$(call option_of,$(v)))) $(FIGURE_OPTIONS)
figure = $(B)/ssldyn figure $(1) --runs $(FIG)/$(1) $(if $(filter $(OF_IMAGES),$(1)),--image-data "$(IMAGES)") \
    $(if $(filter $(OF_SPECTRA),$(1)),--spectra-data "$(SPECTRA)") $(FIGURE_ALL)

.PHONY: pictures $(ALL_FIGURES)
$(ALL_FIGURES):  ## draw one figure, e.g. make fig03, make fig05 ETA="0.01 0.04"
	@.ci/packages build figures
	$(BUILDING)
	+@$(WAIT) $(MAKE) --no-print-directory $(PARALLEL) pictures FIGURES=$@
pictures: program $(FIGURES:%=$(FIG)/%.txt)
	@echo "drawn in $(FIG), as .png, .pdf and .svg; .txt says what to see:"; echo "  $(FIGURES)"
	@$(if $(filter-out $(OF_IMAGES) $(OF_SPECTRA),$(NOT_DRAWN)),true,$(if $(filter $(OF_IMAGES),$(NOT_DRAWN)),\
	  echo "not drawn because there are no images: $(OF_IMAGES); with them: make survival IMAGES=data_batch_1.bin"; \
	  echo "  (of cifar-10-binary.tar.gz, https://www.cs.toronto.edu/~kriz/cifar.html)",true))
	@$(if $(filter-out $(OF_IMAGES) $(OF_SPECTRA),$(NOT_DRAWN)),true,$(if $(filter $(OF_SPECTRA),$(NOT_DRAWN)),\
	  echo "not drawn because there are no spectra of networks: $(OF_SPECTRA); with them: make kth SPECTRA=DIRECTORY",true))
	@echo "next: ./ssldyn figure fig05 --eta 0.01,0.04 -o decay.pdf, ./ssldyn flow --help, README.md"

# Runs that are there already are used again: what changes is drawn again.
$(FIG)/options: force
	$(call write_if_changed,$(FIGURE_ALL))
$(FIG)/%.txt: plots/%.txt $(B)/ssldyn $(FIG)/options $(wildcard plots/*.gp experiments/*.conf experiments/figures/*.conf)
	@for ending in $(ENDINGS); do $(call figure,$*) -o $(FIG)/$*.$$ending >/dev/null || exit 1; done
	@cp $< $@; echo "  $(FIG)/$*.png"
$(OF_IMAGES:%=$(FIG)/%.txt): $(IMAGES)
$(OF_SPECTRA:%=$(FIG)/%.txt): $(if $(SPECTRA),$(wildcard $(SPECTRA)/*.tsv))
$(FIG)/images.bin: $(PACKED_IMAGES)
	@mkdir -p $(@D); xz -dc $< > $@.tmp && mv $@.tmp $@

# The small pictures that the README shows. inputs.txt is the checksum of their inputs without comments,
# which a test compares, so that they cannot become outdated unnoticed.
GALLERY_INPUTS = $(sort $(wildcard plots/*.gp experiments/*.conf experiments/figures/*.conf))
.PHONY: gallery gallery-pictures
gallery:  ## draw the README's pictures again (plots/gallery)
	@.ci/packages build figures
	$(AGAIN) gallery-pictures
gallery-pictures: pictures
	@mkdir -p plots/gallery
	@export SSLDYN_SCALE=1.25; $(foreach f,$(FIGURES),$(call figure,$(f)) -o plots/gallery/$(f).png >/dev/null &&) true
	@sed 's/^ *#.*//; s/ # .*//' $(GALLERY_INPUTS) | cksum > plots/gallery/inputs.txt

.PHONY: explore-picture
explore-picture: program  ## take the README's picture of ssldyn explore in a browser
	@.ci/packages build explore
	@python=$$(for p in python3 /usr/bin/python3; do "$$p" -c 'import selenium' 2>/dev/null && echo "$$p" && break; done); \
	  SSLDYN=$(B)/ssldyn "$$python" tests/explore/picture.py plots/gallery/explore.png
