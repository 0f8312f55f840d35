/* Nothing is called by name: the library takes the place of system calls where it is loaded by LD_PRELOAD. */
