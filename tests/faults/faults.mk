# Libraries that simulate power loss and lack of memory: preloaded into the program by the tests,
# with the GNU C library and an unsanitized program.
FAULTS := $(if $(filter Linux,$(shell uname -s)),$(if $(filter asan tsan fuzz,$(VARIANT)),,$(patsubst %.c,$(B)/%.so,$(wildcard tests/faults/*.c))))
$(B)/tests/faults/%.so: tests/faults/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call short,CC,$<)
	$(Q)$(CC) -std=c11 $(WARN) -O2 -g -fPIC -shared -pthread $(CFLAGS) -o $@ $< -ldl

.PHONY: faults powerloss
faults: program $(FAULTS)  ## every command, killed or failing at every system call and allocation (strace; an hour; STEP=10: a tenth)
	@SSLDYN=$(B)/ssldyn SSLDYN_BUILD=$(B) FAULTS_STEP=$(or $(STEP),1) sh tests/cli/faults.sh

powerloss: program $(FAULTS)  ## every command resumed from every state of the disk that a power loss may leave (minutes)
	@SSLDYN=$(B)/ssldyn SSLDYN_BUILD=$(B) POWERLOSS_STEP=$(or $(STEP),1) sh tests/cli/powerloss.sh
